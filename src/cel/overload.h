#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "cel/budget.h"
#include "cel/type.h"
#include "cel/value.h"

/// The functions and operators of the language, each once: the checker reads their types, the evaluator runs them.
namespace penstock::cel {

struct Context {
  Span span;  // of the call
  Budget& budget;
};

/// Called with arguments of the overload's types, none of them an error.
using Implementation = Value (*)(std::span<const Value> arguments, Context& context);

enum class Form : unsigned char {
  Function,   // `f(x)`
  Method,     // `x.f()`
  Repeating,  // a function whose last parameter stands once or more
  Untyped,    // as Function, for values that only turn up when it runs; the checker does not offer it
};

struct Overload {
  std::string_view function;
  Form form = Form::Function;
  std::vector<Type> parameters;  // of a method, the first is the receiver
  Type result;
  Implementation implementation = nullptr;

  bool is_method() const { return form == Form::Method; }
  bool takes(std::size_t count) const {
    return form == Form::Repeating ? count >= parameters.size() : count == parameters.size();
  }
};

/// The name under which an operator's overloads stand. `&&`, `||` and `?:` are none: they do not need all their operands.
std::string_view function_of(Operator op);

/// All overloads of a name, in the order in which they are tried.
std::span<const Overload> overloads(std::string_view function);
/// Names of the functions, without operators.
const std::vector<std::string_view>& function_names();

/// The value of a function on values; an error among them is the value. Nothing if there is no function of that name and form.
std::optional<Value> call(std::string_view function, bool method, std::span<const Value> arguments,
                          Context& context);

/// The error of a function or operator that does not take such values.
Value wrong_type(std::string_view function, Span span);

// One table for each kind of function; overload.cpp puts them together.
std::vector<Overload> arithmetic_overloads();
std::vector<Overload> comparison_overloads();
std::vector<Overload> conversion_overloads();
std::vector<Overload> string_overloads();
std::vector<Overload> text_overloads();
std::vector<Overload> format_overloads();
std::vector<Overload> time_overloads();
std::vector<Overload> math_overloads();
std::vector<Overload> bit_overloads();

}  // namespace penstock::cel
