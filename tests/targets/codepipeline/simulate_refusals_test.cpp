// Pipelines that CodePipeline does not take (user guide: pipeline-requirements, stage-requirements, action-requirements,
// reference-variables, limits), and what a build can read and use.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include "simulate_support.h"
#include "targets/codepipeline/simulate.h"
#include "targets/codepipeline/simulate_parts.h"

using namespace penstock;
using namespace penstock::test;
using namespace penstock::targets::codepipeline;

namespace {

std::string refused(const std::function<void(Pipeline&)>& change) {
  Pipeline made = test::pipeline({{"Build", {}, {build("A"), build("B", 2)}}, {"Deploy", {}, {build("C")}}});
  made.stages[1].actions[0].space = "A";
  made.stages[1].actions[0].outputs = {{"Dist"}};
  REQUIRE(refusal(made).empty());
  change(made);
  return refusal(made);
}

}  // namespace

TEST_CASE("stages and actions as the pages require") {
  CHECK(refused([](Pipeline& p) { p.stages.clear(); }) == "a pipeline has from 2 to 50 stages");
  CHECK(refused([](Pipeline& p) { p.stages.resize(1); }) == "a pipeline has from 2 to 50 stages");
  CHECK(refused([](Pipeline& p) { p.stages[2].name = "Build"; }) == "two stages are called `Build`");
  CHECK(refused([](Pipeline& p) { p.stages[1].actions[1].name = "A"; }) ==
        "two actions of `Build` are called `A`");
  CHECK(refused([](Pipeline& p) { p.stages[2].actions.clear(); }) ==
        "the stage `Deploy` does not have from 1 to 50 actions");
  CHECK(refused([](Pipeline& p) { p.stages[2].actions.push_back(source()); }) ==
        "sources stand in the first stage, and nothing else does");
  CHECK(refused([](Pipeline& p) { p.stages[0].actions.push_back(build("X")); }) ==
        "sources stand in the first stage, and nothing else does");
  CHECK(refused([](Pipeline& p) { p.stages[1].actions[0].order = 0; }) == "a run order is from 1 to 999");
}

TEST_CASE("artifacts come from an action that has surely ended") {
  const auto takes = [](Action& action, const std::string& name) {
    action.inputs.push_back({name});
    action.configuration.primary_source = "Checkout";
  };
  CHECK(refused([&](Pipeline& p) { takes(p.stages[1].actions[1], "Dist"); }).empty());
  CHECK(refused([&](Pipeline& p) { takes(p.stages[2].actions[0], "Dist"); }).empty());
  CHECK(refused([&](Pipeline& p) { takes(p.stages[2].actions[0], "Other"); }) ==
        "no action before `C` leaves the artifact `Other`");
  CHECK(refused([&](Pipeline& p) {
          takes(p.stages[1].actions[1], "Dist");
          p.stages[1].actions[1].order = 1;
        }) == "no action before `B` leaves the artifact `Dist`");
  CHECK(refused([](Pipeline& p) { p.stages[2].actions[0].outputs = {{"Dist"}}; }) ==
        "two actions leave an artifact `Dist`");
  CHECK(refused([](Pipeline& p) { p.stages[2].actions[0].inputs.clear(); }) ==
        "the build `C` takes no artifact");
  CHECK(refused([](Pipeline& p) { p.stages[2].actions[0].inputs.push_back({"Dist"}); }) ==
        "the build `C` does not say which of its artifacts is the primary one");
}

TEST_CASE("variables come from an action that has surely ended") {
  const auto told = [](const std::string& text, std::size_t stage, std::size_t action) {
    return [=](Pipeline& p) { p.stages[stage].actions[action].configuration.variables.all = {{"V", text}}; };
  };
  CHECK(refused(told("#{A.X}", 1, 1)).empty());
  CHECK(refused(told("#{A.X}", 2, 0)).empty());
  CHECK(refused(told("#{A.X}", 1, 0)) == "no action before gives `#{A.X}`");
  CHECK(refused(told("#{B.X}", 2, 0)) == "no action before gives `#{B.X}`");
  CHECK(refused(told("#{variables.X}", 2, 0)) == "it has no variable `X`");
  CHECK(refused(told("#{codepipeline.PipelineExecutionId}", 1, 0)).empty());
  CHECK(refused(told(std::string(1000, 'x'), 1, 0)) == "the variables of `A` take more than 1000 characters");
  // `[{"name":"V","value":"…"}]` is 25 characters and the value.
  CHECK(refused(told(std::string(975, 'x'), 1, 0)).empty());
  CHECK_FALSE(refused(told(std::string(976, 'x'), 1, 0)).empty());
  CHECK_FALSE(refused(told(std::string(488, '"'), 1, 0)).empty());
  CHECK(refused([](Pipeline& p) {
          p.stages[1].before.all = {{"SKIP", {rule("#{A.X}", "EQ", "y")}}};
        }) == "no action before gives `#{A.X}`");
  CHECK(refused([](Pipeline& p) {
          p.stages[2].before.all = {{"SKIP", {rule("#{A.X}", "EQ", "y")}}};
        }).empty());
  CHECK(refused([](Pipeline& p) { p.stages[2].actions[0].space = "A"; }) ==
        "two actions have the namespace `A`");
  CHECK(refused([](Pipeline& p) { p.stages[2].actions[0].space = "Dist"; }) ==
        "`Dist` is a namespace and an artifact");
  CHECK(refused([](Pipeline& p) { p.stages[2].actions[0].space = "variables"; }) ==
        "the namespace `variables` is taken");
}

