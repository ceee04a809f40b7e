// Where the nodes of the plan are to be found, for whoever looks whether they are there.
#include <fmt/core.h>

#include <algorithm>

#include "targets/gitlab/shape.h"

namespace penstock::targets::gitlab {
namespace {

using model::EventKind;

/// A schedule and a person name the pipeline in a variable; where one pipeline alone is started by hand, no name is needed.
std::string entry(const Shaping& shaping, const plan::Pipeline& pipeline, EventKind kind, bool choose_run) {
  if (kind == EventKind::Manual && !choose_run) return {};
  const std::string_view variable =
      shaping.facts().get(kind == EventKind::Schedule ? "variables.schedule" : "variables.run");
  return fmt::format("{}={}", variable, pipeline.name);
}

}  // namespace

/// The comment on a request is GitLab's own widget, and no job. The jobs that keep a turn are no nodes of the plan.
void claim(const Shaping& shaping, const PlannedPipeline& pipeline, bool choose_run) {
  run::Claims* claims = shaping.claims();
  if (claims == nullptr) return;
  const plan::Pipeline& of = *pipeline.pipeline;
  for (const plan::Job& job : of.jobs) {
    if (!std::holds_alternative<plan::CommentPlans>(job.work))
      claims->jobs.push_back({job_name(of, job), of.origin, job.name});
  }
  for (const EventKind kind : {EventKind::Schedule, EventKind::Manual}) {
    if (std::ranges::find(of.triggers, kind, &model::Trigger::kind) != of.triggers.end())
      claims->starts.push_back({{kind, entry(shaping, of, kind, choose_run)}, of.origin});
  }
}

}  // namespace penstock::targets::gitlab
