#pragma once
#include <any>
#include <span>
#include <vector>

#include "run/run.h"

/// What GitHub makes of events, by its documentation (https://docs.github.com/en/actions/reference), from the files as they are read.
///
/// Addresses: `<file>` is the run of a workflow, the name of its file without folder and ending; `<file>/<id>` a job of it; behind the
/// id of a job with a matrix its values: `request/plan (staging, network)`; `delivery/staging/apply-staging-site` a job of the workflow
/// that the job `staging` calls. A workflow's run and a job that calls only hold others. Where two addresses would be the same, the later
/// one has ` #2` behind it.
///
/// Entries: a schedule is its cron and, where the file names one, its time zone: `0 6 * * 1-5 Europe/Berlin`; it starts all workflows that
/// have it. A start by hand is the workflow's path: `.github/workflows/ci.yml`.
///
/// What cannot be told from the files (`vars.X` in a condition, an unknown function) leaves the job waiting, and the reason says why.
namespace penstock::targets::github {

std::vector<run::Run> simulate(const std::any& tree, std::span<const run::Arrival> arrivals,
                               run::World& world);

/// The schedules and starts by hand that the workflows offer.
std::vector<run::Entry> entries(const std::any& tree);

}  // namespace penstock::targets::github
