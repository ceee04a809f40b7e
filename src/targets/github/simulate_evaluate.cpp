#include "targets/github/simulate_evaluate.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::github {
namespace {

Unknown mistake(std::string why) { return {std::move(why), true, {}}; }

std::optional<Unknown> first_unknown(std::span<const Data> values) {
  const auto found = std::ranges::find_if(values, [](const Data& one) { return one.unknown() != nullptr; });
  return found == values.end() ? std::nullopt : std::optional(*found->unknown());
}

// --- members

std::vector<Data> values_of(const Data& value) {
  std::vector<Data> all;
  if (const Array* array = value.array()) {
    all = array->items;
  } else if (const Object* object = value.object()) {
    for (const auto& [name, member] : object->members) all.push_back(member);
  }
  return all;
}

/// Nothing, if there is no such member.
std::optional<Data> member(const Data& of, const Data& index) {
  if (const Object* object = of.object()) {
    const bool named = index.array() == nullptr && index.object() == nullptr;
    const Data* found = named ? object->find(to_text(index)) : nullptr;
    if (found != nullptr) return *found;
    if (!object->open.empty()) return Data(Unknown{fmt::format("`{}`: {}", to_text(index), object->open)});
    return std::nullopt;
  }
  if (const Array* array = of.array()) {
    const double at = std::floor(to_number(index));
    if (at >= 0 && at < static_cast<double>(array->items.size()))
      return array->items[static_cast<std::size_t>(at)];
  }
  return std::nullopt;
}

/// `.name` and `[index]`; of what `.*` has made, of each item that has it.
Data select(const Data& of, const Data& index) {
  if (auto unknown = first_unknown(std::array{of, index})) return *std::move(unknown);
  const Array* array = of.array();
  if (array == nullptr || !array->filtered) return member(of, index).value_or(Data());
  Array found;
  found.filtered = true;
  for (const Data& item : array->items) {
    if (auto one = member(item, index)) found.items.push_back(std::move(*one));
  }
  return found;
}

Data select_all(const Data& of) {
  if (of.unknown() != nullptr) return of;
  const Object* object = of.object();
  if (object != nullptr && !object->open.empty()) return Unknown{object->open};
  Array found;
  found.filtered = true;
  const Array* array = of.array();
  if (array != nullptr && array->filtered) {
    for (const Data& item : array->items) {
      for (Data& one : values_of(item)) found.items.push_back(std::move(one));
    }
  } else {
    found.items = values_of(of);
  }
  return found;
}

// --- functions

using Arguments = std::span<const Data>;

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

struct Function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  Data (*call)(Arguments);
};
constexpr std::array kFunctions = {
    Function{"contains", 2, 2, contains},
    Function{"startsWith", 2, 2, starts_with},
    Function{"endsWith", 2, 2, ends_with},
    Function{"format", 1, 255, format},
    Function{"join", 1, 2, joined},
    Function{"toJson", 1, 1, to_json_text},
    Function{"fromJson", 1, 1, from_json_text},
};

class Evaluator {
 public:
  explicit Evaluator(const Scope& scope) : scope_(scope) {}

  Data operator()(const Literal& node) const {
    return std::visit(
        Overloaded{[](NullLiteral) { return Data(); }, [](const auto& value) { return Data(value); }},
        node.value);
  }

  Data operator()(const Name& node) const {
    const Data* found = scope_.contexts.find(node.name);
    PENSTOCK_CHECK(found != nullptr);  // seen before
    return *found;
  }

  Data operator()(const Member& node) const {
    const Data of = value(node.operand.front());
    return node.field == "*" ? select_all(of) : select(of, node.field);
  }

  Data operator()(const Element& node) const {
    const Data of = value(node.operand.front());
    return node.index.empty() ? select_all(of) : select(of, value(node.index.front()));
  }

  Data operator()(const Call& node) const {
    if (auto told = status(node)) return std::move(*told);
    if (same_ignoring_case(node.function, "case")) return choose(node.arguments);
    const auto found = std::ranges::find_if(
        kFunctions, [&](const Function& one) { return same_ignoring_case(one.name, node.function); });
    if (found == kFunctions.end()) return Unknown{"`" + node.function + "` asks for files"};
    std::vector<Data> arguments;
    for (const Expression& argument : node.arguments) arguments.push_back(value(argument));
    if (auto unknown = first_unknown(arguments)) return *std::move(unknown);
    std::size_t letters = 0;
    for (const Data& argument : arguments) {
      const auto* text = std::get_if<std::string>(&argument.is);
      letters += text != nullptr ? text->size() : 0;
    }
    if (letters > kMostText) return mistake("it takes too much memory");
    return found->call(arguments);
  }

  Data operator()(const Operation& node) const {
    switch (node.op) {
      case Operator::Or: return joined_by(node.operands, true);
      case Operator::And: return joined_by(node.operands, false);
      case Operator::Not: {
        const Data operand = value(node.operands.front());
        const auto known = truth(operand);
        if (operand.unknown() == nullptr) return !*known;
        Unknown opposite = *operand.unknown();
        if (known) opposite.truth = !*known;
        return opposite;
      }
      case Operator::Equal:
      case Operator::NotEqual:
      case Operator::Less:
      case Operator::LessEqual:
      case Operator::Greater:
      case Operator::GreaterEqual: return compare(node.op, value(node.operands[0]), value(node.operands[1]));
    }
    PENSTOCK_CHECK(false);
  }

