#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cel/ast.h"
#include "cel/environment.h"

namespace penstock::cel {

/// Why an expression has no value: `1 / 0`, an unknown variable.
struct Error {
  std::string message;
  Span span;
};

struct Value {
  std::variant<Error, bool, std::int64_t, std::string, std::vector<Value>> data;

  template <class T>
  const T* get() const {
    return std::get_if<T>(&data);
  }
  bool is_error() const { return get<Error>() != nullptr; }
};
/// As the language's `==`: values of different types differ. An error equals nothing.
bool operator==(const Value& a, const Value& b);

/// The value that a literal, or a list of literals, stands for; and the other way round (of an error, nothing).
std::optional<Value> constant(const Expr& expr);
std::optional<Expr> constant(const Value& value, Span span);

/// What is known. Null functions, and nothing given, mean: not known.
struct Facts {
  std::function<std::optional<Value>(std::string_view name)> variable = {};
  std::function<std::optional<Value>(std::string_view function, std::span<const Value> arguments)> call = {};
};

/// Variables by name, for facts.
using Bindings = std::map<std::string, Value, std::less<>>;
/// Refers to the bindings: they must outlive it.
Facts facts(const Bindings& bindings);

/// The value of a checked expression. What is not known is an error; `&&` and `||` need only the operand that decides, wherever it stands.
Value evaluate(const Expr& expr, const Facts& facts);

/// The expression with all that is known computed, simplified. For every completion of the facts it has the same value.
Expr fold(const Expr& expr, const Facts& facts);

/// Whether a checked condition has the same value for all events, as far as equality with literals, declared values and bools tell.
std::optional<bool> always(const Expr& condition, const Environment& environment);

}  // namespace penstock::cel
