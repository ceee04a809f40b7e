// The pipelines that the author wrote, as plan nodes.
#include <algorithm>

#include "plan/build.h"

namespace penstock::plan {
namespace {

/// The order in which every need comes first; otherwise the author's.
std::vector<JobId> topological(const model::Pipeline& pipeline) {
  std::vector<JobId> order;
  std::vector<bool> done(pipeline.jobs.size());
  while (order.size() < pipeline.jobs.size()) {
    for (std::uint32_t i = 0; i < pipeline.jobs.size(); ++i) {
      const auto ready = [&](JobId need) { return done[need.index]; };
      if (done[i] || !std::ranges::all_of(pipeline.jobs[JobId{i}].needs, ready)) continue;
      done[i] = true;
      order.push_back(JobId{i});
    }
  }
  return order;
}

/// `ref.branch` is one of the branches that may deploy to an environment.
cel::Expr on_branches(const std::vector<model::Glob>& globs, Span span) {
  const cel::Expr branch = cel::variable("ref.branch", span);
  std::vector<cel::Expr> included, excluded;
  for (const model::Glob& glob : globs) {
    cel::Expr test =
        glob.is_literal()
            ? cel::operation(cel::Operator::Equal, {branch, cel::string(glob.text, span)}, span)
            : cel::Expr{
                  cel::Call{"matches", {branch, cel::string(model::regular_expression(glob), span)}, true},
                  span, span};
    (glob.excludes ? excluded : included).push_back(std::move(test));
  }
  std::vector<cel::Expr> all;
  if (!included.empty()) all.push_back(cel::any_of(std::move(included), span));
  for (cel::Expr& test : excluded) all.push_back(cel::negation(std::move(test)));
  return cel::all_of(std::move(all), span);
}

void set_environment(Job& job, const model::Job& written, const model::Project& project) {
  if (!written.environment) return;
  const model::Environment& environment = project.environments[*written.environment];
  job.environment = written.environment;
  job.turn = written.environment;
  job.approval = environment.approvals;
  job.access = access(project, *written.environment, Role::Apply);
  if (job.access &&
      std::ranges::find(job.permissions, model::Permission::IdToken,
                        &std::pair<model::Permission, model::Level>::first) == job.permissions.end()) {
    job.permissions.push_back({model::Permission::IdToken, model::Level::Write});
    std::ranges::sort(job.permissions);
  }
  if (environment.branches.empty()) return;
  cel::Expr allowed = on_branches(environment.branches, written.environment_span);
  job.when = job.when ? cel::all_of({std::move(*job.when), std::move(allowed)}, written.when_span)
                      : std::move(allowed);
}

Job planned(Plan& plan, const model::Job& written) {
  Job job;
  job.name = job.title = written.name;
  job.origin = plan.origins.add({written.span, "written"});
  job.when = written.when;
  job.runs_on = written.runs_on;
  job.image = written.image;
  job.env = written.env;
  job.secrets = written.secrets;
  job.permissions = written.permissions;
  job.timeout = written.timeout;
  set_environment(job, written, *plan.project);
  job.excludes_forks = !job.secrets.empty() || job.access.has_value();
  job.work = Steps{written.steps};
  return job;
}

}  // namespace

void add_written(Plan& plan) {
  for (const model::Pipeline& written : plan.project->pipelines) {
    Pipeline pipeline;
    pipeline.name = written.name;
    pipeline.origin = plan.origins.add({written.span, "written"});
    pipeline.triggers = written.triggers;
    std::vector<JobId> ids(written.jobs.size());
    for (const JobId old : topological(written)) {
      Job job = planned(plan, written.jobs[old]);
      for (const JobId need : written.jobs[old].needs) job.needs.push_back(ids[need.index]);
      for (model::Step& step : std::get<Steps>(job.work).steps) {
        if (auto* download = std::get_if<model::Download>(&step.action))
          download->from = ids[download->from.index];
      }
      ids[old.index] = pipeline.jobs.add(std::move(job));
    }
    plan.pipelines.add(std::move(pipeline));
  }
}

}  // namespace penstock::plan
