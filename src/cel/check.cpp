#include "cel/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "cel/eval.h"
#include "cel/regex.h"

namespace penstock::cel {
namespace {

PENSTOCK_MESSAGE(UnknownVariable, "`{}` is not defined", std::string);
PENSTOCK_MESSAGE(UnknownFunction, "function `{}` is not defined", std::string);
PENSTOCK_MESSAGE(UnknownField, "{} has no field `{}`", std::string, std::string);
PENSTOCK_MESSAGE(NotAvailable, "`{}` cannot be used here", std::string);
PENSTOCK_MESSAGE(NotYet, "`{}` is not in the language yet", std::string);
PENSTOCK_MESSAGE(TypeMismatch, "`{}` cannot be used between {} and {}", std::string, std::string,
                 std::string);
PENSTOCK_MESSAGE(WrongOperand, "`{}` needs {}, not {}", std::string, std::string, std::string);
PENSTOCK_MESSAGE(WrongArguments, "`{}` takes {}", std::string, std::string);
PENSTOCK_MESSAGE(NeverEqual, "`{}` is never `{}`", std::string, std::string);
PENSTOCK_MESSAGE(InvalidPattern, "`{}` is not a regular expression: {}", std::string, std::string);
PENSTOCK_MESSAGE(ConditionNotBool, "the condition is {}, not bool", std::string);
PENSTOCK_MESSAGE(ConstantCondition, "the condition is always {}", std::string);

/// `a.b.c`, if the tree is nothing but names.
std::optional<std::string> dotted(const Expr& expr) {
  if (const auto* ident = std::get_if<Ident>(&expr.node)) return ident->name;
  const auto* select = std::get_if<Select>(&expr.node);
  if (!select || select->test) return std::nullopt;
  auto name = dotted(select->operand.front());
  if (name) *name += "." + select->field;
  return name;
}

const Ident& root(const Expr& expr) {
  const auto* select = std::get_if<Select>(&expr.node);
  return select ? root(select->operand.front()) : std::get<Ident>(expr.node);
}

std::string quoted(std::string_view text) { return fmt::format("`{}`", text); }

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  std::ranges::transform(names, std::back_inserter(all), quoted);
  return penstock::join(all, ", ");
}

std::string did_you_mean(std::string_view written, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view found = nearest(written, views);
  return found.empty() ? "" : fmt::format("did you mean `{}`?", found);
}

/// How to ask a value of another type for a bool.
std::string as_condition(const Expr& expr, const Type& type) {
  switch (type.kind) {
    case Type::Kind::String: return fmt::format("write `{} != \"\"`", print(expr));
    case Type::Kind::Int: return fmt::format("write `{} != 0`", print(expr));
    case Type::Kind::List: return fmt::format("write `size({}) > 0`", print(expr));
    case Type::Kind::Error:
    case Type::Kind::Dyn:
    case Type::Kind::Bool: break;
  }
  return {};
}

class Checker {
 public:
  Checker(const Environment& environment, diag::Sink& sink) : environment_(environment), sink_(sink) {}
  Type check(Expr& expr, bool compared = false);

 private:
  Type check_literal(const Expr& expr);
  Type check_name(Expr& expr, bool compared);
  Type check_select(Expr& expr, bool compared);
  Type no_field(const Expr& expr, const Type& type);
  const Type* local(const Ident& ident) const;
  const Variable* known_prefix(const Expr& expr) const;
  Type unknown(const Expr& expr, const std::string& name, bool compared);
  Span unknown_part(const Expr& expr) const;
  std::vector<std::string> names_below(std::string_view prefix) const;
  std::string help_for_name(const std::string& name, bool compared) const;

  Type check_operation(Expr& expr);
  void check_logic(const Operation& node, const std::vector<Type>& of, std::size_t count);
  Type check_conditional(const Expr& expr, const Operation& node, const std::vector<Type>& of);
  Type check_equality(const Expr& expr, const Operation& node, const std::vector<Type>& of);
  Type check_order(const Expr& expr, const Operation& node, const std::vector<Type>& of);
  Type check_in(const Expr& expr, const Operation& node, const std::vector<Type>& of);
  Type check_in_list(Operation& node);
  Type check_sum(const Expr& expr, const Operation& node, const std::vector<Type>& of);
  Type check_arithmetic(const Expr& expr, const Operation& node, const std::vector<Type>& of);
  Type check_index(const Operation& node, const std::vector<Type>& of);
  void check_value(const Expr& variable, const Expr& value);
  Type mismatch(const Expr& expr, const Operation& node, const Type& a, const Type& b);
  void want(const Expr& operand, const Type& type, const Type& wanted, std::string_view by);

