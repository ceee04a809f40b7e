#include "plan/simulate.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "support/plan_builder.h"

namespace penstock::plan {
namespace {

using test::PlanBuilder;

/// The plan of a builder, with the project it refers to.
struct Planned {
  explicit Planned(PlanBuilder made) : builder(std::move(made)), plan(elaborate(builder.project)) {}
  Planned(const Planned&) = delete;
  Planned& operator=(const Planned&) = delete;

  std::string text(const Event& event, const Outcomes& outcomes = {}) const {
    return "\n" + to_text(simulate(plan, event, outcomes));
  }
  State state(const Event& event, std::string_view pipeline, std::string_view job,
              const Outcomes& outcomes = {}) const {
    const Trace trace = simulate(plan, event, outcomes);
    const JobTrace* found = trace.find(pipeline, job);
    REQUIRE(found != nullptr);
    return found->state;
  }
  /// The names of the active pipelines.
  std::string active(const Event& event) const {
    std::vector<std::string> names;
    for (const PipelineTrace& pipeline : simulate(plan, event).pipelines) {
      if (pipeline.active) names.push_back(pipeline.name);
    }
    return join(names, " ");
  }

  PlanBuilder builder;
  Plan plan;
};

PlanBuilder one_job(std::vector<model::Trigger> (*triggers)(PlanBuilder&)) {
  PlanBuilder made;
  made.job(made.pipeline("ci", triggers(made)), "test");
  return made;
}

TEST_CASE("a push starts the pipelines whose branches and paths match") {
  const Planned planned(one_job([](PlanBuilder& made) {
    return std::vector{made.push({"main", "release/*"}, {"src/**", "!src/docs/**"})};
  }));
  CHECK(planned.active(push("main", {{"src/a"}})) == "ci");
  CHECK(planned.active(push("release/1", {{"x", "src/a"}})) == "ci");
  CHECK(planned.active(push("main")) == "ci");  // of an unknown base anything may have changed
  CHECK(planned.text(push("main", {{"src/docs/a", "b"}})) == "\nci: not started: no changed path matches\n");
  CHECK(planned.text(push("main", std::vector<std::string>{})) ==
        "\nci: not started: no changed path matches\n");
  CHECK(planned.text(push("release/1/2")) == "\nci: not started: the branch is `release/1/2`\n");
  CHECK(planned.text(tag("main")) == "\nci: not started: no trigger for tag\n");
  CHECK(planned.text(pull_request("main", "main")) == "\nci: not started: no trigger for pull_request\n");
  CHECK(planned.text(schedule("ci", "main")) == "\nci: not started: no trigger for schedule\n");
}

TEST_CASE("a request is judged by its target, a tag by its name") {
  const Planned planned(one_job([](PlanBuilder& made) {
    return std::vector{made.pull_request({"main"}, {"src/**"}), made.tag({"v*"})};
  }));
  CHECK(planned.active(pull_request("topic", "main", {{"src/a"}})) == "ci");
  CHECK(planned.text(pull_request("main", "topic", {{"src/a"}})) ==
        "\nci: not started: the target is `topic`\n");
  CHECK(planned.text(pull_request("topic", "main", {{"a"}})) ==
        "\nci: not started: no changed path matches\n");
  CHECK(planned.active(tag("v1")) == "ci");
  CHECK(planned.text(tag("w1")) == "\nci: not started: the tag is `w1`\n");
}

TEST_CASE("one of several triggers is enough") {
  const Planned planned(one_job([](PlanBuilder& made) {
    return std::vector{made.push({"main"}, {"a/**"}), made.push({"next"})};
  }));
  CHECK(planned.active(push("main", {{"a/x"}})) == "ci");
  CHECK(planned.active(push("next", {{"b"}})) == "ci");
  CHECK(planned.active(push("main", {{"b"}})) == "");
}

TEST_CASE("a schedule and a start by hand start their own pipeline and nothing else") {
  PlanBuilder made = test::live_infra();
  made.job(made.pipeline("nightly", {made.cron("0 4 * * *"), made.manual()}), "clean");
  made.job(made.pipeline("weekly", {made.cron("0 4 * * 1"), made.manual()}), "clean");
  const Planned planned(std::move(made));
  CHECK(planned.active(schedule("nightly", "main")) == "nightly");
  CHECK(planned.active(schedule("weekly", "main")) == "weekly");
  CHECK(planned.active(schedule("drift", "main")) == "drift");
  CHECK(planned.active(manual("weekly", "topic")) == "weekly");
  CHECK(planned.active(manual("delivery", "main")) == "");
  CHECK(planned.active(push("main")) == "delivery");
  CHECK(planned.active(pull_request("topic", "main")) == "request");
}

TEST_CASE("a condition selects by the facts of the event") {
  const auto selected = [](std::string_view when, const Event& event) {
    PlanBuilder made;
    const auto ci = made.pipeline(
        "ci", {made.push(), made.tag(), made.pull_request(), made.cron("0 4 * * *"), made.manual()});
    made.job(ci, "test", {}, [&](model::Job& job) { job.when = made.when(when); });
    const Planned planned(std::move(made));
    const JobTrace job = *simulate(planned.plan, event).find("ci", "test");
    return job.selected() ? "" : job.reason;
  };
  CHECK(selected("event.kind == \"push\" && ref.branch == \"main\"", push("main")) == "");
  CHECK(selected("event.kind == \"push\" && ref.branch == \"main\"", push("Main")) ==
        "`ref.branch == \"main\"` does not hold");
  CHECK(selected("event.kind == \"push\" && ref.branch == \"main\"", manual("ci", "main")) ==
        "`event.kind == \"push\"` does not hold");
  // Where a fact does not apply it is the empty text.
  CHECK(selected("ref.branch == \"\"", pull_request("topic", "main")) == "");
  CHECK(selected("ref.branch == \"\"", tag("v1")) == "");
  CHECK(selected("ref.branch == \"main\"", schedule("ci", "main")) == "");
  CHECK(selected("ref.tag == \"v1\"", tag("v1")) == "");
  CHECK(selected("ref.tag == \"\"", push("v1")) == "");
  CHECK(selected("pull_request.source == \"topic\" && pull_request.target == \"main\"",
                 pull_request("topic", "main")) == "");
  CHECK(selected("pull_request.target == \"\" && !pull_request.fork", push("main")) == "");
  CHECK(selected("!pull_request.fork", pull_request_from_fork("topic", "main")) ==
        "`!pull_request.fork` does not hold");
  // `changed` asks for the paths of pushes and requests; of everything else it holds.
  CHECK(selected("changed(\"src/**\", \"!**/*.md\")", push("main", {{"src/a"}})) == "");
  CHECK(selected("changed(\"src/**\", \"!**/*.md\")", push("main", {{"src/a.md", "b"}})) != "");
  CHECK(selected("changed(\"src/**\")", push("new")) == "");
  CHECK(selected("changed(\"src/**\")", pull_request("a", "b", {{"x"}})) ==
        "`changed(\"src/**\")` does not hold");
  CHECK(selected("!changed(\"src/**\")", schedule("ci", "main")) == "`!changed(\"src/**\")` does not hold");
  CHECK(selected("changed(\"src/**\")", tag("v1")) == "");
  CHECK(selected("ref.branch == \"a\" || changed(\"x\")", push("b", {{"y"}})) ==
        "`ref.branch == \"a\" || changed(\"x\")` does not hold");
}

TEST_CASE("a job with secrets or an identity is not selected for a fork") {
  PlanBuilder made = test::live_infra_on_aws();
  const auto ci = made.pipeline("ci", {made.pull_request()});
  const auto test = made.job(ci, "test");
  made.job(ci, "scan", {test}, [](model::Job& job) { job.secrets = {{"TOKEN", "scan-token"}}; });
  const Planned planned(std::move(made));
  CHECK(planned.text(pull_request_from_fork("topic", "main")) == R"(
ci
  test  succeeded
  scan  not selected: a fork gets no secrets and no identity
request
  secrets                  succeeded
  plan-staging-network     not selected: a fork gets no secrets and no identity
  plan-staging-cluster     not selected: a fork gets no secrets and no identity
  plan-staging-app         not selected: a fork gets no secrets and no identity
  plan-production-network  not selected: a fork gets no secrets and no identity
  plan-production-cluster  not selected: a fork gets no secrets and no identity
  plan-production-app      not selected: a fork gets no secrets and no identity
  comment                  not selected: a fork gets no secrets and no identity
delivery: not started: no trigger for pull_request
drift: not started: no trigger for pull_request
)");
  CHECK(planned.state(pull_request("topic", "main"), "ci", "scan") == State::Succeeded);
}

/// a → b → c, and d that needs a and c; `b` only on tags.
PlanBuilder chain() {
  PlanBuilder made;
  const auto ci = made.pipeline("ci", {made.push(), made.tag()});
  const auto a = made.job(ci, "a");
  const auto b =
      made.job(ci, "b", {a}, [&](model::Job& job) { job.when = made.when("event.kind == \"tag\""); });
  const auto c = made.job(ci, "c", {b});
  made.job(ci, "d", {a, c});
  return made;
}

TEST_CASE("a need that is not selected holds nothing back") {
  const Planned planned(chain());
  CHECK(planned.text(push("main"), {.failing = {{"ci", "a"}}}) == R"(
ci
  a  failed
  b  not selected: `event.kind == "tag"` does not hold
  c  succeeded
  d  held back: `a` has failed; after a, c
)");
  CHECK(planned.text(tag("v1")) == R"(
ci
  a  succeeded
  b  succeeded; after a
  c  succeeded; after b
  d  succeeded; after a, c
)");
  const PipelineTrace trace = *simulate(planned.plan, tag("v1")).find("ci");
  CHECK(precedes(trace, "a", "d"));
  CHECK(precedes(trace, "b", "d"));
  CHECK_FALSE(precedes(trace, "d", "a"));
  CHECK_FALSE(precedes(trace, "a", "a"));
  CHECK_FALSE(precedes(*simulate(planned.plan, push("main")).find("ci"), "a", "c"));
}

TEST_CASE("a failure holds back everything behind it") {
  const Planned planned(chain());
  CHECK(planned.text(tag("v1"), {.failing = {{"ci", "a"}}}) == R"(
ci
  a  failed
  b  held back: `a` has failed; after a
  c  held back: `b` was held back; after b
  d  held back: `a` has failed; after a, c
)");
  CHECK(planned.state(tag("v1"), "ci", "c", {.failing = {{"other", "a"}}}) == State::Succeeded);
}

TEST_CASE("reports and comments run although something failed") {
  const Planned planned(test::live_infra());
  const Outcomes outcomes{
      .failing = {{"request", "plan-staging-app"}, {"drift", "detect-production-network"}}};
  CHECK(planned.state(pull_request("topic", "main"), "request", "comment", outcomes) == State::Succeeded);
  CHECK(planned.state(schedule("drift", "main"), "drift", "report", outcomes) == State::Succeeded);
  CHECK(planned.state(schedule("drift", "main"), "drift", "detect-production-app", outcomes) ==
        State::Succeeded);
}

TEST_CASE("a delivery goes through environments and layers in order") {
  const Planned planned(test::live_infra());
  CHECK(planned.text(push("main")) == R"(
request: not started: no trigger for push
delivery
  secrets                   succeeded
  plan-staging-network      succeeded; after secrets; turn of staging
  apply-staging-network     succeeded; after plan-staging-network; turn of staging
  plan-staging-cluster      succeeded; after apply-staging-network; turn of staging
  apply-staging-cluster     succeeded; after plan-staging-cluster; turn of staging
  plan-staging-app          succeeded; after apply-staging-cluster; turn of staging
  apply-staging-app         succeeded; after plan-staging-app; turn of staging
  plan-production-network   succeeded; after apply-staging-app; turn of production
  apply-production-network  succeeded; after plan-production-network; turn of production; approval of production
  plan-production-cluster   succeeded; after apply-production-network; turn of production
  apply-production-cluster  succeeded; after plan-production-cluster; turn of production; approval of production
  plan-production-app       succeeded; after apply-production-cluster; turn of production
  apply-production-app      succeeded; after plan-production-app; turn of production; approval of production
drift: not started: no trigger for push
)");
  CHECK(planned.active(push("topic")) == "");
}

TEST_CASE("an empty plan asks nobody and applies nothing") {
  const Planned planned(test::live_infra());
  const Trace trace =
      simulate(planned.plan, push("main"), {.empty = {{"delivery", "plan-production-network"}}});
  const JobTrace& network = *trace.find("delivery", "apply-production-network");
  CHECK(network.state == State::Skipped);
  CHECK(network.reason == "its plan is empty");
  CHECK(network.behind == std::vector<Passage>{{Passage::Kind::Turn, "production"}});
  CHECK(trace.find("delivery", "apply-production-cluster")->state == State::Succeeded);
}

TEST_CASE("what is not approved is not applied, and nothing behind it begins") {
  const Planned planned(test::live_infra());
  const auto rest = [&](const Outcomes& outcomes) {
    const std::string text = planned.text(push("main"), outcomes);
    const std::size_t at = text.find("  apply-production-network");
    return "\n" + text.substr(at, text.find("drift") - at);
  };
  CHECK(rest({.unanswered = {{"delivery", "apply-production-network"}}}) == R"(
  apply-production-network  asking; after plan-production-network; turn of production; approval of production
  plan-production-cluster   waiting: `apply-production-network` is asking; after apply-production-network
  apply-production-cluster  waiting: `plan-production-cluster` is waiting; after plan-production-cluster
  plan-production-app       waiting: `apply-production-cluster` is waiting; after apply-production-cluster
  apply-production-app      waiting: `plan-production-app` is waiting; after plan-production-app
)");
  CHECK(rest({.refused = {{"delivery", "apply-production-network"}}}) == R"(
  apply-production-network  refused; after plan-production-network; turn of production; approval of production
  plan-production-cluster   held back: `apply-production-network` was refused; after apply-production-network
  apply-production-cluster  held back: `plan-production-cluster` was held back; after plan-production-cluster
  plan-production-app       held back: `apply-production-cluster` was held back; after apply-production-cluster
  apply-production-app      held back: `plan-production-app` was held back; after plan-production-app
)");
}

TEST_CASE("a gate that fails stops the delivery before anything is planned") {
  const Planned planned(test::live_infra());
  const Trace trace = simulate(planned.plan, push("main"), {.failing = {{"delivery", "secrets"}}});
  for (const JobTrace& job : trace.find("delivery")->jobs)
    CHECK(job.state == (job.name == "secrets" ? State::Failed : State::HeldBack));
}

TEST_CASE("a drift run applies nothing, takes no turn and asks nobody") {
  const Planned planned(test::live_infra());
  const Trace trace = simulate(planned.plan, schedule("drift", "main"));
  for (const PipelineTrace& pipeline : trace.pipelines) {
    CHECK(pipeline.active == (pipeline.name == "drift"));
    for (const JobTrace& job : pipeline.jobs) {
      CHECK(job.behind.empty());
      CHECK(job.state == State::Succeeded);
    }
  }
}

TEST_CASE("the required check fails when a selected job did not succeed") {
  Planned planned(chain());
  const auto state = [&](const Event& event, const Outcomes& outcomes) {
    return planned.state(event, "ci", "required", outcomes);
  };
  Pipeline& ci = planned.plan.pipelines[PipelineId{0}];
  Job check = ci.jobs[JobId{0}];
  check.name = "required";
  check.after_failure = true;
  check.needs = {JobId{0}, JobId{1}, JobId{2}, JobId{3}};
  check.work = RequiredCheck{check.needs};
  ci.jobs.add(check);
  CHECK(state(push("main"), {}) == State::Succeeded);  // `b` is not selected
  CHECK(state(tag("v1"), {}) == State::Succeeded);
  CHECK(state(push("main"), {.failing = {{"ci", "b"}}}) == State::Succeeded);
  CHECK(state(tag("v1"), {.failing = {{"ci", "b"}}}) == State::Failed);
  CHECK(state(push("main"), {.failing = {{"ci", "c"}}}) == State::Failed);
}

TEST_CASE("generated facts about changes are those of the event") {
  PlanBuilder made;
  const auto ci = made.pipeline("ci", {made.push(), made.tag()});
  made.job(ci, "changes");
  made.job(ci, "test", {}, [&](model::Job& job) { job.when = made.when("changes.src"); });
  const auto globs = made.globs({"src/**"});
  Planned planned(std::move(made));
  planned.plan.pipelines[PipelineId{0}].jobs[JobId{0}].work = DetectChanges{{{"src", globs}}};
  CHECK(planned.state(push("main", {{"src/a"}}), "ci", "test") == State::Succeeded);
  CHECK(planned.state(push("main", {{"a"}}), "ci", "test") == State::NotSelected);
  CHECK(planned.state(push("main"), "ci", "test") == State::Succeeded);
  CHECK(planned.state(tag("v1"), "ci", "test") == State::Succeeded);
}

TEST_CASE("a hand-written deployment waits for the approval and the turn of its environment") {
  PlanBuilder made;
  const auto production = made.environment("production");
  made.approve(production, {"sre"});
  made.project.environments[production].branches = made.globs({"main", "release/*"});
  const auto ci = made.pipeline("ci", {made.push()});
  const auto build = made.job(ci, "build");
  made.job(ci, "deploy", {build}, [&](model::Job& job) { job.environment = production; });
  const Planned planned(std::move(made));
  CHECK(planned.text(push("release/1")) ==
        "\nci\n  build   succeeded\n  deploy  succeeded; after build; turn of production; approval of "
        "production\n");
  CHECK(planned.state(push("topic"), "ci", "deploy") == State::NotSelected);
}

TEST_CASE("events are called what people call them") {
  CHECK(to_text(push("main", {{"a", "b"}})) == "push to `main`, changing `a`, `b`");
  CHECK(to_text(push("main", std::vector<std::string>{})) == "push to `main`, changing nothing");
  CHECK(to_text(tag("v1")) == "tag `v1`");
  CHECK(to_text(pull_request_from_fork("topic", "main")) == "pull request from `topic` of a fork to `main`");
  CHECK(to_text(schedule("drift", "main")) == "schedule of `drift` on `main`");
  CHECK(to_text(manual("ci", "topic")) == "`ci` started by hand on `topic`");
}

}  // namespace
}  // namespace penstock::plan