TEST_CASE("triggers, conditions and modes within their limits") {
  const auto filters = [](std::size_t count, std::size_t patterns) {
    return [=](Pipeline& p) {
      PushFilter filter;
      filter.branches.includes.assign(patterns, "main");
      p.triggers = {{}};
      p.triggers[0].git.push.assign(count, filter);
    };
  };
  CHECK(refused(filters(3, 8)).empty());
  CHECK(refused(filters(4, 1)) == "a trigger has at most 3 filters of a kind");
  CHECK(refused(filters(1, 9)) == "a filter has at most 8 patterns of a kind");
  CHECK(refused([](Pipeline& p) {
          p.triggers = {{}};
          p.triggers[0].git.source = "Other";
        }) == "its trigger names a source `Other` that it does not have");
  CHECK(refused([](Pipeline& p) { p.triggers = {{}, {}}; }) == "a source takes one trigger");
  CHECK(refused([](Pipeline& p) {
          p.stages[1].before.all = {{"FAIL", std::vector<StageRule>(6, rule("a", "EQ", "a"))}};
        }) == "a condition has from 1 to 5 rules");
  CHECK(refused([](Pipeline& p) {
          p.stages[1].before.all = {{"ROLLBACK", {rule("a", "EQ", "a")}}};
        }) == "`ROLLBACK` is no result of a condition before a stage");
  CHECK(refused([](Pipeline& p) { p.mode = "FIFO"; }) == "`FIFO` is no mode");
  CHECK(refused([](Pipeline& p) { p.type = "V1"; }) ==
        "only the type V2 has triggers, variables, conditions and other modes than SUPERSEDED");
}

TEST_CASE("build-spec-ref: the call wins over the project, the project over the buildspec") {
  Action told = build("Build");
  told.configuration.variables.all = {{"A", "call"}, {"REF", "#{Source.BranchName} #{Source.CommitId}"}};
  Tree tree = tree_with(triggered({{{}, {{"main"}, {}}, {}}}));
  std::get<Pipeline>(tree.stack.resources[0].second.properties).stages[1].actions = {told};
  std::get<Project>(tree.stack.resources[1].second.properties).environment.variables = {{"A", "project"},
                                                                                        {"B", Ref{"VarB"}}};
  auto& env = tree.buildspecs[0].second.env;
  put(env.variables, "A", std::string("spec"));
  put(env.variables, "B", std::string("spec"));
  put(env.variables, "C", std::string("spec"));
  put(env.secrets, "TOKEN", std::string("app/token"));
  TestWorld world;
  const run::Arrival push{plan::push("main")};
  const auto runs = simulate(given(std::move(tree)), {&push, 1}, world);
  const run::Reach& reach = runs.front().find("p/Build/Build")->reach;
  CHECK(reach.variables ==
        std::vector<std::pair<std::string, std::string>>{
            {"A", "call"}, {"B", "${VarB}"}, {"C", "spec"}, {"REF", "main #{Source.CommitId}"}});
  CHECK(reach.secrets == std::vector<std::pair<std::string, std::string>>{{"TOKEN", "app/token"}});
  CHECK(reach.commands == std::vector<std::string>{"make"});
}

TEST_CASE("the rights of a build are those of its project's role, with the policies of the template") {
  const auto allow = [](std::vector<std::string> actions, std::vector<Value> resources) {
    Statement made;
    made.action = std::move(actions);
    made.resource = std::move(resources);
    return made;
  };
  Role role;
  role.managed = {Ref{"Shared"}, "arn:aws:iam::aws:policy/ReadOnlyAccess"};
  Statement under = allow({"codeconnections:UseConnection"}, {Ref{"ConnectionArn"}});
  put(under.condition, "StringEquals",
      codec::Named<OneOrMore<Value>>{{{"aws:SourceAccount", {}}, Value(Ref{"AWS::AccountId"})}});
  Statement denied = allow({"s3:DeleteObject"}, {"*"});
  denied.effect = "Deny";
  role.policies = {{"own",
                    {"2012-10-17",
                     {allow({"s3:GetObject", "s3:PutObject"}, {Sub{"${Bucket.Arn}/p/*"}}),
                      allow({"sts:AssumeRole"}, {"arn:aws:iam::1:role/plan"}), under, denied}}}};
  Tree tree = tree_with(triggered({{{}, {{"main"}, {}}, {}}}));
  put(tree.stack.resources, "BuildRole", Resource{false, role});
  put(tree.stack.resources, "Shared",
      Resource{false,
               ManagedPolicy{"shared", {"2012-10-17", {allow({"kms:Decrypt"}, {GetAtt{"Key", "Arn"}})}}}});
  std::get<Project>(tree.stack.resources[1].second.properties).role = GetAtt{"BuildRole", "Arn"};
  TestWorld world;
  const run::Arrival push{plan::push("main")};
  const auto runs = simulate(given(std::move(tree)), {&push, 1}, world);
  const run::Reach& reach = runs.front().find("p/Build/Build")->reach;
  CHECK(reach.rights ==
        std::vector<std::string>{"codeconnections:UseConnection on ${ConnectionArn} if StringEquals "
                                 "aws:SourceAccount ${AWS::AccountId}",
                                 "everything that arn:aws:iam::aws:policy/ReadOnlyAccess allows",
                                 "kms:Decrypt on ${Key.Arn}", "s3:GetObject on ${Bucket.Arn}/p/*",
                                 "s3:PutObject on ${Bucket.Arn}/p/*",
                                 "sts:AssumeRole on arn:aws:iam::1:role/plan"});
  CHECK(reach.role == "arn:aws:iam::1:role/plan");
}
