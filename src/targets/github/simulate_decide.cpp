#include <fmt/core.h>

#include <algorithm>

#include "targets/github/simulate_level.h"

/// When a job runs, and what it makes of a run.
namespace penstock::targets::github {

using run::Decision;
using run::Graph;

namespace {

std::string why_not(const Level& level, const Job& job, const Graph& graph, const Status& status) {
  const auto* expression = job.condition ? std::get_if<Expression>(&job.condition->is) : nullptr;
  const bool asks = expression != nullptr && has_status_function(*expression);
  if (!asks && status.cancelled) return "the run was cancelled";
  if (!asks && !status.success) {
    for (const Level::Placed* before : level.ancestors(job)) {
      if (const auto came_to = result(*before, graph); came_to != "success")
        return fmt::format("`{}` before it: {}", before->id, came_to);
    }
  }
  return expression != nullptr ? "`" + print(*expression) + "` does not hold" : "";
}

}  // namespace

/// `if` is asked before the matrix is known, when all needs have ended.
Decision decide(const Level& level, const Job& job, const Graph& graph, bool cancelled) {
  Scope scope = static_scope(level, nullptr);
  std::erase_if(scope.contexts.members,
                [](const auto& one) { return one.first == "matrix" || one.first == "strategy"; });
  scope.contexts.set("needs", needs_context(level, job, graph));
  scope.status = status(level, job, graph);
  // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation: conditions are asked once more
  scope.status->cancelled = cancelled;
  scope.status->success = scope.status->success && !cancelled;
  const Data holds = evaluate(job.condition, scope);
  const auto known = truth(holds);
  if (!known) return {Decision::Kind::Wait, "its condition is not known: " + holds.unknown()->why};
  if (*known) return {};
  return {Decision::Kind::Skip, why_not(level, job, graph, *scope.status)};
}

/// What a run, or a job that calls, has come to.
run::State conclusion(const Level& level, const Graph& graph) {
  bool cancelled = graph[level.node].cancelled, ran = false;
  for (const Level::Placed& placed : level.jobs) {
    const std::string_view came_to = result(placed, graph);
    if (came_to == "failure") return run::State::Failed;
    cancelled = cancelled || came_to == "cancelled";
    ran = ran || came_to == "success";
  }
  if (cancelled) return run::State::Cancelled;
  return ran ? run::State::Succeeded : run::State::Skipped;
}

}  // namespace penstock::targets::github
