#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/check.h"
#include "cel/conversion.h"
#include "cel/overload.h"
#include "cel/time.h"
#include "cel/unicode.h"

// `"%s has %.2f".format([name, size])`.

namespace penstock::cel {
namespace {

constexpr int kMaxPrecision = 100;
constexpr int kPrecision = 6;  // when the clause names none

/// `%.3f`.
struct Clause {
  char verb = 's';
  std::optional<int> precision;
};

/// What a clause makes of an argument; nothing when it is not for such values.
using Text = std::optional<std::string>;

std::string shown(const Value& value);

std::string shown(const Values& items) {
  std::string out;
  for (const Value& one : items) out += (out.empty() ? "" : ", ") + shown(one);
  return "[" + out + "]";
}

/// A map has no order: it is shown by its keys'.
std::string shown(const Entries& entries) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Entry& one : entries) all.emplace_back(shown(one.key), shown(one.value));
  std::ranges::sort(all);
  std::string out;
  for (const auto& [key, value] : all) out += (out.empty() ? "" : ", ") + key + ": " + value;
  return "{" + out + "}";
}

std::string shown(const Value& value) {
  return std::visit(Overloaded{
                        [](const Error& one) { return one.message; },
                        [](Null) { return std::string("null"); },
                        [](const std::string& one) { return one; },
                        [](const Bytes& one) { return utf8(characters(one.data)); },
                        [](const TypeName& one) { return one.name; },
                        [](const Shared<Values>& items) { return shown(*items); },
                        [](const Shared<Entries>& entries) { return shown(*entries); },
                        [](const auto& one) { return to_text(one); },
                    },
                    value.data);
}

Text special(const Value& value) {
  const auto* number = value.get<double>();
  return number && !std::isfinite(*number) ? Text(to_text(*number)) : std::nullopt;
}

Text decimal(const Value& value) {
  if (const auto* number = value.get<std::int64_t>()) return to_text(*number);
  if (const auto* number = value.get<std::uint64_t>()) return to_text(*number);
  return special(value);
}

template <bool kExponent>
Text real(const Value& value, int precision) {
  double number = 0;
  if (Text text = special(value)) return text;
  if (const auto* one = value.get<double>())
    number = *one;
  else if (const auto* whole = value.get<std::int64_t>())
    number = static_cast<double>(*whole);
  else if (const auto* natural = value.get<std::uint64_t>())
    number = static_cast<double>(*natural);
  else
    return std::nullopt;
  return kExponent ? fmt::format("{:.{}e}", number, precision) : fmt::format("{:.{}f}", number, precision);
}

/// A whole number to some base, with its sign.
template <class Print>
Text whole(const Value& value, const Print& print) {
  if (const auto* number = value.get<std::uint64_t>()) return print(*number);
  const auto* number = value.get<std::int64_t>();
  if (!number) return std::nullopt;
  const auto raw = static_cast<std::uint64_t>(*number);
  return *number < 0 ? "-" + print(0 - raw) : print(raw);
}

Text binary(const Value& value) {
  if (const auto* flag = value.get<bool>()) return *flag ? "1" : "0";
  return whole(value, [](std::uint64_t one) { return fmt::format("{:b}", one); });
}
Text octal(const Value& value) {
  return whole(value, [](std::uint64_t one) { return fmt::format("{:o}", one); });
}

Text hexadecimal(const Value& value, bool upper) {
  const auto bytes = [&](const std::string& all) {
    std::string out;
    for (const unsigned char one : all)
      out += upper ? fmt::format("{:02X}", one) : fmt::format("{:02x}", one);
    return out;
  };
  if (const auto* text = value.get<std::string>()) return bytes(*text);
  if (const auto* data = value.get<Bytes>()) return bytes(data->data);
  return whole(
      value, [&](std::uint64_t one) { return upper ? fmt::format("{:X}", one) : fmt::format("{:x}", one); });
}

Text formatted(const Clause& clause, const Value& value) {
  const int precision = clause.precision.value_or(kPrecision);
  switch (clause.verb) {
    case 's': return shown(value);
    case 'd': return decimal(value);
    case 'f': return real<false>(value, precision);
    case 'e': return real<true>(value, precision);
    case 'b': return binary(value);
    case 'o': return octal(value);
    case 'x': return hexadecimal(value, false);
    case 'X': return hexadecimal(value, true);
    default: return std::nullopt;
  }
}

/// Reads what stands behind a `%`; nothing when it is no clause.
std::optional<Clause> read_clause(std::string_view& text) {
  Clause clause;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    int precision = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && precision <= kMaxPrecision)
      precision = precision * 10 + (text[digits++] - '0');
    if (digits == 0 || precision > kMaxPrecision) return std::nullopt;
    clause.precision = precision;
    text.remove_prefix(digits);
  }
  if (text.empty()) return std::nullopt;
  clause.verb = text.front();
  text.remove_prefix(1);
  const bool known = std::string_view("sdfeboxX").find(clause.verb) != std::string_view::npos;
  return known ? std::optional(clause) : std::nullopt;
}

Value format(std::span<const Value> of, Context& context) {
  if (!context.budget.spend_whole(of[0]) || !context.budget.spend_whole(of[1]))
    return too_expensive(context.span);
  std::string_view text = *of[0].get<std::string>();
  const Values& arguments = *of[1].get<Values>();
  std::size_t used = 0;
  std::string out;
  while (!text.empty()) {
    const std::size_t percent = std::min(text.find('%'), text.size());
    out += text.substr(0, percent);
    text.remove_prefix(percent);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.starts_with('%')) {
      out += '%';
      text.remove_prefix(1);
      continue;
    }
    const auto clause = read_clause(text);
    if (!clause) return error("`%` starts no clause that is known", context.span);
    if (used == arguments.size())
      return error(fmt::format("the format has more than {} clauses", arguments.size()), context.span);
    const Value& argument = arguments[used++];
    Text part = formatted(*clause, argument);
    if (!part)
      return error(fmt::format("`%{}` does not show values of type {}", clause->verb, type_name(argument)),
                   context.span);
    if (!context.budget.spend_text(part->size())) return too_expensive(context.span);
    out += *part;
  }
  return {std::move(out)};
}

}  // namespace

std::vector<Overload> format_overloads() {
  return {{"format", Form::Method, {types::kString, types::list(types::kDyn)}, types::kString, format}};
}

}  // namespace penstock::cel
