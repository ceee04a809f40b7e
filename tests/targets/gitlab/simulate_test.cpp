// What the samples do, event by event: which jobs run, in which order, behind which gates.
#include <catch2/catch.hpp>

#include <algorithm>

#include "targets/gitlab/simulate.h"
#include "targets/gitlab/simulated.h"

using namespace penstock;

namespace {

struct Sample {
  explicit Sample(const std::string& name)
      : compilation(test::compiled(std::filesystem::path(test::kFolder) / (name + ".yaml"))),
        files(test::read_back(*compilation)) {}

  std::unique_ptr<driver::Compilation> compilation;
  test::Simulated files;
};

std::string jobs_after(const test::Played& played, std::string_view job) {
  std::string all;
  const run::Job* found = played.run.find(job);
  REQUIRE(found != nullptr);
  for (const std::size_t before : found->after)
    all += (all.empty() ? "" : " ") + played.run.jobs[before].address;
  return all;
}

}  // namespace

TEST_CASE("a push delivers layer by layer, environment by environment") {
  const auto played = Sample("live-infra").files.play(plan::push("main"));
  CHECK(played.rounds() ==
        "delivery:secrets, delivery:plan-staging-network, delivery:apply-staging-network, "
        "delivery:plan-staging-cluster, delivery:apply-staging-cluster, delivery:plan-staging-app, "
        "delivery:apply-staging-app, delivery:plan-production-network, delivery:apply-production-network, "
        "delivery:plan-production-cluster, delivery:apply-production-cluster, delivery:plan-production-app, "
        "delivery:apply-production-app, delivery:turn:production");
  CHECK(jobs_after(played, "delivery:apply-production-network") == "delivery:plan-production-network");
  using run::Gate;
  const run::Job* apply = played.run.find("delivery:apply-production-network");
  CHECK(apply->gates ==
        std::vector{Gate{Gate::Kind::Approval, "production"}, Gate{Gate::Kind::Queue, "production"}});
  CHECK(apply->reach.artifacts_from == std::vector<std::string>{"delivery:plan-production-network"});
  CHECK(played.run.find("delivery:plan-production-network")->gates ==
        std::vector{Gate{Gate::Kind::Queue, "production"}});
}

TEST_CASE("a push to another branch starts nothing") {
  for (const char* name : {"live-infra", "node-service", "walking-skeleton"}) {
    INFO(name);
    const auto played = Sample(name).files.play(plan::push("other"));
    CHECK(played.run.jobs.empty());
    CHECK(played.why("pipeline") == "no entry of `workflow:rules` matches");
  }
}

TEST_CASE("a request is planned, one from a fork only looked at") {
  const Sample live("live-infra");
  CHECK(live.files.play(plan::pull_request("topic", "main")).rounds() ==
        "request:secrets request:plan-staging-network request:plan-staging-cluster request:plan-staging-app "
        "request:plan-production-network request:plan-production-cluster request:plan-production-app");
  CHECK(live.files.play(plan::pull_request_from_fork("topic", "main")).rounds() == "request:secrets");
  CHECK(live.files.play(plan::pull_request("topic", "other")).run.jobs.empty());
  const Sample walking("walking-skeleton");
  CHECK(walking.files.play(plan::pull_request("topic", "main")).rounds() == "request:plan-staging-site");
  CHECK(walking.files.play(plan::pull_request_from_fork("topic", "main")).why("pipeline") ==
        "no job is in it");
}

TEST_CASE("a schedule looks for drift and nothing else, and reports what could not be looked at") {
  const Sample live("live-infra");
  const std::string detections =
      "drift:detect-staging-network drift:detect-staging-cluster drift:detect-staging-app "
      "drift:detect-production-network drift:detect-production-cluster drift:detect-production-app";
  CHECK(live.files.play(plan::schedule({}, "main"), "PENSTOCK_SCHEDULE=drift").rounds() ==
        detections + ", drift:report");
  CHECK(live.files.play(plan::schedule({}, "main")).run.jobs.empty());
  CHECK(live.files.play(plan::manual({}, "main")).run.jobs.empty());
  test::World world;
  world.codes = {{"drift:detect-staging-app", 2}, {"drift:detect-production-app", 1}};
  const auto played = live.files.play(plan::schedule({}, "main"), "PENSTOCK_SCHEDULE=drift", world);
  CHECK(played.state("drift:detect-staging-app") == "succeeded");
  CHECK(played.state("drift:detect-production-app") == "failed");
  CHECK(played.state("drift:report") == "succeeded");
}

TEST_CASE("a service is tested, and published by a tag") {
  const Sample service("node-service");
  CHECK(service.files.play(plan::push("main")).rounds() == "ci:lint ci:test, ci:build");
  CHECK(service.files.play(plan::pull_request_from_fork("topic", "main")).rounds() ==
        "ci:lint ci:test, ci:build");
  const auto published = service.files.play(plan::tag("v1.2"));
  CHECK(published.rounds() == "ci:lint ci:test, ci:build, ci:publish");
  CHECK(service.files.play(plan::tag("v1/2")).run.jobs.empty());
  const run::Reach& reach = published.run.find("ci:publish")->reach;
  CHECK(reach.rights == std::vector<std::string>{"environment registry"});
  CHECK(reach.variables == std::vector<std::pair<std::string, std::string>>{
                               {"GIT_DEPTH", "1"}, {"PIPELINE_NAME", "ci"}, {"VERSION", "v1.2"}});
  CHECK(reach.artifacts_from == std::vector<std::string>{"ci:build"});
  test::World world;
  world.codes = {{"ci:test", 1}};
  const auto failed = service.files.play(plan::push("main"), {}, world);
  CHECK(failed.state("ci:build") == "skipped");
  CHECK(failed.why("ci:build") == "`ci:test` was failed");
}

TEST_CASE("each node of the plan is claimed, and is there for some event") {
  for (const char* name : {"live-infra", "node-service", "walking-skeleton"}) {
    INFO(name);
    const Sample sample(name);
    REQUIRE(sample.compilation->outputs.size() == 1);
    const run::Claims& claims = sample.compilation->outputs.front().claims;
    std::vector<test::Played> all = {
        sample.files.play(plan::push("main")), sample.files.play(plan::tag("v1")),
        sample.files.play(plan::pull_request("topic", "main")),
        sample.files.play(plan::schedule({}, "main"), "PENSTOCK_SCHEDULE=drift")};
    for (const run::Claims::Job& job : claims.jobs) {
      INFO(job.address);
      CHECK(std::ranges::any_of(
          all, [&](const test::Played& played) { return played.state(job.address) == "succeeded"; }));
    }
    for (const run::Claims::Start& start : claims.starts)
      CHECK(start.entry == run::Entry{model::EventKind::Schedule, "PENSTOCK_SCHEDULE=drift"});
    CHECK(claims.starts.size() == (name == std::string("live-infra") ? 1 : 0));
  }
}
