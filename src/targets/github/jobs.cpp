#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/text.h"
#include "targets/github/patterns.h"
#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

using model::Permission;

/// `$/`: of this repository at the running commit, without a checkout.
Reference own_action(std::string_view name) { return {fmt::format("$/.github/actions/{}", name), ""}; }

/// Why a job asks for a right, for the reader.
std::string reason(const plan::Job& job, Permission permission) {
  if (permission == Permission::Contents) return "";
  if (permission == Permission::IdToken && job.access) return "take the role";
  if (std::holds_alternative<plan::ReportDrift>(job.work))
    return "open, update and close the issue of each stack";
  if (std::holds_alternative<plan::CommentPlans>(job.work)) return "one comment, updated in place";
  return "as penstock.yaml says";
}

void grant(Permissions& permissions, std::string scope, std::string level, std::string why) {
  const auto found = std::ranges::find(permissions.grants, scope, &Permissions::Grant::scope);
  if (found == permissions.grants.end()) {
    permissions.grants.push_back({std::move(scope), std::move(level), std::move(why)});
  } else if (found->level == "read") {
    found->level = std::move(level);
  }
}

Permissions permissions_of(const Shaping& shaping, const plan::Job& job) {
  Permissions made;
  for (const auto& [permission, level] : job.permissions) {
    const bool plain = permission == Permission::Contents && level == model::Level::Read;
    grant(made, std::string(shaping.facts().get(fmt::format("scopes.{}", model::name(permission)))),
          std::string(model::name(level)),
          permission == Permission::Contents && !plain ? "as penstock.yaml says" : reason(job, permission));
  }
  if (job.approval) grant(made, "actions", "read", "ask whether the environment is protected");
  return made;
}

Concurrency queue(const std::string& environment, std::vector<std::string> comment) {
  Concurrency made;
  made.group = Text("deliver-" + environment);
  made.queue = "max";
  made.comment = std::move(comment);
  return made;
}

Step with_token(Step step) {
  put(step.env, "GITHUB_TOKEN", Text(path("github.token")));
  return step;
}

/// Makes the job of one unit: first what all jobs have, then what its work asks for.
class Maker {
 public:
  Maker(const Shaping& shaping, const Layout& layout, const Events& events, const Unit& unit, Start start)
      : shaping_(shaping),
        layout_(layout),
        events_(events),
        unit_(unit),
        node_(layout.first(unit)),
        kinds_(events.kinds(node_)) {
    for (const plan::JobId node : unit.nodes) rows_.push_back(facts_of(shaping, layout.pipeline->jobs[node]));
    job_.needs.all = std::move(start.needs);
    job_.condition = std::move(start.condition);
    job_.condition_comment = std::move(start.comment);
  }

  Job make() {
    add_frame();
    std::visit([&](const auto& work) { add(work); }, node_.work);
    return std::move(job_);
  }

 private:
  void add_frame() {
    job_.name = unit_.nodes.size() > 1 ? matrix_name() : Text(node_.title);
    if (std::string(unit_.id).size() > static_cast<std::size_t>(shaping_.facts().number("limits.job_id"))) {
      shaping_.refuse(fmt::format("jobs.{}", unit_.id), shaping_.span(node_.origin),
                      fmt::format("a job's name as long as `{}`", unit_.id), "take shorter names");
    }
    job_.runs_on =
        yaml::string(std::string(shaping_.catalog().get(fmt::format("runs_on.{}.github", node_.runs_on))));
    job_.timeout_minutes = Value(static_cast<long>(node_.timeout.count()));
    job_.permissions = permissions_of(shaping_, node_);
    if (node_.environment) job_.environment = Environment{Text(shaping_.name(*node_.environment)), {}};
    if (node_.turn && !unit_.turn) job_.concurrency = queue(shaping_.name(*node_.turn), {});
    if (node_.image) job_.container = Container{events_.text(*node_.image, kinds_), {}};
    if (unit_.nodes.size() > 1) job_.strategy = Strategy{Value(false), matrix(rows_), {}};
    add_environment_variables();
  }

