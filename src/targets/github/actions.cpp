#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

/// What the delivery and the requests of a project have in common: one plan and one apply for all stacks.
struct Common {
  std::vector<plan::StackId> stacks;
  std::vector<plan::GateId> gates;
  bool comments = false;
};

Common common(const plan::Plan& plan) {
  Common all;
  const auto add = [&](plan::StackId stack) {
    if (std::ranges::find(all.stacks, stack) == all.stacks.end()) all.stacks.push_back(stack);
  };
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    for (const plan::Job& job : pipeline.jobs) {
      if (const auto* planned = std::get_if<plan::PlanStack>(&job.work)) {
        add(planned->stack);
        all.gates = planned->gates;
      }
      if (std::holds_alternative<plan::CommentPlans>(job.work)) all.comments = true;
    }
  }
  return all;
}

Input required(std::string description) { return {std::move(description), true, {}, {}}; }

/// "staging or production": what an input may be.
std::string names_of(const auto& ids, const auto& name) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> names;
  for (const auto id : ids) names.push_back(name(id));
  if (names.size() > kMost) return "its name in penstock.yaml";
  const std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : fmt::format("{} or {}", join(names, ", "), last);
}

std::vector<plan::EnvironmentId> environments(const Shaping& shaping,
                                              const std::vector<plan::StackId>& stacks) {
  std::vector<plan::EnvironmentId> all;
  for (const plan::StackId stack : stacks) {
    for (const model::Placement& placement : shaping.project().stacks[stack].placements) {
      if (std::ranges::find(all, placement.environment) == all.end()) all.push_back(placement.environment);
    }
  }
  return all;
}

Action action(const Shaping& shaping, const Common& all, const Toolset& tools, std::string name,
              std::string description) {
  Action made;
  made.name = std::move(name);
  made.description = std::move(description);
  put(made.inputs, "environment",
      required(names_of(environments(shaping, all.stacks), [&](auto id) { return shaping.name(id); })));
  put(made.inputs, "stack", required(names_of(all.stacks, [&](auto id) { return shaping.name(id); })));
  if (tools.tools.size() > 1) put(made.inputs, "tool", required("opentofu or terraform"));
  if (tools.versions.size() > 1) put(made.inputs, "version", required("of the tool"));
  made.runs.kind = "composite";
  return made;
}

StackArguments arguments(const Toolset& tools) {
  StackArguments made;
  made.environment = Text(path("inputs.environment"));
  made.stack = Text(path("inputs.stack"));
  if (tools.tools.size() > 1) made.tool = Text(path("inputs.tool"));
  made.version = tools.versions.size() > 1 ? Text(path("inputs.version")) : Text(tools.versions.front());
  made.in_action = true;
  return made;
}

Action plan_action(const Shaping& shaping, const Common& all, const Toolset& tools) {
  Action made =
      action(shaping, all, tools, "plan", "Plans one stack in one environment, judges the plan and keeps it");
  Input speculative;
  speculative.description =
      "true: a plan to look at, which is thrown away; it takes no lock, and a layer below may be missing";
  speculative.initial = "false";
  put(made.inputs, "speculative", speculative);
  put(made.outputs, "changes",
      Output{"true: there is something to apply; false: the plan is empty",
             Text(path("steps.plan.outputs.changes")),
             {}});
  put(made.outputs, "digest",
      Output{"sha256 of the saved plan", Text(path("steps.plan.outputs.digest")), {}});
  made.runs.steps = plan_steps(shaping, arguments(tools), tools, all.gates, all.comments);
  return made;
}

Action apply_action(const Shaping& shaping, const Common& all, const Toolset& tools) {
  Action made =
      action(shaping, all, tools, "apply", "Applies exactly the saved plan of one stack in one environment");
  put(made.inputs, "digest", required("sha256 that the saved plan must have"));
  made.runs.steps = apply_steps(shaping, arguments(tools), tools);
  return made;
}

}  // namespace

Toolset planned_tools(const Shaping& shaping) {
  return toolset(shaping.project(), common(shaping.plan()).stacks);
}

void add_actions(const Shaping& shaping, Tree& tree) {
  const Common all = common(shaping.plan());
  if (all.stacks.empty()) return;
  const Toolset tools = toolset(shaping.project(), all.stacks);
  tree.actions.emplace_back(".github/actions/plan/action.yml", plan_action(shaping, all, tools));
  tree.actions.emplace_back(".github/actions/apply/action.yml", apply_action(shaping, all, tools));
}

}  // namespace penstock::targets::github
