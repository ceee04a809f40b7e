#pragma once
#include <any>
#include <span>
#include <vector>

#include "run/run.h"

/// What CodePipeline makes of events, by AWS's own pages (CodePipeline, CodeBuild and EventBridge Scheduler user guides).
///
/// Addresses: a stage is `<pipeline>/<stage>`, an action `<pipeline>/<stage>/<action>`. A stage only holds its actions; source actions
/// and manual approvals are jobs that do no work. The gate of an approval has its action's address, the queue of a stage the stage's.
///
/// Entries: a schedule's name is its expression, a space, and its time zone; all schedules with this name start. A start by hand has
/// the pipeline's name. Every pipeline can be started by hand, whatever it was written for, so `entries` lists none of those.
///
/// An event of a pull request stands for its opening and for its updates. Where the pages do not say what happens, a job waits, and
/// its reason says so: the pipeline itself (its name is the address) and all its actions when it is not known whether it starts.
namespace penstock::targets::codepipeline {

/// `tree` is what `read` made of the files.
std::vector<run::Run> simulate(const std::any& tree, std::span<const run::Arrival> arrivals,
                               run::World& world);
std::vector<run::Entry> entries(const std::any& tree);

}  // namespace penstock::targets::codepipeline
