#include "diag/kind.h"

#include <array>

namespace penstock::diag {
namespace {

struct Entry {
  std::string_view slug;
  Severity severity;
};

constexpr std::array kEntries = {
#define PENSTOCK_DIAG(name, slug, severity) Entry{slug, Severity::severity},
#include "diag/kinds.def"
#undef PENSTOCK_DIAG
};

}  // namespace

std::string_view slug(Kind kind) { return kEntries[static_cast<std::size_t>(kind)].slug; }
Severity severity(Kind kind) { return kEntries[static_cast<std::size_t>(kind)].severity; }

std::optional<Kind> find_kind(std::string_view slug) {
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    if (kEntries[i].slug == slug) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

}  // namespace penstock::diag
