#include "targets/gitlab/condition.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::gitlab {
namespace {

/// The operands of a flat conjunction (or disjunction); nothing when one of them decides it alone.
template <class Flat>
Condition flat(std::vector<Condition> parts, bool neutral) {
  std::vector<Condition> kept;
  const auto keep = [&](Condition part) {
    if (std::ranges::find(kept, part) == kept.end()) kept.push_back(std::move(part));
  };
  for (Condition& part : parts) {
    if (neutral ? is_false(part) : is_true(part)) return constant(!neutral);
    if (auto* nested = std::get_if<Flat>(&part.node)) {
      for (Condition& inner : nested->parts) keep(std::move(inner));
    } else if (!(neutral ? is_true(part) : is_false(part))) {
      keep(std::move(part));
    }
  }
  if (kept.size() == 1) return std::move(kept.front());
  return {Flat{std::move(kept)}};
}

bool can_be_quoted(std::string_view text) {
  const bool printable =
      std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  return printable && (text.find('"') == std::string_view::npos || text.find('\'') == std::string_view::npos);
}

/// A comparison with a text that no quotes of GitLab's can hold (they know no escapes) is a match of all of it.
std::optional<Match> as_match(const Compare& compare) {
  const auto* text = std::get_if<std::string>(&compare.right);
  if (text == nullptr || can_be_quoted(*text)) return std::nullopt;
  return Match{compare.left, compare.equal, fmt::format("^{}$", escaped(*text))};
}

std::string quoted(std::string_view text) {
  PENSTOCK_CHECK(can_be_quoted(text));
  const char quote = text.find('"') == std::string_view::npos ? '"' : '\'';
  return fmt::format("{0}{1}{0}", quote, text);
}

std::string operand(const Operand& value) {
  return std::visit(Overloaded{[](const Name& name) { return "$" + name.text; },
                               [](const std::string& text) { return quoted(text); },
                               [](Null) { return std::string("null"); }},
                    value);
}

/// Slashes around it: those inside are escaped, and there are two characters at least, the last of them no backslash.
std::string pattern(std::string_view expression) {
  std::string out = "/";
  bool escape = false;
  for (const char c : expression) {
    if (c == '/' && !escape) out += '\\';
    out += c;
    escape = c == '\\' && !escape;
  }
  if (expression.size() < 2 || expression.back() == '\\') out += "(?:)";
  return out + "/";
}

std::string print(const Condition& condition, bool in_all);

std::string print(const std::vector<Condition>& parts, std::string_view symbol, bool in_all) {
  PENSTOCK_CHECK(!parts.empty());
  std::vector<std::string> texts;
  for (const Condition& part : parts) texts.push_back(print(part, in_all));
  return join(texts, symbol);
}

std::string print(const Condition& condition, bool in_all) {
  return std::visit(Overloaded{[](const AllOf& all) { return print(all.parts, " && ", true); },
                               [&](const AnyOf& any) {
                                 const std::string text = print(any.parts, " || ", false);
                                 return in_all ? fmt::format("({})", text) : text;
                               },
                               [](const Defined& defined) { return "$" + defined.variable.text; },
                               [](const Compare& compare) {
                                 if (const auto match = as_match(compare)) return print({*match}, false);
                                 return fmt::format("{} {} {}", operand(compare.left),
                                                    compare.equal ? "==" : "!=", operand(compare.right));
                               },
                               [](const Match& match) {
                                 return fmt::format("{} {} {}", operand(match.text),
                                                    match.found ? "=~" : "!~", pattern(match.expression));
                               }},
                    condition.node);
}

std::size_t tokens(const std::vector<Condition>& parts) {
  std::size_t sum = parts.empty() ? 0 : parts.size() - 1;
  for (const Condition& part : parts) sum += tokens(part);
  return sum;
}

}  // namespace

bool operator==(const Condition& a, const Condition& b) {
  if (a.node.index() != b.node.index()) return false;
  return std::visit(Overloaded{[&](const AllOf& all) { return all.parts == std::get<AllOf>(b.node).parts; },
                               [&](const AnyOf& any) { return any.parts == std::get<AnyOf>(b.node).parts; },
                               [&](const Defined& defined) { return defined == std::get<Defined>(b.node); },
                               [&](const Compare& compare) { return compare == std::get<Compare>(b.node); },
                               [&](const Match& match) { return match == std::get<Match>(b.node); }},
                    a.node);
}

Condition constant(bool value) {
  if (value) return {AllOf{}};
  return {AnyOf{}};
}

bool is_true(const Condition& condition) {
  const auto* all = std::get_if<AllOf>(&condition.node);
  return all != nullptr && all->parts.empty();
}

bool is_false(const Condition& condition) {
  const auto* any = std::get_if<AnyOf>(&condition.node);
  return any != nullptr && any->parts.empty();
}

Condition all_of(std::vector<Condition> parts) { return flat<AllOf>(std::move(parts), true); }
Condition any_of(std::vector<Condition> parts) { return flat<AnyOf>(std::move(parts), false); }

Condition negated(const Condition& condition) {
  const auto each = [](const std::vector<Condition>& parts) {
    std::vector<Condition> all;
    for (const Condition& part : parts) all.push_back(negated(part));
    return all;
  };
  return std::visit(Overloaded{[&](const AllOf& all) { return any_of(each(all.parts)); },
                               [&](const AnyOf& any) { return all_of(each(any.parts)); },
                               [](const Defined& defined) {
                                 return any_of({{Compare{defined.variable, true, Null{}}},
                                                {Compare{defined.variable, true, std::string()}}});
                               },
                               [](Compare compare) -> Condition {
                                 compare.equal = !compare.equal;
                                 return {std::move(compare)};
                               },
                               [](Match match) -> Condition {
                                 match.found = !match.found;
                                 return {std::move(match)};
                               }},
                    condition.node);
}

std::string print(const Condition& condition) { return print(condition, false); }

std::size_t tokens(const Condition& condition) {
  return std::visit(
      Overloaded{[](const AllOf& all) {
                   std::size_t sum = tokens(all.parts);
                   for (const Condition& part : all.parts)
                     sum += std::holds_alternative<AnyOf>(part.node) ? 2 : 0;
                   return sum;
                 },
                 [](const AnyOf& any) { return tokens(any.parts); },
                 [](const Defined&) { return std::size_t{1}; }, [](const Compare&) { return std::size_t{3}; },
                 [](const Match&) { return std::size_t{3}; }},
      condition.node);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      continue;
    }
    if (std::string_view(R"(\.+*?()|[]{}^$)").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace penstock::targets::gitlab
