#include "targets/github/simulate_value.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::github {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string upper_case(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

bool is_container(const Data& value) { return value.array() != nullptr || value.object() != nullptr; }

const void* identity(const Data& value) {
  if (value.array() != nullptr) return value.array();
  return value.object();
}

/// `0x1f`, `0o17`: 32 bits, and the highest is a sign.
std::optional<double> in_base(std::string_view digits, int base) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  return static_cast<double>(static_cast<std::int32_t>(value));
}

}  // namespace

Data::Data(Array array) : is(std::make_shared<const Array>(std::move(array))) {}
Data::Data(Object object) : is(std::make_shared<const Object>(std::move(object))) {}

const Array* Data::array() const {
  const auto* held = std::get_if<std::shared_ptr<const Array>>(&is);
  return held ? held->get() : nullptr;
}
const Object* Data::object() const {
  const auto* held = std::get_if<std::shared_ptr<const Object>>(&is);
  return held ? held->get() : nullptr;
}

const Data* Object::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(members, [&](const auto& one) { return same_ignoring_case(one.first, name); });
  return found == members.end() ? nullptr : &found->second;
}

void Object::set(std::string name, Data value) {
  const auto found =
      std::ranges::find_if(members, [&](const auto& one) { return same_ignoring_case(one.first, name); });
  if (found == members.end()) {
    members.emplace_back(std::move(name), std::move(value));
  } else {
    found->second = std::move(value);
  }
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string lower_case(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(), lower);
  return made;
}

std::optional<bool> truth(const Data& value) {
  return std::visit(
      Overloaded{[](Null) { return std::optional(false); }, [](bool flag) { return std::optional(flag); },
                 [](double number) { return std::optional(number != 0 && !std::isnan(number)); },
                 [](const std::string& text) { return std::optional(!text.empty()); },
                 [](const std::shared_ptr<const Array>&) { return std::optional(true); },
                 [](const std::shared_ptr<const Object>&) { return std::optional(true); },
                 [](const Unknown& unknown) { return unknown.truth; }},
      value.is);
}

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

double to_number(const Data& value) {
  return std::visit(Overloaded{[](Null) { return 0.0; }, [](bool flag) { return flag ? 1.0 : 0.0; },
                               [](double number) { return number; },
                               [](const std::string& text) { return number_in(text); },
                               [](const std::shared_ptr<const Array>&) { return kNan; },
                               [](const std::shared_ptr<const Object>&) { return kNan; },
                               [](const Unknown&) { return kNan; }},
                    value.is);
}

std::string to_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  if (number == 0) return "0";
  return fmt::format("{:.15g}", number);
}

std::string to_text(const Data& value) {
  return std::visit(
      Overloaded{[](Null) { return std::string(); },
                 [](bool flag) { return std::string(flag ? "true" : "false"); },
                 [](double number) { return to_text(number); }, [](const std::string& text) { return text; },
                 [](const std::shared_ptr<const Array>&) { return std::string("Array"); },
                 [](const std::shared_ptr<const Object>&) { return std::string("Object"); },
                 [](const Unknown&) { return std::string(); }},
      value.is);
}

Data equals(const Data& a, const Data& b) {
  for (const Data* one : {&a, &b}) {
    if (one->unknown() != nullptr) return *one;
  }
  if (a.is.index() != b.is.index())
    return is_container(a) || is_container(b) ? false : to_number(a) == to_number(b);
  if (is_container(a)) return identity(a) == identity(b);
  if (const auto* text = std::get_if<std::string>(&a.is))
    return same_ignoring_case(*text, std::get<std::string>(b.is));
  return to_number(a) == to_number(b);
}

std::optional<int> order(const Data& a, const Data& b) {
  if (is_container(a) || is_container(b)) return std::nullopt;
  const auto* left = std::get_if<std::string>(&a.is);
  const auto* right = std::get_if<std::string>(&b.is);
  if (left != nullptr && right != nullptr) {
    const int compared = upper_case(*left).compare(upper_case(*right));
    return compared < 0 ? -1 : compared > 0 ? 1 : 0;
  }
  const double x = to_number(a), y = to_number(b);
  if (std::isnan(x) || std::isnan(y)) return std::nullopt;
  return x < y ? -1 : x > y ? 1 : 0;
}

namespace {

using nlohmann::ordered_json;

std::string json_number(double number) {
  if (std::isnan(number) || std::isinf(number)) return "null";
  return to_text(number);
}

std::string lines(const std::vector<std::string>& items, const std::string& indent, char open, char close) {
  if (items.empty()) return {open, close};
  std::string text(1, open);
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "\n" : ",\n") + indent + "  " + items[i];
  return text + "\n" + indent + close;
}

std::string json(const Data& value, const std::string& indent) {
  const std::string below = indent + "  ";
  return std::visit(Overloaded{[](Null) { return std::string("null"); },
                               [](bool flag) { return std::string(flag ? "true" : "false"); },
                               [](double number) { return json_number(number); },
                               [](const std::string& text) { return ordered_json(text).dump(); },
                               [&](const std::shared_ptr<const Array>& array) {
                                 std::vector<std::string> items;
                                 for (const Data& item : array->items) items.push_back(json(item, below));
                                 return lines(items, indent, '[', ']');
                               },
                               [&](const std::shared_ptr<const Object>& object) {
                                 std::vector<std::string> items;
                                 for (const auto& [name, member] : object->members)
                                   items.push_back(ordered_json(name).dump() + ": " + json(member, below));
                                 return lines(items, indent, '{', '}');
                               },
                               [](const Unknown&) { return std::string("null"); }},
                    value.is);
}

Data data(const ordered_json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) {
    Array array;
    for (const ordered_json& item : json) array.items.push_back(data(item));
    return array;
  }
  if (json.is_object()) {
    Object object;
    for (const auto& [name, value] : json.items()) object.set(name, data(value));
    return object;
  }
  return {};
}

}  // namespace

std::string to_json(const Data& value) { return json(value, ""); }

Data from_json(const std::string& text) {
  const ordered_json parsed = ordered_json::parse(text, nullptr, false);
  if (parsed.is_discarded()) return Unknown{"fromJSON: the text is not JSON", true};
  return data(parsed);
}

}  // namespace penstock::targets::github
