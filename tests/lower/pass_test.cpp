// The passes one by one, on plans small enough to read.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "lower/passes.h"
#include "support/plan_builder.h"

namespace penstock::lower {
namespace {

using plan::Plan;
using test::PlanBuilder;

/// Pipelines with their jobs, needs and conditions: `ci-push: lint, test(lint)[ref.branch == "x"]`.
std::string text(const Plan& plan) {
  std::string out;
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    std::vector<std::string> jobs;
    for (const plan::Job& job : pipeline.jobs) {
      std::vector<std::string> needs;
      for (const plan::JobId need : job.needs) needs.push_back(pipeline.jobs[need].name);
      jobs.push_back(job.name + (needs.empty() ? "" : "(" + join(needs, " ") + ")") +
                     (job.when ? "[" + cel::print(*job.when) + "]" : ""));
    }
    out += pipeline.name + ": " + join(jobs, ", ") + "\n";
  }
  return out;
}

constexpr Row kFewArtifacts[] = {{"limits.artifacts_of_action", "3"}};

Plan run(plan::Plan (*pass)(Plan, const Table&, diag::Sink&), Plan plan, std::size_t errors = 0) {
  diag::Sink sink;
  Plan result = pass(std::move(plan), Table(kFewArtifacts), sink);
  CHECK(sink.errors() == errors);
  return result;
}

}  // namespace

TEST_CASE("a pipeline becomes one for each kind of event, and what is not selected is gone") {
  PlanBuilder made;
  const auto ci = made.pipeline("ci", {made.push({"main"}), made.tag({"v*"}), made.pull_request({"main"})});
  const auto lint = made.job(ci, "lint");
  const auto build = made.job(
      ci, "build", {lint}, [&](model::Job& job) { job.when = made.when("event.kind != \"pull_request\""); });
  made.job(ci, "publish", {build}, [&](model::Job& job) {
    job.when = made.when("event.kind == \"tag\" || ref.branch == \"main\"");
    job.env = {{"TAG", PlanBuilder::fact("ref.tag")}, {"KIND", PlanBuilder::fact("event.kind")}};
  });
  const Plan plan = run(trigger_classes, made.plan());
  CHECK(text(plan) ==
        "ci-push: lint, build(lint), publish(build)\n"
        "ci-tag: lint, build(lint), publish(build)\n"
        "ci-request: lint\n");
  const auto& env = plan.pipelines[plan.pipelines.at(0)].jobs[model::JobId{2}].env;
  CHECK(env[0].second.constant().empty());
  CHECK(env[1].second.constant() == "push");
  CHECK_FALSE(plan.pipelines[plan.pipelines.at(1)].jobs[model::JobId{2}].env[0].second.is_constant());
}

TEST_CASE("a need that is not selected holds nothing back") {
  PlanBuilder made;
  const auto ci = made.pipeline("ci", {made.push(), made.manual()});
  const auto first = made.job(ci, "first");
  const auto middle = made.job(ci, "middle", {first},
                               [&](model::Job& job) { job.when = made.when("event.kind == \"push\""); });
  made.job(ci, "last", {middle});
  CHECK(text(run(trigger_classes, made.plan())) ==
        "ci-push: first, middle(first), last(middle)\n"
        "ci-manual: first, last\n");
}

TEST_CASE("on a push, changed paths move to the trigger when every job asks for them") {
  PlanBuilder made;
  const auto ci = made.pipeline("ci", {made.push({"main"})});
  const auto one =
      made.job(ci, "one", {}, [&](model::Job& job) { job.when = made.when("changed(\"src/**\")"); });
  made.job(ci, "two", {one},
           [&](model::Job& job) { job.when = made.when("ref.branch != \"x\" && changed(\"src/**\")"); });
  const Plan plan = run(push_paths, made.plan());
  CHECK(text(plan) == "ci: one, two(one)[ref.branch != \"x\"]\n");
  REQUIRE(plan.pipelines.begin()->triggers.front().paths.size() == 1);
  CHECK(plan.pipelines.begin()->triggers.front().paths.front().text == "src/**");
}

TEST_CASE("on a push, everything has changed when jobs ask for different paths") {
  PlanBuilder made;
  const auto ci = made.pipeline("ci", {made.push({"main"})});
  made.job(ci, "one", {}, [&](model::Job& job) { job.when = made.when("changed(\"one/**\")"); });
  made.job(ci, "two", {},
           [&](model::Job& job) { job.when = made.when("changed(\"two/**\") && ref.branch != \"x\""); });
  const Plan plan = run(push_paths, made.plan());
  CHECK(text(plan) == "ci: one, two[ref.branch != \"x\"]\n");
  CHECK(plan.pipelines.begin()->triggers.front().paths.empty());
}

TEST_CASE("on a push, nobody can ask what has not changed") {
  PlanBuilder made;
  const auto ci = made.pipeline("ci", {made.push({"main"})});
  made.job(ci, "one");
  made.job(ci, "two", {}, [&](model::Job& job) { job.when = made.when("!changed(\"docs/**\")"); });
  run(push_paths, made.plan(), 1);
}

TEST_CASE("before the approvals of an environment a job looks whether there is anything to approve") {
  const PlanBuilder made = test::live_infra();
  const Plan plan = run(preview, made.plan());
  const auto found = std::ranges::find(plan.pipelines, std::string("delivery"), &plan::Pipeline::name);
  REQUIRE(found != plan.pipelines.end());
  const plan::Pipeline& delivery = *found;
  const auto preview = std::ranges::find(delivery.jobs, std::string("preview-production"), &plan::Job::name);
  REQUIRE(preview != delivery.jobs.end());
  REQUIRE(preview->needs.size() == 1);
  CHECK(delivery.jobs[preview->needs.front()].name == "apply-staging-app");
  CHECK_FALSE(preview->turn.has_value());
  const model::JobId id{static_cast<std::uint32_t>(preview - delivery.jobs.begin())};
  for (const plan::Job& job : delivery.jobs) {
    const auto* work = std::get_if<plan::PlanStack>(&job.work);
    if (work == nullptr) continue;
    const bool asks = plan.project->environments[work->environment].approvals.has_value();
    CHECK((std::ranges::find(job.needs, id) != job.needs.end()) == asks);
    if (const auto* apply = std::get_if<plan::ApplyStack>(&job.work))
      CHECK(delivery.jobs[apply->plan].name.starts_with("plan-"));
  }
}

TEST_CASE("a report reads no more than it can") {
  PlanBuilder made = test::live_infra();
  const Plan plan = run(report_fan_in, made.plan());
  const auto drift = std::ranges::find(plan.pipelines, std::string("drift"), &plan::Pipeline::name);
  REQUIRE(drift != plan.pipelines.end());
  std::string reports;
  for (const plan::Job& job : drift->jobs) {
    const auto* work = std::get_if<plan::ReportDrift>(&job.work);
    if (work == nullptr) continue;
    reports += job.name + ":";
    for (const plan::JobId id : work->detections) reports += " " + drift->jobs[id].name;
    reports += "\n";
    CHECK(job.needs == work->detections);
  }
  CHECK(reports ==
        "report-staging: detect-staging-network detect-staging-cluster\n"
        "report-staging-2: detect-staging-app\n"
        "report-production: detect-production-network detect-production-cluster\n"
        "report-production-2: detect-production-app\n");
}

}  // namespace penstock::lower
