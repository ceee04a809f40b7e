// An empty plan asks nobody. Where only a whole stage can be left out, and only before it begins, a job before it must know.
#include <algorithm>
#include <utility>

#include "lower/jobs.h"
#include "lower/passes.h"

namespace penstock::lower {
namespace {

using plan::EnvironmentId;
using plan::JobId;

/// The stacks that wait for an approval in an environment, in layer order, and the first job that plans one of them.
struct Waiting {
  EnvironmentId environment;
  std::vector<plan::StackId> stacks;
  JobId first;
};

std::vector<Waiting> waiting(const plan::Pipeline& pipeline) {
  std::vector<Waiting> found;
  for (std::size_t i = 0; i < pipeline.jobs.size(); ++i) {
    const plan::Job& job = pipeline.jobs[pipeline.jobs.at(i)];
    const auto* apply = std::get_if<plan::ApplyStack>(&job.work);
    if (apply == nullptr || !job.approval) continue;
    auto of = std::ranges::find(found, apply->environment, &Waiting::environment);
    if (of == found.end()) {
      found.push_back({apply->environment, {}, apply->plan});
      of = found.end() - 1;
    }
    of->stacks.push_back(apply->stack);
    of->first = std::min(of->first, apply->plan);
  }
  return found;
}

bool plans_in(const plan::Job& job, EnvironmentId environment) {
  const auto* work = std::get_if<plan::PlanStack>(&job.work);
  return work != nullptr && work->environment == environment;
}

/// What the plans of an environment wait for outside of it.
std::vector<JobId> outside(const plan::Pipeline& pipeline, EnvironmentId environment) {
  std::vector<JobId> needs;
  for (const plan::Job& job : pipeline.jobs) {
    if (!plans_in(job, environment)) continue;
    for (const JobId need : job.needs) {
      const plan::Job& needed = pipeline.jobs[need];
      if (needed.environment != environment && !plans_in(needed, environment)) needs.push_back(need);
    }
  }
  std::ranges::sort(needs);
  needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
  return needs;
}

plan::Job preview(plan::Plan& plan, const plan::Pipeline& pipeline, const Waiting& of) {
  const std::string& name = plan.project->environments[of.environment].name;
  plan::Job job = pipeline.jobs[of.first];  // reads the same state with the same rights
  job.name = "preview-" + name;
  job.title = "what " + name + " would get";
  job.origin = plan.origins.add({plan.project->environments[of.environment].span, job.title});
  job.turn.reset();  // asked before the turn: it can only err towards running
  job.needs = outside(pipeline, of.environment);
  job.work = plan::Preview{of.environment, of.stacks};
  for (const plan::Job& other : pipeline.jobs) {
    if (!plans_in(other, of.environment)) continue;
    for (const std::string& variable : other.variables) {
      if (std::ranges::find(job.variables, variable) == job.variables.end())
        job.variables.push_back(variable);
    }
  }
  return job;
}

plan::Pipeline with_previews(plan::Plan& plan, const plan::Pipeline& pipeline) {
  const std::vector<Waiting> all = waiting(pipeline);
  if (all.empty()) return pipeline;
  plan::Pipeline result = pipeline;
  result.jobs = {};
  Moves moves;
  for (std::size_t i = 0; i < pipeline.jobs.size(); ++i) {
    const JobId id = pipeline.jobs.at(i);
    const auto before = std::ranges::find(all, id, &Waiting::first);
    if (before != all.end()) {
      plan::Job made = preview(plan, pipeline, *before);
      move_ids(made, moves);
      result.jobs.add(std::move(made));
    }
    plan::Job job = pipeline.jobs[id];
    move_ids(job, moves);
    for (const Waiting& of : all) {
      if (!plans_in(job, of.environment)) continue;
      for (std::size_t j = 0; j < result.jobs.size(); ++j) {
        const auto* work = std::get_if<plan::Preview>(&result.jobs[result.jobs.at(j)].work);
        if (work != nullptr && work->environment == of.environment)
          job.needs.insert(job.needs.begin(), result.jobs.at(j));
      }
    }
    moves.push_back(result.jobs.add(std::move(job)));
  }
  return result;
}

}  // namespace

plan::Plan preview(plan::Plan plan, const Table&, diag::Sink&) {
  for (plan::Pipeline& pipeline : plan.pipelines) pipeline = with_previews(plan, pipeline);
  return plan;
}

}  // namespace penstock::lower
