#pragma once
#include <optional>
#include <vector>

#include "plan/plan.h"

namespace penstock::lower {

/// Where each job of a pipeline has gone; nothing for a job that is no more.
using Moves = std::vector<std::optional<plan::JobId>>;

/// Every id in a job, as the jobs have moved. A need that is no more holds nothing back (DESIGN §3, rule 1).
void move_ids(plan::Job& job, const Moves& moves);

}  // namespace penstock::lower
