// In which order the jobs of a pipeline run, what fails, skips and blocks them, and how pipelines share a resource.
#include <catch2/catch.hpp>

#include <algorithm>

#include "targets/gitlab/simulated.h"

using namespace penstock;
using run::Answer;
using test::Simulated;
using Names = std::vector<std::string>;

namespace {

const Answer kNever{Answer::Kind::Never, 1};

test::World failing(std::map<std::string, int> codes) {
  test::World world;
  world.codes = std::move(codes);
  return world;
}

/// The jobs of all arrivals in the order of their starts, as `0 plan`.
std::string order(const test::World& world) {
  std::string all;
  for (const auto& [arrival, job] : world.worked)
    all += (all.empty() ? "" : ", ") + std::to_string(arrival) + " " + job;
  return all;
}

}  // namespace

// docs: ci/yaml, `stages`; ci/yaml, `needs`.
TEST_CASE("stages go one after the other, and needs go around them") {
  const Simulated files(R"(
stages: [build, test, deploy]
deploy: {stage: deploy, script: x}
linux: {stage: build, script: x}
mac: {stage: build, script: x}
lint: {stage: test, needs: [], script: x}
rspec: {stage: test, needs: [linux], script: x}
all: {stage: test, script: x}
last: {stage: .post, script: x}
first: {stage: .pre, script: x}
)");
  CHECK(files.play(plan::push("main")).rounds() == "first lint, linux mac, rspec all, deploy, last");
  const auto failed = files.play(plan::push("main"), {}, failing({{"mac", 1}}));
  CHECK(failed.rounds() == "first lint, linux mac, rspec");
  CHECK(failed.why("all") == "`mac` was failed");
  CHECK(failed.state("last") == "skipped");
  CHECK(Simulated("a: {stage: nowhere, script: x}").play(plan::push("main")).why("pipeline") ==
        "a: there is no stage `nowhere`");
  CHECK(Simulated("a: {stage: .pre, script: x}").play(plan::push("main")).why("pipeline") ==
        "only jobs of `.pre` and `.post` are in it");
}

// docs: ci/yaml, `needs:optional`.
TEST_CASE("a need that is not there refuses the pipeline, unless it is optional") {
  const std::string text = R"(
build: {stage: build, script: x, rules: [{if: $CI_COMMIT_BRANCH == "main"}]}
test: {stage: test, script: x, needs: [{job: build, optional: OPTIONAL}]}
)";
  const auto with = [&](const std::string& is) {
    std::string made = text;
    made.replace(made.find("OPTIONAL"), 8, is);
    return Simulated(made);
  };
  CHECK(with("false").play(plan::push("main")).rounds() == "build, test");
  const auto refused = with("false").play(plan::push("other"));
  CHECK(refused.run.jobs.empty());
  CHECK(refused.why("pipeline") == "`test` needs `build`, which is not in the pipeline");
  CHECK(with("true").play(plan::push("other")).rounds() == "test");
}

// docs: ci/yaml, `when`; source: lib/gitlab/ci/status/composite.rb, app/services/ci/process_build_service.rb.
TEST_CASE("after a failure") {
  const Simulated stages(R"(
stages: [build, cleanup, end]
build: {stage: build, script: x}
cleanup: {stage: cleanup, script: x, when: on_failure}
report: {stage: cleanup, script: x, when: always}
end: {stage: end, script: x}
)");
  CHECK(stages.play(plan::push("main")).rounds() == "build, report, end");
  CHECK(stages.play(plan::push("main"), {}, failing({{"build", 1}})).rounds() == "build, cleanup report");

  // Among needs, one that was skipped decides at once: `always` does not wait for the others then.
  const Simulated needs(R"(
fails: {script: x}
behind: {script: x, needs: [fails]}
slow: {script: x}
slower: {script: x, needs: [slow]}
slowest: {script: x, needs: [slower]}
report: {script: x, needs: [behind, slowest], when: always}
rescue: {script: x, needs: [behind], when: on_failure}
)");
  const auto played = needs.play(plan::push("main"), {}, failing({{"fails", 1}}));
  CHECK(played.rounds() == "fails slow, slower report, slowest");
  CHECK(played.run.jobs[*std::ranges::max_element(played.run.find("report")->after)].address == "behind");
  CHECK(played.state("rescue") == "skipped");
  CHECK(needs.play(plan::push("main")).rounds() == "fails slow, behind slower, slowest, report");
}

// docs: ci/yaml, `allow_failure` and `allow_failure:exit_codes`.
TEST_CASE("failures that are allowed count as success") {
  const Simulated files(R"(
stages: [a, b]
allowed: {stage: a, script: x, allow_failure: true}
codes: {stage: a, script: x, allow_failure: {exit_codes: [137, 255]}}
next: {stage: b, script: x}
)");
  CHECK(files.play(plan::push("main"), {}, failing({{"allowed", 1}, {"codes", 255}})).rounds() ==
        "allowed codes, next");
  CHECK(files.play(plan::push("main"), {}, failing({{"codes", 1}})).state("next") == "skipped");
}

