#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// GitHub's expression language: the tree, its printer and its reader. Builders fold constants and flatten `&&` and `||`.
namespace penstock::targets::github {

struct Expression;

struct NullLiteral {
  friend bool operator==(NullLiteral, NullLiteral) = default;
};
using LiteralValue = std::variant<NullLiteral, bool, double, std::string>;

struct Literal {
  LiteralValue value;
};
/// `github`, `needs`: the name of a context.
struct Name {
  std::string name;
};
/// `operand.field`; the field `*` is the filter of all.
struct Member {
  std::vector<Expression> operand;  // exactly one
  std::string field;
};
/// `operand[index]`; no index is `[*]`.
struct Element {
  std::vector<Expression> operand;  // exactly one
  std::vector<Expression> index;    // at most one
};
struct Call {
  std::string function;
  std::vector<Expression> arguments;
};

enum class Operator : unsigned char { Or, And, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, Not };
struct Operation {
  Operator op;
  std::vector<Expression> operands;  // Or, And: two or more; Not: one; the others: two
};

struct Expression {
  std::variant<Literal, Name, Member, Element, Call, Operation> node;
};
bool operator==(const Expression& a, const Expression& b);

Expression literal(bool value);
Expression literal(std::string text);
/// `github.event.pull_request.number`
Expression path(std::string_view dotted);
Expression call(std::string function, std::vector<Expression> arguments = {});
Expression equal(Expression left, Expression right);
Expression not_equal(Expression left, Expression right);
/// The opposite; of a comparison the other comparison, of a conjunction the disjunction of the opposites.
Expression negation(Expression operand);
Expression all_of(std::vector<Expression> operands);
Expression any_of(std::vector<Expression> operands);

/// The value, if the tree is `true` or `false`.
std::optional<bool> constant(const Expression& expression);
/// Whether a status function is called, so that GitHub does not add `success() &&`.
bool has_status_function(const Expression& expression);
/// Ids of the jobs that are read through `needs`, each once.
std::vector<std::string> needed_jobs(const Expression& expression);

/// Least parentheses, single quotes.
std::string print(const Expression& expression);
/// The number that a text is taken for: decimal, `0x1f`, `0o17`, `Infinity`; 0 for an empty one; not a number for any other.
double number_in(std::string_view text);
/// Nothing, if the text is not an expression.
std::optional<Expression> parse_expression(std::string_view text);

}  // namespace penstock::targets::github
