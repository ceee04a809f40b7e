#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/text.h"
#include "targets/github/expression.h"

namespace penstock::targets::github {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// `0x1f`, `0o17`: 32 bits, and the highest is a sign.
std::optional<double> in_base(std::string_view digits, int base) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  return static_cast<double>(static_cast<std::int32_t>(value));
}

}  // namespace

double number_in(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return 0;
  if (text.starts_with("0x")) return in_base(text.substr(2), 16).value_or(kNan);
  if (text.starts_with("0o")) return in_base(text.substr(2), 8).value_or(kNan);
  if (text == "Infinity" || text == "+Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (text.starts_with('+')) text.remove_prefix(1);
  const bool digits = std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
  });
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!digits || end != text.data() + text.size()) return kNan;
  if (error == std::errc::result_out_of_range) {
    const bool small = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    return small ? 0 : std::copysign(std::numeric_limits<double>::infinity(), text.front() == '-' ? -1 : 1);
  }
  return error == std::errc{} ? value : kNan;
}

}  // namespace penstock::targets::github
