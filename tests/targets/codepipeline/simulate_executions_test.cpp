// What happens within an execution and between executions, as the pages of the CodePipeline user guide say.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include "simulate_support.h"
#include "targets/codepipeline/simulate.h"
#include "targets/codepipeline/simulate_parts.h"

using namespace penstock;
using namespace penstock::test;
using targets::codepipeline::java_matches;
using targets::codepipeline::Truth;

namespace {

const run::Arrival kPush{plan::push("main")};

Pipeline on_main(Pipeline made) {
  made.triggers = triggered({{{}, {{"main"}, {}}, {}}}).triggers;
  return made;
}

TestWorld failing(const std::string& address) {
  TestWorld world;
  world.results[address] = {1, {}};
  return world;
}

/// The decision before a second stage, when the build of the first one exported this.
std::string after_rules(std::vector<StageRule> rules, const std::string& result = "SKIP",
                        std::map<std::string, std::string> outputs = {{"V", "yes"}}) {
  Action gives = build("Gives");
  gives.space = "Ns";
  Pipeline made = on_main(
      pipeline({{"First", {}, {gives}}, {"Second", {}, {build("Build")}}, {"Third", {}, {build("Build")}}}));
  made.stages[2].before.all = {{result, std::move(rules)}};
  TestWorld world;
  world.results["p/First/Gives"] = {0, std::move(outputs)};
  const auto runs = targets::codepipeline::simulate(given(tree_with(made, {"V", "W"})), {&kPush, 1}, world);
  const run::Run& run = runs.front();
  if (run.jobs.empty()) return run.idle.front().second;
  const auto state = [&](const char* address) { return std::string(run::name(run.find(address)->state)); };
  return fmt::format("{}, then {}", state("p/Second"), state("p/Third/Build"));
}

}  // namespace

TEST_CASE(
    "action-requirements: equal run orders run together, the next when all of the lower have succeeded") {
  const Pipeline made =
      on_main(pipeline({{"Build", {}, {build("D", 5), build("B", 2), build("A", 1), build("C", 2)}}}));
  CHECK(story(given(tree_with(made)), kPush) ==
        "0 p/Source/Source succeeded\n0 p/Build/A succeeded\n1 p/Build/B succeeded\n1 p/Build/C succeeded\n"
        "2 p/Build/D succeeded\n");
}

TEST_CASE(
    "concepts-how-it-works: a failed action fails its stage when those beside it have ended; nothing "
    "follows") {
  const Pipeline made = on_main(
      pipeline({{"Build", {}, {build("A"), build("B"), build("C", 2)}}, {"Deploy", {}, {build("D")}}}));
  CHECK(story(given(tree_with(made)), kPush, failing("p/Build/A")) ==
        "0 p/Source/Source succeeded\n0 p/Build failed\n0 p/Build/A failed\n0 p/Build/B succeeded\n"
        "0 p/Build/C skipped: `p/Build/A` was failed\n0 p/Deploy skipped: `p/Build` was failed\n"
        "0 p/Deploy/D skipped: `p/Deploy` was skipped\n");
}

TEST_CASE("approvals: the actions behind wait for the answer, and a rejection fails the stage") {
  const Pipeline made =
      on_main(pipeline({{"Deploy", {}, {build("Plan"), approval("Approve", 2), build("Apply", 3)}}}));
  const std::any files = given(tree_with(made));
  TestWorld world;
  const auto runs = targets::codepipeline::simulate(files, {&kPush, 1}, world);
  const run::Job& approve = *runs.front().find("p/Deploy/Approve");
  CHECK_FALSE(approve.works);
  CHECK(approve.gates == std::vector<run::Gate>{{run::Gate::Kind::Queue, "p/Deploy"},
                                                {run::Gate::Kind::Approval, "p/Deploy/Approve"}});
  CHECK(run::Order(runs.front())
            .precedes(
                static_cast<std::size_t>(&approve - runs.front().jobs.data()),
                static_cast<std::size_t>(runs.front().find("p/Deploy/Apply") - runs.front().jobs.data())));
  world.answers["p/Deploy/Approve"] = {run::Answer::Kind::Refused, 2};
  CHECK(story(files, kPush, world) ==
        "0 p/Source/Source succeeded\n0 p/Deploy failed\n0 p/Deploy/Plan succeeded\n0 p/Deploy/Approve "
        "refused\n"
        "0 p/Deploy/Apply skipped: `p/Deploy/Approve` was refused\n");
  world.answers["p/Deploy/Approve"] = {run::Answer::Kind::Never, 0};
  CHECK(story(files, kPush, world) ==
        "0 p/Source/Source succeeded\n0 p/Deploy waiting\n0 p/Deploy/Plan succeeded\n"
        "0 p/Deploy/Approve asking: an approval for `p/Deploy/Approve`\n"
        "0 p/Deploy/Apply waiting: `p/Deploy/Approve` is asking\n");
}

