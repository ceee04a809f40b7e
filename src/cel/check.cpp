#include "cel/check.h"

#include "base/check.h"
#include "cel/checker.h"
#include "cel/eval.h"

namespace penstock::cel {
namespace {

PENSTOCK_MESSAGE(ConditionNotBool, "the condition is {}, not bool", std::string);
PENSTOCK_MESSAGE(ConstantCondition, "the condition is always {}", std::string);
PENSTOCK_MESSAGE(WrongOperand, "`{}` needs {}, not {}", std::string, std::string, std::string);

void warn_if_constant(const Expr& condition, const Environment& environment, diag::Sink& sink) {
  if (literal<bool>(condition)) return;  // said on purpose
  const std::optional<bool> verdict = always(condition, environment);
  if (!verdict) return;
  diag::build(sink, condition.span, kConstantCondition, *verdict ? "true" : "false")
      .help(*verdict ? "leave it out" : "no event makes it true")
      .emit();
}

bool has_text(const Type& type) {
  return type.kind == Type::Kind::String || type.kind == Type::Kind::Int || type.kind == Type::Kind::Bool;
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
    if (!has_text(typed->type))
      diag::report(sink, typed->expr.span, kWrongOperand, "${{ }}", "string, int or bool", name(typed->type));
    *expr = typed->expr;
  }
  if (sink.errors() != before) return std::nullopt;
  return text;
}

}  // namespace penstock::cel
