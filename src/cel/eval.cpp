#include "cel/eval.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "cel/checker.h"
#include "cel/overload.h"

namespace penstock::cel {
namespace {

/// `&&` and `||`: one operand may decide; else an error wins, and an unknown one over all others.
class Junction {
 public:
  Junction(Operator op, Span span) : op_(op), decisive_(op == Operator::Or), span_(span) {}
  /// Whether this operand decides.
  bool add(Value operand) {
    const bool* value = operand.get<bool>();
    if (value) return *value == decisive_;
    Value reason = operand.is_error() ? std::move(operand) : wrong_type(symbol(op_), span_);
    if (!failed_ || (reason.get<Error>()->unknown && !failed_->get<Error>()->unknown))
      failed_ = std::move(reason);
    return false;
  }
  Value decided() const { return {decisive_}; }
  Value undecided() const { return failed_.value_or(Value{!decisive_}); }

 private:
  Operator op_;
  bool decisive_;
  Span span_;
  std::optional<Value> failed_;
};

class Evaluator {
 public:
  Evaluator(const Facts& facts, Budget& budget) : facts_(facts), budget_(budget) {}
  Value evaluate(const Expr& expr);

 private:
  using Local = std::pair<std::string_view, Value>;

  Values evaluate(const std::vector<Expr>& exprs);
  std::optional<Value> known(std::string_view name) const;
  const Value* local(const Ident& ident) const;
  Value name(const Ident& ident, Span span) const;
  Value select(const Select& node, const Expr& expr);
  Value operation(const Operation& node, Span span);
  Value call(const Call& node, Span span);
  std::optional<Value> qualified(const Call& node, Span span);
  Value list(const List& node, Span span);
  Value map(const Map& node, Span span);
  Value comprehension(const Comprehension& loop, Span span);
  Value quantified(const Comprehension& loop, const Values& items, Span span);
  Value collected(const Comprehension& loop, const Values& items, Span span);
  Value step(const Expr& step, const std::string& variable, const Value& item);

