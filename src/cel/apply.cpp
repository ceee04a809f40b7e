#include "cel/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "cel/regex.h"

namespace penstock::cel {
namespace {

using Values = std::vector<Value>;

Value error(std::string message, Span span) { return {Error{std::move(message), span}}; }

Value wrong_type(std::string_view name, Span span) {
  return error(fmt::format("`{}` does not work on such values", name), span);
}

/// Decided by one operand that is `decisive`; else an error if there is one; else the opposite.
Value junction(bool decisive, const Values& operands, Operator op, Span span) {
  const Value* failed = nullptr;
  bool typed = true;
  for (const Value& operand : operands) {
    const bool* value = operand.get<bool>();
    if (value && *value == decisive) return {decisive};
    if (operand.is_error() && !failed) failed = &operand;
    if (!value) typed = false;
  }
  if (failed) return *failed;
  return typed ? Value{!decisive} : wrong_type(symbol(op), span);
}

Value conditional(const Values& operands, Span span) {
  if (operands[0].is_error()) return operands[0];
  const bool* condition = operands[0].get<bool>();
  if (!condition) return wrong_type("?:", span);
  return operands[*condition ? 1 : 2];
}

template <class T>
bool holds(Operator op, const T& a, const T& b) {
  switch (op) {
    case Operator::Less: return a < b;
    case Operator::LessEqual: return a <= b;
    case Operator::Greater: return a > b;
    case Operator::GreaterEqual: return a >= b;
    default: PENSTOCK_CHECK(false);
  }
}

Value ordered(Operator op, const Value& a, const Value& b, Span span) {
  if (const auto* x = a.get<bool>(), *y = b.get<bool>(); x && y) return {holds(op, *x, *y)};
  if (const auto* x = a.get<std::int64_t>(), *y = b.get<std::int64_t>(); x && y) return {holds(op, *x, *y)};
  if (const auto* x = a.get<std::string>(), *y = b.get<std::string>(); x && y) return {holds(op, *x, *y)};
  return wrong_type(symbol(op), span);
}

Value is_in(const Value& item, const Value& range, Span span) {
  const auto* items = range.get<Values>();
  if (!items) return wrong_type("in", span);
  return {std::ranges::find(*items, item) != items->end()};
}

Value added(const Value& a, const Value& b, Span span) {
  if (const auto* x = a.get<std::string>(), *y = b.get<std::string>(); x && y) return {*x + *y};
  if (const auto* x = a.get<Values>(), *y = b.get<Values>(); x && y) {
    Values all = *x;
    all.insert(all.end(), y->begin(), y->end());
    return {std::move(all)};
  }
  return wrong_type("+", span);
}

Value computed(Operator op, std::int64_t a, std::int64_t b, Span span) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const bool divides = op == Operator::Divide || op == Operator::Remainder;
  if (divides && b == 0) return error("division by zero", span);
  std::int64_t result = 0;
  bool overflows = false;
  switch (op) {
    case Operator::Add: overflows = __builtin_add_overflow(a, b, &result); break;
    case Operator::Subtract: overflows = __builtin_sub_overflow(a, b, &result); break;
    case Operator::Multiply: overflows = __builtin_mul_overflow(a, b, &result); break;
    case Operator::Divide:
    case Operator::Remainder:
      overflows = a == least && b == -1;
      if (!overflows) result = op == Operator::Divide ? a / b : a % b;
      break;
    default: PENSTOCK_CHECK(false);
  }
  return overflows ? error("the result does not fit an int", span) : Value{result};
}

Value arithmetic(Operator op, const Value& a, const Value& b, Span span) {
  if (const auto* x = a.get<std::int64_t>(), *y = b.get<std::int64_t>(); x && y)
    return computed(op, *x, *y, span);
  return op == Operator::Add ? added(a, b, span) : wrong_type(symbol(op), span);
}

Value indexed(const Value& range, const Value& index, Span span) {
  const auto* items = range.get<Values>();
  const auto* at = index.get<std::int64_t>();
  if (!items || !at) return wrong_type("[]", span);
  if (*at < 0 || *at >= static_cast<std::int64_t>(items->size()))
    return error(fmt::format("the list has {} items, no item {}", items->size(), *at), span);
  return (*items)[static_cast<std::size_t>(*at)];
}

Value negated(const Value& value, Span span) {
  const auto* number = value.get<std::int64_t>();
  return number ? computed(Operator::Subtract, 0, *number, span) : wrong_type("-", span);
}

const Value* first_error(const Values& values) {
  const auto found = std::ranges::find_if(values, &Value::is_error);
  return found == values.end() ? nullptr : &*found;
}

std::int64_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

Value size(const Value& of, Span span) {
  if (const auto* text = of.get<std::string>()) return {characters(*text)};
  if (const auto* items = of.get<Values>()) return {static_cast<std::int64_t>(items->size())};
  return wrong_type("size", span);
}

Value matched(const std::string& text, const std::string& pattern, Span span) {
  if (const auto wrong = pattern_error(pattern))
    return error(fmt::format("`{}` is not a regular expression: {}", pattern, *wrong), span);
  return {matches(text, pattern)};
}

}  // namespace

Value apply(Operator op, const Values& operands, Span span) {
  if (op == Operator::Or) return junction(true, operands, op, span);
  if (op == Operator::And) return junction(false, operands, op, span);
  if (op == Operator::Conditional) return conditional(operands, span);
  if (const Value* failed = first_error(operands)) return *failed;
  switch (op) {
    case Operator::Not:
      if (const auto* value = operands[0].get<bool>()) return {!*value};
      return wrong_type("!", span);
    case Operator::Negate: return negated(operands[0], span);
    case Operator::Equal: return {operands[0] == operands[1]};
    case Operator::NotEqual: return {!(operands[0] == operands[1])};
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual: return ordered(op, operands[0], operands[1], span);
    case Operator::In: return is_in(operands[0], operands[1], span);
    case Operator::Add:
    case Operator::Subtract:
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::Remainder: return arithmetic(op, operands[0], operands[1], span);
    case Operator::Index: return indexed(operands[0], operands[1], span);
    case Operator::Or:
    case Operator::And:
    case Operator::Conditional: break;
  }
  return wrong_type(symbol(op), span);
}

Value apply(Builtin function, const Values& arguments, Span span) {
  if (const Value* failed = first_error(arguments)) return *failed;
  if (function == Builtin::Size && arguments.size() == 1) return size(arguments[0], span);
  const auto* text = arguments.empty() ? nullptr : arguments[0].get<std::string>();
  const auto* part = arguments.size() == 2 ? arguments[1].get<std::string>() : nullptr;
  if (!text || !part) return wrong_type(name(function), span);
  switch (function) {
    case Builtin::Size: break;
    case Builtin::StartsWith: return {text->starts_with(*part)};
    case Builtin::EndsWith: return {text->ends_with(*part)};
    case Builtin::Contains: return {text->find(*part) != std::string::npos};
    case Builtin::Matches: return matched(*text, *part, span);
  }
  return wrong_type(name(function), span);
}

}  // namespace penstock::cel
