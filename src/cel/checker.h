#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cel/ast.h"
#include "cel/environment.h"
#include "cel/infer.h"
#include "cel/type.h"
#include "diag/sink.h"

namespace penstock::cel {

/// Resolves the names of one expression and finds the types of its nodes. What is reported has the type Error, which fits everywhere.
class Checker {
 public:
  Checker(const Environment& environment, diag::Sink& sink) : environment_(environment), sink_(sink) {}
  Type check(Expr& expr) { return inference_.final(check(expr, false)); }

 private:
  using Types = std::vector<Type>;
  struct Found {
    std::string name;  // whole, with the part of the container that was left out
    const Variable* variable;
  };

  Type check(Expr& expr, bool compared);
  std::string shown(const Type& type) const { return name(inference_.final(type)); }
  bool is_reported(const Type& type) const { return inference_.resolved(type).kind == Type::Kind::Error; }

  // check_names.cpp
  Type check_name(Expr& expr, bool compared);
  Type check_select(Expr& expr, bool compared);
  Type check_has(Expr& expr);
  Type check_field(Expr& expr);
  Type no_field(const Expr& expr, const Type& type);
  std::optional<Type> named(Expr& expr, const std::string& name);
  std::optional<Found> declared(std::string_view name, bool absolute) const;
  const Type* local(const Ident& ident) const;
  bool known_prefix(const Expr& expr) const;
  Type unknown(const Expr& expr, const std::string& name, bool compared);
  Span unknown_part(const Expr& expr) const;
  std::vector<std::string> names_below(std::string_view prefix) const;
  std::string help_for_name(const std::string& name, bool compared) const;

  // check_operators.cpp
  Type check_operation(Expr& expr);
  Type check_in_list(Operation& node);
  Type no_overload(const Expr& expr, const Operation& node, const Types& of);
  Type not_in(const Expr& expr, const Operation& node, const Types& of);
  Type not_indexed(const Operation& node, const Types& of);
  Type check_conditional(const Expr& expr, const Operation& node, const Types& of);
  void check_values(const Operation& node);
  void check_value(const Expr& variable, const Expr& value);
  Type mismatch(const Expr& expr, const Operation& node, const Type& a, const Type& b);
  void want(const Expr& operand, const Type& type, const Type& wanted, std::string_view by);
  void refuse(const Expr& operand, std::string_view by, std::string_view wanted, const Type& type);

  // check_calls.cpp
  Type check_call(Expr& expr);
  void qualify(Expr& expr) const;
  Type check_builtin(const Expr& expr, const Call& call, const Types& of);
  Type wrong_form(const Expr& expr, const Call& call);
  Type wrong_argument(const Call& call, const Types& of);
  void check_pattern(const Expr& pattern);
  Type check_function(const Expr& expr, const Call& call, const Function& function, const Types& of);
  Type unknown_function(const Expr& expr, const Call& call);
  Type takes(const Expr& expr, const Call& call, std::string what, std::string help = {});

  Type check_list(List& list);
  Type check_map(Map& map);
  Type check_comprehension(Comprehension& loop);
  Type item_type(const Comprehension& loop, const Type& range);

  const Environment& environment_;
  diag::Sink& sink_;
  Inference inference_;
  std::vector<std::pair<std::string, Type>> locals_;
};

/// `a.b.c`, if the tree is nothing but names; and the first of them.
std::optional<std::string> dotted(const Expr& expr);
const Ident& root(const Expr& expr);

std::string did_you_mean(std::string_view written, const std::vector<std::string>& names);
std::string quoted_list(const std::vector<std::string>& names);
/// How to ask a value of another type for a bool.
std::string as_condition(const Expr& expr, const Type& type);

}  // namespace penstock::cel
