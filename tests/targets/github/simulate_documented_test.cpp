// The documentation's own examples. The pages are under https://docs.github.com/en/actions/reference/workflows-and-actions/.
#include <catch2/catch.hpp>

#include "targets/github/simulate.h"
#include "targets/github/simulate_filter.h"
#include "targets/github/simulated.h"

using namespace penstock;
using run::State;
using targets::github::matches_filter;
using targets::github::matches_pattern;
using test::simulated;
using test::told;
using test::workflow;

namespace {

struct Example {
  std::vector<std::string> patterns;
  std::vector<std::string> match;
  std::vector<std::string> others;
};

void check(const std::vector<Example>& examples) {
  for (const Example& example : examples) {
    for (const std::string& text : example.match) {
      INFO(example.patterns.front() << " on " << text);
      CHECK(matches_filter(example.patterns, text));
    }
    for (const std::string& text : example.others) {
      INFO(example.patterns.front() << " on " << text);
      CHECK_FALSE(matches_filter(example.patterns, text));
    }
  }
}

bool starts(const std::string& on, plan::Event event) {
  const std::any tree = workflow("on:\n" + on + "jobs:\n  a:\n    runs-on: x\n    steps: [{run: a}]\n");
  return !simulated(tree, {std::move(event)}).jobs.empty();
}

plan::Event changing(std::vector<std::string> paths) { return plan::push("main", std::move(paths)); }

}  // namespace

// workflow-syntax#patterns-to-match-branches-and-tags. What does not match follows from the descriptions.
TEST_CASE("patterns of branches and tags") {
  check({
      {{"feature/*"}, {"feature/my-branch", "feature/your-branch"}, {"feature/a/b", "features/a"}},
      {{"feature/**"},
       {"feature/beta-a/my-branch", "feature/your-branch", "feature/mona/the/octocat"},
       {"a/feature/b"}},
      {{"main"}, {"main"}, {"Main", "mainline", "my/main"}},
      {{"releases/mona-the-octocat"}, {"releases/mona-the-octocat"}, {"releases/mona"}},
      {{"*"}, {"main", "releases"}, {"all/the/branches"}},
      {{"**"}, {"all/the/branches", "every/tag"}, {}},
      {{"*feature"}, {"mona-feature", "feature", "ver-10-feature"}, {"a/feature", "features"}},
      {{"v2*"}, {"v2", "v2.0", "v2.9"}, {"v1", "av2"}},
      {{"v[12].[0-9]+.[0-9]+"}, {"v1.10.1", "v2.0.0"}, {"v3.0.0", "v1.0", "v1.a.0", "v1.10.1-rc"}},
  });
}

// workflow-syntax#patterns-to-match-file-paths
TEST_CASE("patterns of paths") {
  check({
      {{"*"}, {"README.md", "server.rb"}, {"docs/README.md"}},
      {{"*.jsx?"}, {"page.js", "page.jsx"}, {"page.jsxx", "page.jsy", "a/page.js"}},
      {{"**"}, {"all/the/files.md"}, {}},
      {{"*.js"}, {"app.js", "index.js"}, {"js/index.js"}},
      {{"**.js"}, {"index.js", "js/index.js", "src/js/app.js"}, {"index.ts"}},
      {{"docs/*"}, {"docs/README.md", "docs/file.txt"}, {"docs/a/b.md", "a/docs/file.txt"}},
      {{"docs/**"}, {"docs/README.md", "docs/mona/octocat.txt"}, {"adocs/b"}},
      {{"docs/**/*.md"},
       {"docs/README.md", "docs/mona/hello-world.md", "docs/a/markdown/file.md"},
       {"docs/a.txt", "a.md"}},
      {{"**/docs/**"},
       {"docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"},
       {"mydocs/a.md"}},
      {{"**/README.md"}, {"README.md", "js/README.md"}, {"MY-README.md"}},
      {{"**/*src/**"}, {"a/src/app.js", "my-src/code/js/app.js"}, {"src.txt"}},
      {{"**/*-post.md"}, {"my-post.md", "path/their-post.md"}, {"post.md"}},
      {{"**/migrate-*.sql"},
       {"migrate-10909.sql", "db/migrate-v1.0.sql", "db/sept/migrate-v1.sql"},
       {"db/migrate.sql"}},
      {{"*.md", "!README.md"}, {"hello.md"}, {"README.md", "docs/hello.md"}},
      {{"*.md", "!README.md", "README*"}, {"hello.md", "README.md", "README.doc"}, {"docs/hello.md"}},
  });
  CHECK(matches_pattern("Octo*", "Octocat"));
  CHECK(matches_pattern("[CB]at", "Cat"));
  CHECK(matches_pattern("[1-2]00", "200"));
  CHECK_FALSE(matches_pattern("[1-2]00", "300"));
  CHECK(matches_pattern("a\\*b", "a*b"));  // a backslash before a character that is meant
  CHECK_FALSE(matches_pattern("a\\*b", "axb"));
}

// workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore
TEST_CASE("branches and tags of a push") {
  const std::string only_branches = "  push:\n    branches: [main, 'mona/octocat', 'releases/**']\n";
  CHECK(starts(only_branches, plan::push("main")));
  CHECK(starts(only_branches, plan::push("releases/beta/3")));
  CHECK_FALSE(starts(only_branches, plan::push("mona/other")));
  CHECK_FALSE(
      starts(only_branches, plan::tag("main")));  // tags are not considered when only branches are named

  const std::string only_tags = "  push:\n    tags: [v2, 'v1.*']\n";
  CHECK(starts(only_tags, plan::tag("v2")));
  CHECK(starts(only_tags, plan::tag("v1.9.1")));
  CHECK_FALSE(starts(only_tags, plan::tag("v3")));
  CHECK_FALSE(starts(only_tags, plan::push("v2")));

  const std::string ignored = "  push:\n    branches-ignore: ['mona/octocat', 'releases/**-alpha']\n";
  CHECK(starts(ignored, plan::push("main")));
  CHECK_FALSE(starts(ignored, plan::push("mona/octocat")));
  CHECK_FALSE(starts(ignored, plan::push("releases/beta/3-alpha")));
  CHECK_FALSE(starts(ignored, plan::tag("v1")));

  const std::string some = "  push:\n    branches: ['releases/**', '!releases/**-alpha']\n";
  CHECK(starts(some, plan::push("releases/10")));
  CHECK(starts(some, plan::push("releases/beta/mona")));
  CHECK_FALSE(starts(some, plan::push("releases/10-alpha")));
  CHECK_FALSE(starts(some, plan::push("releases/beta/3-alpha")));

  CHECK(starts("  push:\n", plan::push("any/branch")));
  CHECK(starts("  push:\n", plan::tag("any")));
  CHECK_FALSE(starts("  push:\n", plan::pull_request("a", "main")));
}

// workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
TEST_CASE("paths of a push") {
  CHECK(starts("  push:\n    paths: ['**.js']\n", changing({"a/b.js", "README.md"})));
  CHECK_FALSE(starts("  push:\n    paths: ['**.js']\n", changing({"README.md"})));
  CHECK(starts("  push:\n    paths-ignore: ['docs/**']\n", changing({"docs/a.md", "a.md"})));
  CHECK_FALSE(starts("  push:\n    paths-ignore: ['docs/**']\n", changing({"docs/a.md"})));
  const std::string both = "  push:\n    paths: ['sub-project/**', '!sub-project/docs/**']\n";
  CHECK(starts(both, changing({"sub-project/index.js"})));
  CHECK(starts(both, changing({"sub-project/src/index.js"})));
  CHECK_FALSE(starts(both, changing({"sub-project/docs/readme.md"})));
  CHECK_FALSE(starts(both, changing({})));                           // nothing has changed
  CHECK(starts(both, plan::push("main")));                           // no diff: it runs
  CHECK(starts("  push:\n    paths: ['a/**']\n", plan::tag("v1")));  // not looked at for tags
  CHECK_FALSE(starts("  push:\n    branches: [main]\n    paths: ['a/**']\n",
                     plan::push("b", std::vector<std::string>{"a/b"})));
}

