#include <utility>

#include "lower/passes.h"

namespace penstock::lower {
namespace {

using model::EventKind;

/// `changed(…)` with the patterns as they were written.
cel::Expr changed(const std::vector<model::Glob>& globs, Span span) {
  std::vector<cel::Expr> patterns;
  for (const model::Glob& glob : globs) {
    patterns.push_back(cel::string(glob.excludes ? "!" + glob.text : glob.text, glob.span));
  }
  return {cel::Call{"changed", std::move(patterns)}, span, span};
}

/// Holds for every event but a pull request that changes none of the paths.
cel::Expr condition(const plan::Pipeline& pipeline, const model::Trigger& request) {
  cel::Expr test = changed(request.paths, request.span);
  if (pipeline.triggers.size() == 1) return test;
  cel::Expr other = cel::operation(
      cel::Operator::NotEqual,
      {cel::variable("event.kind", request.span), cel::string("pull_request", request.span)}, request.span);
  return cel::any_of({std::move(other), std::move(test)}, request.span);
}

}  // namespace

plan::Plan request_paths(plan::Plan plan, const Table&, diag::Sink&) {
  for (plan::Pipeline& pipeline : plan.pipelines) {
    for (model::Trigger& trigger : pipeline.triggers) {
      if (trigger.kind != EventKind::PullRequest || trigger.paths.empty()) continue;
      const cel::Expr test = condition(pipeline, trigger);
      for (plan::Job& job : pipeline.jobs) {
        job.when = job.when ? cel::all_of({std::move(*job.when), test}, trigger.span) : test;
      }
      trigger.paths.clear();
    }
  }
  return plan;
}

}  // namespace penstock::lower
