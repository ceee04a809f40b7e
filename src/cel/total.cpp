#include "cel/total.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "cel/overload.h"

// Which checked expressions have a value whatever the facts are.

namespace penstock::cel {
namespace {

// Functions that have a value for all arguments of their types.
constexpr std::array<std::string_view, 14> kTotal = {
    "size",    "startsWith", "endsWith", "contains",      "lowerAscii", "upperAscii", "trim",
    "reverse", "replace",    "split",    "strings.quote", "type",       "math.isNaN", "math.isInf"};

bool is_total(std::string_view function) { return std::ranges::find(kTotal, function) != kTotal.end(); }

bool joins(const Type& type) { return type.kind == Type::Kind::String || type.kind == Type::Kind::List; }

/// Whether the value is certainly text or a list: then `+` does not overflow.
bool joins(const Expr& expr, const Environment& environment) {
  const auto inner = [&](const Expr& one) { return joins(one, environment); };
  if (literal<std::string>(expr) || std::holds_alternative<List>(expr.node)) return true;
  if (const auto* ident = std::get_if<Ident>(&expr.node)) {
    const Variable* variable = environment.variable(ident->name);
    return variable && joins(variable->type);
  }
  if (const auto* call = std::get_if<Call>(&expr.node)) {
    const auto all = overloads(call->function);
    return !all.empty() && std::ranges::all_of(all, [](const Overload& one) { return joins(one.result); });
  }
  if (const auto* loop = std::get_if<Comprehension>(&expr.node))
    return loop->macro == Macro::Map || loop->macro == Macro::Filter;
  const auto* sum = operands(expr, Operator::Add);
  if (sum) return std::ranges::any_of(*sum, inner);
  const auto* choice = operands(expr, Operator::Conditional);
  return choice && inner((*choice)[1]);
}

bool can_fail(const Operation& node, const Environment& environment) {
  switch (node.op) {
    case Operator::Or:
    case Operator::And:
    case Operator::Not:
    case Operator::Equal:
    case Operator::NotEqual:
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
    case Operator::In:
    case Operator::Conditional: return false;
    case Operator::Add:
      return std::ranges::none_of(node.operands, [&](const Expr& one) { return joins(one, environment); });
    case Operator::Negate:
    case Operator::Subtract:
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::Remainder:
    case Operator::Index: return true;
  }
  return true;
}

bool can_fail(const Call& call) {
  if (call.dynamic) return true;
  if (call.function == "matches") return !literal<std::string>(call.arguments[1]);
  return !overloads(call.function).empty() && !is_total(call.function);
}

/// Whether this node may have no value although those below it have one.
bool can_fail(const Expr& expr, const Environment& environment) {
  return std::visit(Overloaded{
                        [](const Literal&) { return false; },
                        [](const Ident& node) { return node.dynamic; },
                        [](const Select& node) { return !node.test; },
                        [&](const Operation& node) { return can_fail(node, environment); },
                        [](const Call& node) { return can_fail(node); },
                        [](const List&) { return false; },
                        [](const Map& node) { return !node.entries.empty(); },  // a key may stand twice
                        [](const Message&) { return true; },
                        [](const Comprehension&) { return false; },
                    },
                    expr.node);
}

}  // namespace

const Expr* fallible(const Expr& expr, const Environment& environment) {
  for (const Expr* child : children(expr))
    if (const Expr* found = fallible(*child, environment)) return found;
  return can_fail(expr, environment) ? &expr : nullptr;
}

}  // namespace penstock::cel
