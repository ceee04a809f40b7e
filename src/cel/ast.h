#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/source.h"

/// The tree of an expression in the Common Expression Language, as written. Every node knows its place in the author's file.
namespace penstock::cel {

struct Expr;

struct Null {
  friend bool operator==(Null, Null) = default;
};

struct Bytes {
  std::string data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

/// A type as a value: `int`. `check` turns the names that spell one into it.
struct TypeName {
  std::string name;
  friend bool operator==(const TypeName&, const TypeName&) = default;
};

using Constant = std::variant<Null, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, TypeName>;

struct Literal {
  Constant value;
};

/// A name. `check` turns the selections that spell a declared variable into one Ident with the dotted name: `event.kind`.
struct Ident {
  std::string name;
  bool absolute = false;  // written with a leading dot: never the variable of a comprehension
  bool dynamic = false;   // as `check` found: its type is known only when it runs
};

/// `operand.field`, or `has(operand.field)`.
struct Select {
  std::vector<Expr> operand;  // exactly one
  std::string field;
  bool test = false;
};

enum class Operator : unsigned char {
  Or,   // two operands or more, none of them an Or
  And,  // two operands or more, none of them an And
  Not,
  Negate,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  Add,
  Subtract,
  Multiply,
  Divide,
  Remainder,
  Conditional,  // condition, then, else
  Index,        // operand, index
};

struct Operation {
  Operator op;
  std::vector<Expr> operands;
};

/// A function's call. Of a method's call (`text.size()`) the first argument is the receiver.
struct Call {
  std::string function;
  std::vector<Expr> arguments;
  bool method = false;
  bool absolute = false;  // `.f(x)`
  bool dynamic = false;   // as with Ident
};

struct List {
  std::vector<Expr> items;
};

struct MapEntry;
struct Map {
  std::vector<MapEntry> entries;
};

struct Field;
/// `type{field: value}`.
struct Message {
  std::string type;
  std::vector<Field> fields;
  bool absolute = false;
};

enum class Macro : unsigned char { All, Exists, ExistsOne, Map, Filter };

/// `range.all(variable, predicate)` and its like. `Map` has one step (the transform) or two (a filter, then the transform).
struct Comprehension {
  Macro macro;
  std::string variable;
  std::vector<Expr> parts;  // the range, then the steps
};

using Node = std::variant<Literal, Ident, Select, Operation, Call, List, Map, Message, Comprehension>;

struct Expr {
  Node node;
  Span span;   // all of it
  Span focus;  // what names it: the operator, the function, the field
};

struct MapEntry {
  Expr key;
  Expr value;
};

struct Field {
  std::string name;
  Expr value;
};

/// Whether two trees are the same, wherever they were written.
bool operator==(const Expr& a, const Expr& b);

// Trees that nobody wrote; `span` is the line that is the reason for them.
Expr boolean(bool value, Span span);
Expr string(std::string value, Span span);
Expr variable(std::string name, Span span);
Expr negation(Expr operand);
/// Conjunction and disjunction, flat. Of one operand the operand itself; of none, true and false.
Expr all_of(std::vector<Expr> operands, Span span);
Expr any_of(std::vector<Expr> operands, Span span);
Expr operation(Operator op, std::vector<Expr> operands, Span span);

/// The literal's value, if the tree is a literal of that type.
template <class T>
const T* literal(const Expr& expr) {
  const auto* node = std::get_if<Literal>(&expr.node);
  return node ? std::get_if<T>(&node->value) : nullptr;
}
/// The operands, if the tree is that operation.
const std::vector<Expr>* operands(const Expr& expr, Operator op);

/// `==`, `&&`, `?:`, `[]`, as in the language.
std::string_view symbol(Operator op);
std::string_view name(Macro macro);

/// The functions of the language that platforms have, too.
enum class Builtin : unsigned char { Size, StartsWith, EndsWith, Contains, Matches };
std::optional<Builtin> builtin(std::string_view function);
std::string_view name(Builtin builtin);

/// The nodes directly below, in the order of the text.
std::vector<const Expr*> children(const Expr& expr);
/// Visits the tree, each node before those below it.
void for_each(const Expr& expr, const std::function<void(const Expr&)>& visit);
/// Names of the variables a checked tree reads (not those of its comprehensions), each once, in the order of the text.
std::vector<std::string> variables(const Expr& expr);

/// The canonical text: least parentheses, double quotes (raw where that saves backslashes). Parsing it gives the tree again.
std::string print(const Expr& expr);

}  // namespace penstock::cel
