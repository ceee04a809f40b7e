// GitLab's own examples of rules, each with its page, and the cases that its source and specs settle.
#include <catch2/catch.hpp>

#include "targets/gitlab/simulate_expression.h"
#include "targets/gitlab/simulate_glob.h"
#include "targets/gitlab/simulated.h"

using namespace penstock;
using targets::gitlab::simulation::Expression;
using targets::gitlab::simulation::matches_path;
using test::Simulated;

namespace {

bool holds(const std::string& text) {
  static const std::map<std::string, std::string, std::less<>> kVariables = {
      {"SET", "x"},         {"EMPTY", ""}, {"BLANK", " \t"}, {"REF", "feature/main"},
      {"RE", "/^feature/"}, {"T", "true"}};
  const auto expression = Expression::parse(text);
  REQUIRE(expression.has_value());
  return expression->holds([](std::string_view name) {
    const auto found = kVariables.find(name);
    return found == kVariables.end() ? nullptr : &found->second;
  });
}

bool is_refused(const std::string& text) { return !Expression::parse(text).has_value(); }

}  // namespace

// docs: ci/jobs/job_rules, "CI/CD variable expressions"; spec/lib/gitlab/ci/pipeline/expression/statement_spec.rb.
TEST_CASE("an expression holds when its value is there") {
  CHECK(holds("$SET"));
  CHECK_FALSE(holds("$EMPTY"));
  CHECK_FALSE(holds("$BLANK"));
  CHECK_FALSE(holds("$UNDEFINED"));
  CHECK(holds("$UNDEFINED == null"));
  CHECK_FALSE(holds("$EMPTY == null"));
  CHECK(holds("$EMPTY == \"\""));
  CHECK_FALSE(holds("$UNDEFINED == \"\""));
  CHECK(holds("$UNDEFINED != \"x\""));
  CHECK(holds("$SET == 'x'"));
  CHECK_FALSE(holds("$SET == 'X'"));
  CHECK(holds("$SET == $SET"));
}

TEST_CASE("`&&` and `||` return operands, and an empty text is true to them") {
  CHECK(holds("$EMPTY && $SET"));
  CHECK_FALSE(holds("$EMPTY || $SET"));
  CHECK(holds("$UNDEFINED || $SET"));
  CHECK_FALSE(holds("$UNDEFINED && $SET"));
  CHECK_FALSE(holds("$SET && $EMPTY"));
  CHECK(holds("$SET == 'x' || $UNDEFINED && $EMPTY == 'y'"));
  CHECK_FALSE(holds("($SET == 'x' || $UNDEFINED) && $EMPTY == 'y'"));
}

TEST_CASE("not binds tighter than a comparison") {
  CHECK(holds("!$UNDEFINED"));
  CHECK(holds("!$EMPTY"));
  CHECK_FALSE(holds("!$SET"));
  CHECK_FALSE(holds("!'false'"));
  CHECK_FALSE(holds("!$SET == 'y'"));
  CHECK(holds("!($SET == 'y')"));
  CHECK_FALSE(holds("$T == true"));  // a text is never a boolean
}

TEST_CASE("a pattern finds a part, and a variable may hold one") {
  CHECK(holds("$REF =~ /main$/"));
  CHECK_FALSE(holds("$REF =~ /MAIN/"));
  CHECK(holds("$REF =~ /MAIN/i"));
  CHECK(holds("$REF =~ /^feature\\/.*/"));
  CHECK(holds("$REF !~ /^main/"));
  CHECK(holds("$REF =~ $RE"));
  CHECK_FALSE(holds("$REF =~ $UNDEFINED"));
  CHECK(holds("$REF !~ $UNDEFINED"));
  CHECK(holds("$UNDEFINED =~ /.*/"));  // null is searched as ""
  CHECK(holds("'feat' =~ $REF"));      // a text on the right: the left is a part of it
  CHECK_FALSE(holds("$REF =~ 'feat'"));
}

TEST_CASE("what GitLab cannot scan or parse is refused") {
  for (const char* text : {"$A = 'x'", "$A ==", "$A $B", "(", "$A)", "${A}", "$A == 1", "$A =~ /./",
                           "$A =~ /x/", "$A =~ /(?=x)y/", "$A and $B", "\"open", "", "== $A", "&&"})
    CHECK(is_refused(text));
  std::string text = "$A";
  for (int i = 0; i < 49; ++i) text += " || $A";
  CHECK_FALSE(is_refused(text));  // 99 tokens
  CHECK(is_refused(text + " || $A"));
}

