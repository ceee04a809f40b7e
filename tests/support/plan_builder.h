#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source.h"
#include "cel/parse.h"
#include "model/model.h"
#include "plan/elaborate.h"

/// Small projects put together by hand, for tests of what comes behind the front end. Every noun has a line of its own in a text that
/// is not YAML, so that spans are told apart.
namespace penstock::test {

class PlanBuilder {
 public:
  PlanBuilder() {
    project.name = "demo";
    project.github = "acme/demo";
    project.gitlab = "acme/demo";
  }

  model::Project project;

  // --- nouns

  model::IdentityId identity(std::string name, std::string region = "eu-west-1") {
    model::Identity made;
    made.span = span();
    made.name = std::move(name);
    made.region = std::move(region);
    return project.identities.add(std::move(made));
  }

  model::EnvironmentId environment(std::string name, std::vector<model::EnvironmentId> after = {}) {
    model::Environment made;
    made.span = span();
    made.tier = name == "production" ? model::Tier::Production : model::Tier::Staging;
    made.name = std::move(name);
    made.after = std::move(after);
    return project.environments.add(std::move(made));
  }

  void approve(model::EnvironmentId environment, std::vector<std::string> from, bool self = true,
               long count = 1) {
    const Span place = span();
    project.environments[environment].approvals =
        model::Approvals{count, std::move(from), self, place, place, place};
  }

  /// A stack in every environment there is so far, with its state in `LIVE_ROOT`.
  model::StackId stack(std::string name, std::vector<model::StackId> needs = {}) {
    model::Stack made;
    made.span = span();
    made.version = "1.12.6";
    made.path = "live/" + name;
    made.needs = std::move(needs);
    for (std::uint32_t i = 0; i < project.environments.size(); ++i) {
      made.placements.push_back(placement({i}, name));
    }
    made.name = std::move(name);
    return project.stacks.add(std::move(made));
  }

  model::GateId conftest(std::string name) {
    model::Gate made;
    made.span = span();
    made.name = std::move(name);
    made.rules = "policy";
    return project.gates.add(std::move(made));
  }

  model::GateId gitleaks(std::string name) {
    model::Gate made;
    made.span = span();
    made.name = std::move(name);
    made.tool = model::GateTool::Gitleaks;
    made.at = model::GateAt::Source;
    return project.gates.add(std::move(made));
  }

  void delivery(bool comment = true) {
    const Span place = span();
    project.delivery = model::Delivery{place, comment, place, std::chrono::hours(24), place};
  }

  void drift(std::string cron, std::string timezone, bool issue = true) {
    const Span place = span();
    project.drift = model::Drift{place, schedule(std::move(cron), std::move(timezone)), issue, place};
  }

  // --- triggers

  model::Trigger push(std::vector<std::string> branches = {}, std::vector<std::string> paths = {}) {
    return trigger(model::EventKind::Push, std::move(branches), std::move(paths));
  }
  model::Trigger pull_request(std::vector<std::string> branches = {}, std::vector<std::string> paths = {}) {
    return trigger(model::EventKind::PullRequest, std::move(branches), std::move(paths));
  }
  model::Trigger tag(std::vector<std::string> names = {}) {
    model::Trigger made = trigger(model::EventKind::Tag, {}, {});
    made.tags = globs(names);
    return made;
  }
  model::Trigger cron(std::string text, std::string timezone = "UTC") {
    model::Trigger made = trigger(model::EventKind::Schedule, {}, {});
    made.schedule = schedule(std::move(text), std::move(timezone));
    return made;
  }
  model::Trigger manual() { return trigger(model::EventKind::Manual, {}, {}); }

  // --- pipelines

  model::PipelineId pipeline(std::string name, std::vector<model::Trigger> triggers) {
    model::Pipeline made;
    made.span = span();
    made.name = std::move(name);
    made.triggers = std::move(triggers);
    return project.pipelines.add(std::move(made));
  }

  /// A job that checks out and runs one script; `change` adds what the test is about.
  template <class Change>
  model::JobId job(model::PipelineId pipeline, std::string name, std::vector<model::JobId> needs,
                   Change change) {
    model::Job made;
    made.span = span();
    made.when_span = made.environment_span = made.span;
    made.name = name;
    made.needs = std::move(needs);
    made.runs_on = "linux";
    made.permissions = {{model::Permission::Contents, model::Level::Read}};
    made.steps.push_back({model::Checkout{}, made.span});
    made.steps.push_back(run("make " + name));
    change(made);
    return project.pipelines[pipeline].jobs.add(std::move(made));
  }
  model::JobId job(model::PipelineId pipeline, std::string name, std::vector<model::JobId> needs = {}) {
    return job(pipeline, std::move(name), std::move(needs), [](model::Job&) {});
  }

  model::Step run(std::string script, model::Shell shell = model::Shell::Sh) {
    return {model::Run{"", std::move(script), shell, {}}, span()};
  }

  /// A condition, with the names of facts as `check` makes them.
  cel::Expr when(std::string_view text) {
    diag::Sink sink;
    const Span place = span();
    auto parsed = cel::parse(
        text, [place](std::size_t, std::size_t) { return place; }, sink);
    PENSTOCK_CHECK(parsed.has_value());
    return with_facts(std::move(*parsed));
  }

  // --- small values

