#include "cel/regex.h"

#include <re2/re2.h>

namespace penstock::cel {
namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

}  // namespace

std::optional<std::string> pattern_error(std::string_view pattern) {
  const RE2 compiled(piece(pattern), quiet());
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

bool matches(std::string_view text, std::string_view pattern) {
  const RE2 compiled(piece(pattern), quiet());
  return compiled.ok() && RE2::PartialMatch(piece(text), compiled);
}

}  // namespace penstock::cel
