#pragma once
#include <any>
#include <span>
#include <vector>

#include "run/run.h"

/// What GitLab makes of events, from its own pages and source; it knows the tree and nothing of whoever wrote it.
namespace penstock::targets::gitlab {

/// One run for each arrival: the pipeline that it starts, if any.
///
/// Addresses are the names of the jobs (`delivery:plan`; a part of a parallel job `test 1/2` or `test: [a, b]`). Where the branch behind
/// a request has a pipeline as well, those of its jobs begin with `branch pipeline, `.
/// An entry's name is the variables that the schedule or the person gives, `NAME=value` separated by spaces, or nothing. Without a name
/// a schedule runs with no variables at all. GitLab has one file for all of them: `rules` tell them apart.
/// Gates: the queue of a `resource_group`, held while a job runs; the approval of a manual job, named for its environment, or for the
/// job when it has none. First somebody presses the button, then the job waits for the resource.
/// Reach: rights are `environment NAME` (whose variables the job has) and `id_token NAME aud=A,B`; the role is an AWS role that a
/// variable or a script of a job with such a token names; variables are those of the file and of the entry, what is not known stays `$NAME`.
///
/// What is asked of `World::setting` (what, of); empty: not said.
///   process_mode, GROUP          unordered (also when not said), oldest_first, newest_first, newest_ready_first
///   variable, NAME               a CI/CD variable of the project; it wins over those of the file, and requests from forks have none
///   secrets, ENVIRONMENT         names of masked CI/CD variables of this scope, separated by spaces; `*` are those of all jobs
///   default_branch               CI_DEFAULT_BRANCH
///   protected, REF               CI_COMMIT_REF_PROTECTED: true, false
///   open_merge_requests, BRANCH  CI_OPEN_MERGE_REQUESTS of a push
///   pushed, BRANCH               true: the request comes with a push to its branch, which may have a pipeline of its own
///   auto_cancel_pending_pipelines  `disabled`: a newer commit cancels nothing
///   exists, PATTERN              whether a file matches, for `rules:exists`: true, false
/// A condition that needs what nobody says leaves the job waiting, with the reason; it is not guessed.
/// `idle` names what is not there and why: `pipeline`, or jobs that are not in it, or what these files cannot tell.
std::vector<run::Run> simulate(const std::any& tree, std::span<const run::Arrival> arrivals,
                               run::World& world);

/// What `simulate` may be given instead of the tree: the same files with all that no event changes worked out, for many calls.
std::any prepare(const std::any& tree);

/// Nothing: schedules are objects of the project, and every file can be started by hand.
std::vector<run::Entry> entries(const std::any& tree);

}  // namespace penstock::targets::gitlab