  Text matrix_name() const {
    return {{unit_.id + " (", path("matrix.environment"), ", ", path("matrix.stack"), ")"}};
  }

  void add_environment_variables() {
    if (std::holds_alternative<plan::DetectDrift>(node_.work)) {
      put(job_.env, "ENVIRONMENT", value_of(rows_, "environment"));
      put(job_.env, "STACK", value_of(rows_, "stack"));
    }
    for (const auto& [name, text] : node_.env) add_variable(name, events_.text(text, kinds_));
    for (const auto& [name, secret] : node_.secrets)
      add_variable(name, Text(path("secrets." + secret_name(secret))));
    for (const plan::JobId node : unit_.nodes) {
      for (const std::string& name : layout_.pipeline->jobs[node].variables)
        add_variable(name, Text(path("vars." + name)));
    }
  }

  void add_variable(const std::string& name, Text value) {
    const auto known = std::ranges::find(job_.env, name, [](const auto& one) { return one.first.value; });
    if (known == job_.env.end()) put(job_.env, name, std::move(value));
  }

  // --- steps that come first

  void add_checkout(bool history = false) { job_.steps.push_back(checkout_step(shaping_, history)); }

  void add_protection() {
    if (!node_.approval) return;
    const std::string self = node_.approval->self ? "" : " false";
    job_.steps.push_back(
        with_token(run_step("Is the environment protected?",
                            fmt::format("sh .penstock/protection.sh {} {}{}",
                                        shaping_.name(*node_.environment), node_.approval->count, self))));
  }

  void add_role() {
    if (!node_.access) return;
    Step step = action_step(shaping_, "configure-aws-credentials", "Take the role");
    put(step.with, "role-to-assume", Value(value_of(rows_, "role")));
    put(step.with, "aws-region", Value(value_of(rows_, "region")));
    put(step.with, "role-session-name", Value(value_of(rows_, "session")));
    job_.steps.push_back(std::move(step));
  }

  /// Calls the action that plans or applies.
  Step stack_step(std::string name, std::string_view action) const {
    const Toolset tools = planned_tools(shaping_);
    Step step;
    step.name = std::move(name);
    step.uses = own_action(action);
    put(step.with, "environment", Value(value_of(rows_, "environment")));
    put(step.with, "stack", Value(value_of(rows_, "stack")));
    if (tools.tools.size() > 1) put(step.with, "tool", Value(value_of(rows_, "tool")));
    if (tools.versions.size() > 1) put(step.with, "version", Value(value_of(rows_, "version")));
    return step;
  }

  // --- the work

  void add(const plan::Steps&) {
    std::vector<Step> steps = written_steps(shaping_, *layout_.pipeline, node_, events_, kinds_);
    job_.steps.push_back(std::move(steps.front()));  // the checkout: what comes next runs our scripts
    add_protection();
    add_role();
    std::move(steps.begin() + 1, steps.end(), std::back_inserter(job_.steps));
  }

  void add(const plan::SourceGate& gate) {
    const model::Gate& judge = shaping_.project().gates[gate.gate];
    add_checkout(true);
    job_.steps.push_back(run_step("Tools", "sh .penstock/tools.sh gitleaks"));
    Step step = run_step("Gate", fmt::format("sh .penstock/gate.sh {}", judge.name));
    if (kinds_.has(model::EventKind::PullRequest))
      put(step.env, "PENSTOCK_BASE", Text(path("github.event.pull_request.base.sha")));
    job_.steps.push_back(std::move(step));
    Step summary =
        run_step("Summary",
                 fmt::format("sh .penstock/summary.sh \"Gate {}\" >> \"$GITHUB_STEP_SUMMARY\"", judge.name));
    summary.condition = Condition{negation(call("cancelled"))};
    job_.steps.push_back(std::move(summary));
  }

  void add(const plan::PlanStack& plan) {
    add_checkout();
    add_role();
    Step step = stack_step("Plan", "plan");
    if (plan.speculative) {
      put(step.with, "speculative", Value("true"));
    } else {
      step.id = "plan";
      put(job_.outputs, "changes", Text(path("steps.plan.outputs.changes")));
      put(job_.outputs, "digest", Text(path("steps.plan.outputs.digest")));
    }
    job_.steps.push_back(std::move(step));
  }

