#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "targets/github/simulate_filter.h"
#include "targets/github/simulate_level.h"

namespace penstock::targets::github {
namespace {

constexpr std::string_view kDefault = "the repository's default";

void add_once(auto& list, auto value) {
  if (std::ranges::find(list, value) == list.end()) list.push_back(std::move(value));
}

int rank(std::string_view level) { return level == "write" ? 2 : level == "read" ? 1 : 0; }

Rights from(const Permissions& permissions) {
  Rights made;
  made.all = permissions.all;
  for (const Permissions::Grant& grant : permissions.grants) {
    if (rank(grant.level) > 0) made.levels.emplace_back(grant.scope, grant.level);
  }
  std::ranges::sort(made.levels);
  return made;
}

/// The token of a fork's request: what would write reads, and nobody gets an identity.
Rights of_fork(Rights rights) {
  if (rights.all == "write-all") rights.all = "read-all";
  std::erase_if(rights.levels, [](const auto& one) { return one.first == "id-token"; });
  for (auto& [scope, level] : rights.levels) level = "read";
  return rights;
}

Text as_text(const Value& value) {
  if (const auto* text = std::get_if<Text>(&value.is)) return *text;
  if (const auto* number = std::get_if<long>(&value.is)) return Text(std::to_string(*number));
  return Text(std::get<bool>(value.is) ? "true" : "false");
}

void visit(const Expression& expression, const std::function<void(const Expression&)>& see) {
  see(expression);
  const auto all = [&](const std::vector<Expression>& below) {
    for (const Expression& one : below) visit(one, see);
  };
  if (const auto* member = std::get_if<Member>(&expression.node)) all(member->operand);
  if (const auto* call = std::get_if<Call>(&expression.node)) all(call->arguments);
  if (const auto* operation = std::get_if<Operation>(&expression.node)) all(operation->operands);
  if (const auto* element = std::get_if<Element>(&expression.node)) {
    all(element->operand);
    all(element->index);
  }
}

bool is_context(const Expression& expression, std::string_view name) {
  const auto* found = std::get_if<Name>(&expression.node);
  return found != nullptr && same_ignoring_case(found->name, name);
}

/// The names behind `secrets.` in a text, as it is written.
std::vector<std::string> named_secrets(const Text& text) {
  std::vector<std::string> names;
  for (const auto& part : text.parts) {
    const auto* expression = std::get_if<Expression>(&part);
    if (expression == nullptr) continue;
    visit(*expression, [&](const Expression& one) {
      const auto* member = std::get_if<Member>(&one.node);
      if (member != nullptr && is_context(member->operand.front(), "secrets")) add_once(names, member->field);
      const auto* element = std::get_if<Element>(&one.node);
      if (element == nullptr || !is_context(element->operand.front(), "secrets") || element->index.empty())
        return;
      const auto* literal = std::get_if<Literal>(&element->index.front().node);
      const auto* name = literal ? std::get_if<std::string>(&literal->value) : nullptr;
      if (name != nullptr) add_once(names, *name);
    });
  }
  return names;
}

/// Walks through the steps of a job, and into the actions of the repository that they use.
class Walk {
 public:
  Walk(const Level& level, const Rights& rights, run::Reach& reach, Files& files)
      : level_(level), rights_(rights), reach_(reach), files_(files) {}

  void steps(const std::vector<Step>& all, const Scope& scope) {
    for (const Step& step : all) {
      if (step.condition && truth(evaluate(step.condition, scope)) == false) continue;
      one(step, scope);
    }
  }

  void environment(const Named<Text>& env, const Scope& scope) {
    for (const auto& [name, text] : env) value(name.value, text, scope);
  }

 private:
  static constexpr int kMostNested = 10;  // GitHub's limit of composite actions

  void one(const Step& step, const Scope& scope) {
    environment(step.env, scope);
    if (!step.run.empty()) {
      reach_.commands.push_back(script(step, scope));
      return;
    }
    if (step.uses.to.empty()) return;
    if (const Action* action = own_action(*level_.tree, step.uses.to)) return nested(*action, step, scope);
    reach_.commands.push_back(step.uses.to);
    for (const auto& [name, given] : step.with) {
      for (std::string& secret : secrets_of(as_text(given), level_))
        add_once(reach_.secrets, std::pair(name.value, std::move(secret)));
    }
    known_action(step, scope);
  }

  void nested(const Action& action, const Step& step, const Scope& scope) {
    if (++depth_ > kMostNested) return;
    Scope inner = scope;
    Object inputs;
    for (const auto& [name, input] : action.inputs) inputs.set(name.value, input.initial);
    for (const auto& [name, given] : step.with) {
      Evaluated text = evaluate(as_text(given), scope);
      if (text.known) {
        inputs.set(name.value, std::move(text.text));
      } else {
        Unknown unknown{text.why};
        unknown.written = std::move(text.text);
        inputs.set(name.value, std::move(unknown));
      }
      for (std::string& secret : secrets_of(as_text(given), level_))
        add_once(reach_.secrets, std::pair(name.value, std::move(secret)));
    }
    inner.contexts.set("inputs", std::move(inputs));
    steps(action.runs.steps, inner);
    --depth_;
  }

