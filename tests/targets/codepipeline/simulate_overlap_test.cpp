// Two deliveries at once, the second of which takes back the first while that waits for an approval. Between two stages an execution
// holds no lock; so it matters in which stage a plan is made (the lost revert).
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "simulate_support.h"
#include "targets/codepipeline/simulate.h"

using namespace penstock;
using namespace penstock::test;

namespace {

/// A cloud with stacks. What builds do follows from the scripts they call and the variables they are told.
class Cloud : public TestWorld {
 public:
  explicit Cloud(std::vector<std::string> wanted) : wanted_(std::move(wanted)) {
    works = [this](std::size_t a, const run::Job& j) { return build(a, j); };
  }

  std::string of(const std::string& stack) const {
    const auto found = state_.find(stack);
    return found == state_.end() ? "as it was" : found->second;
  }

 private:
  static std::string variable(const run::Job& job, const std::string& name) {
    for (const auto& [key, value] : job.reach.variables) {
      if (key == name) return value;
    }
    return {};
  }

  run::Result build(std::size_t arrival, const run::Job& job) {
    const std::string stack = variable(job, "PENSTOCK_ENVIRONMENT") + "/" + variable(job, "PENSTOCK_STACK");
    const auto calls = [&](const char* script) {
      return std::ranges::any_of(job.reach.commands, [&](const std::string& command) {
        return command.find(script) != std::string::npos;
      });
    };
    if (calls("preview.sh")) return preview(arrival);
    if (calls("plan.sh")) {
      saved_[{arrival, stack}] = of(stack);
      return {
          0,
          {{"CHANGES", of(stack) == wanted_[arrival] ? "false" : "true"}, {"DIGEST", "d"}, {"SUMMARY", "s"}}};
    }
    if (!calls("apply.sh")) return {};
    if (saved_[{arrival, stack}] != of(stack)) return {1, {}};  // stale
    state_[stack] = wanted_[arrival];
    if (job.address.ends_with("ProductionApp/Apply")) ended_.insert(arrival);
    return {};
  }

  /// `false` only when no older execution is on its way and nothing would change.
  run::Result preview(std::size_t arrival) const {
    bool delivers = false;
    for (std::size_t older = 0; older < arrival; ++older) delivers = delivers || !ended_.contains(older);
    run::Result result;
    for (const char* stack : {"network", "cluster", "app"}) {
      delivers = delivers || of(std::string("production/") + stack) != wanted_[arrival];
      std::string name = stack;
      for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      result.outputs["DELIVER_" + name] = delivers ? "true" : "false";
    }
    return result;
  }

  std::vector<std::string> wanted_;
  std::map<std::string, std::string> state_;
  std::map<std::pair<std::size_t, std::string>, std::string> saved_;
  std::set<std::size_t> ended_;
};

const run::Job& job(const run::Run& run, const std::string& address) {
  const run::Job* found = run.find(address);
  INFO(address);
  REQUIRE(found != nullptr);
  return *found;
}

/// A revert arrives so many rounds after what it takes back; the first approval takes long.
std::vector<run::Run> revert(const std::any& files, Cloud& cloud, std::size_t later) {
  const std::vector<run::Arrival> arrivals = {{plan::push("main")}, {plan::push("main"), "", later}};
  return targets::codepipeline::simulate(files, arrivals, cloud);
}

}  // namespace

TEST_CASE(
    "a delivery does not plan before an older one has applied, whenever it comes, and no revert is lost") {
  const Files files = compiled_sample("live-infra");
  for (std::size_t later = 0; later < 30; ++later) {
    INFO(later);
    Cloud cloud({"new", "as it was"});
    for (const char* stage : {"ProductionNetwork", "ProductionCluster", "ProductionApp"})
      cloud.answers[fmt::format("live-infra-delivery/{}/Approve", stage)] = {run::Answer::Kind::Given, 4};
    const auto runs = revert(files.tree, cloud, later);
    for (const char* stack : {"network", "cluster", "app"}) {
      for (const char* environment : {"staging", "production"})
        CHECK(cloud.of(fmt::format("{}/{}", environment, stack)) == "as it was");
    }
    for (const std::string stack : {"Network", "Cluster", "App"}) {
      const std::string staging = "live-infra-delivery/Staging/",
                        production = "live-infra-delivery/Production" + stack;
      CHECK(job(runs[1], staging + "Plan" + stack).started >= job(runs[0], staging + "Apply" + stack).ended);
      CHECK(job(runs[1], production + "/Plan").started >= job(runs[0], production + "/Apply").ended);
    }
    for (const run::Run& run : runs) {
      for (const run::Job& each : run.jobs) CHECK(each.state == run::State::Succeeded);
    }
  }
}

namespace {

/// What most people write: the plan in one stage, and behind it a stage that is skipped when the plan is empty.
Tree plan_apart() {
  Action plan = build("Plan"), apply = build("Apply", 2);
  plan.space = "Plan";
  plan.outputs = {{"Saved"}};
  plan.configuration.buildspec = "plan.yml";
  apply.inputs.push_back({"Saved"});
  apply.configuration.primary_source = "Checkout";
  apply.configuration.buildspec = "apply.yml";
  for (Action* action : {&plan, &apply})
    action->configuration.variables.all = {{"PENSTOCK_STACK", "app"}, {"PENSTOCK_ENVIRONMENT", "production"}};
  Pipeline made = pipeline({{"Plan", {}, {plan}}, {"Deploy", {}, {approval("Approve", 1), apply}}});
  made.stages[2].before.all = {{"SKIP", {rule("#{Plan.CHANGES}", "EQ", "true")}}};
  made.triggers = triggered({{{}, {{"main"}, {}}, {}}}).triggers;
  Tree tree = tree_with(made);
  targets::codepipeline::Buildspec planning, applying;
  planning.env.exported = {"CHANGES"};
  planning.phases.build.commands = {"sh plan.sh"};
  applying.phases.build.commands = {"sh apply.sh"};
  tree.buildspecs.emplace_back("plan.yml", planning);
  tree.buildspecs.emplace_back("apply.yml", applying);
  return tree;
}

}  // namespace

TEST_CASE("the layout with the plan in a stage of its own loses the revert, with both executions green") {
  Cloud cloud({"new", "as it was"});
  cloud.answers["p/Deploy/Approve"] = {run::Answer::Kind::Given, 4};
  const auto runs = revert(given(plan_apart()), cloud, 2);
  CHECK(cloud.of("production/app") == "new");
  CHECK(job(runs[0], "p/Deploy/Apply").state == run::State::Succeeded);
  CHECK(job(runs[1], "p/Plan/Plan").ended < job(runs[0], "p/Deploy/Apply").started);
  CHECK(job(runs[1], "p/Deploy").state == run::State::Skipped);
  CHECK(job(runs[0], "p/Deploy/Apply").reach.artifacts_from == std::vector<std::string>{"p/Plan/Plan"});
}
