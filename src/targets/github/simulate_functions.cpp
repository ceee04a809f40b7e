#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "targets/github/simulate_functions.h"

namespace penstock::targets::github {
namespace {

Data contains(Arguments arguments) {
  if (const Array* array = arguments[0].array()) {
    for (const Data& item : array->items) {
      const Data same = equals(item, arguments[1]);
      if (same.unknown() != nullptr || truth(same) == true) return same;
    }
    return false;
  }
  if (arguments[0].object() != nullptr || arguments[1].array() != nullptr || arguments[1].object() != nullptr)
    return false;
  return upper_case(to_text(arguments[0])).find(upper_case(to_text(arguments[1]))) != std::string::npos;
}

bool is_plain(Arguments arguments) {
  return std::ranges::all_of(
      arguments, [](const Data& one) { return one.array() == nullptr && one.object() == nullptr; });
}

Data starts_with(Arguments arguments) {
  if (!is_plain(arguments)) return false;
  return upper_case(to_text(arguments[0])).starts_with(upper_case(to_text(arguments[1])));
}

Data ends_with(Arguments arguments) {
  if (!is_plain(arguments)) return false;
  return upper_case(to_text(arguments[0])).ends_with(upper_case(to_text(arguments[1])));
}

constexpr std::size_t kMostText =
    (1 << 20) / 2;  // letters that an expression may hold: 1 MiB, and each takes two bytes

/// `{0}` is the first argument behind the text, `{{` and `}}` are braces.
Data format(Arguments arguments) {
  const std::string pattern = to_text(arguments[0]);
  std::string text;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c != '{' && c != '}') {
      text += c;
    } else if (at + 1 < pattern.size() && pattern[at + 1] == c) {
      text += c;
      ++at;
    } else {
      const std::size_t close = c == '{' ? pattern.find('}', at) : std::string::npos;
      const std::string number = close == std::string::npos ? "" : pattern.substr(at + 1, close - at - 1);
      constexpr std::size_t kDigits = 3;  // 255 arguments at most
      if (!is_digits(number) || number.size() > kDigits) return mistake("format: a brace that stands alone");
      const std::size_t index = std::stoul(number) + 1;
      if (index >= arguments.size()) return mistake(fmt::format("format: no argument for {{{}}}", number));
      text += to_text(arguments[index]);
      if (text.size() > kMostText) return mistake("format: the text is too long");
      at = close;
    }
  }
  return text;
}

Data joined(Arguments arguments) {
  const std::string separator =
      arguments.size() > 1 && is_plain(arguments.subspan(1)) ? to_text(arguments[1]) : ",";
  const Array* array = arguments[0].array();
  if (array == nullptr) return arguments[0].object() != nullptr ? "" : to_text(arguments[0]);
  std::vector<std::string> texts;
  for (const Data& item : array->items) {
    if (item.unknown() != nullptr) return item;
    texts.push_back(to_text(item));
  }
  return join(texts, separator);
}

bool holds_unknown(const Data& value) {
  if (value.unknown() != nullptr) return true;
  if (value.object() != nullptr && !value.object()->open.empty()) return true;
  return std::ranges::any_of(values_of(value), holds_unknown);
}

Data to_json_text(Arguments arguments) {
  if (holds_unknown(arguments[0])) return Unknown{"toJSON: a part of it is not known"};
  std::string text = to_json(arguments[0]);
  if (text.size() > kMostText) return mistake("toJSON: the text is too long");
  return text;
}

Data from_json_text(Arguments arguments) { return from_json(to_text(arguments[0])); }

constexpr std::array kFunctions = {
    Function{"contains", 2, 2, contains},
    Function{"startsWith", 2, 2, starts_with},
    Function{"endsWith", 2, 2, ends_with},
    Function{"format", 1, 255, format},
    Function{"join", 1, 2, joined},
    Function{"toJson", 1, 1, to_json_text},
    Function{"fromJson", 1, 1, from_json_text},
};

}  // namespace

Unknown mistake(std::string why) { return {std::move(why), true, {}}; }

std::vector<Data> values_of(const Data& value) {
  std::vector<Data> all;
  if (const Array* array = value.array()) {
    all = array->items;
  } else if (const Object* object = value.object()) {
    for (const auto& [name, member] : object->members) all.push_back(member);
  }
  return all;
}

const Function* find_function(std::string_view name) {
  const auto found = std::ranges::find_if(
      kFunctions, [&](const Function& one) { return same_ignoring_case(one.name, name); });
  return found == kFunctions.end() ? nullptr : &*found;
}

}  // namespace penstock::targets::github
