// Steps that work on one stack in one environment.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/text.h"
#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

constexpr std::string_view kPlan = R"(rc=0
sh .penstock/plan.sh "$STACK" "$ENVIRONMENT" || rc=$?
case $rc in
  0) echo "changes=true" >> "$GITHUB_OUTPUT" ;;
  3) echo "changes=false" >> "$GITHUB_OUTPUT" ;;
  *) exit "$rc" ;;
esac
digest=$(jq -r '.digest // ""' "penstock-out/plan/$ENVIRONMENT/$STACK/result.json")
echo "digest=$digest" >> "$GITHUB_OUTPUT"
)";

constexpr std::string_view kDrift = R"(rc=0
sh .penstock/drift.sh "$STACK" "$ENVIRONMENT" || rc=$?
case $rc in
  0 | 3) ;;
  2) echo "::warning title=Drift::$STACK in $ENVIRONMENT" ;; # the issue says it; red is for "could not look"
  *) exit "$rc" ;;
esac
)";

/// Texts behind one another.
Text joined(std::initializer_list<Text> texts) {
  Text all;
  for (const Text& text : texts) all.parts.insert(all.parts.end(), text.parts.begin(), text.parts.end());
  return all;
}

Condition when_changes() { return {equal(path("steps.plan.outputs.changes"), literal(std::string("true")))}; }
Condition unless_cancelled() { return {negation(call("cancelled"))}; }
Condition unless_cancelled_and(Expression condition) {
  return {all_of({negation(call("cancelled")), std::move(condition)})};
}
Expression is_speculative() { return equal(path("inputs.speculative"), literal(std::string("true"))); }

/// A script step; in an action it says its own shell and variables, in a job those of the job serve.
Step script(const StackArguments& arguments, std::string name, std::string text) {
  Step step = run_step(std::move(name), std::move(text));
  if (!arguments.in_action) return step;
  step.shell = kShell;
  put(step.env, "ENVIRONMENT", arguments.environment);
  put(step.env, "STACK", arguments.stack);
  return step;
}

Step summary(const StackArguments& arguments, std::string_view title) {
  Step step =
      script(arguments, "Summary",
             fmt::format("sh .penstock/summary.sh \"{} $STACK in $ENVIRONMENT\" >> \"$GITHUB_STEP_SUMMARY\"",
                         title));
  step.condition = unless_cancelled();
  return step;
}

