#pragma once
#include "cel/ast.h"
#include "cel/environment.h"

namespace penstock::cel {

/// The first part of a checked expression that may have no value although all facts are known: `1 / x`, `int(text)`. Null when there
/// is none: then the expression has a value for all facts of their declared types, if it is not too expensive.
const Expr* fallible(const Expr& expr, const Environment& environment);

}  // namespace penstock::cel
