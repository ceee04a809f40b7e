#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

/// The language of `rules:if`, as GitLab scans, parses and evaluates it. docs: ci/jobs/job_rules, "CI/CD variable expressions";
/// source: lib/gitlab/ci/pipeline/expression.
namespace penstock::targets::gitlab::simulation {

/// A variable's value; null when it is not defined, which is not the same as an empty one.
using Lookup = std::function<const std::string*(std::string_view name)>;

/// A regular expression, in RE2's syntax.
struct Regexp {
  std::string pattern;
  friend bool operator==(const Regexp&, const Regexp&) = default;
};
using Value = std::variant<std::monostate, bool, std::string, Regexp>;

class Expression {
 public:
  /// The failure is what GitLab calls `invalid expression syntax`.
  static Result<Expression> parse(std::string_view text);

  /// The value is there, in the sense of Rails: not null, not false, no blank text.
  bool holds(const Lookup& lookup) const;
  Value evaluate(const Lookup& lookup) const { return evaluate(root_, lookup); }

 private:
  enum class Kind : unsigned char { Constant, Variable, Not, Equal, Unequal, Match, NoMatch, And, Or };
  struct Node {
    Kind kind = Kind::Constant;
    Value constant = {};
    std::string name = {};
    std::size_t left = 0;
    std::size_t right = 0;
  };
  friend class Parser;

  Value evaluate(std::size_t node, const Lookup& lookup) const;

  std::vector<Node> nodes_;
  std::size_t root_ = 0;
};

/// Whether a value is there, as `holds` has it.
bool is_present(const Value& value);

}  // namespace penstock::targets::gitlab::simulation