  void add(const plan::ApplyStack& apply) {
    add_checkout();
    add_protection();
    add_role();
    Step step = stack_step("Apply", "apply");
    put(step.with, "digest",
        Value(Text(path(fmt::format("needs.{}.outputs.digest", layout_.at(apply.plan).id)))));
    job_.steps.push_back(std::move(step));
  }

  void add(const plan::DetectDrift&) {
    add_checkout();
    add_role();
    StackArguments arguments{value_of(rows_, "environment"), value_of(rows_, "stack"),
                             value_of(rows_, "tool"), value_of(rows_, "version"), false};
    std::vector<plan::StackId> stacks;
    for (const plan::JobId node : unit_.nodes)
      stacks.push_back(std::get<plan::DetectDrift>(layout_.pipeline->jobs[node].work).stack);
    std::vector<Step> steps = drift_steps(shaping_, arguments, toolset(shaping_.project(), stacks));
    std::ranges::move(steps, std::back_inserter(job_.steps));
  }

  void add_downloads(std::string name, std::string pattern, std::string folder) {
    Step step = action_step(shaping_, "download-artifact", std::move(name));
    put(step.with, "pattern", Value(std::move(pattern)));
    put(step.with, "path", Value(std::move(folder)));
    put(step.with, "merge-multiple", Value(true));
    job_.steps.push_back(std::move(step));
  }

  void add(const plan::ReportDrift&) {
    add_checkout();
    add_downloads("Get the results", "drift-*", "penstock-out/drift");
    job_.steps.push_back(with_token(run_step("Report", "sh .penstock/report.sh github")));
  }

  void add(const plan::CommentPlans&) {
    add_checkout();
    add_downloads("Get the summaries", "summary-*", "penstock-out");
    Step step = with_token(
        run_step("Comment", "sh .penstock/comment.sh \"$NUMBER\" \"What this pull request would change\""));
    put(step.env, "NUMBER", Text(path("github.event.pull_request.number")));
    job_.steps.push_back(std::move(step));
  }

  // --- generated helpers

  /// Units of nodes, each once, in order.
  std::vector<const Unit*> units_of(const std::vector<plan::JobId>& nodes) const {
    std::vector<const Unit*> units;
    for (const plan::JobId node : nodes) {
      if (std::ranges::find(units, &layout_.at(node)) == units.end()) units.push_back(&layout_.at(node));
    }
    return units;
  }

  /// A job that its condition may keep from running is skipped by right; of a fork no plan is made, and that is told.
  void add(const plan::RequiredCheck& work) {
    job_.comment = {"The one check to require in the branch rules: its name stays when jobs come and go."};
    std::vector<std::string> by_right;
    for (const Unit* unit : units_of(work.checks)) {
      const plan::Job& job = layout_.first(*unit);
      const auto selected = constant(events_.selected(job, kinds_));
      const bool told = std::holds_alternative<plan::PlanStack>(job.work);
      if (!selected && !told) by_right.push_back(unit->id);
    }
    add_fork_step(work);
    job_.steps.push_back(required_step(by_right));
  }