  Type check_call(Expr& expr);
  void qualify(Expr& expr) const;
  Type check_builtin(const Expr& expr, const Call& call, Builtin function, const std::vector<Type>& of);
  void check_pattern(const Expr& pattern);
  Type check_function(const Expr& expr, const Call& call, const Function& function,
                      const std::vector<Type>& of);
  Type unknown_function(const Expr& expr, const Call& call);
  Type takes(const Expr& expr, const Call& call, std::string what, std::string help = {});

  Type check_list(List& list);
  Type check_comprehension(Comprehension& loop);
  Type not_yet(const Expr& expr, std::string text);

  const Environment& environment_;
  diag::Sink& sink_;
  std::vector<std::pair<std::string, Type>> locals_;
};

Type Checker::check(Expr& expr, bool compared) {
  return std::visit(
      Overloaded{
          [&](Literal&) { return check_literal(expr); },
          [&](Ident&) { return check_name(expr, compared); },
          [&](Select& node) { return node.test ? not_yet(expr, "has") : check_select(expr, compared); },
          [&](Operation&) { return check_operation(expr); },
          [&](Call&) { return check_call(expr); },
          [&](List& node) { return check_list(node); },
          [&](Map&) { return not_yet(expr, "{…}"); },
          [&](Message& node) { return not_yet(expr, node.type + "{…}"); },
          [&](Comprehension& node) { return check_comprehension(node); },
      },
      expr.node);
}

Type Checker::not_yet(const Expr& expr, std::string text) {
  diag::build(sink_, expr.span, kNotYet, std::move(text))
      .help("expressions work on bool, int, string and lists")
      .emit();
  return types::kError;
}

Type Checker::check_literal(const Expr& expr) {
  return std::visit(Overloaded{
                        [&](Null) { return not_yet(expr, "null"); },
                        [](bool) { return types::kBool; },
                        [](std::int64_t) { return types::kInt; },
                        [&](std::uint64_t) { return not_yet(expr, print(expr)); },
                        [&](double) { return not_yet(expr, print(expr)); },
                        [](const std::string&) { return types::kString; },
                        [&](const Bytes&) { return not_yet(expr, print(expr)); },
                    },
                    std::get<Literal>(expr.node).value);
}

// Names

const Type* Checker::local(const Ident& ident) const {
  if (ident.absolute) return nullptr;
  const auto found =
      std::ranges::find(locals_.rbegin(), locals_.rend(), ident.name, &std::pair<std::string, Type>::first);
  return found == locals_.rend() ? nullptr : &found->second;
}

Type Checker::check_name(Expr& expr, bool compared) {
  const auto& ident = std::get<Ident>(expr.node);
  if (const Type* type = local(ident)) return *type;
  if (const Variable* variable = environment_.variable(ident.name)) return variable->type;
  return unknown(expr, ident.name, compared);
}

/// The variable that a part of the dotted name spells.
const Variable* Checker::known_prefix(const Expr& expr) const {
  if (const Variable* variable = environment_.variable(*dotted(expr))) return variable;
  const auto* select = std::get_if<Select>(&expr.node);
  return select ? known_prefix(select->operand.front()) : nullptr;
}

Type Checker::check_select(Expr& expr, bool compared) {
  const auto name = dotted(expr);
  if (name && !local(root(expr))) {
    if (const Variable* variable = environment_.variable(*name)) {
      expr.node = Ident{*name, root(expr).absolute};
      expr.focus = expr.span;
      return variable->type;
    }
    if (!known_prefix(expr)) return unknown(expr, *name, compared);
  }
  auto& select = std::get<Select>(expr.node);
  const Type type = check(select.operand.front());
  return no_field(expr, type);
}

Type Checker::no_field(const Expr& expr, const Type& type) {
  if (type.kind == Type::Kind::Error) return type;
  const auto& select = std::get<Select>(expr.node);
  const bool is_function = builtin(select.field).has_value();
  diag::build(sink_, expr.focus, kUnknownField, name(type), select.field)
      .help(is_function ? fmt::format("`{0}` is a function: `.{0}(…)`", select.field) : "")
      .emit();
  return types::kError;
}

std::vector<std::string> Checker::names_below(std::string_view prefix) const {
  std::vector<std::string> names;
  for (const Variable& variable : environment_.variables)
    if (variable.name.starts_with(prefix)) names.push_back(variable.name);
  return names;
}

/// The first name in the chain that leads nowhere, and what stands behind it.
Span Checker::unknown_part(const Expr& expr) const {
  const auto* select = std::get_if<Select>(&expr.node);
  if (!select) return expr.span;
  if (!names_below(*dotted(select->operand.front()) + ".").empty()) return expr.focus;
  const Span part = unknown_part(select->operand.front());
  return {part.file, part.begin, expr.span.end};
}

std::string Checker::help_for_name(const std::string& name, bool compared) const {
  if (environment_.function(name) || builtin(name)) return fmt::format("`{0}` is a function: `{0}(…)`", name);
  const bool is_value = std::ranges::any_of(environment_.variables, [&](const Variable& one) {
    return std::ranges::find(one.values, name) != one.values.end();
  });
  const std::string in_quotes = fmt::format("text stands in quotes: `\"{}\"`", name);
  if (is_value) return in_quotes;
  std::vector<std::string> names = names_below("");
  std::erase_if(names, [](const std::string& one) { return one.ends_with(".*"); });
  for (const auto& [local, type] : locals_) names.push_back(local);
  names.insert(names.end(), {"true", "false"});
  if (std::string help = did_you_mean(name, names); !help.empty()) return help;
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return compared ? in_quotes : "";
  const std::vector<std::string> near = names_below(name.substr(0, dot + 1));
  return near.empty() || near.size() > 12 ? "" : "known are " + quoted_list(near);
}

Type Checker::unknown(const Expr& expr, const std::string& name, bool compared) {
  if (const Reserved* reserved = environment_.reservation(name)) {
    diag::build(sink_, expr.span, kNotAvailable, name).help(reserved->help).emit();
  } else {
    diag::build(sink_, unknown_part(expr), kUnknownVariable, name).help(help_for_name(name, compared)).emit();
  }
  return types::kError;
}

// Operators

void Checker::want(const Expr& operand, const Type& type, const Type& wanted, std::string_view by) {
  if (fits(type, wanted)) return;
  diag::build(sink_, operand.span, kWrongOperand, std::string(by), name(wanted), name(type))
      .help(wanted == types::kBool ? as_condition(operand, type) : "")
      .emit();
}

/// Text and a number that look alike: the quotes decide.
std::string help_with_quotes(const Expr& expr, const Type& other) {
  const auto* number = literal<std::int64_t>(expr);
  const auto* text = literal<std::string>(expr);
  if (number && other == types::kString) return fmt::format("write `\"{}\"`", *number);
  if (text && other == types::kInt && is_digits(*text)) return fmt::format("write `{}`", *text);
  if (text && other == types::kBool && (*text == "true" || *text == "false"))
    return fmt::format("write `{}`", *text);
  return {};
}

Type Checker::mismatch(const Expr& expr, const Operation& node, const Type& a, const Type& b) {
  if (a == types::kError || b == types::kError) return types::kError;
  const std::size_t first = node.operands.size() - 2;  // of `?:`, the condition is no part of this
  const Expr& left = node.operands[first];
  const Expr& right = node.operands[first + 1];
  diag::build(sink_, expr.focus, kTypeMismatch, std::string(symbol(node.op)), name(a), name(b))
      .label(left.span, name(a))
      .label(right.span, name(b))
      .help(help_with_quotes(left, b))
      .help(help_with_quotes(right, a))
      .emit();
  return types::kError;
}

Type Checker::check_operation(Expr& expr) {
  auto& node = std::get<Operation>(expr.node);
  if (node.op == Operator::In && std::holds_alternative<List>(node.operands[1].node))
    return check_in_list(node);
  const bool compares =
      node.op == Operator::Equal || node.op == Operator::NotEqual || node.op == Operator::In;
  std::vector<Type> of;
  for (Expr& operand : node.operands) of.push_back(check(operand, compares));
  switch (node.op) {
    case Operator::Or:
    case Operator::And:
    case Operator::Not: check_logic(node, of, of.size()); return types::kBool;
    case Operator::Negate: want(node.operands[0], of[0], types::kInt, symbol(node.op)); return types::kInt;
    case Operator::Conditional: return check_conditional(expr, node, of);
    case Operator::Equal:
    case Operator::NotEqual: return check_equality(expr, node, of);
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual: return check_order(expr, node, of);
    case Operator::In: return check_in(expr, node, of);
    case Operator::Add: return check_sum(expr, node, of);
    case Operator::Subtract:
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::Remainder: return check_arithmetic(expr, node, of);
    case Operator::Index: return check_index(node, of);
  }
  return types::kError;
}

void Checker::check_logic(const Operation& node, const std::vector<Type>& of, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) want(node.operands[i], of[i], types::kBool, symbol(node.op));
}