// docs: ci/yaml, `rules:changes`; docs.ruby-lang.org, `File.fnmatch?`.
TEST_CASE("paths match as Ruby has it") {
  CHECK(matches_path("Dockerfile", "Dockerfile"));
  CHECK(matches_path("docker/scripts/*", "docker/scripts/run.sh"));
  CHECK_FALSE(matches_path("docker/scripts/*", "docker/scripts/a/run.sh"));
  CHECK(matches_path("dockerfiles/**/*", "dockerfiles/a/b/c"));
  CHECK(matches_path("dockerfiles/**/*", "dockerfiles/c"));
  CHECK(matches_path("**/*.md", "README.md"));
  CHECK_FALSE(matches_path("src/**", "src/a/b.c"));  // as `*`, when nothing follows
  CHECK(matches_path("src/**", "src/b.c"));
  CHECK(matches_path("more_scripts/*.{rb,py,sh}", "more_scripts/a.py"));
  CHECK(matches_path("**/*", ".github/x"));
  CHECK(matches_path("a[b-d]/[!x]", "ac/y"));
  CHECK_FALSE(matches_path("a?b", "a/b"));
  CHECK(matches_path("a\\*", "a*"));
  CHECK_FALSE(matches_path("a\\*", "ab"));
  CHECK_FALSE(matches_path("{a", "a"));
  CHECK(matches_path("**/x/**/y", "a/x/b/x/c/y"));
}

// docs: ci/jobs/job_rules, "Add jobs to pipelines with rules".
TEST_CASE("the first entry that matches decides") {
  const Simulated files(R"(
job:
  script: echo "Hello, Rules!"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: manual
      allow_failure: true
    - if: $CI_PIPELINE_SOURCE == "schedule"
)");
  CHECK(files.play(plan::push("main")).why("job") == "none of its rules matches");
  CHECK(files.play(plan::schedule({}, "main")).rounds() == "job");
  const auto request = files.play(plan::pull_request("topic", "main"));
  CHECK(request.run.find("job")->gates == std::vector{run::Gate{run::Gate::Kind::Approval, "job"}});

  const Simulated never(R"(
job:
  script: echo
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: never
    - if: $CI_PIPELINE_SOURCE == "schedule"
      when: never
    - when: on_success
)");
  CHECK(never.play(plan::pull_request("topic", "main")).why("job") == "rule 1 says never");
  CHECK(never.play(plan::schedule({}, "main")).why("job") == "rule 2 says never");
  CHECK(never.play(plan::push("topic")).rounds() == "job");
  CHECK(Simulated("job: {script: x, rules: []}").play(plan::push("main")).run.jobs.empty());
}

// docs: ci/yaml, `rules:changes`: "always evaluates to true in pipelines without a push or merge request event".
TEST_CASE("changes are true where no difference is known") {
  const Simulated files(R"(
docker build:
  script: docker build -t my-image:$CI_COMMIT_REF_SLUG .
  rules:
    - if: $CI_PIPELINE_SOURCE
      changes: [Dockerfile, $FOLDER/**/*]
  variables: {FOLDER: docker}
)");
  const auto runs = [&](plan::Event event) { return !files.play(std::move(event)).run.jobs.empty(); };
  CHECK(runs(plan::push("main", {{"Dockerfile"}})));
  CHECK(runs(plan::pull_request("topic", "main", {{"docker/a/b"}})));
  CHECK_FALSE(runs(plan::push("main", {{"README.md"}})));
  CHECK_FALSE(runs(plan::push("main", {std::vector<std::string>{}})));
  CHECK(runs(plan::push("main")));
  CHECK(runs(plan::tag("v1")));
  CHECK(runs(plan::schedule({}, "main")));
  CHECK(runs(plan::manual({}, "main")));
}

// docs: ci/yaml/workflow, "Switch between branch pipelines and merge request pipelines".
TEST_CASE("a workflow switches between branches and requests") {
  const Simulated files(R"(
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS
      when: never
    - if: $CI_COMMIT_BRANCH
      variables: {KIND: branch}
job: {script: x, variables: {KIND2: $KIND}}
)");
  CHECK(files.play(plan::pull_request("topic", "main")).rounds() == "job");
  const auto pushed = files.play(plan::push("topic"));
  CHECK(pushed.run.find("job")->reach.variables ==
        std::vector<std::pair<std::string, std::string>>{{"KIND", "branch"}, {"KIND2", "branch"}});
  test::World world;
  world.settings[{"open_merge_requests", "topic"}] = "group/project!1";
  CHECK(files.play(plan::push("topic"), {}, world).why("pipeline") == "`workflow:rules` say never");
  CHECK(files.play(plan::tag("v1")).why("pipeline") == "no entry of `workflow:rules` matches");
}

