// The pipelines that follow from stacks: what a request would change, the delivery of what was merged, and drift.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "plan/build.h"

namespace penstock::plan {
namespace {

using namespace std::chrono_literals;
using model::Level;
using model::Permission;

struct Pair {
  StackId stack;
  EnvironmentId environment;
};

/// Environments in promotion order: those that come first, first; otherwise the author's order.
std::vector<EnvironmentId> promotion_order(const model::Project& project) {
  std::vector<EnvironmentId> order;
  const auto done = [&](EnvironmentId id) { return std::ranges::find(order, id) != order.end(); };
  while (order.size() < project.environments.size()) {
    for (std::size_t i = 0; i < project.environments.size(); ++i) {
      const EnvironmentId id{static_cast<std::uint32_t>(i)};
      if (!done(id) && std::ranges::all_of(project.environments[id].after, done)) {
        order.push_back(id);
        break;
      }
    }
  }
  return order;
}

std::vector<StackId> layer_order(const model::Project& project) {
  std::vector<StackId> order;
  const auto done = [&](StackId id) { return std::ranges::find(order, id) != order.end(); };
  while (order.size() < project.stacks.size()) {
    for (std::size_t i = 0; i < project.stacks.size(); ++i) {
      const StackId id{static_cast<std::uint32_t>(i)};
      if (!done(id) && std::ranges::all_of(project.stacks[id].needs, done)) {
        order.push_back(id);
        break;
      }
    }
  }
  return order;
}

/// Every stack in every environment it has: environments in promotion order, in each the layers in order.
std::vector<Pair> pairs(const model::Project& project) {
  std::vector<Pair> all;
  for (const EnvironmentId environment : promotion_order(project)) {
    for (const StackId stack : layer_order(project)) {
      if (project.stacks[stack].in(environment) != nullptr) all.push_back({stack, environment});
    }
  }
  return all;
}

std::string job_name(const model::Project& project, std::string_view verb, Pair pair) {
  return fmt::format("{}-{}-{}", verb, project.environments[pair.environment].name,
                     project.stacks[pair.stack].name);
}

std::string job_title(const model::Project& project, std::string_view verb, Pair pair) {
  return fmt::format("{} {} in {}", verb, project.stacks[pair.stack].name,
                     project.environments[pair.environment].name);
}

std::vector<std::string> variables(const model::Placement& placement) {
  std::vector<std::string> names;
  add_variables(placement.backend, names);
  add_variables(placement.vars, names);
  return names;
}

/// A job on a stack in an environment with what all of them have: variables, identity, the author's line.
Job stack_job(const Jobs& jobs, std::string_view verb, Pair pair, Role role, Work work) {
  const model::Project& project = jobs.project();
  const model::Stack& stack = project.stacks[pair.stack];
  Job job =
      jobs.make(job_name(project, verb, pair), job_title(project, verb, pair), stack.span, std::move(work));
  job.variables = variables(*stack.in(pair.environment));
  job.access = access(project, pair.environment, role);
  if (job.access) job.permissions.push_back({Permission::IdToken, Level::Write});
  std::ranges::sort(job.permissions);
  return job;
}

/// The stacks on which this one waits in an environment: its needs that the environment has; of the others, theirs.
void needs_in(const model::Project& project, StackId stack, EnvironmentId environment,
              std::vector<StackId>& found) {
  for (const StackId need : project.stacks[stack].needs) {
    if (project.stacks[need].in(environment) == nullptr) {
      needs_in(project, need, environment, found);
    } else if (std::ranges::find(found, need) == found.end()) {
      found.push_back(need);
    }
  }
}

/// The delivery of the environments, one after the other as the model orders them.
class Delivery {
 public:
  explicit Delivery(Jobs& jobs) : jobs_(jobs), project_(jobs.project()), before_(add_source_gates(jobs)) {}

  void add(Pair pair) {
    const JobId plan = add_plan(pair);
    applied_.push_back({pair, add_apply(pair, plan), {}});
    for (const StackId need : needs(pair)) find(need, pair.environment)->needed = true;
  }

 private:
  struct Applied {
    Pair pair;
    JobId job;
    bool needed = false;  // another stack of the environment waits for it
  };

  std::vector<StackId> needs(Pair pair) const {
    std::vector<StackId> found;
    needs_in(project_, pair.stack, pair.environment, found);
    return found;
  }

  Applied* find(StackId stack, EnvironmentId environment) {
    const auto found = std::ranges::find_if(applied_, [&](const Applied& applied) {
      return applied.pair.stack == stack && applied.pair.environment == environment;
    });
    return found == applied_.end() ? nullptr : &*found;
  }

  /// What the first layer of an environment waits for: the last applies of the environments before it, or the source gates.
  /// An environment without stacks stands for what it waits for itself.
  void starts(EnvironmentId environment, std::vector<JobId>& needs) const {
    const auto& after = project_.environments[environment].after;
    for (const EnvironmentId earlier : after) {
      const std::size_t size = needs.size();
      for (const Applied& applied : applied_) {
        if (applied.pair.environment == earlier && !applied.needed) needs.push_back(applied.job);
      }
      if (needs.size() == size) starts(earlier, needs);
    }
    if (after.empty()) needs.insert(needs.end(), before_.begin(), before_.end());
    std::ranges::sort(needs);
    needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
  }

