#pragma once
#include <string>

#include "plan/plan.h"

namespace penstock::driver {

/// The plan as a Mermaid flow chart: a box for each pipeline, its jobs, what they wait for, and the approvals between them.
std::string mermaid(const plan::Plan& plan);

}  // namespace penstock::driver