  const Facts& facts_;
  Budget& budget_;
  std::vector<Local> locals_;
};

Value not_evaluated(Span span) { return error("this has no value", span); }

Value Evaluator::evaluate(const Expr& expr) {
  if (!budget_.spend(1)) return too_expensive(expr.span);
  return std::visit(Overloaded{
                        [&](const Literal&) {
                          Value value = *constant(expr);
                          return budget_.spend_whole(value) ? value : too_expensive(expr.span);
                        },
                        [&](const Ident& node) { return name(node, expr.span); },
                        [&](const Select& node) { return select(node, expr); },
                        [&](const Operation& node) { return operation(node, expr.span); },
                        [&](const Call& node) { return call(node, expr.span); },
                        [&](const List& node) { return list(node, expr.span); },
                        [&](const Map& node) { return map(node, expr.span); },
                        [&](const Message&) { return not_evaluated(expr.span); },
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

// Names

const Value* Evaluator::local(const Ident& ident) const {
  if (ident.absolute) return nullptr;
  const auto found = std::ranges::find(locals_.rbegin(), locals_.rend(), ident.name, &Local::first);
  return found == locals_.rend() ? nullptr : &found->second;
}

std::optional<Value> Evaluator::known(std::string_view name) const {
  std::optional<Value> value = facts_.variable ? facts_.variable(name) : std::nullopt;
  if (!value && named_type(name)) value = Value{TypeName{std::string(name)}};
  const auto* text = value ? value->get<std::string>() : nullptr;
  if (text && !budget_.spend_text(text->size())) value.reset();
  return value;
}

Value Evaluator::name(const Ident& ident, Span span) const {
  if (const Value* value = local(ident)) {
    const auto* text = value->get<std::string>();
    return !text || budget_.spend_text(text->size()) ? *value : too_expensive(span);
  }
  return known(ident.name).value_or(error(fmt::format("`{}` is not known", ident.name), span));
}

Value Evaluator::select(const Select& node, const Expr& expr) {
  const Expr& operand = node.operand.front();
  if (const auto prefix = dotted(operand); prefix && !node.test && !local(root(operand))) {
    if (!budget_.spend_text(prefix->size())) return too_expensive(expr.span);
    if (std::optional<Value> value = known(*prefix + "." + node.field)) return std::move(*value);
  }
  const Value of = evaluate(operand);
  if (of.is_error()) return of;
  const auto* entries = of.get<Entries>();
  if (!entries) return error(fmt::format("{} has no field `{}`", type_name(of), node.field), expr.span);
  if (!budget_.spend(1 + entries->size() / 8)) return too_expensive(expr.span);
  const Value* found = find(*entries, {node.field});
  if (node.test) return {found != nullptr};
  return found ? *found : error(fmt::format("the map has no key {}", print(Value{node.field})), expr.span);
}

// Operators and calls

Value Evaluator::operation(const Operation& node, Span span) {
  if (node.op == Operator::Or || node.op == Operator::And) {
    Junction junction(node.op, span);
    for (const Expr& operand : node.operands)
      if (junction.add(evaluate(operand))) return junction.decided();
    return junction.undecided();
  }
  if (node.op == Operator::Conditional) {
    Value condition = evaluate(node.operands[0]);
    if (condition.is_error()) return condition;
    const bool* value = condition.get<bool>();
    return value ? evaluate(node.operands[*value ? 1 : 2]) : wrong_type(symbol(node.op), span);
  }
  Context context{span, budget_};
  return *cel::call(function_of(node.op), false, evaluate(node.operands), context);
}

/// Of a tree that was not checked: `math.abs(x)` is no method of `math`.
std::optional<Value> Evaluator::qualified(const Call& node, Span span) {
  const auto prefix = node.method ? dotted(node.arguments.front()) : std::nullopt;
  if (!prefix || local(root(node.arguments.front()))) return std::nullopt;
  const std::string whole = *prefix + "." + node.function;
  if (overloads(whole).empty()) return std::nullopt;
  Values arguments;
  for (std::size_t i = 1; i < node.arguments.size(); ++i) arguments.push_back(evaluate(node.arguments[i]));
  Context context{span, budget_};
  return cel::call(whole, false, arguments, context);
}

Value Evaluator::call(const Call& node, Span span) {
  if (std::optional<Value> value = qualified(node, span)) return std::move(*value);
  const Values arguments = evaluate(node.arguments);
  Context context{span, budget_};
  if (std::optional<Value> value = cel::call(node.function, node.method, arguments, context))
    return std::move(*value);
  if (const Value* failed = first_error(arguments.data(), arguments.data() + arguments.size()))
    return *failed;
  std::optional<Value> value =
      facts_.call && !node.method ? facts_.call(node.function, arguments) : std::nullopt;
  return value ? std::move(*value) : error(fmt::format("`{}` is not known", node.function), span);
}

// Lists and maps

Value Evaluator::list(const List& node, Span span) {
  Values items = evaluate(node.items);
  if (const Value* failed = first_error(items.data(), items.data() + items.size())) return *failed;
  return budget_.spend(items.size()) ? Value{std::move(items)} : too_expensive(span);
}

Value Evaluator::map(const Map& node, Span span) {
  Entries entries;
  for (const MapEntry& entry : node.entries) {
    Value key = evaluate(entry.key);
    if (key.is_error()) return key;
    if (!can_be_key(key)) return error(fmt::format("a {} cannot be a key", type_name(key)), entry.key.span);
    if (!budget_.spend(1 + entries.size() / 8)) return too_expensive(span);
    if (find(entries, key))
      return error(fmt::format("the map has the key {} twice", print(key)), entry.key.span);
    Value value = evaluate(entry.value);
    if (value.is_error()) return value;
    entries.push_back({std::move(key), std::move(value)});
  }
  return {std::move(entries)};
}

Value Evaluator::step(const Expr& step, const std::string& variable, const Value& item) {
  locals_.emplace_back(variable, item);
  Value value = evaluate(step);
  locals_.pop_back();
  return value;
}

Values keys_of(const Entries& entries) {
  Values keys;
  for (const Entry& entry : entries) keys.push_back(entry.key);
  return keys;
}

Value Evaluator::comprehension(const Comprehension& loop, Span span) {
  const Value range = evaluate(loop.parts[0]);
  if (range.is_error()) return range;
  const auto* entries = range.get<Entries>();
  if (entries && !budget_.spend(entries->size())) return too_expensive(span);
  const Values keys = entries ? keys_of(*entries) : Values();
  const Values* items = entries ? &keys : range.get<Values>();
  if (!items) return wrong_type(cel::name(loop.macro), span);
  const bool quantifies = loop.macro == Macro::All || loop.macro == Macro::Exists;
  return quantifies ? quantified(loop, *items, span) : collected(loop, *items, span);
}

Value Evaluator::quantified(const Comprehension& loop, const Values& items, Span span) {
  Junction junction(loop.macro == Macro::All ? Operator::And : Operator::Or, span);
  for (const Value& item : items)
    if (junction.add(step(loop.parts[1], loop.variable, item))) return junction.decided();
  return junction.undecided();
}

/// What the loop keeps of each item: the item, or what is made of it.
Value Evaluator::collected(const Comprehension& loop, const Values& items, Span span) {
  const bool maps = loop.macro == Macro::Map;
  const bool filters = !maps || loop.parts.size() == 3;
  Values kept;
  for (const Value& item : items) {
    if (filters) {
      Value test = step(loop.parts[1], loop.variable, item);
      if (test.is_error()) return test;
      const bool* keeps = test.get<bool>();
      if (!keeps) return wrong_type(cel::name(loop.macro), span);
      if (!*keeps) continue;
    }
    Value result = maps ? step(loop.parts.back(), loop.variable, item) : item;
    if (result.is_error()) return result;
    if (!budget_.spend(1)) return too_expensive(span);
    kept.push_back(std::move(result));
  }
  return loop.macro == Macro::ExistsOne ? Value{kept.size() == 1} : Value{std::move(kept)};
}

}  // namespace

Facts facts(const Bindings& bindings) {
  Facts all;
  all.variable = [&bindings](std::string_view name) -> std::optional<Value> {
    const auto found = bindings.find(name);
    if (found == bindings.end()) return std::nullopt;
    return found->second;
  };
  return all;
}

Value evaluate(const Expr& expr, const Facts& facts, std::uint64_t cost) {
  Budget budget(cost);
  Value value = Evaluator(facts, budget).evaluate(expr);
  // Once the budget is spent, `||` and its like must not hide it; and whoever reads the value may look at all of it.
  const bool paid = !budget.exhausted() && budget.spend_whole(value);
  return paid ? value : error(fmt::format("the expression needs more than {} steps", cost), expr.span);
}

}  // namespace penstock::cel
