#include "cel/eval.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "cel/apply.h"

namespace penstock::cel {
namespace {

using Values = std::vector<Value>;

class Evaluator {
 public:
  explicit Evaluator(const Facts& facts) : facts_(facts) {}
  Value evaluate(const Expr& expr);

 private:
  Values evaluate(const std::vector<Expr>& exprs);
  Value name(const Ident& ident, Span span) const;
  Value operation(const Operation& node, Span span);
  Value call(const Call& node, Span span);
  Value comprehension(const Comprehension& loop, Span span);
  Values steps(const Expr& step, const std::string& variable, const Values& items);
  Value kept(const Values& items, const Values& tests, Span span) const;

  const Facts& facts_;
  std::vector<std::pair<std::string, Value>> locals_;
};

Value not_evaluated(Span span) { return {Error{"this has no value", span}}; }

Value Evaluator::evaluate(const Expr& expr) {
  const auto no_value = [&] { return not_evaluated(expr.span); };
  return std::visit(Overloaded{
                        [&](const Literal&) { return constant(expr).value_or(no_value()); },
                        [&](const Ident& node) { return name(node, expr.span); },
                        [&](const Select&) { return no_value(); },
                        [&](const Operation& node) { return operation(node, expr.span); },
                        [&](const Call& node) { return call(node, expr.span); },
                        [&](const List& node) {
                          Values items = evaluate(node.items);
                          const auto failed = std::ranges::find_if(items, &Value::is_error);
                          return failed == items.end() ? Value{std::move(items)} : *failed;
                        },
                        [&](const Map&) { return no_value(); },
                        [&](const Message&) { return no_value(); },
                        [&](const Comprehension& node) { return comprehension(node, expr.span); },
                    },
                    expr.node);
}

Values Evaluator::evaluate(const std::vector<Expr>& exprs) {
  Values values;
  values.reserve(exprs.size());
  for (const Expr& expr : exprs) values.push_back(evaluate(expr));
  return values;
}

Value Evaluator::name(const Ident& ident, Span span) const {
  if (!ident.absolute) {
    const auto local = std::ranges::find(locals_.rbegin(), locals_.rend(), ident.name,
                                         &std::pair<std::string, Value>::first);
    if (local != locals_.rend()) return local->second;
  }
  std::optional<Value> known = facts_.variable ? facts_.variable(ident.name) : std::nullopt;
  return known ? std::move(*known) : Value{Error{fmt::format("`{}` is not known", ident.name), span}};
}

Value Evaluator::operation(const Operation& node, Span span) {
  if (node.op == Operator::Or || node.op == Operator::And) {
    Values values;
    for (const Expr& operand : node.operands) {
      values.push_back(evaluate(operand));
      const bool* value = values.back().get<bool>();
      if (value && *value == (node.op == Operator::Or)) return {*value};
    }
    return apply(node.op, values, span);
  }
  if (node.op == Operator::Conditional) {
    Value condition = evaluate(node.operands[0]);
    const bool* value = condition.get<bool>();
    return value ? evaluate(node.operands[*value ? 1 : 2]) : apply(node.op, {std::move(condition)}, span);
  }
  return apply(node.op, evaluate(node.operands), span);
}

Value Evaluator::call(const Call& node, Span span) {
  const Values arguments = evaluate(node.arguments);
  if (const auto function = builtin(node.function)) return apply(*function, arguments, span);
  const auto failed = std::ranges::find_if(arguments, &Value::is_error);
  if (failed != arguments.end()) return *failed;
  std::optional<Value> known = facts_.call ? facts_.call(node.function, arguments) : std::nullopt;
  return known ? std::move(*known) : Value{Error{fmt::format("`{}` is not known", node.function), span}};
}

Values Evaluator::steps(const Expr& step, const std::string& variable, const Values& items) {
  Values values;
  for (const Value& item : items) {
    locals_.emplace_back(variable, item);
    values.push_back(evaluate(step));
    locals_.pop_back();
  }
  return values;
}

/// The items whose test is true.
Value Evaluator::kept(const Values& items, const Values& tests, Span span) const {
  Values all;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool* keeps = tests[i].get<bool>();
    if (!keeps) return tests[i].is_error() ? tests[i] : not_evaluated(span);
    if (*keeps) all.push_back(items[i]);
  }
  return {std::move(all)};
}

Value Evaluator::comprehension(const Comprehension& loop, Span span) {
  const Value range = evaluate(loop.parts[0]);
  if (range.is_error()) return range;
  const auto* items = range.get<Values>();
  if (!items) return not_evaluated(span);
  if (loop.macro == Macro::Map && loop.parts.size() == 2) {
    Values mapped = steps(loop.parts[1], loop.variable, *items);
    const auto failed = std::ranges::find_if(mapped, &Value::is_error);
    return failed == mapped.end() ? Value{std::move(mapped)} : *failed;
  }
  const Values tests = steps(loop.parts[1], loop.variable, *items);
  if (loop.macro == Macro::All) return apply(Operator::And, tests, span);
  if (loop.macro == Macro::Exists) return apply(Operator::Or, tests, span);
  const Value left = kept(*items, tests, span);
  if (left.is_error() || loop.macro == Macro::Filter) return left;
  if (loop.macro == Macro::ExistsOne) return {left.get<Values>()->size() == 1};
  Values mapped = steps(loop.parts[2], loop.variable, *left.get<Values>());
  const auto failed = std::ranges::find_if(mapped, &Value::is_error);
  return failed == mapped.end() ? Value{std::move(mapped)} : *failed;
}

std::optional<Value> list_value(const List& list) {
  Values items;
  for (const Expr& item : list.items) {
    std::optional<Value> value = constant(item);
    if (!value) return std::nullopt;
    items.push_back(std::move(*value));
  }
  return Value{std::move(items)};
}

std::optional<Expr> list_expr(const Values& values, Span span) {
  List list;
  for (const Value& value : values) {
    std::optional<Expr> item = constant(value, span);
    if (!item) return std::nullopt;
    list.items.push_back(std::move(*item));
  }
  return Expr{std::move(list), span, span};
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.data.index() != b.data.index()) return false;
  return std::visit(Overloaded{
                        [](const Error&) { return false; },
                        [&](const auto& value) { return value == *b.get<std::decay_t<decltype(value)>>(); },
                    },
                    a.data);
}

std::optional<Value> constant(const Expr& expr) {
  if (const auto* list = std::get_if<List>(&expr.node)) return list_value(*list);
  if (const auto* value = literal<bool>(expr)) return Value{*value};
  if (const auto* value = literal<std::int64_t>(expr)) return Value{*value};
  if (const auto* value = literal<std::string>(expr)) return Value{*value};
  return std::nullopt;
}

std::optional<Expr> constant(const Value& value, Span span) {
  const auto leaf = [&](Constant one) { return Expr{Literal{std::move(one)}, span, span}; };
  return std::visit(Overloaded{
                        [](const Error&) -> std::optional<Expr> { return std::nullopt; },
                        [&](const Values& items) { return list_expr(items, span); },
                        [&](const auto& one) -> std::optional<Expr> { return leaf(one); },
                    },
                    value.data);
}

Facts facts(const Bindings& bindings) {
  Facts all;
  all.variable = [&bindings](std::string_view name) -> std::optional<Value> {
    const auto found = bindings.find(name);
    if (found == bindings.end()) return std::nullopt;
    return found->second;
  };
  return all;
}

Value evaluate(const Expr& expr, const Facts& facts) { return Evaluator(facts).evaluate(expr); }

}  // namespace penstock::cel
