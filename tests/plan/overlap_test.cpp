#include <catch2/catch.hpp>
#include <random>

#include "plan/simulate.h"
#include "support/plan_builder.h"

namespace penstock::plan {
namespace {

using test::PlanBuilder;

struct Planned {
  explicit Planned(PlanBuilder made) : builder(std::move(made)), plan(elaborate(builder.project)) {}
  Planned(const Planned&) = delete;
  Planned& operator=(const Planned&) = delete;
  PlanBuilder builder;
  Plan plan;
};

/// One stack in production, behind an approval.
PlanBuilder production() {
  PlanBuilder made;
  made.approve(made.environment("production"), {"sre"});
  made.stack("site");
  return made;
}

std::string world_of(const Overlap& overlap) {
  std::string text;
  for (const auto& [name, is] : overlap.world) text += name + "=" + is + " ";
  return text;
}

TEST_CASE("a merge that undoes the one that waits is planned on what that one applied") {
  const Planned planned(production());
  const std::vector<Execution> merges = {{push("main"), "two", 0, 5}, {push("main"), "one", 2, 1}};
  const Overlap result = overlap(planned.plan, merges, "one");
  // Planned before the turn, the second would have found nothing to do, and `two` would have stayed.
  CHECK("\n" + to_text(result) == R"(
0 run 0 delivery takes the turn of production
0 run 0 delivery starts plan-production-site
1 run 0 delivery ends plan-production-site
1 run 0 delivery asks for apply-production-site
6 run 0 delivery starts apply-production-site
7 run 0 delivery ends apply-production-site
7 run 0 delivery leaves the turn of production
7 run 1 delivery takes the turn of production
7 run 1 delivery starts plan-production-site
8 run 1 delivery ends plan-production-site
8 run 1 delivery asks for apply-production-site
9 run 1 delivery starts apply-production-site
10 run 1 delivery ends apply-production-site
10 run 1 delivery leaves the turn of production
)");
  CHECK(world_of(result) == "production/site=one ");
}

TEST_CASE("a merge of the same finds nothing to do and asks nobody") {
  const Planned planned(production());
  const std::vector<Execution> merges = {{push("main"), "two", 0, 3}, {push("main"), "two", 1, 1}};
  const Overlap result = overlap(planned.plan, merges, "one");
  CHECK(result.traces[0].find("delivery", "apply-production-site")->state == State::Succeeded);
  CHECK(result.traces[1].find("delivery", "apply-production-site")->state == State::Skipped);
  CHECK(world_of(result) == "production/site=two ");
}

TEST_CASE("a refusal hands the turn on; no answer keeps it") {
  const Planned planned(production());
  const JobName apply = {"delivery", "apply-production-site"};
  std::vector<Execution> merges = {{push("main"), "two", 0, 1, {.refused = {apply}}},
                                   {push("main"), "three", 0, 1}};
  const Overlap refused = overlap(planned.plan, merges, "one");
  CHECK(refused.traces[0].find("delivery", "apply-production-site")->state == State::Refused);
  CHECK(refused.traces[1].find("delivery", "apply-production-site")->state == State::Succeeded);
  CHECK(world_of(refused) == "production/site=three ");

  merges[0].outcomes = {.unanswered = {apply}};
  const Overlap waiting = overlap(planned.plan, merges, "one");
  CHECK("\n" + to_text(waiting.traces[0]) + to_text(waiting.traces[1]) == R"(
request: not started: no trigger for push
delivery
  plan-production-site   succeeded; turn of production
  apply-production-site  asking; after plan-production-site; turn of production; approval of production
request: not started: no trigger for push
delivery
  plan-production-site   waiting: another run has the turn of `production`
  apply-production-site  waiting: `plan-production-site` is waiting; after plan-production-site
)");
  CHECK(world_of(waiting) == "production/site=one ");
}

TEST_CASE("a run keeps the turn through all its layers, the next enters the environment behind it") {
  PlanBuilder made = test::live_infra();
  made.project.environments[EnvironmentId{1}].approvals.reset();
  const Planned planned(std::move(made));
  const std::vector<Execution> merges = {
      {push("main"), "two"}, {push("main"), "three"}, {push("main"), "four", 1}};
  const Overlap result = overlap(planned.plan, merges, "one");
  std::vector<std::size_t> staging, production;
  for (const Moment& moment : result.moments) {
    if (moment.kind == Moment::Kind::TakesTurn)
      (moment.job == "staging" ? staging : production).push_back(moment.run);
    if (moment.kind != Moment::Kind::Starts || moment.job == "secrets") continue;
    CHECK((moment.job.find("-staging-") != std::string::npos ? staging : production).back() == moment.run);
  }
  CHECK(staging == std::vector<std::size_t>{0, 1, 2});
  CHECK(production == std::vector<std::size_t>{0, 1, 2});
  for (const Trace& trace : result.traces)
    CHECK(trace.find("delivery", "apply-production-app")->state == State::Succeeded);
  for (const auto& [name, is] : result.world) CHECK(is == "four");
}

TEST_CASE("a failure in one environment hands its turn on and leaves the next alone") {
  PlanBuilder made = test::live_infra();
  made.project.environments[EnvironmentId{1}].approvals.reset();
  const Planned planned(std::move(made));
  const std::vector<Execution> merges = {
      {push("main"), "two", 0, 1, {.failing = {{"delivery", "apply-staging-cluster"}}}},
      {push("main"), "three"}};
  const Overlap result = overlap(planned.plan, merges, "one");
  CHECK(result.traces[0].find("delivery", "plan-production-network")->state == State::HeldBack);
  for (const auto& [name, is] : result.world) CHECK(is == "three");
}

TEST_CASE("a drift run does not wait for a turn") {
  const Planned planned(test::live_infra());
  const std::vector<Execution> both = {
      {push("main"), "two", 0, 1, {.unanswered = {{"delivery", "apply-production-network"}}}},
      {schedule("drift", "main"), "", 20}};
  const Overlap result = overlap(planned.plan, both, "one");
  CHECK(result.traces[0].find("delivery", "apply-production-network")->state == State::Asking);
  for (const JobTrace& job : result.traces[1].find("drift")->jobs) CHECK(job.state == State::Succeeded);
  CHECK(result.world.size() == 6);
}

TEST_CASE("a plan that is stale is refused") {
  // Two environments with one state cannot be written; a plan whose turn was taken away shows what would happen.
  Planned planned(production());
  for (Job& job : planned.plan.pipelines[PipelineId{1}].jobs) job.turn.reset();
  const std::vector<Execution> merges = {{push("main"), "two", 0, 5}, {push("main"), "three", 0, 1}};
  const Overlap result = overlap(planned.plan, merges, "one");
  const JobTrace& stale = *result.traces[0].find("delivery", "apply-production-site");
  CHECK(stale.state == State::Failed);
  CHECK(stale.reason == "its plan is stale");
  CHECK(world_of(result) == "production/site=three ");
}

/// Of several reasons, the one that came first in time may stand there.
std::string without_reasons(Trace trace) {
  for (PipelineTrace& pipeline : trace.pipelines) {
    for (JobTrace& job : pipeline.jobs) job.reason.clear();
  }
  return to_text(trace);
}

// The two simulations are written apart: of one run alone they must say the same.
TEST_CASE("a run alone comes to what the simulation of one run says") {
  std::mt19937 random(7);
  const auto chance = [&](unsigned one_in) { return random() % one_in == 0; };
  for (int round = 0; round < 200; ++round) {
    PlanBuilder made;
    std::vector<EnvironmentId> environments;
    for (unsigned e = 0; e < 1 + random() % 3; ++e) {
      environments.push_back(made.environment("e" + std::to_string(e), e > 0 && chance(2)
                                                                           ? std::vector{environments.back()}
                                                                           : std::vector<EnvironmentId>{}));
      if (chance(2)) made.approve(environments.back(), {"sre"});
    }
    std::vector<StackId> stacks;
    for (unsigned s = 0; s < 1 + random() % 3; ++s) {
      std::vector<StackId> needs;
      for (const StackId earlier : stacks) {
        if (chance(2)) needs.push_back(earlier);
      }
      stacks.push_back(made.stack("s" + std::to_string(s), needs));
    }
    if (chance(2)) made.gitleaks("secrets");
    const Planned planned(std::move(made));
    Outcomes outcomes;
    for (const Job& job : planned.plan.pipelines[PipelineId{1}].jobs) {
      const JobName name = {"delivery", job.name};
      if (chance(12)) outcomes.failing.insert(name);
      if (chance(8))
        outcomes.refused.insert(name);
      else if (chance(8))
        outcomes.unanswered.insert(name);
    }
    const std::vector<Execution> alone = {
        {push("main"), chance(4) ? "one" : "two", 0, 1 + random() % 3, outcomes}};
    if (alone[0].wants == "one") {
      for (const Job& job : planned.plan.pipelines[PipelineId{1}].jobs)
        outcomes.empty.insert({"delivery", job.name});
    }
    CHECK(without_reasons(overlap(planned.plan, alone, "one").traces[0]) ==
          without_reasons(simulate(planned.plan, push("main"), outcomes)));
  }
}

}  // namespace
}  // namespace penstock::plan
