#pragma once
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

/// What `rules:if` can say: comparisons of variables, `&&`, `||`. There is no `!` before 18.11, no function, and no boolean value
/// as an operand, so none of them is in the tree; a negation is pushed down to the comparisons.
namespace penstock::targets::gitlab {

/// A variable of the pipeline; its value is a text, or null when it is not defined.
struct Name {
  std::string text;
  friend bool operator==(const Name&, const Name&) = default;
};
struct Null {
  friend bool operator==(Null, Null) = default;
};
using Operand = std::variant<Name, std::string, Null>;

/// `$X`: defined and not empty.
struct Defined {
  Name variable;
  friend bool operator==(const Defined&, const Defined&) = default;
};
/// `$X == "a"`, `$X != $Y`.
struct Compare {
  Operand left;
  bool equal = true;
  Operand right;
  friend bool operator==(const Compare&, const Compare&) = default;
};
/// `$X =~ /re/`: an RE2 expression that is found somewhere in the text.
struct Match {
  Operand text;
  bool found = true;
  std::string expression;  // without slashes around it
  friend bool operator==(const Match&, const Match&) = default;
};
struct Condition;
/// Without parts: true.
struct AllOf {
  std::vector<Condition> parts;
};
/// Without parts: false.
struct AnyOf {
  std::vector<Condition> parts;
};
struct Condition {
  std::variant<AllOf, AnyOf, Defined, Compare, Match> node;
};
bool operator==(const Condition& a, const Condition& b);

Condition constant(bool value);
bool is_true(const Condition& condition);
bool is_false(const Condition& condition);

/// Flat, without repetitions and without constants among the parts.
Condition all_of(std::vector<Condition> parts);
Condition any_of(std::vector<Condition> parts);
Condition negated(const Condition& condition);

/// GitLab's text of a condition that is no constant.
std::string print(const Condition& condition);
/// What GitLab's scanner counts.
std::size_t tokens(const Condition& condition);

/// A text as an RE2 expression that matches exactly it, somewhere.
std::string escaped(std::string_view text);

}  // namespace penstock::targets::gitlab