// docs: ci/jobs/job_control, "Types of manual jobs".
TEST_CASE("a manual job that may fail blocks nothing, any other blocks") {
  const Simulated files(R"(
stages: [a, b, c]
optional: {stage: a, script: x, when: manual}
blocking: {stage: b, script: x, rules: [{when: manual}]}
next: {stage: c, script: x}
needs optional: {stage: c, script: x, needs: [optional]}
)");
  CHECK(files.play(plan::push("main")).rounds() == "optional blocking, next needs optional");
  test::World world;
  world.answers = {{"optional", kNever}, {"blocking", kNever}};
  const auto blocked = files.play(plan::push("main"), {}, world);
  CHECK(blocked.state("blocking") == "asking");
  CHECK(blocked.state("next") == "waiting");
  CHECK(blocked.why("next") == "`blocking` is asking");
  CHECK(blocked.state("needs optional") == "skipped");
  world.answers = {{"optional", kNever}};
  CHECK(files.play(plan::push("main"), {}, world).rounds() == "blocking, next");
}

// docs: ci/yaml, `extends`, `default`, `inherit`, `include:local`; ci/yaml/yaml_optimization, "!reference tags".
TEST_CASE("a job is put together from its parts") {
  const Simulated files(R"(
include: [/ci/part.yml]
default: {before_script: [set -e]}
variables: {GLOBAL: g}
.base:
  script: [one]
  variables: {A: base, B: base}
  rules: [{if: $CI_COMMIT_TAG}]
job:
  extends: [.base, .part]
  variables: {B: job}
  rules: [!reference [.part, rules], {if: $CI_COMMIT_BRANCH == "other"}]
  script: [!reference [.base, script], two]
bare: {script: x, inherit: {default: false, variables: false}}
)",
                        {{"ci/part.yml",
                          ".part:\n  script: [part]\n  variables: {C: part}\n"
                          "  rules: [{if: $CI_COMMIT_BRANCH == \"main\"}]\n"}});
  const auto played = files.play(plan::push("main"));
  const run::Reach& reach = played.run.find("job")->reach;
  CHECK(reach.commands == Names{"set -e", "one", "two"});
  CHECK(reach.variables == std::vector<std::pair<std::string, std::string>>{
                               {"A", "base"}, {"B", "job"}, {"C", "part"}, {"GLOBAL", "g"}});
  CHECK(played.run.find("bare")->reach.commands == Names{"x"});
  CHECK(played.run.find("bare")->reach.variables.empty());
  CHECK(files.play(plan::push("other")).names() == Names{"job", "bare"});
  CHECK(files.play(plan::tag("v1")).names() == Names{"bare"});
}

// docs: ci/yaml, `workflow:auto_cancel:on_new_commit`.
TEST_CASE("a newer commit cancels") {
  const std::string text = R"(
check: {stage: build, script: x, interruptible: true}
deploy: {stage: test, script: x}
after: {stage: deploy, script: x, interruptible: true}
)";
  const auto played = [&](const std::string& mode, std::size_t second, plan::Event newer) {
    test::World world;
    const Simulated files(text +
                          (mode.empty() ? "" : "workflow: {auto_cancel: {on_new_commit: " + mode + "}}"));
    files.play_all({{plan::push("main"), {}, 0}, {std::move(newer), {}, second}}, world);
    std::string all;
    for (const auto& [arrival, job] : world.worked) all += arrival == 0 ? " " + job : "";
    return all;
  };
  CHECK(played("", 0, plan::push("main")) == "");        // nothing has started
  CHECK(played("", 1, plan::push("main")) == " check");  // nothing that must not be interrupted has
  CHECK(played("", 2, plan::push("main")) == " check deploy after");
  CHECK(played("interruptible", 1, plan::push("main")) == " check");
  CHECK(played("interruptible", 2, plan::push("main")) == " check deploy");
  CHECK(played("none", 1, plan::push("main")) == " check deploy after");
  CHECK(played("", 1, plan::push("other")) == " check deploy after");
  CHECK(played("", 1, plan::schedule({}, "main")) == " check deploy after");  // the same commit
}

TEST_CASE("references that multiply are refused, and soon") {
  std::string text = ".x0: {a: [x]}\n";
  for (int level = 1; level <= 9; ++level) {
    const std::string one = "!reference [.x" + std::to_string(level - 1) + ", a]";
    text += ".x" + std::to_string(level) + ": {a: [" + one;
    for (int i = 0; i < 9; ++i) text += ", " + one;
    text += "]}\n";
  }
  CHECK(Simulated(text + "job: {script: !reference [.x9, a]}").play(plan::push("main")).run.jobs.empty());
  CHECK(Simulated("a: {script: x, extends: .b}\n.b: {extends: .c}\n.c: {extends: .b}\n")
            .play(plan::push("main"))
            .run.jobs.empty());
}