Type Checker::check_conditional(const Expr& expr, const Operation& node, const std::vector<Type>& of) {
  check_logic(node, of, 1);
  if (!fits(of[1], of[2])) return mismatch(expr, node, of[1], of[2]);
  return join(of[1], of[2]);
}

/// A variable compared with a text it never is.
void Checker::check_value(const Expr& variable, const Expr& value) {
  const auto* ident = std::get_if<Ident>(&variable.node);
  const auto* text = literal<std::string>(value);
  if (!ident || !text || local(*ident)) return;
  const Variable* declared = environment_.variable(ident->name);
  if (!declared || declared->values.empty()) return;
  const std::vector<std::string>& values = declared->values;
  if (std::ranges::find(values, *text) != values.end()) return;
  const std::string meant = did_you_mean(*text, values);
  diag::build(sink_, value.span, kNeverEqual, ident->name, *text)
      .help(meant.empty() ? "it is one of " + quoted_list(values) : meant)
      .emit();
}

Type Checker::check_equality(const Expr& expr, const Operation& node, const std::vector<Type>& of) {
  if (!fits(of[0], of[1])) mismatch(expr, node, of[0], of[1]);
  check_value(node.operands[0], node.operands[1]);
  check_value(node.operands[1], node.operands[0]);
  return types::kBool;
}