  JobId add_plan(Pair pair) {
    Job job = stack_job(jobs_, "plan", pair, Role::Plan,
                        PlanStack{pair.stack, pair.environment, plan_gates(project_), false});
    for (const StackId need : needs(pair)) job.needs.push_back(find(need, pair.environment)->job);
    if (job.needs.empty()) starts(pair.environment, job.needs);
    job.turn = pair.environment;
    return jobs_.add(std::move(job));
  }

  JobId add_apply(Pair pair, JobId plan) {
    Job job = stack_job(jobs_, "apply", pair, Role::Apply, ApplyStack{pair.stack, pair.environment, plan});
    job.needs = {plan};
    job.turn = pair.environment;
    job.environment = pair.environment;
    job.approval = project_.environments[pair.environment].approvals;
    job.timeout = 60min;
    return jobs_.add(std::move(job));
  }

  Jobs& jobs_;
  const model::Project& project_;
  std::vector<JobId> before_;
  std::vector<Applied> applied_;
};

Pipeline pipeline(Plan& plan, std::string name, std::string purpose, PipelineRole role, Span span) {
  Pipeline pipeline;
  pipeline.name = std::move(name);
  pipeline.purpose = std::move(purpose);
  pipeline.role = role;
  pipeline.origin = plan.origins.add({span, pipeline.purpose});
  return pipeline;
}

/// The trigger of a derived pipeline: pushes or requests to the branch that is delivered.
model::Trigger on_default_branch(const model::Project& project, model::EventKind kind, Span span) {
  model::Trigger trigger;
  trigger.kind = kind;
  trigger.span = span;
  trigger.branches = {model::literal_glob(project.default_branch, span)};
  return trigger;
}

Span delivery_span(const model::Project& project) {
  return project.delivery ? project.delivery->span : project.stacks.begin()->span;
}

}  // namespace

std::vector<JobId> add_source_gates(Jobs& jobs) {
  std::vector<JobId> added;
  const auto& gates = jobs.project().gates;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const GateId id{static_cast<std::uint32_t>(i)};
    const model::Gate& gate = gates[id];
    if (gate.at != model::GateAt::Source) continue;
    Job job = jobs.make(gate.name, gate.name, gate.span, SourceGate{id});
    job.timeout = 15min;
    added.push_back(jobs.add(std::move(job)));
  }
  return added;
}

std::vector<GateId> plan_gates(const model::Project& project) {
  std::vector<GateId> gates;
  for (std::size_t i = 0; i < project.gates.size(); ++i) {
    const GateId id{static_cast<std::uint32_t>(i)};
    if (project.gates[id].at == model::GateAt::Plan) gates.push_back(id);
  }
  return gates;
}

void add_request(Plan& plan) {
  const model::Project& project = *plan.project;
  const Span span = delivery_span(project);
  Pipeline made = pipeline(
      plan, "request",
      "A pull request: what would change in each environment, judged by the gates. Nothing is applied.",
      PipelineRole::Request, span);
  made.triggers = {on_default_branch(project, model::EventKind::PullRequest, span)};
  Jobs jobs(plan, made);
  add_source_gates(jobs);
  std::vector<JobId> plans;
  for (const Pair pair : pairs(project)) {
    Job job = stack_job(jobs, "plan", pair, Role::Plan,
                        PlanStack{pair.stack, pair.environment, plan_gates(project), true});
    job.excludes_forks = true;  // the code of a fork would run with this repository's access
    plans.push_back(jobs.add(std::move(job)));
  }
  if (!project.delivery || project.delivery->comment) {
    Job job = jobs.make("comment", "comment", project.delivery ? project.delivery->comment_span : span,
                        CommentPlans{plans});
    job.needs = plans;
    job.after_failure = true;
    job.excludes_forks = true;
    job.timeout = 10min;
    job.permissions.push_back({Permission::PullRequests, Level::Write});
    jobs.add(std::move(job));
  }
  plan.pipelines.add(std::move(made));
}

void add_delivery(Plan& plan) {
  const model::Project& project = *plan.project;
  const Span span = delivery_span(project);
  Pipeline made = pipeline(plan, "delivery",
                           "A merge: the environments in order; in each, the layers in order; in each layer, "
                           "exactly the saved plan.",
                           PipelineRole::Delivery, span);
  made.triggers = {on_default_branch(project, model::EventKind::Push, span)};
  Jobs jobs(plan, made);
  Delivery delivery(jobs);
  for (const Pair pair : pairs(project)) delivery.add(pair);
  plan.pipelines.add(std::move(made));
}

void add_drift(Plan& plan) {
  const model::Project& project = *plan.project;
  const model::Drift& drift = *project.drift;
  Pipeline made = pipeline(plan, "drift",
                           "Does the world still look as it was last applied? Looks, and keeps one issue per "
                           "stack; never applies.",
                           PipelineRole::Drift, drift.span);
  model::Trigger trigger;
  trigger.kind = model::EventKind::Schedule;
  trigger.span = drift.schedule.span;
  trigger.schedule = drift.schedule;
  made.triggers = {trigger};
  Jobs jobs(plan, made);
  std::vector<JobId> detections;
  for (const Pair pair : pairs(project)) {
    detections.push_back(
        jobs.add(stack_job(jobs, "detect", pair, Role::Plan, DetectDrift{pair.stack, pair.environment})));
  }
  if (drift.issue) {
    Job job = jobs.make("report", "report", drift.report_span, ReportDrift{detections});
    job.needs = detections;
    job.after_failure = true;
    job.timeout = 10min;
    job.permissions.push_back({Permission::Issues, Level::Write});
    jobs.add(std::move(job));
  }
  plan.pipelines.add(std::move(made));
}

}  // namespace penstock::plan
