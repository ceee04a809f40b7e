// Conditions on the event as rules of a stage. A rule compares one variable; rules hold together; there is no `or` between variables.
#include <fmt/core.h>

#include <algorithm>

#include "cel/ast.h"
#include "targets/codepipeline/draft.h"

namespace penstock::targets::codepipeline {
namespace {

using cel::Builtin;
using cel::Expr;
using cel::Operator;

PENSTOCK_MESSAGE(NotExpressible, "a condition of CodePipeline cannot say `{}`", std::string);

constexpr std::string_view kChanges = "changes.";

/// A Java expression for exactly this text.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(R"(\.+*?()|[]{}^$-)").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

const std::string* literal(const Expr& expr) { return cel::literal<std::string>(expr); }

/// A Java regular expression that a whole text matches exactly when a condition on it holds; nothing when the condition is too much.
/// None has a `|` outside of parentheses.
class Pattern {
 public:
  static std::optional<std::string> of(const Expr& expr) {
    if (const auto* operation = std::get_if<cel::Operation>(&expr.node)) return of(*operation);
    if (const auto* call = std::get_if<cel::Call>(&expr.node)) return of(*call);
    return std::nullopt;
  }

 private:
  static std::optional<std::string> of(const cel::Operation& operation) {
    const auto& operands = operation.operands;
    switch (operation.op) {
      case Operator::Equal: return text_of(operands);
      case Operator::NotEqual: return without(text_of(operands));
      case Operator::Not: return without(of(operands.front()));
      case Operator::Or: return joined(operands, "(?:", "|", ")");
      case Operator::And: return joined(operands, "(?=", "$)(?=", "$).*");
      case Operator::In: return one_of(operands);
      case Operator::Negate:
      case Operator::Less:
      case Operator::LessEqual:
      case Operator::Greater:
      case Operator::GreaterEqual:
      case Operator::Add:
      case Operator::Subtract:
      case Operator::Multiply:
      case Operator::Divide:
      case Operator::Remainder:
      case Operator::Conditional:
      case Operator::Index: return std::nullopt;
    }
    return std::nullopt;
  }

  static std::optional<std::string> of(const cel::Call& call) {
    const auto function = cel::builtin(call.function);
    if (!function || call.arguments.size() != 2 || literal(call.arguments[1]) == nullptr) return std::nullopt;
    const std::string& text = *literal(call.arguments[1]);
    switch (*function) {
      case Builtin::StartsWith: return quoted(text) + ".*";
      case Builtin::EndsWith: return ".*" + quoted(text);
      case Builtin::Contains: return ".*" + quoted(text) + ".*";
      case Builtin::Matches: return ".*(?:" + text + ").*";
      case Builtin::Size: return std::nullopt;
    }
    return std::nullopt;
  }

  static std::optional<std::string> text_of(const std::vector<Expr>& operands) {
    for (const Expr& operand : operands) {
      if (const std::string* text = literal(operand)) return quoted(*text);
    }
    return std::nullopt;
  }

  static std::optional<std::string> without(std::optional<std::string> pattern) {
    if (!pattern) return std::nullopt;
    return "(?!" + *pattern + "$).*";
  }

  static std::optional<std::string> joined(const std::vector<Expr>& operands, std::string_view open,
                                           std::string_view between, std::string_view close) {
    std::string all(open);
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const auto pattern = of(operands[i]);
      if (!pattern) return std::nullopt;
      if (i > 0) all += between;
      all += *pattern;
    }
    return all += close;
  }

  static std::optional<std::string> one_of(const std::vector<Expr>& operands) {
    const auto* list = std::get_if<cel::List>(&operands[1].node);
    if (list == nullptr) return std::nullopt;
    std::string all = "(?:";
    for (const Expr& item : list->items) {
      if (literal(item) == nullptr) return std::nullopt;
      if (all.back() != ':') all += '|';
      all += quoted(*literal(item));
    }
    return all + ")";
  }
};

/// What stands on the other side of a comparison with a literal.
const std::string* compared(const std::vector<Expr>& operands) {
  const std::string* left = literal(operands[0]);
  return left != nullptr ? left : literal(operands[1]);
}

/// The plain comparison, where there is one: people read it better than a pattern.
std::optional<RuleConfiguration> plain(const Expr& expr) {
  if (const auto* both = cel::operands(expr, Operator::Equal); both && compared(*both))
    return RuleConfiguration{"", "EQ", *compared(*both)};
  if (const auto* both = cel::operands(expr, Operator::NotEqual); both && compared(*both))
    return RuleConfiguration{"", "NE", *compared(*both)};
  const auto* call = std::get_if<cel::Call>(&expr.node);
  if (call != nullptr && call->function == "contains" && literal(call->arguments[1]))
    return RuleConfiguration{"", "CONTAINS", *literal(call->arguments[1])};
  return std::nullopt;
}

/// `changes.src` and its negation.
std::optional<RuleConfiguration> changes(const Expr& expr) {
  const auto* inner = cel::operands(expr, Operator::Not);
  const auto* name = std::get_if<cel::Ident>(inner ? &inner->front().node : &expr.node);
  if (name == nullptr || !name->name.starts_with(kChanges)) return std::nullopt;
  return RuleConfiguration{
      fmt::format("#{{{}.{}}}", kChangesSpace,
                  changed_variable(std::string_view(name->name).substr(kChanges.size()))),
      inner ? "NE" : "EQ", "true"};
}

/// One fact compared in any way.
std::optional<RuleConfiguration> compares(const Expr& expr, const Table& facts) {
  const std::vector<std::string> names = cel::variables(expr);
  if (names.size() != 1 || source_variable(facts, names.front()).empty()) return std::nullopt;
  std::optional<RuleConfiguration> rule = plain(expr);
  // No configuration can be empty, and `#{` begins a variable of CodePipeline's; a pattern has neither.
  if (rule && (rule->value.empty() || rule->value.find("#{") != std::string::npos)) rule.reset();
  if (!rule) {
    const auto pattern = Pattern::of(expr);
    if (!pattern || pattern->find("#{") != std::string::npos) return std::nullopt;
    rule = RuleConfiguration{"", "MATCHES", "^" + *pattern + "$"};
  }
  rule->variable = source_variable(facts, names.front());
  return rule;
}

}  // namespace

std::vector<StageRule> condition_rules(const Expr& when, const Context& context) {
  const auto* conjuncts = cel::operands(when, Operator::And);
  const std::vector<Expr> all = conjuncts ? *conjuncts : std::vector<Expr>{when};
  std::vector<StageRule> rules;
  for (const Expr& expr : all) {
    auto configuration = changes(expr);
    if (!configuration) configuration = compares(expr, *context.facts);
    if (!configuration) {
      diag::build(*context.sink, expr.span, kNotExpressible, cel::print(expr))
          .help(
              "it compares one fact of the event at a time: write a job for each case, or ask in the script")
          .emit();
      continue;
    }
    StageRule rule;
    rule.name = fmt::format("when-{}", rules.size() + 1);
    rule.configuration = std::move(*configuration);
    rules.push_back(std::move(rule));
  }
  const auto most = static_cast<std::size_t>(context.facts->number("limits.rules"));
  if (rules.size() > most) {
    diag::build(*context.sink, when.span, kNotExpressible, cel::print(when))
        .help(fmt::format("a condition has at most {} parts here", most))
        .emit();
  }
  return rules;
}

}  // namespace penstock::targets::codepipeline
