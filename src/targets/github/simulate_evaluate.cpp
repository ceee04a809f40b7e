#include "targets/github/simulate_evaluate.h"

#include "targets/github/simulate_functions.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::github {
namespace {

std::optional<Unknown> first_unknown(std::span<const Data> values) {
  const auto found = std::ranges::find_if(values, [](const Data& one) { return one.unknown() != nullptr; });
  return found == values.end() ? std::nullopt : std::optional(*found->unknown());
}

// --- members

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
    const Function* found = find_function(node.function);
    if (found == nullptr) return Unknown{"`" + node.function + "` asks for files"};
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
    const Function* found = find_function(node.function);
    if (found == nullptr && !status && !is("case") && !is("hashFiles"))
      return fmt::format("there is no function `{}`", node.function);
    const bool counts = found != nullptr  ? count >= found->least && count <= found->most
                        : is("case")      ? count >= 3 && count % 2 == 1
                        : is("hashFiles") ? count >= 1
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
      made.text += unknown->written.empty() ? "${{ " + print(expression) + " }}" : unknown->written;
      made.known = false;
      made.why = unknown->why;
    } else {
      made.text += to_text(value);
    }
  }
  return made;
}

namespace {

/// A text with expressions in it, as GitHub takes a condition that is not one expression: it is put together, and holds unless it is empty.
std::optional<Expression> as_format(const std::string& condition) {
  diag::Sink sink;
  codec::Decoder decoder(sink);
  Text text;
  decode_value(yaml::string(condition), text, decoder);
  std::string pattern;
  std::vector<Expression> arguments = {literal(std::string())};
  for (const auto& part : text.parts) {
    if (const auto* expression = std::get_if<Expression>(&part)) {
      pattern += fmt::format("{{{}}}", arguments.size() - 1);
      arguments.push_back(*expression);
    } else if (const auto& written = std::get<std::string>(part); written.find("${{") != std::string::npos) {
      return std::nullopt;
    } else {
      pattern += replaced(replaced(written, "{", "{{"), "}", "}}");
    }
  }
  arguments.front() = literal(std::move(pattern));
  return call("format", std::move(arguments));
}

}  // namespace

Data evaluate(const std::optional<Condition>& condition, const Scope& scope) {
  const Expression succeeded = call("success");
  if (!condition) return evaluate(succeeded, scope);
  const auto* text = std::get_if<std::string>(&condition->is);
  if (text != nullptr && trimmed(*text).empty()) return evaluate(succeeded, scope);
  const auto expression = text == nullptr                          ? std::get<Expression>(condition->is)
                          : text->find("${{") != std::string::npos ? as_format(*text)
                                                                   : std::optional<Expression>();
  if (!expression) return mistake("a condition that cannot be read: " + *text);
  if (has_status_function(*expression)) return evaluate(*expression, scope);
  return evaluate(Expression{Operation{Operator::And, {succeeded, *expression}}}, scope);
}

}  // namespace penstock::targets::github
