#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "targets/github/shape.h"

/// Where the nodes of a plan went, in the addresses of simulate.h.
namespace penstock::targets::github {
namespace {

/// What GitHub shows behind the id of a job with a matrix: the values of the axes, or all of a row that stands alone.
std::string suffix(const Matrix& matrix, const Facts& facts) {
  std::vector<std::string> shown;
  const auto value = [&](const std::string& key) {
    const auto found = std::ranges::find(facts, key, &Facts::value_type::first);
    return found == facts.end() ? std::string() : found->second;
  };
  for (const auto& [name, values] : matrix.axes) shown.push_back(value(name));
  if (matrix.axes.empty() && !matrix.include.empty()) {
    for (const auto& [key, text] : matrix.include.front()) shown.push_back(value(key));
  }
  return " (" + join(shown, ", ") + ")";
}

std::vector<std::pair<std::string, std::string>> outputs(const plan::Job& job) {
  std::vector<std::pair<std::string, std::string>> all;
  const auto* planned = std::get_if<plan::PlanStack>(&job.work);
  if (planned != nullptr && !planned->speculative) all = {{"changes", "changes"}, {"digest", "digest"}};
  if (const auto* detected = std::get_if<plan::DetectChanges>(&job.work)) {
    for (const plan::DetectChanges::Set& set : detected->sets)
      all.emplace_back(set.name, "changes." + set.name);
  }
  return all;
}

}  // namespace

void claim(const Shaping& shaping, const Layout& layout) {
  run::Claims* claims = shaping.claims();
  if (claims == nullptr) return;
  const plan::Pipeline& pipeline = *layout.pipeline;
  for (const Unit& unit : layout.units) {
    const std::string caller = unit.turn ? layout.turns[*unit.turn].caller + "/" : "";
    std::vector<Facts> rows;
    for (const plan::JobId node : unit.nodes) rows.push_back(facts_of(shaping, pipeline.jobs[node]));
    for (std::size_t i = 0; i < unit.nodes.size(); ++i) {
      const plan::Job& job = pipeline.jobs[unit.nodes[i]];
      const std::string which = unit.nodes.size() > 1 ? suffix(matrix(rows), rows[i]) : "";
      claims->jobs.push_back({fmt::format("{}/{}{}{}", pipeline.name, caller, unit.id, which),
                              pipeline.origin, job.name, false, outputs(job)});
    }
  }
  for (const model::Trigger& trigger : pipeline.triggers) {
    if (trigger.kind == model::EventKind::Schedule) {
      const std::string& zone = trigger.schedule->timezone;
      claims->starts.push_back(
          {{trigger.kind, trigger.schedule->cron.text + (zone == "UTC" ? "" : " " + zone)}, pipeline.origin});
    }
    if (trigger.kind == model::EventKind::Manual)
      claims->starts.push_back({{trigger.kind, workflow_file(pipeline.name)}, pipeline.origin});
  }
}

}  // namespace penstock::targets::github