Type Checker::check_order(const Expr& expr, const Operation& node, const std::vector<Type>& of) {
  if (!fits(of[0], of[1]) || of[0].kind == Type::Kind::List || of[1].kind == Type::Kind::List)
    mismatch(expr, node, of[0], of[1]);
  return types::kBool;
}

Type Checker::check_in(const Expr& expr, const Operation& node, const std::vector<Type>& of) {
  const Expr& range = node.operands[1];
  if (!fits(of[1], types::list(types::kDyn))) {
    const bool texts = of[0] == types::kString && of[1] == types::kString;
    diag::build(sink_, range.span, kWrongOperand, "in", "a list", name(of[1]))
        .help(texts ? fmt::format("write `{}.contains({})`", print(range), print(node.operands[0])) : "")
        .emit();
    return types::kBool;
  }
  if (of[1].kind == Type::Kind::List && !fits(of[0], of[1].parameters.front()))
    mismatch(expr, node, of[0], of[1]);
  return types::kBool;
}

/// With a list as it stands, each item is compared: the one that does not fit is the mistake.
Type Checker::check_in_list(Operation& node) {
  const Type wanted = check(node.operands[0], true);
  for (Expr& item : std::get<List>(node.operands[1].node).items) {
    want(item, check(item, true), wanted, symbol(node.op));
    check_value(node.operands[0], item);
  }
  return types::kBool;
}

Type Checker::check_sum(const Expr& expr, const Operation& node, const std::vector<Type>& of) {
  if (!fits(of[0], of[1]) || of[0] == types::kBool || of[1] == types::kBool)
    return mismatch(expr, node, of[0], of[1]);
  return join(of[0], of[1]);
}

Type Checker::check_arithmetic(const Expr& expr, const Operation& node, const std::vector<Type>& of) {
  if (!fits(of[0], types::kInt) || !fits(of[1], types::kInt)) mismatch(expr, node, of[0], of[1]);
  return types::kInt;
}

