#pragma once
#include "plan/event.h"
#include "plan/plan.h"
#include "plan/simulate.h"

/// What the simulations of one run and of several share. Not for others.
namespace penstock::plan {

/// Which pipelines are active and which jobs are selected, and what each starts after. A selected job is `Waiting`; the jobs of a
/// pipeline's trace stand in the order of the plan, so that their ids are the positions.
Trace select(const Plan& plan, const Event& event);

enum class Readiness : unsigned char { NotYet, Ready, HeldBack };

/// Whether a job may start, by what its needs have come to (rules 1 and 2). Says why not in its `reason`.
Readiness readiness(const Job& job, const PipelineTrace& trace, JobTrace& result);

/// How a job ends that runs.
State outcome(const Job& job, const PipelineTrace& trace, const Outcomes& outcomes);

/// Whether nothing more will happen to a job, as far as those behind it care.
bool has_ended(State state);

}  // namespace penstock::plan
