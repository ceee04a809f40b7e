#include <algorithm>
#include <utility>

#include "lower/passes.h"

namespace penstock::lower {
namespace {

using namespace std::chrono_literals;
using model::EventKind;

bool judges_requests(const plan::Pipeline& pipeline) {
  return std::ranges::find(pipeline.triggers, EventKind::PullRequest, &model::Trigger::kind) !=
         pipeline.triggers.end();
}

std::string free_name(const plan::Pipeline& pipeline, std::string name) {
  while (std::ranges::find(pipeline.jobs, name, &plan::Job::name) != pipeline.jobs.end()) name += "-check";
  return name;
}

plan::Job check(const plan::Pipeline& pipeline, Span span) {
  plan::Job job;
  job.name = free_name(pipeline, "required");
  // Checks are known by their titles alone: two pipelines must not have the same.
  job.title = pipeline.role == plan::PipelineRole::Request ? "required" : "required (" + pipeline.name + ")";
  job.origin = pipeline.origin;
  job.after_failure = true;
  job.timeout = 5min;
  if (pipeline.triggers.size() > 1) {
    job.when = cel::operation(cel::Operator::Equal,
                              {cel::variable("event.kind", span), cel::string("pull_request", span)}, span);
  }
  plan::RequiredCheck work;
  for (std::size_t i = 0; i < pipeline.jobs.size(); ++i) {
    const plan::JobId id = Store<plan::JobId, plan::Job>::at(i);
    if (!pipeline.jobs[id].after_failure)
      work.checks.push_back(id);  // a comment that cannot be written judges nothing
  }
  job.needs = work.checks;
  job.work = std::move(work);
  return job;
}

}  // namespace

plan::Plan required_check(plan::Plan plan, const Table&, diag::Sink&) {
  for (plan::Pipeline& pipeline : plan.pipelines) {
    if (!judges_requests(pipeline)) continue;
    const Span span = plan::span_of(plan, pipeline.origin);
    pipeline.jobs.add(check(pipeline, span));
  }
  return plan;
}

}  // namespace penstock::lower
