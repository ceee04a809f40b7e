#pragma once
#include <vector>

#include "cel/eval.h"

namespace penstock::cel {

/// The value of an operation on values. Of `&&`, `||` and `?:` only the operand that decides must not be an error; any other
/// operation on an error is that error.
Value apply(Operator op, const std::vector<Value>& operands, Span span);
Value apply(Builtin function, const std::vector<Value>& arguments, Span span);

}  // namespace penstock::cel
