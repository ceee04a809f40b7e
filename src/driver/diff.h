#pragma once
#include <string>
#include <string_view>

namespace penstock::driver {

/// A unified diff of two texts with three lines of context, as `diff -u` prints it.
std::string unified_diff(std::string_view path, std::string_view before, std::string_view after);

}  // namespace penstock::driver
