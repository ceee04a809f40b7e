#include "targets/github/expression.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::github {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 9> kSymbols = {"||", "&&", "==", "!=", "<", "<=", ">", ">=", "!"};

Expression operation(Operator op, std::vector<Expression> operands) {
  return {Operation{op, std::move(operands)}};
}

Expression binary(Operator op, Expression left, Expression right) {
  std::vector<Expression> operands;
  operands.push_back(std::move(left));
  operands.push_back(std::move(right));
  return operation(op, std::move(operands));
}

const Operation* as(const Expression& expression, Operator op) {
  const auto* found = std::get_if<Operation>(&expression.node);
  return found && found->op == op ? found : nullptr;
}

/// A conjunction or disjunction: flat, without the neutral constant, the other constant wins; each operand once.
Expression joined(Operator op, bool neutral, std::vector<Expression> operands) {
  std::vector<Expression> all;
  const auto add = [&](const Expression& operand) {
    if (std::ranges::find(all, operand) == all.end()) all.push_back(operand);
  };
  for (const Expression& operand : operands) {
    const auto value = constant(operand);
    if (value && *value != neutral) return literal(!neutral);
    if (value) continue;
    if (const Operation* inner = as(operand, op)) {
      for (const Expression& one : inner->operands) add(one);
    } else {
      add(operand);
    }
  }
  if (all.empty()) return literal(neutral);
  if (all.size() == 1) return std::move(all.front());
  return operation(op, std::move(all));
}

std::vector<Expression> negations(const std::vector<Expression>& operands) {
  std::vector<Expression> all;
  for (const Expression& operand : operands) all.push_back(negation(operand));
  return all;
}

// --- printing

int precedence(const Expression& expression) {
  const auto* found = std::get_if<Operation>(&expression.node);
  if (found == nullptr) return 6;
  switch (found->op) {
    case Operator::Or: return 1;
    case Operator::And: return 2;
    case Operator::Equal:
    case Operator::NotEqual: return 3;
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual: return 4;
    case Operator::Not: return 5;
  }
  return 6;
}

std::string at_least(const Expression& expression, int level) {
  const std::string text = print(expression);
  return precedence(expression) < level ? "(" + text + ")" : text;
}

std::string printed(const std::vector<Expression>& expressions) {
  std::vector<std::string> texts;
  for (const Expression& expression : expressions) texts.push_back(print(expression));
  return join(texts, ", ");
}

struct Printer {
  std::string operator()(const Literal& node) const { return std::visit(*this, node.value); }
  std::string operator()(NullLiteral) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& text) const { return "'" + replaced(text, "'", "''") + "'"; }
  std::string operator()(const Name& node) const { return node.name; }
  std::string operator()(const Member& node) const {
    return at_least(node.operand.front(), 6) + "." + node.field;
  }
  std::string operator()(const Element& node) const {
    return at_least(node.operand.front(), 6) + "[" + (node.index.empty() ? "*" : print(node.index.front())) +
           "]";
  }
  std::string operator()(const Call& node) const {
    return node.function + "(" + printed(node.arguments) + ")";
  }
  std::string operator()(const Operation& node) const {
    const int level = precedence({node});
    if (node.op == Operator::Not) return "!" + at_least(node.operands.front(), level);
    std::vector<std::string> texts;
    // Left associative: an operand of the same level on the right keeps its parentheses. `&&` in `||` has them for the reader.
    for (const Expression& operand : node.operands) {
      texts.push_back(at_least(operand, node.op == Operator::Or ? 3 : level + (texts.empty() ? 0 : 1)));
    }
    return join(texts, fmt::format(" {} ", kSymbols.at(static_cast<std::size_t>(node.op))));
  }
};

// --- walking

void for_each(const Expression& expression, const auto& visit) {
  visit(expression);
  const auto all = [&](const std::vector<Expression>& below) {
    for (const Expression& one : below) for_each(one, visit);
  };
  std::visit(
      Overloaded{[](const Literal&) {}, [](const Name&) {}, [&](const Member& node) { all(node.operand); },
                 [&](const Element& node) {
                   all(node.operand);
                   all(node.index);
                 },
                 [&](const Call& node) { all(node.arguments); },
                 [&](const Operation& node) { all(node.operands); }},
      expression.node);
}

}  // namespace

