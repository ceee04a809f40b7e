#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "cel/eval.h"
#include "cel/overload.h"

namespace penstock::cel {
namespace {

/// The opposite of a comparison that is simpler than its negation.
std::optional<Operator> opposite(Operator op) {
  if (op == Operator::Equal) return Operator::NotEqual;
  if (op == Operator::NotEqual) return Operator::Equal;
  return std::nullopt;
}

class Folder {
 public:
  Folder(const Facts& facts, Budget& budget) : facts_(facts), budget_(budget) {}
  Expr fold(const Expr& expr);

 private:
  // The variable of a comprehension: an item when the loop is unrolled, nothing while the items are unknown.
  struct Local {
    std::string name;
    std::optional<Expr> item = {};
    std::uint64_t cost = 0;  // of one more copy
  };

  std::vector<Expr> fold(const std::vector<Expr>& exprs);
  Expr name(const Expr& expr, const Ident& ident) const;
  Expr select(const Expr& expr, const Select& node);
  std::optional<Expr> computed(const std::optional<Value>& value, Span span);
  Expr operation(const Expr& expr, const Operation& node);
  Expr junction(const Expr& expr, Operator op, std::vector<Expr> operands) const;
  Expr negated(const Expr& expr, Expr operand) const;
  Expr equal(const Expr& expr, Operator op, std::vector<Expr> operands) const;
  Expr is_in(const Expr& expr, std::vector<Expr> operands) const;
  Expr call(const Expr& expr, const Call& node);
  Expr comprehension(const Expr& expr, const Comprehension& loop);
  std::vector<Expr> steps(const Expr& step, const std::string& variable, const std::vector<Expr>& items);
  std::optional<Expr> unrolled(const Expr& expr, const Comprehension& loop, const List& range);

