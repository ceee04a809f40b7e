#include "cel/conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "cel/overload.h"
#include "cel/time.h"
#include "cel/unicode.h"

// `int()`, `string()` and their like.

namespace penstock::cel {
namespace {

using Arguments = std::span<const Value>;

Value identity(Arguments of, Context&) { return of[0]; }

Value not_a(std::string_view type, const Value& value, const Context& context) {
  return error(fmt::format("{} is not {}", print(value), type), context.span);
}

template <class T>
Value checked(std::optional<T> found, std::string_view type, Arguments of, const Context& context) {
  return found ? Value{std::move(*found)} : not_a(type, of[0], context);
}

constexpr std::string_view kAnInt = "an int of 64 bits";
constexpr std::string_view kAUint = "a uint of 64 bits";

template <class T>
std::optional<T> integer(std::string_view text) {
  if (std::is_signed_v<T> && text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool all = result.ec == std::errc{} && result.ptr == text.data() + text.size();
  return all ? std::optional(value) : std::nullopt;
}

Value bool_of_text(Arguments of, Context& context) {
  constexpr std::array<std::string_view, 5> yes = {"1", "t", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 5> no = {"0", "f", "false", "FALSE", "False"};
  const std::string_view text = *of[0].get<std::string>();
  if (std::ranges::find(yes, text) != yes.end()) return {true};
  if (std::ranges::find(no, text) != no.end()) return {false};
  return not_a("a bool", of[0], context);
}

Value int_of_uint(Arguments of, Context& context) {
  const std::uint64_t value = *of[0].get<std::uint64_t>();
  return value >> 63 ? not_a(kAnInt, of[0], context) : Value{static_cast<std::int64_t>(value)};
}
Value int_of_double(Arguments of, Context& context) {
  const double value = *of[0].get<double>();
  // The ends themselves are refused: what was rounded to them may have been outside.
  return value > -0x1p63 && value < 0x1p63 ? Value{static_cast<std::int64_t>(value)}
                                           : not_a(kAnInt, of[0], context);
}
Value int_of_text(Arguments of, Context& context) {
  return checked(integer<std::int64_t>(*of[0].get<std::string>()), kAnInt, of, context);
}
Value int_of_timestamp(Arguments of, Context&) { return {of[0].get<Timestamp>()->seconds}; }

Value uint_of_int(Arguments of, Context& context) {
  const std::int64_t value = *of[0].get<std::int64_t>();
  return value < 0 ? not_a(kAUint, of[0], context) : Value{static_cast<std::uint64_t>(value)};
}
Value uint_of_double(Arguments of, Context& context) {
  const double value = *of[0].get<double>();
  return value >= 0 && value < 0x1p64 ? Value{static_cast<std::uint64_t>(value)}
                                      : not_a(kAUint, of[0], context);
}
Value uint_of_text(Arguments of, Context& context) {
  return checked(integer<std::uint64_t>(*of[0].get<std::string>()), kAUint, of, context);
}

template <class T>
Value double_of(Arguments of, Context&) {
  return {static_cast<double>(*of[0].get<T>())};
}

std::optional<double> number(std::string_view text) {
  if (text == "NaN") return std::nan("");
  std::string_view digits = text;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  const bool infinite = digits == "Infinity" || digits == "Inf" || digits == "inf";
  if (digits.empty() || (!infinite && digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos))
    return std::nullopt;
  double value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc{} || result.ptr != digits.data() + digits.size() || digits.starts_with('-'))
    return std::nullopt;
  return text.starts_with('-') ? -value : value;
}
Value double_of_text(Arguments of, Context& context) {
  return checked(number(*of[0].get<std::string>()), "a double", of, context);
}

template <class T>
Value text_of(Arguments of, Context&) {
  return {to_text(*of[0].get<T>())};
}
Value text_of_bytes(Arguments of, Context& context) {
  const std::string& bytes = of[0].get<Bytes>()->data;
  if (!context.budget.spend_text(bytes.size())) return too_expensive(context.span);
  return is_utf8(bytes) ? Value{bytes} : error("the bytes are not UTF-8", context.span);
}
Value bytes_of_text(Arguments of, Context& context) {
  const std::string& text = *of[0].get<std::string>();
  return context.budget.spend_text(text.size()) ? Value{Bytes{text}} : too_expensive(context.span);
}

Value timestamp_of_text(Arguments of, Context& context) {
  return checked(parse_timestamp(*of[0].get<std::string>()), "a timestamp", of, context);
}
Value timestamp_of_int(Arguments of, Context& context) {
  return checked(moment(*of[0].get<std::int64_t>()), "a timestamp", of, context);
}
Value duration_of_text(Arguments of, Context& context) {
  return checked(parse_duration(*of[0].get<std::string>()), "a duration", of, context);
}

}  // namespace

/// `1.5e+15` as `1500000000000000`: zeros stand for the digits that are not known.
std::string without_exponent(std::string text) {
  const std::size_t mark = text.find('e');
  const auto exponent = static_cast<std::size_t>(std::stoi(text.substr(mark + 1)));
  text.resize(mark);
  const std::size_t point = text.find('.');
  const std::size_t whole = point == std::string::npos ? text.size() : point;
  if (point != std::string::npos) text.erase(point, 1);
  text.resize(std::max(whole + exponent, text.size()), '0');
  return text;
}

std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(std::int64_t value) { return std::to_string(value); }
std::string to_text(std::uint64_t value) { return std::to_string(value); }

std::string to_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
  // From here on a fixed number would show digits that say nothing.
  const bool large = plain && size >= 1e15;
  std::array<char, 64> digits;
  const auto result =
      std::to_chars(digits.data(), digits.data() + digits.size(), value,
                    plain && !large ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(digits.data(), result.ptr);
  if (large) return without_exponent(text);
  if (text.ends_with("e-0" + text.substr(text.size() - 1))) text.erase(text.size() - 2, 1);  // `e-7`
  return text;
}

std::vector<Overload> conversion_overloads() {
  using namespace types;
  const auto to = [](std::string_view function, const Type& from, const Type& type,
                     Implementation implementation) {
    return Overload{function, Form::Function, {from}, type, implementation};
  };
  return {
      to("bool", kBool, kBool, identity),
      to("bool", kString, kBool, bool_of_text),
      to("bytes", kBytes, kBytes, identity),
      to("bytes", kString, kBytes, bytes_of_text),
      to("double", kDouble, kDouble, identity),
      to("double", kInt, kDouble, double_of<std::int64_t>),
      to("double", kUint, kDouble, double_of<std::uint64_t>),
      to("double", kString, kDouble, double_of_text),
      to("int", kInt, kInt, identity),
      to("int", kUint, kInt, int_of_uint),
      to("int", kDouble, kInt, int_of_double),
      to("int", kString, kInt, int_of_text),
      to("int", kTimestamp, kInt, int_of_timestamp),
      to("uint", kUint, kUint, identity),
      to("uint", kInt, kUint, uint_of_int),
      to("uint", kDouble, kUint, uint_of_double),
      to("uint", kString, kUint, uint_of_text),
      to("string", kString, kString, identity),
      to("string", kBool, kString, text_of<bool>),
      to("string", kInt, kString, text_of<std::int64_t>),
      to("string", kUint, kString, text_of<std::uint64_t>),
      to("string", kDouble, kString, text_of<double>),
      to("string", kBytes, kString, text_of_bytes),
      to("string", kTimestamp, kString, text_of<Timestamp>),
      to("string", kDuration, kString, text_of<Duration>),
      to("timestamp", kTimestamp, kTimestamp, identity),
      to("timestamp", kString, kTimestamp, timestamp_of_text),
      to("timestamp", kInt, kTimestamp, timestamp_of_int),
      to("duration", kDuration, kDuration, identity),
      to("duration", kString, kDuration, duration_of_text),
      to("dyn", parameter(0), kDyn, identity),
  };
}

}  // namespace penstock::cel