Type Checker::check_index(const Operation& node, const std::vector<Type>& of) {
  if (!fits(of[0], types::list(types::kDyn))) {
    diag::report(sink_, node.operands[0].span, kWrongOperand, std::string(symbol(node.op)), "a list",
                 name(of[0]));
    return types::kError;
  }
  want(node.operands[1], of[1], types::kInt, symbol(node.op));
  return of[0].kind == Type::Kind::List ? of[0].parameters.front() : types::kDyn;
}

// Functions

/// `a.b.f(x)` where `a.b.f` is a function and not a method of `a.b`.
void Checker::qualify(Expr& expr) const {
  auto& call = std::get<Call>(expr.node);
  if (!call.method) return;
  const auto prefix = dotted(call.arguments.front());
  if (!prefix || local(root(call.arguments.front()))) return;
  const std::string whole = *prefix + "." + call.function;
  if (!environment_.function(whole) && !environment_.reservation(whole)) return;
  call.absolute = root(call.arguments.front()).absolute;
  call.function = whole;
  call.method = false;
  call.arguments.erase(call.arguments.begin());
}

Type Checker::check_call(Expr& expr) {
  qualify(expr);
  auto& call = std::get<Call>(expr.node);
  std::vector<Type> of;
  for (Expr& argument : call.arguments) of.push_back(check(argument));
  if (const auto function = builtin(call.function)) return check_builtin(expr, call, *function, of);
  const Function* function = environment_.function(call.function);
  return function ? check_function(expr, call, *function, of) : unknown_function(expr, call);
}

Type Checker::takes(const Expr& expr, const Call& call, std::string what, std::string help) {
  diag::build(sink_, expr.focus, kWrongArguments, call.function, std::move(what))
      .help(std::move(help))
      .emit();
  return types::kError;
}

Type Checker::check_builtin(const Expr& expr, const Call& call, Builtin function,
                            const std::vector<Type>& of) {
  const std::string_view by = call.function;
  if (function == Builtin::Size) {
    if (of.size() != 1) return takes(expr, call, "one text or list");
    if (!fits(of[0], types::kString) && !fits(of[0], types::list(types::kDyn)))
      diag::report(sink_, call.arguments[0].span, kWrongOperand, call.function, "a string or a list",
                   name(of[0]));
    return types::kInt;
  }
  if (!call.method && function != Builtin::Matches)
    return takes(expr, call, "a text before the dot",
                 of.size() == 2 ? fmt::format("write `{}.{}({})`", print(call.arguments[0]), by,
                                              print(call.arguments[1]))
                                : "");
  if (of.size() != 2) return takes(expr, call, call.method ? "one text" : "two texts");
  for (std::size_t i = 0; i < 2; ++i) want(call.arguments[i], of[i], types::kString, by);
  if (function == Builtin::Matches) check_pattern(call.arguments[1]);
  return types::kBool;
}

void Checker::check_pattern(const Expr& pattern) {
  const auto* text = literal<std::string>(pattern);
  if (!text) return;
  const auto error = pattern_error(*text);
  if (!error) return;
  const bool looks_around = text->find("(?=") != std::string::npos ||
                            text->find("(?!") != std::string::npos || text->find("(?<") != std::string::npos;
  diag::build(sink_, pattern.span, kInvalidPattern, *text, *error)
      .help(looks_around ? "patterns are RE2's: they do not look ahead or behind" : "")
      .emit();
}

std::string count_of(const Function& function) {
  const std::size_t count = function.parameters.size();
  return fmt::format("{}{} argument{}", count, function.variadic ? " or more" : "",
                     count == 1 && !function.variadic ? "" : "s");
}

Type Checker::check_function(const Expr& expr, const Call& call, const Function& function,
                             const std::vector<Type>& of) {
  if (call.method)
    return takes(expr, call, "nothing before a dot", fmt::format("write `{}(…)`", call.function));
  const std::size_t count = function.parameters.size();
  if (function.variadic ? of.size() < count : of.size() != count)
    return takes(expr, call, count_of(function));
  for (std::size_t i = 0; i < of.size(); ++i)
    want(call.arguments[i], of[i], function.parameters[std::min(i, count - 1)], call.function);
  return function.result;
}

