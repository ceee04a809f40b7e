#pragma once
#include "plan/plan.h"

namespace penstock::plan {

/// Everything that will run: the pipelines of the model, then those that follow from its stacks, gates, delivery and drift.
/// The project must outlive the plan.
Plan elaborate(const model::Project& project);

}  // namespace penstock::plan
