#include "model/scope.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "cel/check.h"
#include "cel/eval.h"
#include "cel/parse.h"
#include "cel/template.h"
#include "cel/total.h"
#include "yaml/reader.h"

namespace penstock::model {
namespace {

PENSTOCK_MESSAGE(BadInterpolation, "an interpolation is one name, not `{}`", std::string);
PENSTOCK_MESSAGE(BadCondition, "{}", std::string);
PENSTOCK_MESSAGE(InterpolationInQuotes, "`{}` stands in single quotes, where the shell expands nothing",
                 std::string);

constexpr std::array kFacts = {
    Fact{"event.kind", "push, tag, pull_request, schedule or manual"},
    Fact{"ref.branch", "the branch that was pushed or is run on; empty on tags and pull requests"},
    Fact{"ref.tag", "the tag; empty on everything else"},
    Fact{"commit.sha", "the commit that is built"},
    Fact{"pull_request.number", "its number; empty elsewhere"},
    Fact{"pull_request.source", "the branch it comes from; empty elsewhere"},
    Fact{"pull_request.target", "the branch it goes to; empty elsewhere"},
};

const std::vector<cel::Reserved>& reserved() {
  static const std::vector<cel::Reserved> kAll = {
      {"secrets",
       "secrets are never in expressions: write `secrets: { NAME: name-of-the-secret }` on the job"},
      {"success", "status functions come later: a job runs when everything it needs succeeded"},
      {"failure", "status functions come later"},
      {"always", "status functions come later"},
      {"cancelled", "status functions come later"},
      {"needs", "results and outputs of other jobs come later"},
      {"inputs", "inputs of manual runs come later"},
      {"matrix", "matrices come later"},
      {"github", "this is a name of one platform: use `event`, `ref`, `pull_request`"},
      {"env", "name the value itself, or read the variable in the script"},
  };
  return kAll;
}

cel::Positions positions(const SourceManager& sources, const yaml::Node& scalar) {
  return [&sources, &scalar](std::size_t begin, std::size_t end) {
    return yaml::span_within(sources, scalar, begin, end);
  };
}

cel::Environment text_environment(const Scope& scope) {
  cel::Environment environment;
  for (const auto& [name, value] : scope.constants)
    environment.variables.push_back({name, cel::types::kString});
  if (scope.facts) {
    for (const Fact& fact : kFacts)
      environment.variables.push_back({std::string(fact.name), cel::types::kString});
  }
  if (scope.variables) environment.variables.push_back({"vars.*", cel::types::kString});
  environment.reserved = reserved();
  return environment;
}

cel::Facts constants(const Scope& scope) {
  return {[&scope](std::string_view name) -> std::optional<cel::Value> {
            const auto found = std::ranges::find(scope.constants, name,
                                                 [](const auto& one) { return std::string_view(one.first); });
            if (found == scope.constants.end()) return std::nullopt;
            return cel::Value{found->second};
          },
          {}};
}

std::optional<cel::Template> resolved(const yaml::Node& scalar, const Scope& scope, diag::Sink& sink) {
  auto parsed = cel::parse_template(scalar.text, positions(*scope.sources, scalar), sink);
  if (!parsed) return std::nullopt;
  auto checked = cel::check(std::move(*parsed), text_environment(scope), sink);
  if (!checked) return std::nullopt;
  return cel::fold(*checked, constants(scope));
}

/// A name that is known only when the pipeline runs.
std::optional<std::variant<std::string, FactRef, VariableRef>> reference(const cel::Expr& expr,
                                                                         diag::Sink& sink) {
  const auto* name = std::get_if<cel::Ident>(&expr.node);
  if (name == nullptr) {
    diag::build(sink, expr.span, kBadInterpolation, cel::print(expr))
        .help("compute it in the script, from the variables it is made of")
        .emit();
    return std::nullopt;
  }
  if (name->name.starts_with("vars.")) return VariableRef{name->name.substr(5)};
  return FactRef{name->name};
}

/// Where in a script a position stands, as far as quotes go. Behind a here-document's `<<` nothing is said.
enum class Quote : unsigned char { None, Double, Single, Unknown };

/// Follows the quotes of a script, piece by piece.
class ShellQuotes {
 public:
  void read(std::string_view text) {
    for (const char c : text) read(c);
  }
  Quote here() const { return document_ ? Quote::Unknown : quote_; }

 private:
  void read(char c) {
    const bool escaped = std::exchange(escape_, false);
    const char before = std::exchange(last_, c);
    if (comment_) {
      comment_ = c != '\n';
    } else if (quote_ == Quote::Single) {
      if (c == '\'') quote_ = Quote::None;
    } else if (escaped) {
      return;
    } else if (c == '\\') {
      escape_ = true;
    } else if (c == '"') {
      quote_ = quote_ == Quote::Double ? Quote::None : Quote::Double;
    } else if (quote_ == Quote::None) {
      if (c == '\'') quote_ = Quote::Single;
      if (c == '#' && (before == '\n' || before == ' ' || before == '\t' || before == '\0')) comment_ = true;
      if (c == '<' && before == '<') document_ = true;
    }
  }

