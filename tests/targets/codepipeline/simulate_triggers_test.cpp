// Every example of AWS's pages on what starts a pipeline. There is no judge for them but the pages; each test names its page of the
// CodePipeline user guide (docs.aws.amazon.com/codepipeline/latest/userguide/<page>.html, read 2026-11-21).
#include <catch2/catch.hpp>

#include "simulate_support.h"
#include "targets/codepipeline/simulate.h"
#include "targets/codepipeline/simulate_parts.h"

using namespace penstock;
using namespace penstock::test;
using targets::codepipeline::glob_matches;
using targets::codepipeline::Patterns;
using targets::codepipeline::Truth;

namespace {

constexpr const char* kNoFilter = "no filter of its trigger takes this";

bool takes(const char* pattern, const char* text) { return glob_matches(pattern, text) == Truth::Yes; }

PushFilter branches(Patterns names, Patterns paths = {}) { return {{}, std::move(names), std::move(paths)}; }
PushFilter tags(Patterns names) { return {std::move(names), {}, {}}; }

}  // namespace

TEST_CASE("glob patterns as on the page syntax-glob") {
  CHECK(takes("*.java", "Main.java"));
  CHECK_FALSE(takes("*.java", "src/Main.java"));
  CHECK_FALSE(takes("*.java", "Main.class"));
  CHECK(takes("*.*", "a.b"));
  CHECK_FALSE(takes("*.*", "ab"));
  CHECK(takes("*.{java,class}", "Main.java"));
  CHECK(takes("*.{java,class}", "Main.class"));
  CHECK_FALSE(takes("*.{java,class}", "Main.jar"));
  CHECK(takes("foo.?", "foo.c"));
  CHECK_FALSE(takes("foo.?", "foo.cc"));
  CHECK_FALSE(takes("foo.?", "foo."));
  // A file of the root, one of a directory, all, all below, and those directly in.
  CHECK(takes("my-file.jar", "my-file.jar"));
  CHECK_FALSE(takes("my-file.jar", "directory/my-file.jar"));
  CHECK(takes("directory/subdirectory/my-file.jar", "directory/subdirectory/my-file.jar"));
  CHECK(takes("**", "a/b/c"));
  CHECK(takes("**", "a"));
  CHECK(takes("directory/**", "directory/a"));
  CHECK(takes("directory/**", "directory/a/b"));
  CHECK_FALSE(takes("directory/**", "other/a"));
  CHECK(takes("directory/*", "directory/a"));
  CHECK_FALSE(takes("directory/*", "directory/a/b"));
  // Sets, and what stands for itself.
  CHECK(takes("v[0-9]", "v7"));
  CHECK_FALSE(takes("v[0-9]", "vx"));
  CHECK(takes("v[!0-9]", "vx"));
  CHECK_FALSE(takes("v[!0-9]", "v7"));
  CHECK(takes("a[*?\\]b", "a*b"));
  CHECK(takes("a[*?\\]b", "a\\b"));
  CHECK_FALSE(takes("a[*?]b", "axb"));
  CHECK(takes("a[-x]b", "a-b"));
  CHECK(takes("a[!-x]b", "ayb"));
  CHECK_FALSE(takes("a[!-x]b", "a-b"));
  CHECK(takes("a\\*b", "a*b"));
  CHECK_FALSE(takes("a\\*b", "axb"));
  // Page pipelines-filter: `main*` is every branch that begins with main, `prod*` every path.
  CHECK(takes("main*", "main"));
  CHECK(takes("main*", "mainline"));
  CHECK_FALSE(takes("main*", "my-main"));
  CHECK(takes("prod*", "production"));
}