// docs: ci/jobs/job_rules, "Avoid duplicate pipelines"; ci/yaml/deprecated_keywords, "only and except".
TEST_CASE("without a workflow a job without rules is for branches and tags") {
  const Simulated files("plain: {script: x}\nruled: {script: x, rules: [{when: always}]}\n");
  CHECK(files.play(plan::push("topic")).rounds() == "plain ruled");
  CHECK(files.play(plan::pull_request("topic", "main")).names() == std::vector<std::string>{"ruled"});
  test::World world;
  world.settings[{"pushed", "topic"}] = "true";
  CHECK(files.play(plan::pull_request("topic", "main"), {}, world).names() ==
        std::vector<std::string>{"ruled", "branch pipeline, plain", "branch pipeline, ruled"});
}

// docs: ci/yaml/deprecated_keywords, "only and except": the list of keywords, the examples.
TEST_CASE("only and except") {
  const Simulated files(R"(
usual: {script: x, only: [main, /^issue-.*$/, merge_requests]}
tags: {script: x, only: [tags], except: [/^v0/]}
scheduled: {script: x, only: {refs: [schedules], variables: [$DEEP == "yes"]}}
branches: {script: x, only: [branches], except: {refs: [schedules, web]}}
)");
  using Names = std::vector<std::string>;
  CHECK(files.play(plan::push("main")).names() == Names{"usual", "branches"});
  CHECK(files.play(plan::push("issue-7")).names() == Names{"usual", "branches"});
  CHECK(files.play(plan::push("other")).names() == Names{"branches"});
  CHECK(files.play(plan::pull_request("topic", "main")).names() == Names{"usual"});
  CHECK(files.play(plan::tag("v1")).names() == Names{"tags"});
  CHECK(files.play(plan::tag("v0.1")).names().empty());
  CHECK(files.play(plan::schedule({}, "main"), "DEEP=yes").names() == Names{"usual", "scheduled"});
  CHECK(files.play(plan::schedule({}, "other")).names().empty());
}

// docs: ci/variables, "CI/CD variable precedence".
TEST_CASE("the stronger variable wins") {
  const Simulated files(R"(
variables: {A: top, B: top, C: top, D: top, E: "$A-x", F: {value: "a$$b $A", expand: false}}
workflow: {rules: [{if: $A == "top", variables: {B: workflow, C: workflow, D: workflow}}]}
job:
  script: x
  variables: {C: job, D: job, G: "100$$ $UNKNOWN ${A}s"}
  rules: [{if: $D == "job", variables: {D: rule}}]
)");
  const auto all = files.play(plan::manual({}, "main"), "B=given").run.find("job")->reach.variables;
  CHECK(all == std::vector<std::pair<std::string, std::string>>{{"A", "top"},
                                                                {"B", "given"},
                                                                {"C", "job"},
                                                                {"D", "rule"},
                                                                {"E", "top-x"},
                                                                {"F", "a$$b $A"},
                                                                {"G", "100$ $UNKNOWN tops"}});
  test::World world;
  world.settings[{"variable", "A"}] = "project";
  CHECK(files.play(plan::push("main"), {}, world).why("pipeline") == "no entry of `workflow:rules` matches");
  // A request from a fork runs in the fork, which has no variables of the project.
  CHECK(files.play(plan::pull_request_from_fork("topic", "main"), {}, world).names().size() == 1);
}

TEST_CASE("what nobody knows is said and not guessed") {
  const Simulated files(R"(
include: [{template: Jobs/SAST.gitlab-ci.yml}]
message: {script: x, rules: [{if: '$CI_COMMIT_MESSAGE =~ /skip me/'}]}
exists: {script: x, rules: [{exists: [Dockerfile]}]}
compared: {script: x, rules: [{changes: {paths: [a], compare_to: refs/heads/main}}]}
extended: {extends: .from-elsewhere}
known: {script: x, rules: [{if: '$CI_COMMIT_BRANCH == "other" && $CI_COMMIT_MESSAGE =~ /skip me/'}]}
)");
  const auto played = files.play(plan::push("main", {{"a"}}));
  CHECK(played.why("include") == "`template: Jobs/SAST.gitlab-ci.yml` is not among the files");
  CHECK(played.why("message") == "cannot be simulated: rule 1 asks what `$CI_COMMIT_MESSAGE` is");
  CHECK(played.state("message") == "waiting");
  CHECK(played.why("exists") == "cannot be simulated: rule 1 asks whether the repository has `Dockerfile`");
  CHECK(played.why("compared") ==
        "cannot be simulated: rule 1 asks what changed in comparison with another ref");
  CHECK(played.why("extended") ==
        "cannot be simulated: nothing here says what `.from-elsewhere` is, which it extends");
  CHECK(played.state("known") == "absent");
  test::World world;
  world.settings = {{{"variable", "CI_COMMIT_MESSAGE"}, "skip me"}, {{"exists", "Dockerfile"}, "false"}};
  const auto known = files.play(plan::push("main"), {}, world);
  CHECK(known.state("message") == "succeeded");
  CHECK(known.state("exists") == "absent");
}
