#pragma once
#include <span>
#include <string_view>

#include "base/table.h"
#include "diag/sink.h"
#include "plan/plan.h"

/// The passes, one file each. A new one is a file, a declaration here and a row in lower.cpp.
namespace penstock::lower {

struct Pass {
  std::string_view feature;  // the pass runs for targets that lack it
  plan::Plan (*run)(plan::Plan plan, const Table& facts, diag::Sink& sink);
};

/// All passes, in the order in which they run.
std::span<const Pass> passes();

/// Where a pipeline can be started by events of one kind only, it becomes one for each kind; what is known of the event is computed.
plan::Plan trigger_classes(plan::Plan plan, const Table& facts, diag::Sink& sink);

/// Where a push does not know the commit before it: what all its jobs ask for moves to the trigger's paths, else everything has changed.
plan::Plan push_paths(plan::Plan plan, const Table& facts, diag::Sink& sink);

/// Where a required check of a pipeline that was never started stays pending, `paths` of a pull request's trigger become a condition
/// of each job: `changed(…)`.
plan::Plan request_paths(plan::Plan plan, const Table& facts, diag::Sink& sink);

/// Where conditions cannot ask for changed paths, a generated job does: `changed("src/**")` becomes `changes.src`.
plan::Plan changed_paths(plan::Plan plan, const Table& facts, diag::Sink& sink);

/// Where branch rules name the jobs that must succeed, one generated job stands for all jobs of a pipeline that judges requests.
plan::Plan required_check(plan::Plan plan, const Table& facts, diag::Sink& sink);

/// Where a person is asked before it can be seen that a plan is empty, a job before the approvals of an environment looks.
plan::Plan preview(plan::Plan plan, const Table& facts, diag::Sink& sink);

/// Where a job can read what few others left (`limits.artifacts_of_action`, the source among them), one report becomes several.
plan::Plan report_fan_in(plan::Plan plan, const Table& facts, diag::Sink& sink);

}  // namespace penstock::lower