Type Checker::unknown_function(const Expr& expr, const Call& call) {
  if (const Reserved* reserved = environment_.reservation(call.function); reserved && !call.method) {
    diag::build(sink_, expr.span, kNotAvailable, call.function + "()").help(reserved->help).emit();
    return types::kError;
  }
  std::vector<std::string> names;
  for (const Function& function : environment_.functions) names.push_back(function.name);
  for (const Builtin one :
       {Builtin::Size, Builtin::StartsWith, Builtin::EndsWith, Builtin::Contains, Builtin::Matches})
    names.emplace_back(name(one));
  const bool is_variable = !call.method && environment_.variable(call.function);
  diag::build(sink_, expr.focus, kUnknownFunction, call.function)
      .help(is_variable ? fmt::format("`{}` is a variable: leave out the parentheses", call.function)
                        : did_you_mean(call.function, names))
      .emit();
  return types::kError;
}

// Lists

Type Checker::check_list(List& list) {
  if (list.items.empty()) return types::list(types::kDyn);
  Type of = types::kError;
  for (Expr& item : list.items) of = join(of, check(item, true));
  return types::list(of);
}

Type Checker::check_comprehension(Comprehension& loop) {
  const Type range = check(loop.parts.front());
  if (!fits(range, types::list(types::kDyn)))
    diag::report(sink_, loop.parts.front().span, kWrongOperand, std::string(name(loop.macro)), "a list",
                 name(range));
  const Type item = range.kind == Type::Kind::List ? range.parameters.front() : types::kError;
  locals_.emplace_back(loop.variable, item);
  std::vector<Type> steps;
  for (std::size_t i = 1; i < loop.parts.size(); ++i) steps.push_back(check(loop.parts[i]));
  locals_.pop_back();
  const bool filters = loop.macro != Macro::Map || steps.size() == 2;
  if (filters) want(loop.parts[1], steps[0], types::kBool, name(loop.macro));
  switch (loop.macro) {
    case Macro::All:
    case Macro::Exists:
    case Macro::ExistsOne: return types::kBool;
    case Macro::Map: return types::list(steps.back());
    case Macro::Filter: return types::list(item);
  }
  return types::kError;
}

void warn_if_constant(const Expr& condition, const Environment& environment, diag::Sink& sink) {
  if (literal<bool>(condition)) return;  // said on purpose
  const std::optional<bool> verdict = always(condition, environment);
  if (!verdict) return;
  diag::build(sink, condition.span, kConstantCondition, *verdict ? "true" : "false")
      .help(*verdict ? "leave it out" : "no event makes it true")
      .emit();
}

}  // namespace

std::optional<Typed> check(Expr expr, const Environment& environment, diag::Sink& sink) {
  const std::size_t before = sink.errors();
  Type type = Checker(environment, sink).check(expr);
  if (sink.errors() != before) return std::nullopt;
  return Typed{std::move(expr), std::move(type)};
}

std::optional<Expr> check_condition(Expr expr, const Environment& environment, diag::Sink& sink) {
  std::optional<Typed> typed = check(std::move(expr), environment, sink);
  if (!typed) return std::nullopt;
  if (!fits(typed->type, types::kBool)) {
    diag::build(sink, typed->expr.span, kConditionNotBool, name(typed->type))
        .help(as_condition(typed->expr, typed->type))
        .emit();
    return std::nullopt;
  }
  warn_if_constant(typed->expr, environment, sink);
  return std::move(typed->expr);
}

std::optional<Template> check(Template text, const Environment& environment, diag::Sink& sink) {
  const std::size_t before = sink.errors();
  for (auto& part : text.parts) {
    auto* expr = std::get_if<Expr>(&part);
    if (!expr) continue;
    const std::optional<Typed> typed = check(std::move(*expr), environment, sink);
    if (!typed) continue;
    if (typed->type.kind == Type::Kind::List || typed->type.kind == Type::Kind::Dyn)
      diag::report(sink, typed->expr.span, kWrongOperand, "${{ }}", "string, int or bool", name(typed->type));
    *expr = typed->expr;
  }
  if (sink.errors() != before) return std::nullopt;
  return text;
}

}  // namespace penstock::cel
