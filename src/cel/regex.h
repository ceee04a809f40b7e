#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace penstock::cel {

/// What is wrong with a regular expression in RE2's syntax, or nothing.
std::optional<std::string> pattern_error(std::string_view pattern);

/// Whether a pattern that is valid matches some part of a text.
bool matches(std::string_view text, std::string_view pattern);

}  // namespace penstock::cel
