#include "driver/diff.h"

#include <fmt/core.h>

#include <sstream>

// The library is older than the warnings that we build with.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wextra"
#include <dtl/dtl.hpp>
#pragma GCC diagnostic pop

#include "base/text.h"

namespace penstock::driver {
namespace {

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> all;
  for (const std::string_view line : split(text, '\n')) all.emplace_back(line);
  if (!all.empty() && all.back().empty()) all.pop_back();
  return all;
}

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, std::string_view after) {
  dtl::Diff<std::string> diff(lines(before), lines(after));
  diff.onHuge();
  diff.compose();
  diff.composeUnifiedHunks();
  std::ostringstream out;
  out << fmt::format("--- {}\n+++ {}\n", path, path);
  diff.printUnifiedFormat(out);
  return out.str();
}

}  // namespace penstock::driver
