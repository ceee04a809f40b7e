// Evaluates GitHub's expressions, one case a line, for a comparison with GitHub's own evaluator (tests/judges/github/expressions.mjs).
//   {"id": 1, "mode": "expr" or "if", "expr": "…", "context": {…}, "status": "success"}
// gives {"id": 1, "ok": true, "kind": "Boolean", "string": "true", "json": "true", "truthy": true} or {"id": 1, "ok": false, "error": "…"}.
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "targets/github/simulate_evaluate.h"

using namespace penstock::targets::github;
using nlohmann::ordered_json;

namespace {

/// What `if` says: one pair of `${{ }}` around the whole is left out.
std::optional<Condition> condition(std::string text) {
  if (text.starts_with("${{") && text.ends_with("}}")) text = text.substr(3, text.size() - 5);
  if (text.find_first_not_of(" \n") == std::string::npos) return std::nullopt;
  if (auto expression = parse_expression(text)) return Condition{std::move(*expression)};
  return Condition{std::move(text)};
}

Data value(const ordered_json& one) {
  const auto text = one.at("expr").get<std::string>();
  Scope scope;
  const Data context = from_json(one.value("context", ordered_json::object()).dump());
  scope.contexts = *context.object();
  const std::string status = one.value("status", "success");
  scope.status = Status{status == "success", status == "failure", status == "cancelled"};
  if (one.value("mode", "expr") == "if") {
    const Data held = evaluate(condition(text), scope);
    const auto known = truth(held);
    return known ? Data(*known) : held;
  }
  const auto expression = parse_expression(text);
  return expression ? evaluate(*expression, scope) : Data(Unknown{"it is no expression", true, {}});
}

ordered_json told(const ordered_json& one) {
  static constexpr std::array kKinds = {"Null", "Boolean", "Number", "String", "Array", "Dictionary"};
  const Data made = value(one);
  ordered_json line = {{"id", one.at("id")}, {"ok", made.unknown() == nullptr}};
  if (made.unknown() != nullptr) {
    line["error"] = made.unknown()->why;
    return line;
  }
  line["kind"] = kKinds.at(made.is.index());
  line["string"] = to_text(made);
  line["json"] = to_json(made);
  line["truthy"] = *truth(made);
  return line;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) std::cout << told(ordered_json::parse(line)).dump() << '\n';
  }
}
