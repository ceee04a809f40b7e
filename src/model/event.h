#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::model {

/// What starts pipelines. The names are those of `on:` and of `event.kind`.
enum class EventKind : unsigned char { Push, Tag, PullRequest, Schedule, Manual };

std::string_view name(EventKind kind);
std::optional<EventKind> event_kind(std::string_view name);

}  // namespace penstock::model
