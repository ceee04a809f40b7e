#pragma once
#include <cstdint>
#include <string>

namespace penstock::cel {

// Values as `string()` writes them.
std::string to_text(bool value);
std::string to_text(std::int64_t value);
std::string to_text(std::uint64_t value);
/// The shortest decimal number that reads as the same value; with an exponent when it is very large or very small.
std::string to_text(double value);

}  // namespace penstock::cel