TEST_CASE("rule-reference-VariableCheck: the operators") {
  const auto skipped = std::string("skipped, then succeeded"),
             entered = std::string("succeeded, then succeeded");
  CHECK(after_rules({rule("#{Ns.V}", "EQ", "yes")}) == entered);
  CHECK(after_rules({rule("#{Ns.V}", "EQ", "Yes")}) == skipped);
  CHECK(after_rules({rule("#{Ns.V}", "NE", "yes")}) == skipped);
  CHECK(after_rules({rule("#{Ns.V}", "NE", "no")}) == entered);
  CHECK(after_rules({rule("#{Ns.V}", "CONTAINS", "es")}) == entered);
  CHECK(after_rules({rule("#{Ns.V}", "CONTAINS", "se")}) == skipped);
  CHECK(after_rules({rule("#{Ns.V}", "MATCHES", "^y.*$")}) == entered);
  CHECK(after_rules({rule("#{Ns.V}", "MATCHES", "^n.*$")}) == skipped);
  CHECK(after_rules({rule("#{Source.BranchName}", "EQ", "main")}) == entered);
}

TEST_CASE("stage-conditions: all rules must hold; FAIL ends the execution, SKIP leaves one stage out") {
  const StageRule holds = rule("#{Ns.V}", "EQ", "yes"), not_so = rule("#{Ns.V}", "EQ", "no");
  CHECK(after_rules({holds, holds}) == "succeeded, then succeeded");
  CHECK(after_rules({holds, not_so}) == "skipped, then succeeded");
  CHECK(after_rules({holds, not_so}, "FAIL") == "failed, then skipped");
  CHECK(after_rules({holds}, "FAIL") == "succeeded, then succeeded");
  // Exported, but nobody told the simulator what: it waits, unless another rule decides.
  CHECK(after_rules({rule("#{Ns.W}", "EQ", "yes")}) == "waiting, then waiting");
  CHECK(after_rules({rule("#{Ns.W}", "EQ", "yes"), not_so}) == "skipped, then succeeded");
  // Not there: whether that is a failure or an error no page says. Without SKIP both end the execution.
  CHECK(after_rules({rule("#{Ns.X}", "EQ", "yes")}) == "waiting, then waiting");
  CHECK(after_rules({rule("#{Ns.X}", "EQ", "yes")}, "FAIL") == "failed, then skipped");
  CHECK(after_rules({rule("#{Source.TagName}", "MATCHES", ".+")}, "FAIL") == "failed, then skipped");
}

TEST_CASE("a rule that asks the world outside is not judged") {
  StageRule alarm = rule("", "", "");
  alarm.type.provider = "CloudWatchAlarm";
  CHECK(after_rules({alarm}, "FAIL") == "waiting, then waiting");
  CHECK(after_rules({alarm}) ==
        "CodePipeline does not take it: a rule `CloudWatchAlarm` cannot skip a stage");
}

TEST_CASE("expressions of Java are followed where they say the same everywhere") {
  CHECK(java_matches("^(?!main$).*$", "other") == Truth::Yes);
  CHECK(java_matches("^(?!main$).*$", "main") == Truth::No);
  CHECK(java_matches("^(?:release|hotfix)/[^/]+$", "release/1.2") == Truth::Yes);
  CHECK(java_matches("^v\\d+\\.\\d+$", "v1.22") == Truth::Yes);
  CHECK(java_matches("^..$", "\xC3\xA9\xC3\xA9") == Truth::Yes);
  CHECK(java_matches(".+", "v1") == Truth::Yes);
  CHECK(java_matches("rel", "main") == Truth::No);
  CHECK(java_matches("(a*)*b", std::string(200, 'a')) == Truth::No);
  CHECK(java_matches("^(?:(?=a.*$)(?=.*b$).*)$", "a-b") == Truth::Yes);
  CHECK(java_matches("^(?:(?=a.*$)(?=.*b$).*)$", "a-c") == Truth::No);
  CHECK(java_matches("^(?!(?:main|release/.*)$).*$", "release/1") == Truth::No);
  CHECK(java_matches("rel", "release") == Truth::Unknown);  // found, but not all of it
  for (const char* of_java_only :
       {"(?i)main", "\\Qmain\\E", "[a-z&&[^m]]*", "a++", "\\p{Alpha}+", "(?<name>a)", "(", "a{"}) {
    INFO(of_java_only);
    CHECK(java_matches(of_java_only, "main") == Truth::Unknown);
  }
}