TEST_CASE("a glob pattern that is malformed says nothing") {
  for (const char* pattern : {"{a,{b,c}}", "{a", "[a", "[]", "a\\"}) {
    INFO(pattern);
    CHECK(glob_matches(pattern, "a") == Truth::Unknown);
  }
  // Characters, not bytes; and no pattern takes for ever.
  CHECK(takes("v?", "v\xC3\xA9"));
  CHECK(takes("[\xC3\xA0-\xC3\xBC]", "\xC3\xA9"));
  CHECK_FALSE(takes("*a*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
  CHECK(glob_matches("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "a") ==
        Truth::Unknown);
}

TEST_CASE("pipelines-triggers, example 1: branches and file paths must both match") {
  const Pipeline both = triggered({branches({{"feature/**"}, {}}, {{"common/**/*.js"}, {}})});
  CHECK(fate(both, {plan::push("feature/triggers", {{"common/app.js"}})}) == "starts");
  CHECK(fate(both, {plan::push("feature/triggers", {{"src/Main.java"}})}) == kNoFilter);
  CHECK(fate(both, {plan::push("main", {{"common/app.js"}})}) == kNoFilter);
}

TEST_CASE("pipelines-triggers, example 2: an exclude wins over an include") {
  const Pipeline one = triggered({branches({{"main"}, {"feature-branch"}})});
  CHECK(fate(one, {plan::push("main")}) == "starts");
  CHECK(fate(one, {plan::push("feature-branch")}) == kNoFilter);
  // "If the include and exclude both have the same pattern, then the default is to exclude" (pipelines-filter).
  CHECK(fate(triggered({branches({{"main"}, {"main"}})}), {plan::push("main")}) == kNoFilter);
  CHECK(fate(triggered({tags({{"v1"}, {"v1"}})}), {plan::tag("v1")}) == kNoFilter);
}

TEST_CASE("pipelines-triggers, example 3: pushes, or requests") {
  const RequestFilter closed{{"CLOSED", "OPEN"}, {{"feature-branch"}, {"feature-branch-2", "main"}}, {}};
  const Pipeline either = triggered(
      {branches({{"main"}, {"feature-branch", "feature-branch-2"}}, {{"README.md"}, {"LICENSE.txt"}})},
      {closed});
  CHECK(fate(either, {plan::push("main", {{"README.md"}})}) == "starts");
  CHECK(fate(either, {plan::push("feature-branch", {{"README.md"}})}) == kNoFilter);
  CHECK(fate(either, {plan::push("main", {{"LICENSE.txt"}})}) == kNoFilter);
  CHECK(fate(either, {plan::push("main", {{"LICENSE.txt", "README.md"}})}) == "starts");
  // The event of a request stands for its opening and its updates, and this is one of them only.
  CHECK(fate(either, {plan::pull_request("topic", "feature-branch")}) ==
        "it starts when a request is opened or when it is updated, not on both");
  CHECK(fate(either, {plan::pull_request("topic", "feature-branch-2")}) == kNoFilter);
  CHECK(fate(either, {plan::pull_request("topic", "main")}) == kNoFilter);
}

TEST_CASE("pipelines-triggers, example 4: two filters for pushes are alternatives") {
  const Pipeline two = triggered({tags({{"release-1"}, {}}), branches({{"main*"}, {"feature*"}})});
  CHECK(fate(two, {plan::tag("release-1")}) == "starts");
  CHECK(fate(two, {plan::push("main")}) == "starts");
  CHECK(fate(two, {plan::push("feature-branch")}) == kNoFilter);
  CHECK(fate(two, {plan::tag("main")}) == kNoFilter);
  CHECK(fate(two, {plan::push("release-1")}) == kNoFilter);
}

TEST_CASE("pipelines-triggers, example 5: a start by hand takes the branch of the source action") {
  Pipeline by_hand = triggered({branches({{"other"}, {}})});
  by_hand.stages[1].before.all = {{"SKIP", {rule("#{Source.BranchName}", "EQ", "main")}}};
  CHECK(story(given(tree_with(by_hand)), {plan::manual("", "other"), "p"}) ==
        "0 p/Source/Source succeeded\n0 p/Build/Build succeeded\n");
  CHECK(fate(by_hand, {plan::manual("", "main"), "q"}) == "another one was started by hand");
}

TEST_CASE("pipelines-filter: the filters of the page's template") {
  const Patterns names{{"feature/**", "release/**"}, {"mainline"}};
  const Patterns paths{{"projectA/**", "common/**/*.js"},
                       {"**/README.md", "**/LICENSE", "**/CONTRIBUTING.md"}};
  const Pipeline page =
      triggered({branches(names, paths), tags({{"release-v0", "release-v1"}, {"release-v2"}})},
                {{{"CLOSED"}, names, paths}});
  CHECK(fate(page, {plan::push("feature/x/y", {{"projectA/a/b"}})}) == "starts");
  CHECK(fate(page, {plan::push("release/1", {{"common/deep/er/a.js"}})}) == "starts");
  CHECK(fate(page, {plan::push("release/1", {{"projectA/README.md"}})}) == kNoFilter);
  CHECK(fate(page, {plan::push("release/1", {{"projectA/a/LICENSE"}})}) == kNoFilter);
  CHECK(fate(page, {plan::push("mainline", {{"projectA/a"}})}) == kNoFilter);
  CHECK(fate(page, {plan::push("feature", {{"projectA/a"}})}) == kNoFilter);
  CHECK(fate(page, {plan::tag("release-v0")}) == "starts");
  CHECK(fate(page, {plan::tag("release-v2")}) == kNoFilter);
  CHECK(fate(page, {plan::pull_request("x", "release/1", {{"projectA/a"}})}) ==
        kNoFilter);  // it is not being closed
}

TEST_CASE("pipelines-triggers: no filter is every push to the source's branch, no trigger is none") {
  Pipeline detects = pipeline({{"Build", {}, {build("Build")}}});
  detects.stages[0].actions[0].configuration.detect_changes =
      "";  // "if unspecified, the default value is true"
  CHECK(fate(detects, {plan::push("main")}) == "starts");
  CHECK(fate(detects, {plan::push("other")}) == "only a push to `main` starts it");
  CHECK(fate(detects, {plan::tag("main")}) == "only a push to `main` starts it");
  CHECK(fate(detects, {plan::pull_request("main", "main")}) == "only a push to `main` starts it");
  detects.triggers = triggered({}).triggers;
  CHECK(fate(detects, {plan::push("main")}) == "starts");
  detects.triggers.clear();
  detects.stages[0].actions[0].configuration.detect_changes = "false";
  CHECK(fate(detects, {plan::push("main")}) == "nothing in the repository starts it");
}

TEST_CASE("pipelines-triggers: a filter switches off what the source detects by itself") {
  Pipeline filtered = triggered({branches({{"release"}, {}})});
  filtered.stages[0].actions[0].configuration.detect_changes = "";
  CHECK(fate(filtered, {plan::push("main")}) == kNoFilter);
  CHECK(fate(filtered, {plan::push("release")}) == "starts");
}

TEST_CASE("troubleshooting: a filter on file paths does not start on the first push of a branch") {
  const Pipeline paths = triggered({branches({{"**"}, {}}, {{"src/**"}, {}})});
  CHECK(fate(paths, {plan::push("new")}) ==
        "it asks for file paths, and the first push of a branch has none");
  CHECK(fate(paths, {plan::push("new", std::vector<std::string>{})}) == kNoFilter);
}

TEST_CASE("pipelines-filter: the branches of a request are those it goes to") {
  const Pipeline request = triggered({}, {{{"OPEN", "UPDATED"}, {{"main"}, {}}, {{"src/**"}, {}}}});
  CHECK(fate(request, {plan::pull_request("topic", "main", {{"src/a"}})}) == "starts");
  CHECK(fate(request, {plan::pull_request("main", "topic", {{"src/a"}})}) == kNoFilter);
  CHECK(fate(request, {plan::pull_request("topic", "main", {{"docs/a"}})}) == kNoFilter);
  CHECK(fate(request, {plan::pull_request("topic", "main")}) ==
        "it asks for file paths, and those of the request are not known");
  CHECK(fate(request, {plan::pull_request_from_fork("topic", "main", {{"src/a"}})}) ==
        "no page says whether a request from a fork starts it");
  CHECK(fate(request, {plan::push("main", {{"src/a"}})}) == kNoFilter);
}

TEST_CASE("pipelines-triggers: includes or excludes alone") {
  CHECK(fate(triggered({branches({{}, {"wip/**"}})}), {plan::push("main")}) == "starts");
  CHECK(fate(triggered({branches({{}, {"wip/**"}})}), {plan::push("wip/a")}) == kNoFilter);
  CHECK(fate(triggered({tags({{}, {"*-rc"}})}), {plan::tag("v1")}) == "starts");
  CHECK(fate(triggered({tags({{}, {"*-rc"}})}), {plan::tag("v1-rc")}) == kNoFilter);
}

TEST_CASE("a combination of filters that no page lists is not judged") {
  const std::string unlisted =
      "a filter for pushes has tags, or branches, or branches and file paths; no other is documented";
  CHECK(fate(triggered({{{{"v*"}, {}}, {{"main"}, {}}, {}}}), {plan::push("main")}) == unlisted);
  CHECK(fate(triggered({{{}, {}, {{"src/**"}, {}}}}), {plan::push("main", {{"src/a"}})}) == unlisted);
  CHECK(fate(triggered({{}}), {plan::push("main")}) == unlisted);
  // Another filter that surely starts it is enough.
  CHECK(fate(triggered({{}, branches({{"main"}, {}})}), {plan::push("main")}) == "starts");
}

TEST_CASE("reference-variables: what must be given is given by a person only") {
  Pipeline asks = triggered({branches({{"main"}, {}})});
  asks.variables = {{"REASON", ""}};
  CHECK(fate(asks, {plan::push("main")}) == "it fails to start: nobody gives its variable `REASON`");
  CHECK(fate(asks, {plan::manual("", "main"), "p"}) == "starts");
}

TEST_CASE("Scheduler user guide, schedule-types: a schedule starts its own pipeline, in its own time zone") {
  using targets::codepipeline::Resource;
  using targets::codepipeline::Schedule;
  using targets::codepipeline::Sub;
  const auto schedule = [](const std::string& zone, const std::string& target) {
    Schedule made;
    made.name = "nightly";
    made.expression = "cron(0 6 * * ? *)";
    made.timezone = zone;
    made.target.arn = Sub{target};
    return Resource{false, made};
  };
  Tree tree = tree_with(pipeline({{"Build", {}, {build("Build")}}}));
  Pipeline other = pipeline({{"Build", {}, {build("Build")}}});
  other.name = "q";
  const std::string arn = "arn:${AWS::Partition}:codepipeline:${AWS::Region}:${AWS::AccountId}:";
  put(tree.stack.resources, "Q", Resource{false, other});
  put(tree.stack.resources, "First", schedule("", arn + "${Pipeline}"));
  put(tree.stack.resources, "Second", schedule("Europe/Berlin", arn + "q"));
  put(tree.stack.resources, "Third", schedule("Asia/Tokyo", "arn:aws:codebuild:eu-west-1:1:project/x"));
  const std::any files = given(std::move(tree));
  std::vector<std::string> names;
  for (const run::Entry& entry : targets::codepipeline::entries(files)) names.push_back(entry.name);
  CHECK(names == std::vector<std::string>{"cron(0 6 * * ? *) UTC", "cron(0 6 * * ? *) Europe/Berlin",
                                          "cron(0 6 * * ? *) Asia/Tokyo"});
  CHECK(
      story(files, {plan::schedule("", "main"), names[0]}) ==
      "0 p/Source/Source succeeded\n0 p/Build/Build succeeded\n  q idle: this schedule does not start it\n");
  CHECK(
      story(files, {plan::schedule("", "main"), names[1]}) ==
      "0 q/Source/Source succeeded\n0 q/Build/Build succeeded\n  p idle: this schedule does not start it\n");
  CHECK(story(files, {plan::schedule("", "main"), names[2]}) ==
        "0 nightly waiting: what this schedule starts is no pipeline of the template\n"
        "  p idle: this schedule does not start it\n  q idle: this schedule does not start it\n");
}