  /// Actions that pass files and roles.
  void known_action(const Step& step, const Scope& scope) {
    const std::string_view action = std::string_view(step.uses.to).substr(0, step.uses.to.find('@'));
    const auto input = [&](std::string_view name) -> std::optional<std::string> {
      for (const auto& [key, given] : step.with) {
        if (same_ignoring_case(key.value, name)) return evaluate(as_text(given), scope).text;
      }
      return std::nullopt;
    };
    if (action == "actions/upload-artifact") files_.kept.push_back(input("name").value_or("artifact"));
    if (action == "actions/download-artifact" && !input("run-id"))
      files_.fetched.push_back(input("name") ? *input("name") : input("pattern").value_or("*"));
    if (action == "aws-actions/configure-aws-credentials") {
      // Without keys the role is taken with a token of the job, which asks for a right.
      const bool by_token =
          std::ranges::find(rights_.levels, std::pair<std::string, std::string>("id-token", "write")) !=
              rights_.levels.end() ||
          rights_.all == "write-all";
      if (by_token || input("aws-access-key-id")) reach_.role = input("role-to-assume").value_or("");
    }
  }

  void value(const std::string& name, const Text& text, const Scope& scope) {
    std::vector<std::string> secrets = secrets_of(text, level_);
    for (std::string& secret : secrets) add_once(reach_.secrets, std::pair(name, std::move(secret)));
    if (secrets.empty()) add_once(reach_.variables, std::pair(name, evaluate(text, scope).text));
  }

  /// A script in which expressions are replaced before the shell sees it.
  std::string script(const Step& step, const Scope& scope) const {
    if (step.run.find("${{") == std::string::npos) return step.run;
    diag::Sink sink;
    codec::Decoder decoder(sink);
    Text text;
    decode_value(yaml::string(step.run), text, decoder);
    return evaluate(text, scope).text;
  }

  const Level& level_;
  const Rights& rights_;
  run::Reach& reach_;
  Files& files_;
  int depth_ = 0;
};

Object open(std::string why) {
  Object made;
  made.open = std::move(why);
  return made;
}

/// A secret that does not reach the workflow is empty.
Object secrets_context(const Level& level) {
  const Unknown hidden{"it is a secret"};
  Object made;
  made.set("GITHUB_TOKEN", hidden);
  if (level.from_fork) return made;
  if (level.all_secrets) return open(hidden.why);
  for (const auto& [name, behind] : level.secrets) made.set(name, behind.empty() ? Data("") : Data(hidden));
  return made;
}

}  // namespace

const Action* own_action(const Tree& tree, std::string_view uses) {
  if (!uses.starts_with("./") && !uses.starts_with("$/")) return nullptr;
  const std::string folder(uses.substr(2));
  for (const auto& [file, action] : tree.actions) {
    if (file == folder + "/action.yml" || file == folder + "/action.yaml") return &action;
  }
  return nullptr;
}

bool Rights::cover(const Rights& other) const {
  if (all == kDefault || other.all == kDefault || all == "write-all") return true;
  if (other.all == "write-all") return false;
  if (other.all == "read-all") return all == "read-all";
  return std::ranges::all_of(other.levels, [&](const auto& asked) {
    if (all == "read-all" && rank(asked.second) <= 1) return true;
    return std::ranges::any_of(levels, [&](const auto& one) {
      return one.first == asked.first && rank(one.second) >= rank(asked.second);
    });
  });
}

std::vector<std::string> Rights::words() const {
  if (!all.empty()) return {all};
  std::vector<std::string> words;
  for (const auto& [scope, level] : levels) words.push_back(scope + ": " + level);
  return words;
}

Rights asked(const Workflow& workflow, const Job& job, const std::optional<Rights>& most) {
  if (job.permissions) return from(*job.permissions);
  if (workflow.permissions) return from(*workflow.permissions);
  if (most) return *most;
  Rights made;
  made.all = kDefault;
  return made;
}

Rights rights(const Level& level, const Job& job) {
  Rights made = asked(*level.workflow, job, level.most);
  return level.from_fork ? of_fork(std::move(made)) : made;
}

std::vector<std::string> secrets_of(const Text& text, const Level& level) {
  std::vector<std::string> all;
  if (level.from_fork) return all;
  for (const std::string& name : named_secrets(text)) {
    if (same_ignoring_case(name, "GITHUB_TOKEN")) continue;  // the job's own token
    if (level.all_secrets) add_once(all, name);
    for (const auto& [handed, behind] : level.secrets) {
      if (!same_ignoring_case(handed, name)) continue;
      for (const std::string& one : behind) add_once(all, one);
    }
  }
  return all;
}

run::Reach reach(const Level& level, const Job& job, const Row& row, Files& files) {
  run::Reach made;
  const Rights granted = rights(level, job);
  made.rights = granted.words();
  Scope scope = static_scope(level, &row);
  for (const char* late : {"steps", "env", "runner", "job"})
    scope.contexts.set(late, open("it is known when the job runs"));
  scope.contexts.set("secrets", secrets_context(level));
  Walk walk(level, granted, made, files);
  const auto hidden = [&](const auto& one, const Named<Text>& by) {
    return std::ranges::any_of(by, [&](const auto& other) { return other.first.value == one.first.value; });
  };
  Named<Text> outer = level.workflow->env;
  std::erase_if(outer, [&](const auto& one) { return hidden(one, job.env); });
  walk.environment(outer, scope);
  walk.environment(job.env, scope);
  walk.steps(job.steps, scope);
  return made;
}

bool takes_artifact(std::string_view pattern, std::string_view name) {
  if (pattern == name) return true;
  return pattern.find('*') != std::string_view::npos && matches_pattern(pattern, name);
}

}  // namespace penstock::targets::github