bool operator==(const Expression& a, const Expression& b) {
  if (a.node.index() != b.node.index()) return false;
  return std::visit(
      Overloaded{[&](const Literal& node) { return node.value == std::get<Literal>(b.node).value; },
                 [&](const Name& node) { return node.name == std::get<Name>(b.node).name; },
                 [&](const Member& node) {
                   const auto& other = std::get<Member>(b.node);
                   return node.field == other.field && node.operand == other.operand;
                 },
                 [&](const Element& node) {
                   const auto& other = std::get<Element>(b.node);
                   return node.operand == other.operand && node.index == other.index;
                 },
                 [&](const Call& node) {
                   const auto& other = std::get<Call>(b.node);
                   return node.function == other.function && node.arguments == other.arguments;
                 },
                 [&](const Operation& node) {
                   const auto& other = std::get<Operation>(b.node);
                   return node.op == other.op && node.operands == other.operands;
                 }},
      a.node);
}

Expression literal(bool value) { return {Literal{value}}; }
Expression literal(std::string text) { return {Literal{std::move(text)}}; }

Expression path(std::string_view dotted) {
  const auto parts = split(dotted, '.');
  Expression made{Name{std::string(parts.front())}};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    std::vector<Expression> operand;
    operand.push_back(std::move(made));
    made = Expression{Member{std::move(operand), std::string(parts[i])}};
  }
  return made;
}

Expression call(std::string function, std::vector<Expression> arguments) {
  return {Call{std::move(function), std::move(arguments)}};
}
Expression equal(Expression left, Expression right) {
  return binary(Operator::Equal, std::move(left), std::move(right));
}
Expression not_equal(Expression left, Expression right) {
  return binary(Operator::NotEqual, std::move(left), std::move(right));
}

Expression negation(Expression operand) {
  if (const auto value = constant(operand)) return literal(!*value);
  if (auto* node = std::get_if<Operation>(&operand.node)) {
    switch (node->op) {
      case Operator::Not: return std::move(node->operands.front());
      case Operator::Equal: return operation(Operator::NotEqual, std::move(node->operands));
      case Operator::NotEqual: return operation(Operator::Equal, std::move(node->operands));
      case Operator::And: return any_of(negations(node->operands));
      case Operator::Or: return all_of(negations(node->operands));
      case Operator::Less:
      case Operator::LessEqual:
      case Operator::Greater:
      case Operator::GreaterEqual: break;  // not opposites: NaN is neither less nor greater
    }
  }
  std::vector<Expression> operands;
  operands.push_back(std::move(operand));
  return operation(Operator::Not, std::move(operands));
}

Expression all_of(std::vector<Expression> operands) {
  return joined(Operator::And, true, std::move(operands));
}
Expression any_of(std::vector<Expression> operands) {
  return joined(Operator::Or, false, std::move(operands));
}

std::optional<bool> constant(const Expression& expression) {
  const auto* found = std::get_if<Literal>(&expression.node);
  const bool* value = found ? std::get_if<bool>(&found->value) : nullptr;
  return value ? std::optional(*value) : std::nullopt;
}

bool has_status_function(const Expression& expression) {
  static constexpr std::array<std::string_view, 4> kFunctions = {"success", "failure", "always", "cancelled"};
  bool found = false;
  for_each(expression, [&](const Expression& one) {
    const auto* function = std::get_if<Call>(&one.node);
    if (function == nullptr) return;
    std::string name = function->function;  // case makes no difference
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (std::ranges::find(kFunctions, name) != kFunctions.end()) found = true;
  });
  return found;
}

std::vector<std::string> needed_jobs(const Expression& expression) {
  std::vector<std::string> jobs;
  for_each(expression, [&](const Expression& one) {
    const auto* member = std::get_if<Member>(&one.node);
    const auto* context = member ? std::get_if<Name>(&member->operand.front().node) : nullptr;
    if (context == nullptr || context->name != "needs" || member->field == "*") return;
    if (std::ranges::find(jobs, member->field) == jobs.end()) jobs.push_back(member->field);
  });
  return jobs;
}

std::string print(const Expression& expression) { return std::visit(Printer{}, expression.node); }

}  // namespace penstock::targets::github
