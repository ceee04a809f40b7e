#include "targets/github/simulate_value.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"
#include "targets/github/expression.h"

namespace penstock::targets::github {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Of the letters of Europe: of one character, never more, as in an ordinal comparison that ignores case.
char32_t upper(char32_t c) {
  const auto within = [&](char32_t first, char32_t last) { return c >= first && c <= last; };
  if (within(U'a', U'z')) return c - 0x20;
  if (c < 0x80) return c;
  if (within(0xE0, 0xFE) && c != 0xF7) return c - 0x20;
  if (c == 0xFF) return 0x178;
  if (c == 0xB5) return 0x39C;
  if (within(0x100, 0x137) && c != 0x131) return c & ~char32_t{1};
  if (within(0x139, 0x148) || within(0x179, 0x17E)) return c % 2 == 0 ? c - 1 : c;
  if (within(0x14A, 0x177)) return c & ~char32_t{1};
  if (c == 0x17F) return U'S';
  if (c == 0x3C2) return 0x3A3;  // the sigma at the end of a word
  if (within(0x3B1, 0x3CB)) return c - 0x20;
  if (c == 0x3AC) return 0x386;
  if (within(0x3AD, 0x3AF)) return c - 0x25;
  if (c == 0x3CC) return 0x38C;
  if (within(0x3CD, 0x3CE)) return c - 0x3F;
  if (within(0x430, 0x44F)) return c - 0x20;
  if (within(0x450, 0x45F)) return c - 0x50;
  if (within(0x460, 0x481) || within(0x48A, 0x4BF) || within(0x4D0, 0x52F)) return c & ~char32_t{1};
  return c;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The character at a place, and how many bytes it has. A byte that is none of a character stands for itself.
std::pair<char32_t, std::size_t> character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  if (size == 1 || at + size > text.size()) return {first, 1};
  char32_t code = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) code = (code << 6U) | (byte(at + i) & 0x3FU);
  return {code, size};
}

void append(std::string& text, char32_t code) {
  const auto add = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0U | (code >> 6U));
  } else {
    add(0xE0U | (code >> 12U));
    add(0x80U | ((code >> 6U) & 0x3FU));
  }
  add(0x80U | (code & 0x3FU));
}

bool is_container(const Data& value) { return value.array() != nullptr || value.object() != nullptr; }

const void* identity(const Data& value) {
  if (value.array() != nullptr) return value.array();
  return value.object();
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

bool same_ignoring_case(std::string_view a, std::string_view b) { return upper_case(a) == upper_case(b); }

std::string upper_case(std::string_view text) {
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, size] = character(text, at);
    if (const char32_t large = upper(code); large != code) {
      append(made, large);
    } else {
      made += text.substr(at, size);
    }
    at += size;
  }
  return made;
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
  return fmt::format("{:.15G}", number);
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

std::string quoted(const std::string& text) {
  return ordered_json(text).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

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
                               [](const std::string& text) { return quoted(text); },
                               [&](const std::shared_ptr<const Array>& array) {
                                 std::vector<std::string> items;
                                 for (const Data& item : array->items) items.push_back(json(item, below));
                                 return lines(items, indent, '[', ']');
                               },
                               [&](const std::shared_ptr<const Object>& object) {
                                 std::vector<std::string> items;
                                 for (const auto& [name, member] : object->members)
                                   items.push_back(quoted(name) + ": " + json(member, below));
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
