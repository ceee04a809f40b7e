// Which action each job of the plan became, under the addresses of simulate.h.
#include "targets/codepipeline/cron.h"
#include "targets/codepipeline/draft.h"

namespace penstock::targets::codepipeline {
namespace {

/// What builds export, and what it means.
std::vector<std::pair<std::string, std::string>> outputs(const plan::Plan& plan, const plan::Job& job) {
  std::vector<std::pair<std::string, std::string>> all;
  if (const auto* work = std::get_if<plan::PlanStack>(&job.work); work != nullptr && !work->speculative)
    all = {{"CHANGES", "changes"}, {"DIGEST", "digest"}};
  if (const auto* work = std::get_if<plan::DetectChanges>(&job.work)) {
    for (const auto& set : work->sets) all.emplace_back(changed_variable(set.name), "changes." + set.name);
  }
  if (const auto* work = std::get_if<plan::Preview>(&job.work)) {
    for (const plan::StackId stack : work->stacks) {
      const std::string name = stack_name(plan, stack);
      all.emplace_back(delivers_variable(name), "preview." + name);
    }
  }
  return all;
}

}  // namespace

void claim(const plan::Plan& plan, const std::vector<Draft>& drafts, const Context& context) {
  if (context.claims == nullptr) return;
  run::Claims& claims = *context.claims;
  for (const Draft& draft : drafts) {
    const OriginId pipeline = draft.source->origin;
    for (const StageDraft& stage : draft.stages) {
      for (const Placed& placed : stage.jobs) {
        const plan::Job& job = draft.job(placed.job);
        const auto address = [&](const std::string& action) {
          return fmt::format("{}/{}/{}", draft.name, stage.name, action);
        };
        for (const std::string& approval : approval_names(job))
          claims.jobs.push_back({address(approval), pipeline, job.name, true, {}});
        claims.jobs.push_back({address(placed.name), pipeline, job.name, false, outputs(plan, job)});
      }
    }
    if (draft.event == model::EventKind::Manual)
      claims.starts.push_back({{draft.event, draft.name}, pipeline});
    if (draft.event != model::EventKind::Schedule) continue;
    for (const model::Trigger& trigger : draft.source->triggers) {
      for (const std::string& expression : schedule_expressions(trigger.schedule->cron))
        claims.starts.push_back({{draft.event, expression + " " + trigger.schedule->timezone}, pipeline});
    }
  }
}

}  // namespace penstock::targets::codepipeline
