#pragma once
#include <optional>
#include <string>

#include "targets/github/expression.h"
#include "targets/github/simulate_value.h"
#include "targets/github/tree.h"

/// GitHub's expressions, evaluated: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
namespace penstock::targets::github {

/// What `success()`, `failure()` and `cancelled()` say.
struct Status {
  bool success = true;
  bool failure = false;
  bool cancelled = false;
};

/// What an expression can read.
struct Scope {
  Object contexts = {};
  std::optional<Status> status = {};  // nothing: status functions may not be called here, or are not known
};

Data evaluate(const Expression& expression, const Scope& scope);

/// A text with its expressions replaced. What is not known stays as it is written, and `known` is false.
struct Evaluated {
  std::string text;
  bool known = true;
  std::string why = {};  // it is not
};
Evaluated evaluate(const Text& text, const Scope& scope);

/// `if`: with `success() &&` in front unless a status function is called. https://docs.github.com/en/actions/reference/workflows-and-actions/
/// expressions#status-check-functions
Data evaluate(const std::optional<Condition>& condition, const Scope& scope);

}  // namespace penstock::targets::github
