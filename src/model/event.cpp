#include "model/event.h"

#include <algorithm>
#include <array>

namespace penstock::model {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"push", "tag", "pull_request", "schedule", "manual"};

}  // namespace

std::string_view name(EventKind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

std::optional<EventKind> event_kind(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<EventKind>(found - kNames.begin());
}

}  // namespace penstock::model
