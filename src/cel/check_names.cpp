#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "cel/checker.h"

namespace penstock::cel {
namespace {

PENSTOCK_MESSAGE(UnknownVariable, "`{}` is not defined", std::string);
PENSTOCK_MESSAGE(UnknownField, "{} has no field `{}`", std::string, std::string);
PENSTOCK_MESSAGE(NotAvailable, "`{}` cannot be used here", std::string);
PENSTOCK_MESSAGE(WrongArguments, "`{}` takes {}", std::string, std::string);

}  // namespace

const Type* Checker::local(const Ident& ident) const {
  if (ident.absolute) return nullptr;
  const auto found =
      std::ranges::find(locals_.rbegin(), locals_.rend(), ident.name, &std::pair<std::string, Type>::first);
  return found == locals_.rend() ? nullptr : &found->second;
}

/// In the container `a.b` the name `c` is `a.b.c`, else `a.c`, else `c`.
std::optional<Checker::Found> Checker::declared(std::string_view name, bool absolute) const {
  std::string container = absolute ? "" : environment_.container;
  while (true) {
    std::string whole = container.empty() ? std::string(name) : fmt::format("{}.{}", container, name);
    if (const Variable* variable = environment_.variable(whole)) return Found{std::move(whole), variable};
    if (container.empty()) return std::nullopt;
    const std::size_t dot = container.rfind('.');
    container.resize(dot == std::string::npos ? 0 : dot);
  }
}

/// The type of what a whole name spells: a variable, or a type. The tree becomes that.
std::optional<Type> Checker::named(Expr& expr, const std::string& name) {
  const bool absolute = root(expr).absolute;
  if (auto found = declared(name, absolute)) {
    const Type& type = found->variable->type;
    expr.node = Ident{std::move(found->name), absolute, type.kind == Type::Kind::Dyn};
    expr.focus = expr.span;
    return type;
  }
  if (const Type* type = named_type(name)) {
    expr.node = Literal{TypeName{name}};
    expr.focus = expr.span;
    return types::type_of(*type);
  }
  return std::nullopt;
}

Type Checker::check_name(Expr& expr, bool compared) {
  auto& ident = std::get<Ident>(expr.node);
  if (const Type* type = local(ident)) {
    const Type known = inference_.resolved(*type);
    ident.dynamic = known.kind == Type::Kind::Dyn || known.kind == Type::Kind::Parameter;
    return *type;
  }
  const std::string name = ident.name;
  const auto type = named(expr, name);
  return type ? *type : unknown(expr, name, compared);
}

/// Whether a part of the dotted name spells a variable.
bool Checker::known_prefix(const Expr& expr) const {
  if (declared(*dotted(expr), root(expr).absolute)) return true;
  const auto* select = std::get_if<Select>(&expr.node);
  return select && known_prefix(select->operand.front());
}

Type Checker::check_select(Expr& expr, bool compared) {
  const auto name = dotted(expr);
  if (name && !local(root(expr))) {
    if (const auto type = named(expr, *name)) return *type;
    if (!known_prefix(expr)) return unknown(expr, *name, compared);
  }
  return check_field(expr);
}

Type Checker::check_field(Expr& expr) {
  const Type type = inference_.resolved(check(std::get<Select>(expr.node).operand.front(), false));
  switch (type.kind) {
    case Type::Kind::Error: return types::kError;
    case Type::Kind::Dyn: return types::kDyn;
    case Type::Kind::Parameter: inference_.assign(types::kDyn, type); return types::kDyn;
    case Type::Kind::Map:
      if (inference_.assign(types::kString, type.parameters.front())) return type.parameters.back();
      break;
    case Type::Kind::Null:
    case Type::Kind::Bool:
    case Type::Kind::Int:
    case Type::Kind::Uint:
    case Type::Kind::Double:
    case Type::Kind::String:
    case Type::Kind::Bytes:
    case Type::Kind::Timestamp:
    case Type::Kind::Duration:
    case Type::Kind::TypeOf:
    case Type::Kind::List: break;
  }
  return no_field(expr, type);
}

Type Checker::check_has(Expr& expr) {
  auto& select = std::get<Select>(expr.node);
  const Expr& operand = select.operand.front();
  const auto prefix = dotted(operand);
  const bool is_fact = prefix && !local(root(operand)) && !known_prefix(operand) &&
                       declared(*prefix + "." + select.field, root(operand).absolute);
  if (is_fact) {
    diag::build(sink_, expr.span, kWrongArguments, "has", "a field of a map")
        .help(fmt::format("`{}.{}` is always there; a fact that does not apply is `\"\"`", *prefix,
                          select.field))
        .emit();
    return types::kError;
  }
  check_field(expr);
  return types::kBool;
}

Type Checker::no_field(const Expr& expr, const Type& type) {
  const auto& select = std::get<Select>(expr.node);
  const bool is_function = !overloads(select.field).empty();
  diag::build(sink_, expr.focus, kUnknownField, shown(type), select.field)
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
  if (environment_.function(name) || !overloads(name).empty())
    return fmt::format("`{0}` is a function: `{0}(…)`", name);
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

}  // namespace penstock::cel
