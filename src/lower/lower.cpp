#include "lower/lower.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "lower/passes.h"

namespace penstock::lower {
namespace {

// In the order in which they run: each may use what the ones above it produce.
constexpr std::array kPasses = {
    Pass{"mixed_triggers", trigger_classes}, Pass{"push_base", push_paths},
    Pass{"request_paths", request_paths},    Pass{"job_changed_paths", changed_paths},
    Pass{"required_check", required_check},  Pass{"approvals_of_jobs", preview},
    Pass{"wide_fan_in", report_fan_in},
};

}  // namespace

std::span<const Pass> passes() { return kPasses; }

plan::Plan lower(plan::Plan plan, const Table& facts, diag::Sink& sink) {
  for (const Pass& pass : kPasses) {
    if (facts.get(fmt::format("features.{}", pass.feature)) == "false")
      plan = pass.run(std::move(plan), facts, sink);
  }
  return plan;
}

}  // namespace penstock::lower