TEST_CASE("reference-variables: what the source gives depends on what started the execution") {
  using targets::codepipeline::Found;
  const auto read = [](const plan::Event& event, const char* key) {
    const Found found = targets::codepipeline::source_variable(source(), event, key);
    return found.kind == Found::Kind::Known ? found.value : found.kind == Found::Kind::Unknown ? "?" : "-";
  };
  const plan::Event push = plan::push("dev"), tag = plan::tag("v1"),
                    request = plan::pull_request("topic", "main");
  CHECK(read(push, "BranchName") == "dev");
  CHECK(read(push, "TagName") == "-");
  CHECK(read(push, "CommitId") == "?");
  CHECK(read(tag, "TagName") == "v1");
  CHECK(read(tag, "BranchName") == "?");
  CHECK(read(request, "BranchName") == "-");
  CHECK(read(request, "SourceBranchName") == "topic");
  CHECK(read(request, "DestinationBranchName") == "main");
  CHECK(read(request, "PullRequestId") == "1");
  CHECK(read(plan::schedule("", "x"), "BranchName") == "main");
  CHECK(read(plan::manual("", "x"), "TagName") == "-");
  CHECK(read(push, "Branch") == "-");
}

TEST_CASE("an action that reads what is not there is not judged") {
  Action told = build("Build");
  told.configuration.variables.all = {{"TAG", "#{Source.TagName}"}};
  const std::any files = given(tree_with(on_main(pipeline({{"Build", {}, {told}}}))));
  CHECK(story(files, kPush) ==
        "0 p/Source/Source succeeded\n0 p/Build waiting\n"
        "0 p/Build/Build waiting: it is told `#{Source.TagName}`, which is not there\n");
  told.configuration.variables.all = {{"BRANCH", "#{Source.BranchName}"}};
  Pipeline any = pipeline({{"Build", {}, {told}}});
  any.triggers = triggered({{{}, {{"**"}, {}}, {}}}).triggers;
  CHECK(story(given(tree_with(any)), {plan::push("a\"b")}) ==
        "0 p/Source/Source succeeded\n0 p/Build waiting\n0 p/Build/Build waiting: a variable holds a quote, "
        "and no "
        "page says how it comes into the list of variables\n");
}

namespace {

/// When each arrival was in the stage `Deploy` of a pipeline of this mode, or what became of it. Three pushes, a round apart; a deploy
/// takes the three rounds of an approval.
std::vector<std::string> passing(const std::string& mode) {
  const Pipeline made =
      on_main(pipeline({{"Deploy", {}, {approval("Approve", 1), build("Apply", 2)}}}, mode));
  std::vector<run::Arrival> arrivals;
  for (std::size_t i = 0; i < 3; ++i) arrivals.push_back({plan::push("main"), "", i});
  TestWorld world;
  world.answers["p/Deploy/Approve"] = {run::Answer::Kind::Given, 3};
  std::vector<std::string> all;
  for (const run::Run& run : targets::codepipeline::simulate(given(tree_with(made)), arrivals, world)) {
    const run::Job& stage = *run.find("p/Deploy");
    all.push_back(stage.state == run::State::Succeeded ? fmt::format("{}-{}", stage.started, stage.ended)
                                                       : std::string(run::name(stage.state)));
  }
  return all;
}

}  // namespace

TEST_CASE(
    "concepts-how-it-works: QUEUED, one execution in a stage, the others in the order in which they reach "
    "it") {
  CHECK(passing("QUEUED") == std::vector<std::string>{"0-4", "4-8", "8-12"});
}

TEST_CASE("concepts-how-it-works: PARALLEL, executions do not wait for each other") {
  CHECK(passing("PARALLEL") == std::vector<std::string>{"0-4", "1-5", "2-6"});
}

TEST_CASE("concepts-how-it-works: SUPERSEDED, the newer takes the place of the one that waits") {
  CHECK(passing("SUPERSEDED") == std::vector<std::string>{"0-4", "cancelled", "4-8"});
  CHECK(passing("") == passing("SUPERSEDED"));  // "This is the default."
}

TEST_CASE("concepts-how-it-works: a failure releases the lock of its stage") {
  const Pipeline made = on_main(pipeline({{"Deploy", {}, {build("A")}}, {"After", {}, {build("B")}}}));
  const std::vector<run::Arrival> arrivals = {{plan::push("main")}, {plan::push("main")}};
  TestWorld world;
  world.works = [](std::size_t arrival, const run::Job&) { return run::Result{arrival == 0 ? 1 : 0, {}}; };
  const auto runs = targets::codepipeline::simulate(given(tree_with(made)), arrivals, world);
  CHECK(runs[0].find("p/After/B")->state == run::State::Skipped);
  CHECK(runs[1].find("p/Deploy/A")->started == 1);
  CHECK(runs[1].find("p/After/B")->state == run::State::Succeeded);
}

TEST_CASE("limits: a sixth action at once in mode PARALLEL is not judged") {
  std::vector<Action> six;
  for (int i = 0; i < 6; ++i) six.push_back(build(fmt::format("A{}", i)));
  const auto last = [&](const std::string& mode) {
    TestWorld world;
    const auto runs = targets::codepipeline::simulate(
        given(tree_with(on_main(pipeline({{"S", {}, six}}, mode)))), {&kPush, 1}, world);
    return runs.front().find("p/S/A5")->state;
  };
  CHECK(last("PARALLEL") == run::State::Waiting);
  CHECK(last("QUEUED") == run::State::Succeeded);
}