  std::vector<model::Glob> globs(const std::vector<std::string>& texts) {
    std::vector<model::Glob> all;
    diag::Sink sink;
    for (const std::string& text : texts) {
      auto glob = model::parse_glob({text, span()}, sink);
      PENSTOCK_CHECK(glob.has_value());
      all.push_back(std::move(*glob));
    }
    return all;
  }

  static model::Text text(std::string constant) { return {{std::move(constant)}, {}}; }
  static model::Text fact(std::string name) { return {{model::FactRef{std::move(name)}}, {}}; }
  static model::Text variable(std::string name) { return {{model::VariableRef{std::move(name)}}, {}}; }

  /// A new line of the author's file.
  Span span() {
    const std::uint32_t begin = lines_ * 8;
    ++lines_;
    return {FileId{0}, begin, begin + 7};
  }

  plan::Plan plan() const { return plan::elaborate(project); }

  /// The text to which the spans belong.
  std::string source() const {
    std::string all;
    for (std::uint32_t i = 0; i < lines_; ++i) all += "a line.\n";
    return all;
  }

 private:
  model::Placement placement(model::EnvironmentId environment, const std::string& stack) {
    model::Text path{
        {model::VariableRef{"LIVE_ROOT"}, "/" + project.environments[environment].name + "/" + stack}, {}};
    return {environment, "local", {{"path", std::move(path)}}, {{"root", variable("LIVE_ROOT")}}};
  }

  model::Schedule schedule(std::string cron, std::string timezone) {
    diag::Sink sink;
    const Span place = span();
    auto parsed = model::parse_cron({std::move(cron), place}, sink);
    PENSTOCK_CHECK(parsed.has_value());
    return {std::move(*parsed), std::move(timezone), place};
  }

  model::Trigger trigger(model::EventKind kind, std::vector<std::string> branches,
                         std::vector<std::string> paths) {
    model::Trigger made;
    made.kind = kind;
    made.span = span();
    made.branches = globs(branches);
    made.paths = globs(paths);
    return made;
  }

  /// `event.kind`, read as a selection, is the fact of that name.
  static cel::Expr with_facts(cel::Expr expr) {
    if (const auto* select = std::get_if<cel::Select>(&expr.node)) {
      const auto* noun = std::get_if<cel::Ident>(&select->operand.front().node);
      if (noun != nullptr) return cel::variable(noun->name + "." + select->field, expr.span);
    }
    if (auto* operation = std::get_if<cel::Operation>(&expr.node)) {
      for (cel::Expr& operand : operation->operands) operand = with_facts(std::move(operand));
    }
    if (auto* call = std::get_if<cel::Call>(&expr.node)) {
      for (cel::Expr& argument : call->arguments) argument = with_facts(std::move(argument));
    }
    return expr;
  }

  std::uint32_t lines_ = 0;
};

/// One environment, one stack, nothing else.
inline PlanBuilder walking_skeleton() {
  PlanBuilder made;
  made.project.name = "walking-skeleton";
  made.environment("staging");
  made.stack("site");
  return made;
}

/// Three layers, staging before production with an approval, gates, drift.
inline PlanBuilder live_infra() {
  PlanBuilder made;
  made.project.name = "live-infra";
  made.project.github = "acme/live-infra";
  const auto staging = made.environment("staging");
  const auto production = made.environment("production", {staging});
  made.approve(production, {"platform"}, false);
  made.project.environments[production].branches = made.globs({"main"});
  const auto network = made.stack("network");
  const auto cluster = made.stack("cluster", {network});
  made.stack("app", {cluster});
  made.gitleaks("secrets");
  made.conftest("world-rules");
  made.delivery();
  made.drift("0 6 * * 1-5", "Europe/Berlin");
  return made;
}

/// The same with AWS: one account for each environment.
inline PlanBuilder live_infra_on_aws() {
  PlanBuilder made = live_infra();
  const auto aws = made.identity("aws");
  for (model::Environment& environment : made.project.environments) {
    environment.identity = aws;
    environment.account = environment.name == "production" ? "444455556666" : "111122223333";
  }
  return made;
}

/// Lint and test, build with an artifact, publish on a tag.
inline PlanBuilder node_service() {
  PlanBuilder made;
  made.project.name = "node-service";
  const auto registry = made.environment("registry");
  const auto ci = made.pipeline("ci", {made.push({"main"}), made.tag({"v*"}), made.pull_request({"main"})});
  const auto node = [&](model::Job& job) {
    job.steps.insert(job.steps.begin() + 1, {model::Setup{"node", "22"}, made.span()});
    job.timeout = std::chrono::minutes(10);
  };
  const auto lint = made.job(ci, "lint", {}, node);
  const auto test = made.job(ci, "test", {}, node);
  const auto build = made.job(ci, "build", {lint, test}, [&](model::Job& job) {
    node(job);
    job.steps.push_back({model::Upload{"dist", {"dist/**"}}, made.span()});
  });
  made.job(ci, "publish", {build}, [&](model::Job& job) {
    job.when = made.when("event.kind == \"tag\"");
    job.environment = registry;
    job.env = {{"VERSION", PlanBuilder::fact("ref.tag")}, {"REGISTRY", PlanBuilder::variable("REGISTRY")}};
    job.steps.insert(job.steps.begin() + 1, {model::Download{"dist", build}, made.span()});
  });
  return made;
}

}  // namespace penstock::test
