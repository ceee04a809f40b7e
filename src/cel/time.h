#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "cel/value.h"

namespace penstock::cel {

/// As RFC 3339 writes a moment: `2009-02-13T23:31:30.5Z`.
std::string to_text(Timestamp moment);
std::optional<Timestamp> parse_timestamp(std::string_view text);
/// `90s`, `0.25s`.
std::string to_text(Duration length);
/// `1h30m`, `-1.5s`, `10ms`.
std::optional<Duration> parse_duration(std::string_view text);
/// The moment that many seconds after 1970, if the calendar has it.
std::optional<Timestamp> moment(std::int64_t seconds, std::int64_t nanoseconds = 0);

}  // namespace penstock::cel