  static Step required_step(const std::vector<std::string>& by_right) {
    constexpr std::string_view kTold =
        R"sh(printf '%s' "$NEEDS" | jq -r 'to_entries[] | "\(.key): \(.value.result)"')sh";
    constexpr std::string_view kAll =
        R"sh(printf '%s' "$NEEDS" | jq -e 'all(.[]; .result == "success")' > /dev/null)sh";
    constexpr std::string_view kMost = R"sh(# Skipped by right when their conditions do not hold: {0}.
printf '%s' "$NEEDS" | jq -e 'all(to_entries[]; .value.result == "success" or (.value.result == "skipped" and (.key | IN("{1}"))))' > /dev/null)sh";
    const std::string judge = by_right.empty() ? std::string(kAll)
                                               : replaced(replaced(kMost, "{0}", join(by_right, ", ")), "{1}",
                                                          join(by_right, "\", \""));
    Step step = run_step("Every job must have succeeded", fmt::format("{}\n{}\n", kTold, judge));
    put(step.env, "NEEDS", Text(call("toJSON", {path("needs")})));
    return step;
  }

  void add_fork_step(const plan::RequiredCheck& work) {
    for (const Unit* unit : units_of(work.checks)) {
      const plan::Job& job = layout_.first(*unit);
      if (!job.excludes_forks || !std::holds_alternative<plan::PlanStack>(job.work)) continue;
      Step step = run_step("No plan is made for a fork",
                           "echo \"::error::No plan is made for forks: their code would run with this "
                           "repository's access. A maintainer can push the branch here.\"\n"
                           "exit 1\n");
      step.condition = Condition{
          not_equal(path("github.event.pull_request.head.repo.full_name"), path("github.repository"))};
      job_.steps.push_back(std::move(step));
      return;
    }
  }

  void add(const plan::DetectChanges& work) {
    add_checkout(true);
    Step step = run_step("Compare", "");
    step.id = "changes";
    if (kinds_.has(model::EventKind::PullRequest)) {
      put(step.env, "PENSTOCK_BASE", Text(path("github.event.pull_request.base.sha")));
      put(step.env, "PENSTOCK_HEAD", Text(path("github.event.pull_request.head.sha")));
    }
    if (kinds_.has(model::EventKind::Push))
      put(step.env, "PENSTOCK_BEFORE", Text(path("github.event.before")));
    for (const plan::DetectChanges::Set& set : work.sets) {
      step.run +=
          fmt::format("sh .penstock/changed.sh {} {} >> \"$GITHUB_OUTPUT\"\n", set.name, pathspecs_of(set));
      put(job_.outputs, set.name, Text(path("steps.changes.outputs." + set.name)));
    }
    job_.steps.push_back(std::move(step));
  }

  static std::string quoted(const std::string& word) { return "'" + replaced(word, "'", "'\\''") + "'"; }

  static std::string pathspecs_of(const plan::DetectChanges::Set& set) {
    std::vector<std::string> words;
    for (const model::Glob& glob : set.globs) {
      for (const std::string& spec : pathspecs(glob))
        words.push_back(quoted((glob.excludes ? ":(exclude,glob)" : ":(glob)") + spec));
    }
    return join(words, " ");
  }

  void add(const plan::Preview&) {
    PENSTOCK_CHECK(false);
  }  // made for targets that must know before an approval

  const Shaping& shaping_;
  const Layout& layout_;
  const Events& events_;
  const Unit& unit_;
  const plan::Job& node_;
  Kinds kinds_;
  std::vector<Facts> rows_;
  Job job_;
};

}  // namespace

std::string secret_name(const std::string& name) {
  return name.find('-') == std::string::npos ? name : variable_name(name);
}

Job job(const Shaping& shaping, const Layout& layout, const Events& events, const Unit& unit, Start start) {
  return Maker(shaping, layout, events, unit, std::move(start)).make();
}

Job caller(const Shaping& shaping, const Layout& layout, std::size_t turn, Start start) {
  const std::string& environment = shaping.name(layout.turns[turn].environment);
  Job made;
  made.name = Text(environment);
  made.needs.all = std::move(start.needs);
  made.condition = std::move(start.condition);
  made.uses = {fmt::format("$/.github/workflows/{}.yml", layout.turns[turn].file), ""};
  made.concurrency =
      queue(environment, {"One run at a time in the environment, first come first served, none dropped."});
  made.permissions.emplace();
  for (const Unit& unit : layout.units) {
    if (unit.turn != turn) continue;
    const plan::Job& node = layout.first(unit);
    for (const auto& [variable, secret] : node.secrets) {
      const std::string name = secret_name(secret);
      const auto known =
          std::ranges::find(made.secrets, name, [](const auto& one) { return one.first.value; });
      if (known == made.secrets.end()) put(made.secrets, name, Text(path("secrets." + name)));
    }
    for (const Permissions::Grant& one : permissions_of(shaping, node).grants)
      grant(*made.permissions, one.scope, one.level, one.why);
  }
  return made;
}

}  // namespace penstock::targets::github
