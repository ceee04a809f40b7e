#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cel/ast.h"
#include "cel/budget.h"
#include "cel/environment.h"
#include "cel/value.h"

namespace penstock::cel {

/// What is known. Null functions, and nothing given, mean: not known.
struct Facts {
  std::function<std::optional<Value>(std::string_view name)> variable = {};
  std::function<std::optional<Value>(std::string_view function, std::span<const Value> arguments)> call = {};
};

/// Variables by name, for facts.
using Bindings = std::map<std::string, Value, std::less<>>;
/// Refers to the bindings: they must outlive it.
Facts facts(const Bindings& bindings);

/// The value of an expression. What is not known is an error; `&&` and `||` need only the operand that decides, wherever it stands.
/// An expression that was not checked has the value that the language gives it when it runs: names are looked up, whole ones first.
/// Whatever costs more than is allowed is an error, too.
Value evaluate(const Expr& expr, const Facts& facts, std::uint64_t cost = kMaxCost);

/// The checked expression with all that is known computed, simplified. For every completion of the facts it has the same value.
Expr fold(const Expr& expr, const Facts& facts);

/// Whether a checked condition has the same value for all events, as far as equality with literals, declared values and bools tell.
std::optional<bool> always(const Expr& condition, const Environment& environment);

}  // namespace penstock::cel