// docs: ci/yaml, `parallel:matrix`; ci/yaml, `dependencies`; ci/jobs/job_artifacts.
TEST_CASE("a parallel job is several, and artifacts come from needs, dependencies or earlier stages") {
  const Simulated files(R"(
build:
  stage: build
  script: x
  artifacts: {paths: [out]}
  parallel: {matrix: [{CLOUD: [aws, gcp], SIZE: [s]}]}
plain: {stage: build, script: x, artifacts: {paths: [out]}}
all: {stage: test, script: x}
one: {stage: test, script: x, dependencies: [plain]}
none: {stage: test, script: x, dependencies: []}
part: {stage: test, script: x, needs: [{job: build, parallel: {matrix: [{CLOUD: gcp, SIZE: s}]}}]}
both: {stage: test, script: x, needs: [build, {job: plain, artifacts: false}]}
)");
  const auto played = files.play(plan::push("main"));
  const auto from = [&](const char* job) { return played.run.find(job)->reach.artifacts_from; };
  CHECK(from("all") == Names{"build: [aws, s]", "build: [gcp, s]", "plain"});
  CHECK(from("one") == Names{"plain"});
  CHECK(from("none").empty());
  CHECK(from("part") == Names{"build: [gcp, s]"});
  CHECK(from("both") == Names{"build: [aws, s]", "build: [gcp, s]"});
}

// docs: ci/environments; ci/yaml, `id_tokens`.
TEST_CASE("what a job may do") {
  const Simulated files(R"(
deploy:
  script: aws sts assume-role-with-web-identity --role-arn arn:aws:iam::111122223333:role/deploy
  environment: {name: review/$CI_COMMIT_REF_SLUG, action: access}
  id_tokens: {TOKEN: {aud: [https://gitlab.com, "$MINE"]}}
  variables: {MINE: sts, KEY: $REAL_KEY}
  resource_group: deploy-$CI_COMMIT_REF_SLUG
  rules: [{when: manual}]
)");
  test::World world;
  world.settings[{"secrets", "review/feature-x"}] = "REAL_KEY";
  const auto played = files.play(plan::push("feature/X"), {}, world);
  const run::Job& job = *played.run.find("deploy");
  CHECK(job.reach.rights ==
        Names{"environment review/feature-x", "id_token TOKEN aud=https://gitlab.com,sts"});
  CHECK(job.reach.role == "arn:aws:iam::111122223333:role/deploy");
  CHECK(job.reach.secrets ==
        std::vector<std::pair<std::string, std::string>>{{"KEY", "REAL_KEY"}, {"REAL_KEY", "REAL_KEY"}});
  using run::Gate;
  CHECK(job.gates == std::vector{Gate{Gate::Kind::Approval, "review/feature-x"},
                                 Gate{Gate::Kind::Queue, "deploy-feature-x"}});
}

// docs: ci/resource_groups, "Process modes"; source: app/models/ci/resource_group.rb.
TEST_CASE("the modes of a resource group") {
  const Simulated files(R"(
workflow: {auto_cancel: {on_new_commit: none}}
plan: {stage: build, script: x, resource_group: production}
between: {stage: test, script: x, needs: [plan]}
apply: {stage: deploy, script: x, needs: [between], resource_group: production}
)");
  const auto played = [&](const std::string& mode) {
    test::World world;
    world.settings[{"process_mode", "production"}] = mode;
    files.play_all({{plan::push("main"), {}, 0}, {plan::push("main"), {}, 0}, {plan::push("main"), {}, 0}},
                   world);
    return order(world);
  };
  // An older pipeline with jobs of the group to come keeps it from newer ones.
  CHECK(played("oldest_first") ==
        "0 plan, 0 between, 0 apply, 1 plan, 1 between, 1 apply, 2 plan, 2 between, 2 apply");
  CHECK(played("newest_first") ==
        "2 plan, 2 between, 2 apply, 1 plan, 1 between, 1 apply, 0 plan, 0 between, 0 apply");
  // Whoever waits may be next: a newer one plans before an older one has applied.
  CHECK(played("unordered").starts_with("2 plan, 1 plan, 2 between"));
}

TEST_CASE("a button that nobody has pressed does not keep a resource, a job behind it does") {
  const std::string text = R"(
plan: {stage: build, script: x, resource_group: production}
apply: {stage: deploy, script: x, needs: [plan], resource_group: production, rules: [{when: manual}]}
)";
  const auto played = [&](const std::string& more) {
    test::World world;
    world.settings[{"process_mode", "production"}] = "oldest_first";
    world.answers["apply"] = {Answer::Kind::Given, 5};
    Simulated(text + more).play_all({{plan::push("main"), {}, 0}, {plan::push("main"), {}, 1}}, world);
    return order(world);
  };
  CHECK(played("") == "0 plan, 1 plan, 0 apply, 1 apply");
  CHECK(played("turn: {stage: deploy, script: x, needs: [apply], resource_group: production}") ==
        "0 plan, 0 apply, 0 turn, 1 plan, 1 apply, 1 turn");
}
