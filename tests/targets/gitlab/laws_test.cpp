// What must hold for every file we emit, and defects of other generators that ours must not have.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "targets/gitlab/condition.h"
#include "targets/gitlab/emitted.h"
#include "targets/gitlab/gitlab_rules.h"

using namespace penstock;
using targets::gitlab::Job;
using targets::gitlab::Need;
using targets::gitlab::Rule;
using targets::gitlab::Tree;
using test::Jobs;

namespace {

constexpr std::string_view kInfra = PENSTOCK_SOURCE_DIR "/tests/targets/gitlab/live-infra.yaml";

Jobs infra() { return Jobs(test::read_back(*test::compiled(kInfra))); }

/// The jobs that must have ended before a job starts, directly or not.
std::set<std::string> before(const Jobs& jobs, const std::string& name) {
  std::set<std::string> all;
  for (const Need& need : jobs.whole(name).needs.value_or(std::vector<Need>{})) {
    all.insert(need.job);
    all.merge(before(jobs, need.job));
  }
  return all;
}

bool is_environment_name(std::string_view name) {
  const bool known = std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view(" _/${}.-").find(c) != std::string_view::npos;
  });
  return known && !name.starts_with("/") && !name.ends_with("/");
}

}  // namespace

TEST_CASE("every job says when it is, after what, how long, and in which stage") {
  for (const auto& model : test::models()) {
    INFO(model);
    const Tree tree = test::read_back(*test::compiled(model));
    const auto& stages = tree.files.front().root.stages;
    const Jobs jobs(tree);
    REQUIRE_FALSE(jobs.names().empty());
    for (const std::string& name : jobs.names()) {
      INFO(name);
      const Job job = jobs.whole(name);
      CHECK(name.size() <= 255);
      REQUIRE(job.rules.has_value());
      CHECK_FALSE(job.rules->empty());
      CHECK_FALSE(job.timeout.empty());
      CHECK_FALSE(job.script.empty());
      REQUIRE(job.needs.has_value());
      const auto stage = std::ranges::find(stages, job.stage);
      REQUIRE(stage != stages.end());
      for (const Need& need : *job.needs) {
        INFO(need.job);
        REQUIRE(jobs.find(need.job) != nullptr);
        CHECK(std::ranges::find(stages, jobs.whole(need.job).stage) <= stage);
      }
      CHECK(is_environment_name(job.environment.name));
      for (const Rule& rule : *job.rules) CHECK((rule.when == "manual") == (rule.allow_failure == false));
    }
  }
}

TEST_CASE("an environment is delivered to after the one before it") {
  const Jobs jobs = infra();
  const auto earlier = before(jobs, "delivery:plan-production-network");
  for (const char* stack : {"network", "cluster", "app"})
    CHECK(earlier.contains(fmt::format("delivery:apply-staging-{}", stack)));
  CHECK(before(jobs, "delivery:plan-staging-network").contains("delivery:secrets"));
}

TEST_CASE("a drift run holds nothing that applies, and a delivery nothing that looks for drift") {
  const Jobs jobs = infra();
  const test::GitLabPipeline drift{
      {{"CI_PIPELINE_SOURCE", "schedule"}, {"CI_COMMIT_BRANCH", "main"}, {"PENSTOCK_SCHEDULE", "drift"}},
      std::nullopt};
  const test::GitLabPipeline push{{{"CI_PIPELINE_SOURCE", "push"}, {"CI_COMMIT_BRANCH", "main"}},
                                  std::nullopt};
  std::size_t looking = 0, delivering = 0;
  for (const std::string& name : jobs.names()) {
    INFO(name);
    const Job job = jobs.whole(name);
    const std::string script = join(job.script, "\n");
    if (test::decide(*job.rules, drift) != nullptr) {
      ++looking;
      CHECK(script.find("apply.sh") == std::string::npos);
      CHECK(job.resource_group.empty());
    }
    if (test::decide(*job.rules, push) != nullptr) {
      ++delivering;
      CHECK(script.find("drift.sh") == std::string::npos);
    }
  }
  CHECK(looking == 7);
  CHECK(delivering == 14);
}

TEST_CASE("what a detector found reaches the report, even when it failed") {
  const Jobs jobs = infra();
  const Job report = jobs.whole("drift:report");
  REQUIRE(report.rules->size() == 1);
  CHECK(report.rules->front().when == "always");
  REQUIRE(report.needs->size() == 6);
  for (const Need& need : *report.needs) {
    CHECK(need.artifacts);
    CHECK_FALSE(need.optional);
    const Job detector = jobs.whole(need.job);
    CHECK(detector.artifacts.when == "always");
    CHECK(detector.artifacts.paths == std::vector<std::string>{"penstock-out/drift/"});
    CHECK(detector.allow_failure.exit_codes ==
          std::vector<long>{2});  // drift is no failure; every other code is
    CHECK_FALSE(detector.allow_failure.always.has_value());
  }
}

