#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "cel/checker.h"

namespace penstock::cel {
namespace {

PENSTOCK_MESSAGE(TypeMismatch, "`{}` cannot be used between {} and {}", std::string, std::string,
                 std::string);
PENSTOCK_MESSAGE(WrongOperand, "`{}` needs {}, not {}", std::string, std::string, std::string);
PENSTOCK_MESSAGE(NeverEqual, "`{}` is never `{}`", std::string, std::string);

/// Text and a number that look alike: the quotes decide.
std::string help_with_quotes(const Expr& expr, const Type& other) {
  const auto* number = literal<std::int64_t>(expr);
  const auto* text = literal<std::string>(expr);
  if (number && other == types::kString) return fmt::format("write `\"{}\"`", *number);
  if (number && other == types::kDouble) return fmt::format("write `{}.0`", *number);
  if (number && other == types::kUint && *number >= 0) return fmt::format("write `{}u`", *number);
  if (text && other == types::kInt && is_digits(*text)) return fmt::format("write `{}`", *text);
  if (text && other == types::kBool && (*text == "true" || *text == "false"))
    return fmt::format("write `{}`", *text);
  return {};
}

}  // namespace

void Checker::refuse(const Expr& operand, std::string_view by, std::string_view wanted, const Type& type) {
  if (is_reported(type)) return;
  diag::build(sink_, operand.span, kWrongOperand, std::string(by), std::string(wanted), shown(type))
      .help(wanted == "bool" ? as_condition(operand, inference_.final(type)) : "")
      .emit();
}

void Checker::want(const Expr& operand, const Type& type, const Type& wanted, std::string_view by) {
  if (!inference_.assign(type, wanted)) refuse(operand, by, shown(wanted), type);
}

Type Checker::mismatch(const Expr& expr, const Operation& node, const Type& a, const Type& b) {
  if (is_reported(a) || is_reported(b)) return types::kError;
  const std::size_t first = node.operands.size() - 2;  // of `?:`, the condition is no part of this
  const Expr& left = node.operands[first];
  const Expr& right = node.operands[first + 1];
  diag::build(sink_, expr.focus, kTypeMismatch, std::string(symbol(node.op)), shown(a), shown(b))
      .label(left.span, shown(a))
      .label(right.span, shown(b))
      .help(help_with_quotes(left, b))
      .help(help_with_quotes(right, a))
      .emit();
  return types::kError;
}

Type Checker::check_operation(Expr& expr) {
  auto& node = std::get<Operation>(expr.node);
  const bool compares =
      node.op == Operator::Equal || node.op == Operator::NotEqual || node.op == Operator::In;
  if (node.op == Operator::In && std::holds_alternative<List>(node.operands[1].node) &&
      dotted(node.operands[0]) && !local(root(node.operands[0])))
    return check_in_list(node);
  Types of;
  for (Expr& operand : node.operands) of.push_back(check(operand, compares));
  if (node.op == Operator::Or || node.op == Operator::And || node.op == Operator::Not) {
    for (std::size_t i = 0; i < of.size(); ++i) want(node.operands[i], of[i], types::kBool, symbol(node.op));
    return types::kBool;
  }
  if (node.op == Operator::Conditional) return check_conditional(expr, node, of);
  const auto type = inference_.call(overloads(function_of(node.op)), false, of);
  if (!type) return no_overload(expr, node, of);
  check_values(node);
  return *type;
}

Type Checker::no_overload(const Expr& expr, const Operation& node, const Types& of) {
  switch (node.op) {
    case Operator::Or:
    case Operator::And:
    case Operator::Not:
    case Operator::Conditional: break;
    case Operator::Negate: refuse(node.operands[0], symbol(node.op), "int or double", of[0]); break;
    case Operator::Index: return not_indexed(node, of);
    case Operator::In: return not_in(expr, node, of);
    case Operator::Equal:
    case Operator::NotEqual:
      check_values(node);
      mismatch(expr, node, of[0], of[1]);
      return types::kBool;
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual: mismatch(expr, node, of[0], of[1]); return types::kBool;
    case Operator::Add:
    case Operator::Subtract:
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::Remainder: return mismatch(expr, node, of[0], of[1]);
  }
  return types::kError;
}

Type Checker::check_conditional(const Expr& expr, const Operation& node, const Types& of) {
  want(node.operands[0], of[0], types::kBool, symbol(node.op));
  if (!inference_.assign(of[1], of[2])) return mismatch(expr, node, of[1], of[2]);
  return inference_.joined(of[1], of[2]);
}

/// A variable compared with a text it never is.
void Checker::check_value(const Expr& variable, const Expr& value) {
  const auto* ident = std::get_if<Ident>(&variable.node);
  const auto* text = literal<std::string>(value);
  if (!ident || !text || local(*ident)) return;
  const Variable* known = environment_.variable(ident->name);
  if (!known || known->values.empty()) return;
  const std::vector<std::string>& values = known->values;
  if (std::ranges::find(values, *text) != values.end()) return;
  const std::string meant = did_you_mean(*text, values);
  diag::build(sink_, value.span, kNeverEqual, ident->name, *text)
      .help(meant.empty() ? "it is one of " + quoted_list(values) : meant)
      .emit();
}

void Checker::check_values(const Operation& node) {
  if (node.op != Operator::Equal && node.op != Operator::NotEqual) return;
  check_value(node.operands[0], node.operands[1]);
  check_value(node.operands[1], node.operands[0]);
}

Type Checker::not_in(const Expr& expr, const Operation& node, const Types& of) {
  const Type range = inference_.resolved(of[1]);
  if (range.kind == Type::Kind::List || range.kind == Type::Kind::Map) {
    mismatch(expr, node, of[0], of[1]);
    return types::kBool;
  }
  const bool texts = inference_.resolved(of[0]) == types::kString && range == types::kString;
  if (!is_reported(of[0]) && !is_reported(of[1]))
    diag::build(sink_, node.operands[1].span, kWrongOperand, "in", "a list or a map", shown(range))
        .help(texts ? fmt::format("write `{}.contains({})`", print(node.operands[1]), print(node.operands[0]))
                    : "")
        .emit();
  return types::kBool;
}

/// A fact with a list as it stands: each item is compared, and the one that does not fit is the mistake.
Type Checker::check_in_list(Operation& node) {
  const Type wanted = check(node.operands[0], true);
  for (Expr& item : std::get<List>(node.operands[1].node).items) {
    want(item, check(item, true), wanted, symbol(node.op));
    check_value(node.operands[0], item);
  }
  return types::kBool;
}

Type Checker::not_indexed(const Operation& node, const Types& of) {
  const Type range = inference_.resolved(of[0]);
  const std::string_view by = symbol(node.op);
  if (range.kind == Type::Kind::List)
    refuse(node.operands[1], by, "int", of[1]);
  else if (range.kind == Type::Kind::Map)
    refuse(node.operands[1], by, shown(range.parameters.front()), of[1]);
  else
    refuse(node.operands[0], by, "a list or a map", range);
  return types::kError;
}

}  // namespace penstock::cel
