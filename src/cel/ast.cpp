#include "cel/ast.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace penstock::cel {
namespace {

struct Same {
  bool operator()(const Literal& a, const Literal& b) const { return a.value == b.value; }
  bool operator()(const Ident& a, const Ident& b) const {
    return a.name == b.name && a.absolute == b.absolute;
  }
  bool operator()(const Select& a, const Select& b) const {
    return a.operand == b.operand && a.field == b.field && a.test == b.test;
  }
  bool operator()(const Operation& a, const Operation& b) const {
    return a.op == b.op && a.operands == b.operands;
  }
  bool operator()(const Call& a, const Call& b) const {
    return a.function == b.function && a.arguments == b.arguments && a.method == b.method &&
           a.absolute == b.absolute;
  }
  bool operator()(const List& a, const List& b) const { return a.items == b.items; }
  bool operator()(const Map& a, const Map& b) const {
    return std::ranges::equal(a.entries, b.entries, [](const MapEntry& x, const MapEntry& y) {
      return x.key == y.key && x.value == y.value;
    });
  }
  bool operator()(const Message& a, const Message& b) const {
    return a.type == b.type && a.absolute == b.absolute &&
           std::ranges::equal(a.fields, b.fields, [](const Field& x, const Field& y) {
             return x.name == y.name && x.value == y.value;
           });
  }
  bool operator()(const Comprehension& a, const Comprehension& b) const {
    return a.macro == b.macro && a.variable == b.variable && a.parts == b.parts;
  }
  template <class A, class B>
  bool operator()(const A&, const B&) const {
    return false;
  }
};

Expr flat(Operator op, bool of_none, std::vector<Expr> operands, Span span) {
  std::vector<Expr> all;
  for (Expr& operand : operands) {
    if (auto* inner = std::get_if<Operation>(&operand.node); inner && inner->op == op) {
      std::ranges::move(inner->operands, std::back_inserter(all));
    } else {
      all.push_back(std::move(operand));
    }
  }
  if (all.empty()) return boolean(of_none, span);
  if (all.size() == 1) return std::move(all.front());
  return operation(op, std::move(all), span);
}

// In the order of the enumerations.
constexpr std::array<std::string_view, 18> kSymbols = {"||", "&&", "!", "-", "==", "!=", "<", "<=", ">",
                                                       ">=", "in", "+", "-", "*",  "/",  "%", "?:", "[]"};
constexpr std::array<std::string_view, 5> kMacros = {"all", "exists", "exists_one", "map", "filter"};
constexpr std::array<std::string_view, 5> kBuiltins = {"size", "startsWith", "endsWith", "contains",
                                                       "matches"};

void add_variables(const Expr& expr, std::vector<std::string>& bound, std::vector<std::string>& found) {
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  if (const auto* ident = std::get_if<Ident>(&expr.node)) {
    const bool local = !ident->absolute && has(bound, ident->name);
    if (!local && !has(found, ident->name)) found.push_back(ident->name);
    return;
  }
  if (const auto* loop = std::get_if<Comprehension>(&expr.node)) {
    add_variables(loop->parts.front(), bound, found);
    bound.push_back(loop->variable);
    for (std::size_t i = 1; i < loop->parts.size(); ++i) add_variables(loop->parts[i], bound, found);
    bound.pop_back();
    return;
  }
  for (const Expr* child : children(expr)) add_variables(*child, bound, found);
}

}  // namespace

bool operator==(const Expr& a, const Expr& b) { return std::visit(Same{}, a.node, b.node); }

Expr boolean(bool value, Span span) { return {Literal{value}, span, span}; }
Expr string(std::string value, Span span) { return {Literal{std::move(value)}, span, span}; }
Expr variable(std::string name, Span span) { return {Ident{std::move(name)}, span, span}; }
Expr operation(Operator op, std::vector<Expr> operands, Span span) {
  return {Operation{op, std::move(operands)}, span, span};
}
Expr negation(Expr operand) {
  const Span span = operand.span;
  std::vector<Expr> operands;
  operands.push_back(std::move(operand));
  return operation(Operator::Not, std::move(operands), span);
}
Expr all_of(std::vector<Expr> operands, Span span) {
  return flat(Operator::And, true, std::move(operands), span);
}
Expr any_of(std::vector<Expr> operands, Span span) {
  return flat(Operator::Or, false, std::move(operands), span);
}

const std::vector<Expr>* operands(const Expr& expr, Operator op) {
  const auto* node = std::get_if<Operation>(&expr.node);
  return node && node->op == op ? &node->operands : nullptr;
}

std::string_view symbol(Operator op) { return kSymbols.at(static_cast<std::size_t>(op)); }
std::string_view name(Macro macro) { return kMacros.at(static_cast<std::size_t>(macro)); }
std::string_view name(Builtin builtin) { return kBuiltins.at(static_cast<std::size_t>(builtin)); }

std::optional<Builtin> builtin(std::string_view function) {
  const auto* const found = std::ranges::find(kBuiltins, function);
  if (found == kBuiltins.end()) return std::nullopt;
  return static_cast<Builtin>(found - kBuiltins.begin());
}

std::vector<const Expr*> children(const Expr& expr) {
  std::vector<const Expr*> found;
  const auto add = [&](const std::vector<Expr>& all) {
    for (const Expr& one : all) found.push_back(&one);
  };
  std::visit(Overloaded{
                 [](const Literal&) {},
                 [](const Ident&) {},
                 [&](const Select& node) { add(node.operand); },
                 [&](const Operation& node) { add(node.operands); },
                 [&](const Call& node) { add(node.arguments); },
                 [&](const List& node) { add(node.items); },
                 [&](const Map& node) {
                   for (const MapEntry& entry : node.entries) {
                     found.push_back(&entry.key);
                     found.push_back(&entry.value);
                   }
                 },
                 [&](const Message& node) {
                   for (const Field& field : node.fields) found.push_back(&field.value);
                 },
                 [&](const Comprehension& node) { add(node.parts); },
             },
             expr.node);
  return found;
}

void for_each(const Expr& expr, const std::function<void(const Expr&)>& visit) {
  visit(expr);
  for (const Expr* child : children(expr)) for_each(*child, visit);
}

std::vector<std::string> variables(const Expr& expr) {
  std::vector<std::string> bound;
  std::vector<std::string> found;
  add_variables(expr, bound, found);
  return found;
}

}  // namespace penstock::cel