TEST_CASE("a turn is held by one resource group from the first plan to behind the last button") {
  const Jobs jobs = infra();
  for (const std::string environment : {"staging", "production"}) {
    for (const char* stack : {"network", "cluster", "app"}) {
      for (const char* verb : {"plan", "apply"}) {
        CHECK(jobs.whole(fmt::format("delivery:{}-{}-{}", verb, environment, stack)).resource_group ==
              environment);
      }
    }
  }
  const Job keeper = jobs.whole("delivery:turn:production");
  CHECK(keeper.resource_group == "production");
  CHECK(keeper.needs->front().job == "delivery:apply-production-app");
  CHECK(keeper.rules->front().when.empty());
  CHECK(jobs.find("delivery:turn:staging") == nullptr);  // no button, nothing to keep
}

TEST_CASE("a plan never names an environment, an apply always does") {
  const Jobs jobs(test::read_back(*test::compiled(PENSTOCK_SOURCE_DIR "/tests/targets/gitlab/deliver.yaml")));
  for (const std::string& name : jobs.names()) {
    INFO(name);
    const Job job = jobs.whole(name);
    const auto role = std::ranges::find(job.variables, "PENSTOCK_ROLE_ARN",
                                        [](const auto& entry) { return entry.first.value; });
    if (name.find(":plan-") != std::string::npos || name.find(":detect-") != std::string::npos) {
      CHECK(job.environment.name.empty());
      REQUIRE(role != job.variables.end());
      CHECK(role->second.value.ends_with("-plan"));
    }
    if (name.find(":apply-") != std::string::npos) {
      CHECK_FALSE(job.environment.name.empty());
      REQUIRE(role != job.variables.end());
      CHECK(role->second.value.ends_with("-apply"));
    }
  }
}

TEST_CASE("what an author or an event says is never part of a script") {
  const auto compilation = test::compiled_text(R"(penstock: project/v1
name: shop
targets: { gitlab: {} }
pipelines:
  ci:
    on: { push: {}, pull_request: {} }
    jobs:
      say:
        env: { TITLE: "\"; $(rm -rf /) `id` ${HOME} #" }
        steps:
          - run: echo "${{ pull_request.source }}" "$TITLE"
)");
  REQUIRE_FALSE(compilation->sink.has_errors());
  const Jobs jobs(test::read_back(*compilation));
  const Job job = jobs.whole("ci:say");
  CHECK(job.script == std::vector<std::string>{"echo \"${PULL_REQUEST_SOURCE}\" \"$TITLE\""});
  REQUIRE(job.variables.size() == 1);
  CHECK(job.variables.front().second.value == "\"; $(rm -rf /) `id` ${HOME} #");
  CHECK_FALSE(job.variables.front().second.expand);
  REQUIRE(job.rules->size() == 2);
  CHECK(job.rules->at(0).variables.front().second.value.empty());
  CHECK(job.rules->at(1).variables.front().second.value == "$CI_MERGE_REQUEST_SOURCE_BRANCH_NAME");
}

TEST_CASE("what is there already does not change when another pipeline comes") {
  const auto one = test::compiled(kInfra);
  std::string text;
  for (const targets::OutputFile& file : one->files) {
    if (file.path == ".gitlab/ci/delivery.yml") text = file.text;
  }
  REQUIRE_FALSE(text.empty());
  std::string model(one->sources.text(FileId{0}));
  model += "\npipelines: { ci: { on: { push: {} }, jobs: { a: { steps: [run: make] } } } }\n";
  const auto two = test::compiled_text(model);
  REQUIRE_FALSE(two->sink.has_errors());
  for (const targets::OutputFile& file : two->files) {
    if (file.path == ".gitlab/ci/delivery.yml") CHECK(file.text == text);
  }
}

TEST_CASE("conditions are printed as GitLab reads them") {
  using namespace targets::gitlab;
  const Name x{"X"}, y{"Y"};
  const auto is = [&](const Name& name, const char* text) {
    return Condition{Compare{name, true, std::string(text)}};
  };
  CHECK(print(all_of({any_of({is(x, "a"), is(x, "b")}), is(y, "c")})) ==
        R"(($X == "a" || $X == "b") && $Y == "c")");
  CHECK(print(any_of({all_of({is(x, "a"), is(y, "b")}), is(y, "c")})) ==
        R"($X == "a" && $Y == "b" || $Y == "c")");
  CHECK(print(negated(any_of({is(x, "a"), is(y, "b")}))) == R"($X != "a" && $Y != "b")");
  CHECK(print(negated({Defined{x}})) == R"($X == null || $X == "")");
  CHECK(print(is(x, R"(say "a")")) == R"($X == 'say "a"')");
  CHECK(print(is(x, R"("it's")")) == R"($X =~ /^"it's"$/)");
  CHECK(print(Condition{Match{x, false, "a/b"}}) == R"($X !~ /a\/b/)");
  CHECK(print(Condition{Match{x, true, R"(a\/b\\)"}}) == R"($X =~ /a\/b\\(?:)/)");
  CHECK(print(Condition{Match{x, true, "a"}}) == R"($X =~ /a(?:)/)");
  CHECK(print(Condition{Compare{x, true, y}}) == "$X == $Y");
  CHECK(tokens(all_of({any_of({is(x, "a"), is(x, "b")}), is(y, "c")})) == 13);
  CHECK(is_true(all_of({constant(true), constant(true)})));
  CHECK(is_false(all_of({is(x, "a"), constant(false)})));
  CHECK(all_of({is(x, "a"), is(x, "a")}) == is(x, "a"));
}