  /// What makes GitHub refuse the whole expression, though what is wrong might never be asked for.
  std::optional<std::string> wrong(const Expression& expression) const {
    if (const auto* name = std::get_if<Name>(&expression.node)) {
      if (scope_.contexts.find(name->name) == nullptr)
        return fmt::format("`{}` cannot be read here", name->name);
      return std::nullopt;
    }
    const auto any = [&](const std::vector<Expression>& below) -> std::optional<std::string> {
      for (const Expression& one : below) {
        if (auto found = wrong(one)) return found;
      }
      return std::nullopt;
    };
    return std::visit(Overloaded{[](const Literal&) { return std::optional<std::string>(); },
                                 [](const Name&) { return std::optional<std::string>(); },
                                 [&](const Member& node) { return any(node.operand); },
                                 [&](const Element& node) {
                                   auto found = any(node.operand);
                                   return found ? found : any(node.index);
                                 },
                                 [&](const Call& node) {
                                   auto found = wrong_call(node);
                                   return found ? found : any(node.arguments);
                                 },
                                 [&](const Operation& node) { return any(node.operands); }},
                      expression.node);
  }

 private:
  static std::optional<std::string> wrong_call(const Call& node) {
    const std::size_t count = node.arguments.size();
    const auto is = [&](std::string_view name) { return same_ignoring_case(node.function, name); };
    const bool status = is("success") || is("failure") || is("cancelled") || is("always");
    const auto found = std::ranges::find_if(kFunctions, [&](const Function& one) { return is(one.name); });
    if (found == kFunctions.end() && !status && !is("case") && !is("hashFiles"))
      return fmt::format("there is no function `{}`", node.function);
    const bool counts = found != kFunctions.end() ? count >= found->least && count <= found->most
                        : is("case")              ? count >= 3 && count % 2 == 1
                        : is("hashFiles")         ? count >= 1
                                                  : count == 0;
    if (!counts) return fmt::format("`{}` with {} arguments", node.function, count);
    return std::nullopt;
  }

  Data value(const Expression& expression) const { return std::visit(*this, expression.node); }

  /// The first operand that decides, or the last. Where one before it is not known, at least whether the whole is true may be.
  Data joined_by(const std::vector<Expression>& operands, bool deciding) const {
    std::optional<Unknown> unknown;
    Data last;
    for (const Expression& operand : operands) {
      last = value(operand);
      const auto known = truth(last);
      if (last.unknown() != nullptr && last.unknown()->mistake) return unknown ? Data(*unknown) : last;
      if (known == deciding) {
        if (!unknown) return last;
        unknown->truth = deciding;
        return *unknown;
      }
      if (last.unknown() != nullptr && !unknown) unknown = *last.unknown();
    }
    if (!unknown) return last;
    return *unknown;
  }

  static Data compare(Operator op, const Data& a, const Data& b) {
    if (const auto unknown = first_unknown(std::array{a, b}))
      return Unknown{unknown->why, unknown->mistake, {}};
    if (op == Operator::Equal) return equals(a, b);
    if (op == Operator::NotEqual) return truth(equals(a, b)) == false;
    // `<=` and `>=` hold of equal things even where there is no order: the same array.
    const auto ordered = order(a, b);
    const bool same = truth(equals(a, b)) == true;
    if (op == Operator::Less) return ordered && *ordered < 0;
    if (op == Operator::Greater) return ordered && *ordered > 0;
    return same || (ordered && (op == Operator::LessEqual ? *ordered < 0 : *ordered > 0));
  }

  std::optional<Data> status(const Call& node) const {
    const auto is = [&](std::string_view name) { return same_ignoring_case(node.function, name); };
    if (!is("success") && !is("failure") && !is("cancelled") && !is("always")) return std::nullopt;
    if (is("always")) return true;
    if (!scope_.status) return Unknown{"`" + node.function + "()` is not known here"};
    if (is("success")) return scope_.status->success;
    return is("failure") ? scope_.status->failure : scope_.status->cancelled;
  }

  /// `case(predicate, value, …, default)`.
  Data choose(const std::vector<Expression>& arguments) const {
    if (arguments.size() < 3 || arguments.size() % 2 == 0) return mistake("`case` takes pairs and a default");
    for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
      const Data predicate = value(arguments[i]);
      if (predicate.unknown() != nullptr) return predicate;
      const auto* holds = std::get_if<bool>(&predicate.is);
      if (holds == nullptr) return mistake("a predicate of `case` is not a boolean");
      if (*holds) return value(arguments[i + 1]);
    }
    return value(arguments.back());
  }

  const Scope& scope_;
};

}  // namespace

Data evaluate(const Expression& expression, const Scope& scope) {
  if (auto wrong = Evaluator(scope).wrong(expression)) return Unknown{*std::move(wrong), true, {}};
  return std::visit(Evaluator(scope), expression.node);
}

Evaluated evaluate(const Text& text, const Scope& scope) {
  Evaluated made;
  for (const auto& part : text.parts) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      made.text += *literal;
      if (literal->find("${{") != std::string::npos) {
        made.known = false;
        made.why = "an expression that cannot be read";
      }
      continue;
    }
    const auto& expression = std::get<Expression>(part);
    const Data value = evaluate(expression, scope);
    if (const Unknown* unknown = value.unknown()) {
      made.text += "${{ " + print(expression) + " }}";
      made.known = false;
      made.why = unknown->why;
    } else {
      made.text += to_text(value);
    }
  }
  return made;
}

Data evaluate(const std::optional<Condition>& condition, const Scope& scope) {
  const Expression succeeded = call("success");
  if (!condition) return evaluate(succeeded, scope);
  const auto* expression = std::get_if<Expression>(&condition->is);
  if (expression == nullptr)
    return mistake("a condition that cannot be read: " + std::get<std::string>(condition->is));
  if (has_status_function(*expression)) return evaluate(*expression, scope);
  return evaluate(Expression{Operation{Operator::And, {succeeded, *expression}}}, scope);
}

}  // namespace penstock::targets::github
