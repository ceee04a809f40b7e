#pragma once
#include "base/table.h"
#include "diag/sink.h"
#include "plan/plan.h"

/// Rewrites a plan until it uses only what a target has. One pass for each feature that a target may lack; targets/<name>.yaml says
/// which it has (`features.<name>: true`) and which it lacks (`false`: the pass runs).
namespace penstock::lower {

plan::Plan lower(plan::Plan plan, const Table& facts, diag::Sink& sink);

}  // namespace penstock::lower
