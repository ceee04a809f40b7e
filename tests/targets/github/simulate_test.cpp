// What GitHub makes of events, on the documentation's examples and on what the samples become, read back from the bytes.
#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "driver/compile.h"
#include "support/file_test.h"
#include "targets/github/simulate.h"
#include "targets/github/simulated.h"
#include "targets/github/target.h"

using namespace penstock;
using test::File;
using test::Outside;
using test::read_back;
using test::sample;
using test::simulated;
using test::told;

TEST_CASE("a push to main builds, and the publication waits for a tag") {
  const std::any tree = sample("node-service");
  Outside outside;
  CHECK(told(simulated(tree, {plan::push("main")}, outside)) ==
        "ci/lint: succeeded\nci/test: succeeded\nci/build: succeeded\nci/publish: skipped\nci/required: "
        "skipped\n");
  CHECK(told(simulated(tree, {plan::push("other")}, outside)).empty());
  CHECK(told(simulated(tree, {plan::tag("v1.0.0")}, outside)) ==
        "ci/lint: succeeded\nci/test: succeeded\nci/build: succeeded\nci/publish: succeeded\nci/required: "
        "skipped\n");
  CHECK(told(simulated(tree, {plan::tag("w1")}, outside)).empty());
  CHECK(told(simulated(tree, {plan::pull_request("topic", "main")}, outside)) ==
        "ci/lint: succeeded\nci/test: succeeded\nci/build: succeeded\nci/required: succeeded\nci/publish: "
        "skipped\n");
}

TEST_CASE("what fails holds back what needs it, and the check that always runs tells") {
  const std::any tree = sample("node-service");
  Outside outside;
  outside.failing = {"ci/lint"};
  const run::Run run = simulated(tree, {plan::pull_request("topic", "main")}, outside);
  CHECK(told(run) ==
        "ci/lint: failed\nci/test: succeeded\nci/required: succeeded\nci/build: skipped\nci/publish: "
        "skipped\n");
  CHECK(run.find("ci/build")->reason == "`lint` before it: failure");
  CHECK(run.find("ci")->state == run::State::Failed);
}

TEST_CASE("a delivery goes layer by layer behind the turns and questions of its environments") {
  const std::any tree = sample("live-infra");
  Outside outside;
  outside.asking = {"production"};
  const run::Run run = simulated(tree, {plan::push("main")}, outside);
  CHECK(outside.done ==
        std::vector<std::string>{
            "delivery/secrets", "delivery/staging/plan-staging-network",
            "delivery/staging/apply-staging-network", "delivery/staging/plan-staging-cluster",
            "delivery/staging/apply-staging-cluster", "delivery/staging/plan-staging-app",
            "delivery/staging/apply-staging-app", "delivery/production/plan-production-network",
            "delivery/production/apply-production-network", "delivery/production/plan-production-cluster",
            "delivery/production/apply-production-cluster", "delivery/production/plan-production-app",
            "delivery/production/apply-production-app"});
  const run::Job& apply = *run.find("delivery/production/apply-production-app");
  CHECK(apply.gates == std::vector<run::Gate>{{run::Gate::Kind::Queue, "delivery-1003"},
                                              {run::Gate::Kind::Queue, "deliver-production"},
                                              {run::Gate::Kind::Approval, "production"}});
  CHECK(apply.reach.rights == std::vector<std::string>{"actions: read", "contents: read"});
  CHECK(apply.reach.artifacts_from == std::vector<std::string>{"delivery/production/plan-production-app"});

  CHECK(told(simulated(tree, {plan::push("other")}, outside)).empty());
  CHECK(told(simulated(tree, {plan::tag("v1")}, outside)).empty());
}

TEST_CASE("an empty plan skips its apply, and what is above is planned all the same") {
  const std::any tree = sample("walking-skeleton");
  Outside outside;
  outside.outputs["delivery/staging/plan-staging-site"] = {{"changes", "false"}};
  CHECK(told(simulated(tree, {plan::push("main")}, outside)) ==
        "delivery/staging/plan-staging-site: succeeded\ndelivery/staging/apply-staging-site: skipped\n");

  const std::any layers = sample("live-infra");
  Outside empty;
  empty.outputs["delivery/staging/plan-staging-network"] = {{"changes", "false"}};
  const run::Run run = simulated(layers, {plan::push("main")}, empty);
  CHECK(run.find("delivery/staging/apply-staging-network")->state == run::State::Skipped);
  CHECK(run.find("delivery/staging/plan-staging-cluster")->state == run::State::Succeeded);
  CHECK(run.find("delivery/production/apply-production-app")->state == run::State::Succeeded);
}