  const Facts& facts_;
  Budget& budget_;  // once it is spent, what is left stays as it is
  std::vector<Local> locals_;
};

/// Whether the value is certainly a bool: of what is known only when it runs, that is not so.
bool is_bool(const Expr& expr) {
  if (const auto* ident = std::get_if<Ident>(&expr.node)) return !ident->dynamic;
  if (const auto* call = std::get_if<Call>(&expr.node)) return !call->dynamic;
  if (const auto* select = std::get_if<Select>(&expr.node)) return select->test;
  if (const auto* loop = std::get_if<Comprehension>(&expr.node))
    return loop->macro != Macro::Map && loop->macro != Macro::Filter;
  const auto* node = std::get_if<Operation>(&expr.node);
  if (!node) return literal<bool>(expr) != nullptr;
  if (node->op == Operator::Conditional) return is_bool(node->operands[1]) && is_bool(node->operands[2]);
  return node->op != Operator::Index;
}

template <class NewNode>
Expr with(const Expr& expr, NewNode node) {
  return {std::move(node), expr.span, expr.focus};
}

std::optional<Values> constants(const std::vector<Expr>& exprs) {
  Values values;
  for (const Expr& expr : exprs) {
    std::optional<Value> value = constant(expr);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

Expr Folder::fold(const Expr& expr) {
  if (!budget_.spend(1)) return expr;
  return std::visit(Overloaded{
                        [&](const Literal&) { return expr; },
                        [&](const Ident& node) { return name(expr, node); },
                        [&](const Select& node) { return select(expr, node); },
                        [&](const Operation& node) { return operation(expr, node); },
                        [&](const Call& node) { return call(expr, node); },
                        [&](const List& node) { return with(expr, List{fold(node.items)}); },
                        [&](const Map& node) {
                          Map copy;
                          for (const MapEntry& entry : node.entries)
                            copy.entries.push_back({fold(entry.key), fold(entry.value)});
                          return with(expr, std::move(copy));
                        },
                        [&](const Message& node) {
                          Message copy{node.type, {}, node.absolute};
                          for (const Field& field : node.fields)
                            copy.fields.push_back({field.name, fold(field.value)});
                          return with(expr, std::move(copy));
                        },
                        [&](const Comprehension& node) { return comprehension(expr, node); },
                    },
                    expr.node);
}

std::vector<Expr> Folder::fold(const std::vector<Expr>& exprs) {
  std::vector<Expr> folded;
  folded.reserve(exprs.size());
  for (const Expr& expr : exprs) folded.push_back(fold(expr));
  return folded;
}

Expr Folder::name(const Expr& expr, const Ident& ident) const {
  if (!ident.absolute) {
    const auto local = std::ranges::find(locals_.rbegin(), locals_.rend(), ident.name, &Local::name);
    if (local != locals_.rend()) {
      budget_.spend(local->cost);
      return local->item.value_or(expr);
    }
  }
  const std::optional<Value> known = facts_.variable ? facts_.variable(ident.name) : std::nullopt;
  return known ? constant(*known, expr.span).value_or(expr) : expr;
}

/// The literal of what was computed. What failed is left as it is: `1 / 0` fails at each evaluation.
std::optional<Expr> Folder::computed(const std::optional<Value>& value, Span span) {
  return value && budget_.spend_whole(*value) ? constant(*value, span) : std::nullopt;
}

Expr Folder::select(const Expr& expr, const Select& node) {
  Select copy{fold(node.operand), node.field, node.test};
  const std::optional<Value> operand = constant(copy.operand.front());
  const auto* entries = operand ? operand->get<Entries>() : nullptr;
  if (!entries) return with(expr, std::move(copy));
  const Value* found = find(*entries, {node.field});
  if (node.test) return boolean(found != nullptr, expr.span);
  const std::optional<Expr> result = found ? computed(*found, expr.span) : std::nullopt;
  return result ? *result : with(expr, std::move(copy));
}

Expr Folder::operation(const Expr& expr, const Operation& node) {
  std::vector<Expr> operands = fold(node.operands);
  if (node.op == Operator::Or || node.op == Operator::And)
    return junction(expr, node.op, std::move(operands));
  if (node.op == Operator::Conditional) {
    const bool* condition = literal<bool>(operands[0]);
    return condition ? std::move(operands[*condition ? 1 : 2])
                     : with(expr, Operation{node.op, std::move(operands)});
  }
  if (const auto values = constants(operands)) {
    Context context{expr.span, budget_};
    std::optional<Expr> result =
        computed(cel::call(function_of(node.op), false, *values, context), expr.span);
    return result ? std::move(*result) : with(expr, Operation{node.op, std::move(operands)});
  }
  if (node.op == Operator::Not) return negated(expr, std::move(operands[0]));
  if (node.op == Operator::In) return is_in(expr, std::move(operands));
  if (opposite(node.op)) return equal(expr, node.op, std::move(operands));
  return with(expr, Operation{node.op, std::move(operands)});
}

/// Operands that decide nothing are dropped, and so are repetitions.
Expr Folder::junction(const Expr& expr, Operator op, std::vector<Expr> operands) const {
  const bool decisive = op == Operator::Or;
  std::vector<Expr> left;
  for (Expr& operand : operands) {
    const bool* value = literal<bool>(operand);
    if (value && *value == decisive) return boolean(decisive, expr.span);
    if (!value && std::ranges::find(left, operand) == left.end()) left.push_back(std::move(operand));
  }
  // Alone, what is no bool would be a value and not an error.
  if (left.size() == 1 && !is_bool(left.front())) left.push_back(boolean(!decisive, expr.span));
  Expr joined = decisive ? any_of(std::move(left), expr.span) : all_of(std::move(left), expr.span);
  if (cel::operands(joined, op)) joined.focus = expr.focus;
  return joined;
}

Expr Folder::negated(const Expr& expr, Expr operand) const {
  if (auto* inner = std::get_if<Operation>(&operand.node)) {
    if (inner->op == Operator::Not && is_bool(inner->operands[0])) return Expr(std::move(inner->operands[0]));
    if (const auto op = opposite(inner->op)) {
      inner->op = *op;
      return operand;
    }
  }
  std::vector<Expr> operands;
  operands.push_back(std::move(operand));
  return with(expr, Operation{Operator::Not, std::move(operands)});
}

/// `x == true` is `x`, if that is a bool.
Expr Folder::equal(const Expr& expr, Operator op, std::vector<Expr> operands) const {
  for (const std::size_t i : {0U, 1U}) {
    const bool* value = literal<bool>(operands[i]);
    if (!value || !is_bool(operands[1 - i])) continue;
    Expr other = std::move(operands[1 - i]);
    return *value == (op == Operator::Equal) ? other : negated(expr, std::move(other));
  }
  return with(expr, Operation{op, std::move(operands)});
}

Expr Folder::is_in(const Expr& expr, std::vector<Expr> operands) const {
  auto* list = std::get_if<List>(&operands[1].node);
  if (list && list->items.size() == 1) {
    Expr item = std::move(list->items.front());
    operands[1] = std::move(item);
    return equal(expr, Operator::Equal, std::move(operands));
  }
  // A name always has a value; what is computed might fail.
  if (list && list->items.empty() && std::holds_alternative<Ident>(operands[0].node))
    return boolean(false, expr.span);
  return with(expr, Operation{Operator::In, std::move(operands)});
}

Expr Folder::call(const Expr& expr, const Call& node) {
  Call copy{node.function, fold(node.arguments), node.method, node.absolute, node.dynamic};
  const auto values = constants(copy.arguments);
  if (!values) return with(expr, std::move(copy));
  Context context{expr.span, budget_};
  std::optional<Value> known = cel::call(node.function, node.method, *values, context);
  if (!known && facts_.call && !node.method) known = facts_.call(node.function, *values);
  const std::optional<Expr> result = computed(known, expr.span);
  return result ? *result : with(expr, std::move(copy));
}

std::uint64_t size(const Expr& expr) {
  const auto* text = literal<std::string>(expr);
  std::uint64_t sum = 1 + (text ? text->size() / 32 : 0);
  for (const Expr* child : children(expr)) sum += size(*child);
  return sum;
}

std::vector<Expr> Folder::steps(const Expr& step, const std::string& variable,
                                const std::vector<Expr>& items) {
  std::vector<Expr> folded;
  for (Expr item : items) {
    // A comprehension inside may have a variable of the same name as the fact.
    if (auto* ident = std::get_if<Ident>(&item.node)) ident->absolute = true;
    const std::uint64_t cost = size(item);
    locals_.push_back({variable, std::move(item), cost});
    folded.push_back(fold(step));
    locals_.pop_back();
    if (budget_.exhausted()) break;
  }
  return folded;
}

/// Whether an item can stand wherever the variable stands.
bool is_movable(const Expr& item) { return constant(item).has_value(); }

/// The loop over a list that stands there, without the loop. Nothing when the budget was not enough: the loop stays.
std::optional<Expr> Folder::unrolled(const Expr& expr, const Comprehension& loop, const List& range) {
  if (!std::ranges::all_of(range.items, is_movable)) return std::nullopt;
  std::vector<Expr> first = steps(loop.parts[1], loop.variable, range.items);
  if (budget_.exhausted()) return std::nullopt;
  if (loop.macro == Macro::All) return junction(expr, Operator::And, std::move(first));
  if (loop.macro == Macro::Exists) return junction(expr, Operator::Or, std::move(first));
  if (loop.macro == Macro::Map && loop.parts.size() == 2) return with(expr, List{std::move(first)});
  List kept;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const bool* keeps = literal<bool>(first[i]);
    if (!keeps) return std::nullopt;
    if (*keeps) kept.items.push_back(range.items[i]);
  }
  if (loop.macro == Macro::ExistsOne) return boolean(kept.items.size() == 1, expr.span);
  if (loop.macro == Macro::Map) kept.items = steps(loop.parts[2], loop.variable, kept.items);
  if (budget_.exhausted()) return std::nullopt;
  return with(expr, std::move(kept));
}

Expr Folder::comprehension(const Expr& expr, const Comprehension& loop) {
  Comprehension copy{loop.macro, loop.variable, {}};
  copy.parts.push_back(fold(loop.parts[0]));
  if (const auto* range = std::get_if<List>(&copy.parts[0].node))
    if (std::optional<Expr> result = unrolled(expr, loop, *range)) return std::move(*result);
  locals_.push_back({loop.variable});
  for (std::size_t i = 1; i < loop.parts.size(); ++i) copy.parts.push_back(fold(loop.parts[i]));
  locals_.pop_back();
  return with(expr, std::move(copy));
}

// What a variable can be, as far as the condition can tell: the texts it is compared with, and one more that stands for all others.
class Domains {
 public:
  Domains(const Expr& condition, const Environment& environment);
  std::optional<bool> verdict(const Expr& condition, std::size_t from = 0);

 private:
  void visit(const Expr& expr);
  void compare(const Expr& operand, const Expr& other);

  std::map<std::string, std::set<std::string>> compared_;
  std::set<std::string> open_;  // used in another way than by comparison
  std::vector<std::pair<std::string, Values>> domains_;
  std::size_t assignments_ = 4096;
  Budget budget_;
};

void Domains::compare(const Expr& operand, const Expr& other) {
  const auto* ident = std::get_if<Ident>(&operand.node);
  if (!ident) return visit(operand);
  std::set<std::string>& texts = compared_[ident->name];
  if (const auto* text = literal<std::string>(other)) {
    texts.insert(*text);
  } else if (const auto* list = std::get_if<List>(&other.node); list && constant(other)) {
    for (const Expr& item : list->items)
      if (const auto* one = literal<std::string>(item)) texts.insert(*one);
  } else {
    open_.insert(ident->name);
  }
}

void Domains::visit(const Expr& expr) {
  if (const auto* ident = std::get_if<Ident>(&expr.node)) open_.insert(ident->name);
  const auto* node = std::get_if<Operation>(&expr.node);
  if (node && (node->op == Operator::Equal || node->op == Operator::NotEqual)) {
    compare(node->operands[0], node->operands[1]);
    compare(node->operands[1], node->operands[0]);
  } else if (node && node->op == Operator::In) {
    compare(node->operands[0], node->operands[1]);
    visit(node->operands[1]);
  } else {
    for (const Expr* child : children(expr)) visit(*child);
  }
}

Domains::Domains(const Expr& condition, const Environment& environment) {
  visit(condition);
  for (const std::string& name : variables(condition)) {
    const Variable* declared = environment.variable(name);
    Values values;
    if (declared && declared->type == types::kBool) {
      values = {{false}, {true}};
    } else if (declared && !declared->values.empty()) {
      for (const std::string& text : declared->values) values.push_back({text});
    } else if (declared && declared->type == types::kString && !open_.contains(name)) {
      std::string other = "other";
      for (const std::string& text : compared_[name]) {
        values.push_back({text});
        other += text;  // longer than each of them
      }
      values.push_back({other});
    }
    if (!values.empty()) domains_.emplace_back(name, std::move(values));
  }
}

/// The condition's value if it is the same for all that is left to choose.
std::optional<bool> Domains::verdict(const Expr& condition, std::size_t from) {
  if (const bool* value = literal<bool>(condition)) return *value;
  if (from == domains_.size() || assignments_ == 0) return std::nullopt;
  const auto& [name, values] = domains_[from];
  std::optional<bool> common;
  for (const Value& value : values) {
    if (assignments_ == 0 || budget_.exhausted()) return std::nullopt;
    --assignments_;
    const Bindings bindings{{name, value}};
    const Facts known = facts(bindings);
    const std::optional<bool> one = verdict(Folder(known, budget_).fold(condition), from + 1);
    if (!one || (common && *common != *one)) return std::nullopt;
    common = one;
  }
  return common;
}

}  // namespace

Expr fold(const Expr& expr, const Facts& facts) {
  Budget budget;
  return Folder(facts, budget).fold(expr);
}

std::optional<bool> always(const Expr& condition, const Environment& environment) {
  return Domains(condition, environment).verdict(fold(condition, {}));
}

}  // namespace penstock::cel