  Quote quote_ = Quote::None;
  bool escape_ = false;
  bool comment_ = false;
  bool document_ = false;
  char last_ = '\0';
};

/// The arguments of `changed` are patterns, known before anything runs.
bool check_patterns(const cel::Expr& condition, diag::Sink& sink) {
  bool good = true;
  cel::for_each(condition, [&](const cel::Expr& expr) {
    const auto* call = std::get_if<cel::Call>(&expr.node);
    if (call == nullptr || call->function != "changed") return;
    for (const cel::Expr& argument : call->arguments) {
      const auto* pattern = cel::literal<std::string>(argument);
      if (pattern == nullptr) {
        diag::build(sink, argument.span, kBadCondition, "a pattern of `changed` is written out")
            .help("write it in quotes: `changed(\"src/**\")`")
            .emit();
      }
      good = good && pattern != nullptr && parse_glob({*pattern, argument.span}, sink).has_value();
    }
  });
  return good;
}

/// `ref.branch` → REF_BRANCH, `vars.X` → X.
std::string variable_of(const cel::Expr& expr) {
  const auto* name = std::get_if<cel::Ident>(&expr.node);
  if (name == nullptr) return {};
  return variable_name(name->name.starts_with("vars.") ? name->name.substr(5) : name->name);
}

}  // namespace

std::span<const Fact> text_facts() { return kFacts; }

std::optional<Text> resolve(const yaml::Node& scalar, const Scope& scope, diag::Sink& sink) {
  if (scalar.text.find("${{") == std::string::npos)
    return Text{{scalar.text}, scalar.span};  // by far the most
  const auto folded = resolved(scalar, scope, sink);
  if (!folded) return std::nullopt;
  Text text{{}, scalar.span};
  for (const auto& part : folded->parts) {
    if (const auto* constant = std::get_if<std::string>(&part)) {
      text.parts.emplace_back(*constant);
    } else if (auto name = reference(std::get<cel::Expr>(part), sink)) {
      text.parts.push_back(std::move(*name));
    } else {
      return std::nullopt;
    }
  }
  return text;
}

std::optional<Script> resolve_script(const yaml::Node& scalar, const Scope& scope, diag::Sink& sink) {
  if (scalar.text.find("${{") == std::string::npos) return Script{scalar.text, {}};
  auto parsed = cel::parse_template(scalar.text, positions(*scope.sources, scalar), sink);
  if (!parsed) return std::nullopt;
  const auto checked = cel::check(std::move(*parsed), text_environment(scope), sink);
  if (!checked) return std::nullopt;
  Script script;
  ShellQuotes quotes;
  for (const auto& part : checked->parts) {
    if (const auto* text = std::get_if<std::string>(&part)) {
      script.text += *text;
      quotes.read(*text);
      continue;
    }
    const cel::Expr& expr = std::get<cel::Expr>(part);
    const std::string variable = variable_of(expr);
    if (variable.empty()) {
      reference(expr, sink);
      return std::nullopt;
    }
    const std::string& name = std::get<cel::Ident>(expr.node).name;
    const auto constant = constants(scope).variable(name);
    Text value{{}, expr.span};
    if (constant) {
      value.parts.emplace_back(*constant->get<std::string>());
    } else {
      value.parts.push_back(*reference(expr, sink));
    }
    if (quotes.here() == Quote::Single) {
      diag::build(sink, expr.span, kInterpolationInQuotes, cel::print(expr))
          .help(fmt::format("it becomes the environment variable {}: use double quotes", variable))
          .emit();
      return std::nullopt;
    }
    script.text += quotes.here() == Quote::None ? fmt::format("\"${{{}}}\"", variable)
                                                : fmt::format("${{{}}}", variable);
    if (std::ranges::find(script.env, variable, &std::pair<std::string, Text>::first) == script.env.end()) {
      script.env.emplace_back(variable, std::move(value));
    }
  }
  return script;
}

const cel::Environment& event_environment() {
  using cel::types::kBool;
  using cel::types::kString;
  static const cel::Environment kAll = {
      {{"event.kind", kString, {"push", "tag", "pull_request", "schedule", "manual"}},
       {"ref.branch", kString},
       {"ref.tag", kString},
       {"pull_request.source", kString},
       {"pull_request.target", kString},
       {"pull_request.fork", kBool}},
      {{"changed", {kString}, kBool, true}},
      reserved()};
  return kAll;
}

/// A condition that fails for some event would be neither true nor false. What can be computed now does not count.
bool check_total(const cel::Expr& condition, diag::Sink& sink) {
  const cel::Expr folded = cel::fold(condition, {});
  const cel::Expr* part = cel::fallible(folded, event_environment());
  if (part == nullptr) return true;
  diag::build(sink, part->span, kBadCondition, fmt::format("`{}` can fail", cel::print(*part)))
      .help("a condition has a value for every event")
      .emit();
  return false;
}

std::optional<cel::Expr> resolve_condition(const yaml::Node& scalar, const SourceManager& sources,
                                           diag::Sink& sink) {
  auto parsed = cel::parse(scalar.text, positions(sources, scalar), sink);
  if (!parsed) return std::nullopt;
  auto condition = cel::check_condition(std::move(*parsed), event_environment(), sink);
  if (!condition || !check_patterns(*condition, sink) || !check_total(*condition, sink)) return std::nullopt;
  return condition;
}

}  // namespace penstock::model
