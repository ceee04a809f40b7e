#include "cel/checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

// The nodes of a tree: what each kind asks of those below it. Names, operators and calls have files of their own.

namespace penstock::cel {
namespace {

PENSTOCK_MESSAGE(NotYet, "`{}` is not in the language yet", std::string);

const Type& type_of_constant(const Constant& value) {
  return *std::visit(Overloaded{
                         [](Null) { return &types::kNull; },
                         [](bool) { return &types::kBool; },
                         [](std::int64_t) { return &types::kInt; },
                         [](std::uint64_t) { return &types::kUint; },
                         [](double) { return &types::kDouble; },
                         [](const std::string&) { return &types::kString; },
                         [](const Bytes&) { return &types::kBytes; },
                         [](const TypeName& one) { return named_type(one.name); },
                     },
                     value);
}

bool is_type_name(const Constant& value) { return std::holds_alternative<TypeName>(value); }

}  // namespace

std::optional<std::string> dotted(const Expr& expr) {
  if (const auto* ident = std::get_if<Ident>(&expr.node)) return ident->name;
  const auto* select = std::get_if<Select>(&expr.node);
  if (!select || select->test) return std::nullopt;
  auto name = dotted(select->operand.front());
  if (name) name->append(".").append(select->field);
  return name;
}

const Ident& root(const Expr& expr) {
  const auto* select = std::get_if<Select>(&expr.node);
  return select ? root(select->operand.front()) : std::get<Ident>(expr.node);
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& one : names) all.push_back(fmt::format("`{}`", one));
  return penstock::join(all, ", ");
}

std::string did_you_mean(std::string_view written, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view found = nearest(written, views);
  return found.empty() ? "" : fmt::format("did you mean `{}`?", found);
}

std::string as_condition(const Expr& expr, const Type& type) {
  switch (type.kind) {
    case Type::Kind::String: return fmt::format("write `{} != \"\"`", print(expr));
    case Type::Kind::Int: return fmt::format("write `{} != 0`", print(expr));
    case Type::Kind::List:
    case Type::Kind::Map: return fmt::format("write `size({}) > 0`", print(expr));
    case Type::Kind::Error:
    case Type::Kind::Dyn:
    case Type::Kind::Null:
    case Type::Kind::Bool:
    case Type::Kind::Uint:
    case Type::Kind::Double:
    case Type::Kind::Bytes:
    case Type::Kind::Timestamp:
    case Type::Kind::Duration:
    case Type::Kind::TypeOf:
    case Type::Kind::Parameter: break;
  }
  return {};
}

Type Checker::check(Expr& expr, bool compared) {
  return std::visit(
      Overloaded{
          [&](Literal& node) {
            const Type& type = type_of_constant(node.value);
            return is_type_name(node.value) ? types::type_of(type) : type;
          },
          [&](Ident&) { return check_name(expr, compared); },
          [&](Select& node) { return node.test ? check_has(expr) : check_select(expr, compared); },
          [&](Operation&) { return check_operation(expr); },
          [&](Call&) { return check_call(expr); },
          [&](List& node) { return check_list(node); },
          [&](Map& node) { return check_map(node); },
          [&](Message& node) {
            diag::build(sink_, expr.span, kNotYet, node.type + "{…}")
                .help("a map stands in braces alone: `{\"key\": value}`")
                .emit();
            return types::kError;
          },
          [&](Comprehension& node) { return check_comprehension(node); },
      },
      expr.node);
}

Type Checker::check_list(List& list) {
  if (list.items.empty()) return types::list(inference_.open());
  std::optional<Type> of;
  for (Expr& item : list.items) {
    const Type type = check(item, true);
    of = of ? inference_.joined(*of, type) : type;
  }
  return types::list(*of);
}

/// The type of a key that can be one; of any other it turns out when it runs.
Type key_type(const Type& type) {
  switch (type.kind) {
    case Type::Kind::Error:
    case Type::Kind::Dyn:
    case Type::Kind::Bool:
    case Type::Kind::Int:
    case Type::Kind::Uint:
    case Type::Kind::String: return type;
    case Type::Kind::Null:
    case Type::Kind::Double:
    case Type::Kind::Bytes:
    case Type::Kind::Timestamp:
    case Type::Kind::Duration:
    case Type::Kind::TypeOf:
    case Type::Kind::List:
    case Type::Kind::Map:
    case Type::Kind::Parameter: break;
  }
  return types::kDyn;
}

Type Checker::check_map(Map& map) {
  if (map.entries.empty()) return types::map(inference_.open(), inference_.open());
  std::optional<Type> keys, values;
  for (MapEntry& entry : map.entries) {
    const Type key = key_type(inference_.resolved(check(entry.key, true)));
    const Type value = check(entry.value, true);
    keys = keys ? inference_.joined(*keys, key) : key;
    values = values ? inference_.joined(*values, value) : value;
  }
  return types::map(*keys, *values);
}

/// The type of the variable that goes through a range: items, or keys.
Type Checker::item_type(const Comprehension& loop, const Type& range) {
  const Type known = inference_.resolved(range);
  if (known.kind == Type::Kind::List || known.kind == Type::Kind::Map) return known.parameters.front();
  if (fits(known, types::list(types::kDyn))) {
    inference_.assign(types::kDyn, known);
    return known.kind == Type::Kind::Error ? types::kError : types::kDyn;
  }
  refuse(loop.parts.front(), name(loop.macro), "a list or a map", known);
  return types::kError;
}

Type Checker::check_comprehension(Comprehension& loop) {
  const Type item = item_type(loop, check(loop.parts.front(), false));
  locals_.emplace_back(loop.variable, item);
  Types steps;
  for (std::size_t i = 1; i < loop.parts.size(); ++i) steps.push_back(check(loop.parts[i], false));
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

}  // namespace penstock::cel
