#pragma once
#include <string_view>

#include "diag/sink.h"
#include "plan/plan.h"

/// The passes, one file each. A new one is a file, a declaration here and a row in lower.cpp.
namespace penstock::lower {

struct Pass {
  std::string_view feature;  // the pass runs for targets without it
  plan::Plan (*run)(plan::Plan plan, diag::Sink& sink);
};

/// Where a required check of a pipeline that was never started stays pending, `paths` of a pull request's trigger become a condition
/// of each job: `changed(…)`.
plan::Plan request_paths(plan::Plan plan, diag::Sink& sink);

/// Where conditions cannot ask for changed paths, a generated job does: `changed("src/**")` becomes `changes.src`.
plan::Plan changed_paths(plan::Plan plan, diag::Sink& sink);

/// Where branch rules name the jobs that must succeed, one generated job stands for all jobs of a pipeline that judges requests.
plan::Plan required_check(plan::Plan plan, diag::Sink& sink);

}  // namespace penstock::lower
