#include "lower/jobs.h"

#include "base/check.h"

namespace penstock::lower {
namespace {

using plan::JobId;

std::vector<JobId> moved(const std::vector<JobId>& ids, const Moves& moves) {
  std::vector<JobId> left;
  for (const JobId id : ids) {
    if (const auto to = moves.at(id.index)) left.push_back(*to);
  }
  return left;
}

/// What a job cannot do without: the caller has made sure that it is still there.
JobId needed(JobId id, const Moves& moves) {
  PENSTOCK_CHECK(moves.at(id.index).has_value());
  return *moves[id.index];
}

}  // namespace

void move_ids(plan::Job& job, const Moves& moves) {
  job.needs = moved(job.needs, moves);
  std::visit(Overloaded{
                 [&](plan::Steps& work) {
                   for (model::Step& step : work.steps) {
                     if (auto* download = std::get_if<model::Download>(&step.action))
                       download->from = needed(download->from, moves);
                   }
                 },
                 [&](plan::ApplyStack& work) { work.plan = needed(work.plan, moves); },
                 [&](plan::ReportDrift& work) { work.detections = moved(work.detections, moves); },
                 [&](plan::CommentPlans& work) { work.plans = moved(work.plans, moves); },
                 [&](plan::RequiredCheck& work) { work.checks = moved(work.checks, moves); },
                 [](plan::SourceGate&) {},
                 [](plan::PlanStack&) {},
                 [](plan::DetectDrift&) {},
                 [](plan::DetectChanges&) {},
                 [](plan::Preview&) {},
             },
             job.work);
}

}  // namespace penstock::lower