// workflow-syntax#onpull_requestpull_request_targetbranchesbranches-ignore
TEST_CASE("the branch that a request goes to") {
  const std::string on = "  pull_request:\n    branches: [main, 'releases/**', '!releases/**-alpha']\n";
  CHECK(starts(on, plan::pull_request("topic", "main")));
  CHECK(starts(on, plan::pull_request("topic", "releases/10")));
  CHECK_FALSE(starts(on, plan::pull_request("main", "topic")));
  CHECK_FALSE(starts(on, plan::pull_request("topic", "releases/10-alpha")));
  CHECK(starts("  pull_request:\n    types: [opened, reopened]\n", plan::pull_request("a", "b")));
  CHECK_FALSE(starts("  pull_request:\n    types: [labeled]\n", plan::pull_request("a", "b")));
}

// workflow-syntax#jobsjob_idneeds
TEST_CASE("needs: a failed or skipped job skips all behind it, always() does not care") {
  const std::any tree = workflow(R"(
on: push
jobs:
  job1: {runs-on: x, steps: [{run: a}]}
  job2: {runs-on: x, needs: job1, steps: [{run: a}]}
  job3: {runs-on: x, needs: [job1, job2], steps: [{run: a}]}
  job4: {runs-on: x, needs: [job1, job2], if: "${{ always() }}", steps: [{run: a}]}
)");
  test::Outside outside;
  CHECK(told(simulated(tree, {plan::push("main")}, outside)) ==
        "ci/job1: succeeded\nci/job2: succeeded\nci/job3: succeeded\nci/job4: succeeded\n");
  outside.failing = {"ci/job1"};
  CHECK(told(simulated(tree, {plan::push("main")}, outside)) ==
        "ci/job1: failed\nci/job4: succeeded\nci/job2: skipped\nci/job3: skipped\n");
}

// expressions#status-check-functions: "If you have a chain of dependent jobs, failure() returns true if any ancestor job fails."
TEST_CASE("status functions look at all ancestors") {
  const std::any tree = workflow(R"yaml(
on: push
jobs:
  first: {runs-on: x, steps: [{run: a}]}
  second: {runs-on: x, needs: first, if: "!cancelled()", steps: [{run: a}]}
  third: {runs-on: x, needs: second, steps: [{run: a}]}
  told: {runs-on: x, needs: second, if: "failure()", steps: [{run: a}]}
  by_name: {runs-on: x, needs: second, if: "!cancelled() && needs.second.result == 'success'", steps: [{run: a}]}
  some: {runs-on: x, needs: [first, second], if: "always() && contains(needs.*.result, 'failure')", steps: [{run: a}]}
)yaml");
  test::Outside outside;
  outside.failing = {"ci/first"};
  CHECK(told(simulated(tree, {plan::push("main")}, outside)) ==
        "ci/first: failed\nci/second: succeeded\nci/told: succeeded\nci/by_name: succeeded\nci/some: "
        "succeeded\n"
        "ci/third: skipped\n");
}

// A job that was skipped by its own condition skips what needs it, and is no failure. using-jobs/using-conditions
TEST_CASE("a skipped ancestor is no success and no failure") {
  const std::any tree = workflow(R"yaml(
on: push
jobs:
  first: {runs-on: x, if: "github.ref == 'refs/heads/other'", steps: [{run: a}]}
  second: {runs-on: x, needs: first, steps: [{run: a}]}
  third: {runs-on: x, needs: first, if: "failure()", steps: [{run: a}]}
  idiom: {runs-on: x, needs: first, if: "${{ !cancelled() && !contains(needs.*.result, 'failure') }}", steps: [{run: a}]}
)yaml");
  CHECK(told(simulated(tree, {plan::push("main")})) ==
        "ci/idiom: succeeded\nci/first: skipped\nci/second: skipped\nci/third: skipped\n");
}