TEST_CASE("a refused approval fails the job, and nothing behind it runs") {
  const std::any tree = sample("live-infra");
  Outside outside;
  outside.asking = {"staging"};
  outside.answer.kind = run::Answer::Kind::Refused;
  const run::Run run = simulated(tree, {plan::push("main")}, outside);
  CHECK(run.find("delivery/staging/apply-staging-network")->state == run::State::Refused);
  CHECK(run.find("delivery/staging/plan-staging-cluster")->state == run::State::Skipped);
  CHECK(run.find("delivery/staging")->state == run::State::Failed);
  CHECK(run.find("delivery/production")->state == run::State::Skipped);
  CHECK(run.find("delivery/production/plan-production-network")->state == run::State::Skipped);
}

TEST_CASE("a request plans all, a fork's plans nothing") {
  const std::any tree = sample("live-infra");
  Outside outside;
  const run::Run own = simulated(tree, {plan::pull_request("topic", "main")}, outside);
  CHECK(
      told(own) ==
      "request/secrets: succeeded\nrequest/plan (staging, network): succeeded\n"
      "request/plan (staging, cluster): succeeded\nrequest/plan (staging, app): succeeded\n"
      "request/plan (production, network): succeeded\nrequest/plan (production, cluster): succeeded\n"
      "request/plan (production, app): succeeded\nrequest/comment: succeeded\nrequest/required: succeeded\n");
  CHECK(own.find("request/comment")->reach.artifacts_from.size() == 6);
  CHECK(own.find("request/comment")->reach.rights ==
        std::vector<std::string>{"contents: read", "pull-requests: write"});

  const run::Run fork = simulated(tree, {plan::pull_request_from_fork("topic", "main")}, outside);
  CHECK(fork.find("request/secrets")->state == run::State::Succeeded);
  CHECK(fork.find("request/required")->state == run::State::Succeeded);
  CHECK(fork.find("request/plan (staging, network)")->state == run::State::Skipped);
  CHECK(fork.find("request/comment")->state == run::State::Skipped);
  CHECK(fork.find("request/comment")->reach.rights ==
        std::vector<std::string>{"contents: read", "pull-requests: read"});
}

TEST_CASE("a schedule starts the workflow that has it and no other") {
  const std::any tree = sample("live-infra");
  const std::vector<run::Entry> entries = targets::github::entries(tree);
  REQUIRE(entries == std::vector<run::Entry>{{model::EventKind::Schedule, "0 6 * * 1-5 Europe/Berlin"}});
  Outside outside;
  const run::Run run = simulated(tree, {plan::schedule("", "main"), entries.front().name}, outside);
  CHECK(told(run).starts_with("drift/detect (staging, network): succeeded\n"));
  CHECK(run.find("drift/report")->state == run::State::Succeeded);
  CHECK(std::ranges::all_of(run.jobs, [](const run::Job& job) { return job.address.starts_with("drift"); }));
  CHECK(run.idle.size() == 4);
  CHECK(told(simulated(tree, {plan::schedule("", "main"), "0 7 * * *"}, outside)).empty());
}

/// A sample is for all targets; the lines of the others are left out.
static std::string for_github(const std::string& text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("  gitlab:") || line.starts_with("  codepipeline:")) continue;
    out += line;
    out += '\n';
  }
  return out;
}

TEST_CASE("every job of a plan is claimed at an address that is simulated") {
  static const targets::Target* const kTargets[] = {&targets::github::kTarget};
  for (const char* name : {"walking-skeleton", "node-service", "live-infra"}) {
    const std::string text =
        for_github(test::read_file(fmt::format("{}/samples/{}/penstock.yaml", PENSTOCK_SOURCE_DIR, name)));
    const auto compilation = driver::compile_text("penstock.yaml", text, kTargets, {});
    std::vector<File> files;
    for (const auto& file : compilation->files) {
      if (file.path.starts_with(".github")) files.push_back({file.path, file.text});
    }
    const std::any tree = read_back(files);
    std::set<std::string> addresses;
    Outside outside;
    const auto see = [&](run::Arrival arrival) {
      for (const run::Job& job : simulated(tree, std::move(arrival), outside).jobs)
        addresses.insert(job.address);
    };
    see({plan::push("main")});
    see({plan::tag("v1.0.0")});
    see({plan::pull_request("topic", "main")});
    for (const run::Entry& entry : targets::github::entries(tree))
      see({plan::schedule("", "main"), entry.name});
    REQUIRE(compilation->outputs.size() == 1);
    const run::Claims& claims = compilation->outputs.front().claims;
    std::size_t jobs = 0;
    for (const auto& pipeline : compilation->plan.pipelines) jobs += pipeline.jobs.size();
    CHECK(claims.jobs.size() >= jobs);
    for (const run::Claims::Job& claim : claims.jobs) CHECK(addresses.contains(claim.address));
    for (const run::Claims::Start& start : claims.starts) {
      const auto offered = targets::github::entries(tree);
      CHECK(std::ranges::find(offered, start.entry) != offered.end());
    }
  }
}
