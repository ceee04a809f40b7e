#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "cel/checker.h"
#include "cel/regex.h"

namespace penstock::cel {
namespace {

PENSTOCK_MESSAGE(UnknownFunction, "function `{}` is not defined", std::string);
PENSTOCK_MESSAGE(NotAvailable, "`{}` cannot be used here", std::string);
PENSTOCK_MESSAGE(WrongArguments, "`{}` takes {}", std::string, std::string);
PENSTOCK_MESSAGE(InvalidPattern, "`{}` is not a regular expression: {}", std::string, std::string);

std::string arguments(std::string_view count) {
  return fmt::format("{} argument{}", count, count == "1" ? "" : "s");
}

std::string count_of(const Function& function) {
  const std::size_t count = function.parameters.size();
  return arguments(function.variadic ? fmt::format("{} or more", count) : std::to_string(count));
}

/// `1 or 2 arguments`: what the overloads of one form take, receivers apart.
std::string count_of(std::span<const Overload> all, bool method) {
  std::vector<std::string> counts;
  for (const Overload& one : all) {
    if (one.is_method() != method || one.form == Form::Untyped) continue;
    const std::size_t count = one.parameters.size() - (method ? 1 : 0);
    const std::string text =
        one.form == Form::Repeating ? fmt::format("{} or more", count) : std::to_string(count);
    if (std::ranges::find(counts, text) == counts.end()) counts.push_back(text);
  }
  std::ranges::sort(counts);
  return arguments(penstock::join(counts, " or "));
}

}  // namespace

/// `a.b.f(x)` where `a.b.f` is a function and not a method of `a.b`.
void Checker::qualify(Expr& expr) const {
  auto& call = std::get<Call>(expr.node);
  if (!call.method) return;
  const auto prefix = dotted(call.arguments.front());
  if (!prefix || local(root(call.arguments.front()))) return;
  const std::string whole = *prefix + "." + call.function;
  if (!environment_.function(whole) && !environment_.reservation(whole) && overloads(whole).empty()) return;
  call.absolute = root(call.arguments.front()).absolute;
  call.function = whole;
  call.method = false;
  call.arguments.erase(call.arguments.begin());
}

Type Checker::check_call(Expr& expr) {
  qualify(expr);
  auto& call = std::get<Call>(expr.node);
  Types of;
  for (Expr& argument : call.arguments) of.push_back(check(argument, false));
  const Function* function = environment_.function(call.function);
  const bool is_own = !overloads(call.function).empty();
  const Type type = is_own     ? check_builtin(expr, call, of)
                    : function ? check_function(expr, call, *function, of)
                               : unknown_function(expr, call);
  const Type known = inference_.resolved(type);
  call.dynamic = known.kind == Type::Kind::Dyn || known.kind == Type::Kind::Parameter;
  return type;
}

Type Checker::takes(const Expr& expr, const Call& call, std::string what, std::string help) {
  diag::build(sink_, expr.focus, kWrongArguments, call.function, std::move(what))
      .help(std::move(help))
      .emit();
  return types::kError;
}

Type Checker::check_builtin(const Expr& expr, const Call& call, const Types& of) {
  const std::span<const Overload> all = overloads(call.function);
  const auto same_form = [&](const Overload& one) { return one.is_method() == call.method; };
  if (std::ranges::none_of(all, same_form)) return wrong_form(expr, call);
  const auto takes_so_many = [&](const Overload& one) { return same_form(one) && one.takes(of.size()); };
  if (std::ranges::none_of(all, takes_so_many)) return takes(expr, call, count_of(all, call.method));
  if (call.function == "matches") check_pattern(call.arguments[1]);
  const auto type = inference_.call(all, call.method, of);
  return type ? *type : wrong_argument(call, of);
}

/// A method called as a function, or the other way round.
Type Checker::wrong_form(const Expr& expr, const Call& call) {
  if (call.method)
    return takes(expr, call, "nothing before a dot",
                 call.arguments.size() == 1
                     ? fmt::format("write `{}({})`", call.function, print(call.arguments.front()))
                     : "");
  const std::string what =
      fmt::format("{} before the dot", name(overloads(call.function).front().parameters.front()));
  if (call.arguments.empty()) return takes(expr, call, what);
  std::string rest;
  for (std::size_t i = 1; i < call.arguments.size(); ++i)
    rest += (i > 1 ? ", " : "") + print(call.arguments[i]);
  return takes(expr, call, what,
               fmt::format("write `{}.{}({})`", print(call.arguments.front()), call.function, rest));
}

/// The first argument with which no overload is left.
Type Checker::wrong_argument(const Call& call, const Types& of) {
  std::vector<const Overload*> left;
  for (const Overload& one : overloads(call.function))
    if (one.is_method() == call.method && one.takes(of.size())) left.push_back(&one);
  for (std::size_t i = 0; i < of.size(); ++i) {
    std::vector<std::string> wanted;
    for (const Overload* one : left) {
      const std::string type = name(one->parameters[std::min(i, one->parameters.size() - 1)]);
      if (std::ranges::find(wanted, type) == wanted.end()) wanted.push_back(type);
    }
    std::erase_if(left,
                  [&](const Overload* one) { return !inference_.begins(*one, std::span(of).first(i + 1)); });
    if (!left.empty()) continue;
    refuse(call.arguments[i], call.function, penstock::join(wanted, " or "), of[i]);
    break;
  }
  return types::kError;
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

Type Checker::check_function(const Expr& expr, const Call& call, const Function& function, const Types& of) {
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
  for (const std::string_view one : function_names()) names.emplace_back(one);
  const bool is_variable = !call.method && environment_.variable(call.function);
  diag::build(sink_, expr.focus, kUnknownFunction, call.function)
      .help(is_variable ? fmt::format("`{}` is a variable: leave out the parentheses", call.function)
                        : did_you_mean(call.function, names))
      .emit();
  return types::kError;
}

}  // namespace penstock::cel