/// The tool of the stack; where stacks have several, each step asks whether it is its.
std::vector<Step> setup_steps(const Shaping& shaping, const StackArguments& arguments, const Toolset& tools) {
  std::vector<Step> steps;
  for (const model::Tool tool : tools.tools) {
    Step step = setup_step(shaping, model::name(tool), arguments.version, shaping.project().span);
    if (tools.tools.size() > 1) {
      const auto* asked =
          arguments.tool.parts.size() == 1 ? std::get_if<Expression>(&arguments.tool.parts[0]) : nullptr;
      PENSTOCK_CHECK(asked != nullptr);
      step.condition = Condition{equal(*asked, literal(std::string(model::name(tool))))};
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

std::string_view program(model::GateTool tool) {
  return tool == model::GateTool::Conftest ? "conftest" : "gitleaks";
}

std::vector<std::string> programs(const model::Project& project, const std::vector<plan::GateId>& gates) {
  std::vector<std::string> names;
  for (const plan::GateId gate : gates) {
    const std::string name(program(project.gates[gate].tool));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

Text plan_folder(const StackArguments& arguments) {
  return joined({"penstock-out/plan/", arguments.environment, "/", arguments.stack});
}
Text artifact(std::string kind, const StackArguments& arguments) {
  return joined({kind + "-", arguments.environment, "-", arguments.stack});
}

long days(std::chrono::minutes time) { return std::chrono::ceil<std::chrono::days>(time).count(); }

long kept_days(const model::Project& project) {
  return days(project.delivery ? project.delivery->keep : model::Delivery{}.keep);
}

Step keep_plan(const Shaping& shaping, const StackArguments& arguments) {
  Step step = action_step(shaping, "upload-artifact", "Keep the plan");
  step.condition = Condition{all_of({negation(is_speculative()), std::get<Expression>(when_changes().is)})};
  put(step.with, "name", Value(artifact("plan", arguments)));
  put(step.with, "path", Value(plan_folder(arguments)));
  put(step.with, "if-no-files-found", Value("error"));
  put(step.with, "retention-days", Value(kept_days(shaping.project())));
  return step;
}

Step keep_summary(const Shaping& shaping, const StackArguments& arguments) {
  Step step = action_step(shaping, "upload-artifact", "Keep the summary");
  step.condition = unless_cancelled_and(is_speculative());
  put(step.with, "name", Value(artifact("summary", arguments)));
  put(step.with, "path", Value("penstock-out/**/summary.md"));
  put(step.with, "retention-days", Value(1L));
  return step;
}

}  // namespace

Toolset toolset(const model::Project& project, const std::vector<plan::StackId>& stacks) {
  Toolset all;
  for (const plan::StackId id : stacks) {
    const model::Stack& stack = project.stacks[id];
    if (std::ranges::find(all.tools, stack.tool) == all.tools.end()) all.tools.push_back(stack.tool);
    if (std::ranges::find(all.versions, stack.version) == all.versions.end())
      all.versions.push_back(stack.version);
  }
  return all;
}

std::vector<Step> plan_steps(const Shaping& shaping, const StackArguments& arguments, const Toolset& tools,
                             const std::vector<plan::GateId>& gates, bool keeps_summary) {
  std::vector<Step> steps = setup_steps(shaping, arguments, tools);
  if (!gates.empty()) {
    Step get = run_step("Tools", "sh .penstock/tools.sh " + join(programs(shaping.project(), gates), " "));
    get.shell = arguments.in_action ? kShell : "";
    steps.push_back(std::move(get));
  }
  Step plan = script(arguments, "Plan", std::string(kPlan));
  plan.id = "plan";
  put(plan.env, "PENSTOCK_SPECULATIVE", Text(path("inputs.speculative")));
  steps.push_back(std::move(plan));
  for (const plan::GateId gate : gates) {
    const std::string& name = shaping.project().gates[gate].name;
    Step judge = script(arguments, fmt::format("Gate {}", name),
                        fmt::format("sh .penstock/gate.sh {} \"$STACK\" \"$ENVIRONMENT\"", name));
    judge.condition = when_changes();
    steps.push_back(std::move(judge));
  }
  steps.push_back(summary(arguments, "Plan of"));
  steps.push_back(keep_plan(shaping, arguments));
  if (keeps_summary) steps.push_back(keep_summary(shaping, arguments));
  return steps;
}

std::vector<Step> apply_steps(const Shaping& shaping, const StackArguments& arguments, const Toolset& tools) {
  std::vector<Step> steps = setup_steps(shaping, arguments, tools);
  Step get = action_step(shaping, "download-artifact", "Get the plan");
  put(get.with, "name", Value(artifact("plan", arguments)));
  put(get.with, "path", Value(plan_folder(arguments)));
  steps.push_back(std::move(get));
  Step apply = script(arguments, "Apply", "sh .penstock/apply.sh \"$STACK\" \"$ENVIRONMENT\"");
  put(apply.env, "PENSTOCK_PLAN_DIGEST", Text(path("inputs.digest")));
  steps.push_back(std::move(apply));
  steps.push_back(summary(arguments, "Apply of"));
  return steps;
}

std::vector<Step> drift_steps(const Shaping& shaping, const StackArguments& arguments, const Toolset& tools) {
  std::vector<Step> steps = setup_steps(shaping, arguments, tools);
  steps.push_back(script(arguments, "Look", std::string(kDrift)));
  steps.push_back(summary(arguments, "Drift of"));
  Step keep = action_step(shaping, "upload-artifact", "Keep the result");
  keep.condition = unless_cancelled();
  put(keep.with, "name", Value(artifact("drift", arguments)));
  put(keep.with, "path", Value("penstock-out/drift"));
  put(keep.with, "if-no-files-found", Value("error"));
  put(keep.with, "retention-days", Value(7L));
  steps.push_back(std::move(keep));
  return steps;
}

}  // namespace penstock::targets::github
