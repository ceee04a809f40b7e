#pragma once
#include <optional>

#include "cel/ast.h"
#include "cel/environment.h"
#include "cel/template.h"
#include "cel/type.h"
#include "diag/sink.h"

namespace penstock::cel {

struct Typed {
  Expr expr;  // variables are single Idents with their dotted names, functions with dotted names plain Calls
  Type type;
};

/// Resolves the names of an expression and checks its types. Nothing is given when something was reported.
std::optional<Typed> check(Expr expr, const Environment& environment, diag::Sink& sink);

/// An expression that must be a bool. One that is always true or always false is warned of.
std::optional<Expr> check_condition(Expr expr, const Environment& environment, diag::Sink& sink);

/// Interpolations must be what text can hold: string, int or bool.
std::optional<Template> check(Template text, const Environment& environment, diag::Sink& sink);

}  // namespace penstock::cel
