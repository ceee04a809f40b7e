#include "verify/world.h"

#include <algorithm>

namespace penstock::verify {
namespace {

using model::EventKind;

bool changes(const plan::Event& event, const std::vector<model::Glob>& globs) {
  const bool knows = event.kind == EventKind::Push || event.kind == EventKind::PullRequest;
  if (!knows || !event.changed) return true;
  return std::ranges::any_of(*event.changed,
                             [&](const std::string& path) { return model::selects(globs, path); });
}

std::string slot(const model::Project& project, model::StackId stack, model::EnvironmentId environment) {
  return project.environments[environment].name + "/" + project.stacks[stack].name;
}

}  // namespace

run::Result result_of(const Mapped& mapped, const plan::Event& event, bool failed, bool empty,
                      const std::set<std::string>& empty_stacks) {
  run::Result result;
  result.code = failed ? 1 : 0;
  for (const auto& [native, meaning] : mapped.claim->outputs) {
    std::string value;
    if (meaning == "changes") value = empty ? "false" : "true";
    if (meaning == "digest") value = "digest";
    if (const auto* work = std::get_if<plan::DetectChanges>(&mapped.lowered->work)) {
      for (const auto& set : work->sets) {
        if (meaning == "changes." + set.name) value = changes(event, set.globs) ? "true" : "false";
      }
    }
    if (meaning.starts_with("preview.")) value = empty_stacks.contains(meaning.substr(8)) ? "false" : "true";
    // A job that failed has handed on nothing.
    if (!failed) result.outputs[native] = value;
  }
  return result;
}

std::string setting_of(const model::Project& project, std::string_view what, std::string_view of) {
  if (what == "process_mode") return "oldest_first";
  if (what != "asks") return {};
  for (const model::Environment& environment : project.environments) {
    if (environment.name == of) return environment.approvals ? "true" : "false";
  }
  return "false";
}

plan::JobName Outside::name(const Mapped& mapped) const {
  return {map_.pipeline(mapped.pipeline).name,
          mapped.job ? map_.job(*mapped.job).name : mapped.lowered->name};
}

run::Result Outside::work(std::size_t, const run::Job& job) {
  const Mapped* mapped = map_.find(job.address);
  if (mapped == nullptr) return {};
  const plan::JobName of = name(*mapped);
  bool failed = outcomes_.failing.contains(of);
  if (std::holds_alternative<plan::RequiredCheck>(mapped->lowered->work))
    failed = failed || failed_pipelines_.contains(mapped->pipeline);
  if (failed) failed_pipelines_.insert(mapped->pipeline);
  // Where nothing runs behind a failed job, a detection ends well and leaves its failure to the report.
  if (detections_end_well_ && std::holds_alternative<plan::DetectDrift>(mapped->lowered->work))
    failed = false;
  std::set<std::string> empty_stacks;
  if (const auto* preview = std::get_if<plan::Preview>(&mapped->lowered->work)) {
    for (const plan::Job& other : mapped->within->jobs) {
      const auto* plan = std::get_if<plan::PlanStack>(&other.work);
      if (plan != nullptr && plan->environment == preview->environment &&
          outcomes_.empty.contains({of.first, other.name}))
        empty_stacks.insert(map_.plan().project->stacks[plan->stack].name);
    }
  }
  return result_of(*mapped, event_, failed, outcomes_.empty.contains(of), empty_stacks);
}

run::Answer Outside::approve(std::size_t, const run::Job& job, std::string_view) {
  const Mapped* mapped = map_.find(job.address);
  if (mapped == nullptr) return {};
  const plan::JobName of = name(*mapped);
  if (outcomes_.unanswered.contains(of)) return {run::Answer::Kind::Never, 1};
  if (!outcomes_.refused.contains(of)) return {};
  failed_pipelines_.insert(mapped->pipeline);
  return {run::Answer::Kind::Refused, 1};
}

std::string Outside::setting(std::string_view what, std::string_view of) {
  return setting_of(*map_.plan().project, what, of);
}

Shared::Shared(const Map& map, const std::vector<plan::Execution>& executions, const std::string& world)
    : map_(map), executions_(executions) {
  const model::Project& project = *map.plan().project;
  for (std::uint32_t s = 0; s < project.stacks.size(); ++s) {
    for (const model::Placement& placement : project.stacks[model::StackId{s}].placements)
      world_[slot(project, model::StackId{s}, placement.environment)] = world;
  }
}

run::Result Shared::work(std::size_t arrival, const run::Job& job) {
  const Mapped* mapped = map_.find(job.address);
  if (mapped == nullptr) return {};
  const model::Project& project = *map_.plan().project;
  const std::string& wants = executions_[arrival].wants;
  bool failed = false;
  bool empty = false;
  std::set<std::string> empty_stacks;
  if (const auto* plan = std::get_if<plan::PlanStack>(&mapped->lowered->work)) {
    const std::string where = slot(project, plan->stack, plan->environment);
    saved_[{arrival, where}] = {world_[where], wants};
    empty = world_[where] == wants;
    if (empty) done_.insert({arrival, where});
  } else if (const auto* apply = std::get_if<plan::ApplyStack>(&mapped->lowered->work)) {
    const std::string where = slot(project, apply->stack, apply->environment);
    const auto saved = saved_.find({arrival, where});
    done_.insert({arrival, where});
    // A stale plan is refused; so is a plan that is not there. An empty one changes nothing.
    if (saved == saved_.end()) {
      failed = true;
    } else if (saved->second.base != saved->second.wants) {
      failed = world_[where] != saved->second.base;
      if (!failed) world_[where] = saved->second.wants;
    }
  } else if (const auto* preview = std::get_if<plan::Preview>(&mapped->lowered->work)) {
    for (const model::StackId stack : preview->stacks) {
      // The script is certain only when no older run can still change the stack: it asks the platform for them.
      const std::string where = slot(project, stack, preview->environment);
      if (world_[where] != wants || older_may_change(arrival, where)) continue;
      empty_stacks.insert(project.stacks[stack].name);
      done_.insert({arrival, where});
    }
  }
  return result_of(*mapped, executions_[arrival].event, failed, empty, empty_stacks);
}

bool Shared::older_may_change(std::size_t arrival, const std::string& where) const {
  for (std::size_t older = 0; older < arrival; ++older) {
    if (!done_.contains({older, where})) return true;
  }
  return false;
}

run::Answer Shared::approve(std::size_t arrival, const run::Job&, std::string_view) {
  return {run::Answer::Kind::Given, executions_[arrival].answers_after};
}

std::string Shared::setting(std::string_view what, std::string_view of) {
  return setting_of(*map_.plan().project, what, of);
}

}  // namespace penstock::verify
