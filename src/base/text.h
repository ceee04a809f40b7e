#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// The alternative nearest to what was written, or empty when none is near enough to be meant.
std::string_view nearest(std::string_view written, std::span<const std::string_view> alternatives);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::string join(std::span<const std::string_view> parts, std::string_view separator);
std::vector<std::string_view> split(std::string_view text, char separator);
/// Every occurrence of `from` replaced.
std::string replaced(std::string_view text, std::string_view from, std::string_view to);
std::string_view trimmed(std::string_view text);
/// Upper case, everything but letters and digits an underscore: a name for an environment variable.
std::string variable_name(std::string_view name);
/// `some-name` as `SomeName`: for logical ids and stage names.
std::string pascal_case(std::string_view name);
bool is_digits(std::string_view text);

}  // namespace penstock
