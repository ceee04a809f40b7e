// Stages are columns for people: every job says what it needs, so nothing waits for a stage. Their order must not contradict the needs.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/check.h"
#include "targets/gitlab/shape.h"

namespace penstock::targets::gitlab {
namespace {

/// How far a job is from the jobs that need nothing.
std::vector<std::size_t> levels(const PlannedPipeline& pipeline) {
  std::vector<std::size_t> levels;
  for (const PlannedJob& planned : pipeline.jobs) {
    std::size_t level = 0;
    for (const plan::JobId need : planned.job->needs) level = std::max(level, levels.at(need.index) + 1);
    levels.push_back(level);
  }
  return levels;
}

/// The stage of a derived job; empty for hand-written ones.
std::string derived(const plan::Job& job, const model::Project& project) {
  const auto of = [&](plan::EnvironmentId id) { return project.environments[id].name; };
  return std::visit(Overloaded{
                        [](const plan::Steps&) { return std::string(); },
                        [](const plan::SourceGate&) { return std::string("source"); },
                        [&](const plan::PlanStack& work) {
                          return work.speculative ? std::string("plan") : of(work.environment);
                        },
                        [&](const plan::ApplyStack& work) { return of(work.environment); },
                        [](const plan::DetectDrift&) { return std::string("drift"); },
                        [](const plan::ReportDrift&) { return std::string("report"); },
                        [](const plan::CommentPlans&) { return std::string("report"); },
                        [](const plan::RequiredCheck&) { return std::string("report"); },
                        [](const plan::DetectChanges&) { return std::string("source"); },
                        [](const plan::Preview&) { return std::string("plan"); },
                    },
                    job.work);
}

constexpr std::array<std::string_view, 6> kOwn = {"source", "plan", "drift", "report", ".pre", ".post"};

/// An environment may have the name of a stage of ours, or of a hand-written pipeline.
std::string free_name(const std::string& name, const plan::Job& job,
                      const std::vector<PlannedPipeline>& pipelines) {
  const bool is_environment = std::holds_alternative<plan::ApplyStack>(job.work) ||
                              (std::holds_alternative<plan::PlanStack>(job.work) && job.turn);
  if (!is_environment) return name;
  const bool own = std::ranges::find(kOwn, std::string_view(name)) != kOwn.end();
  const bool written = std::ranges::any_of(
      pipelines, [&](const PlannedPipeline& other) { return name == other.pipeline->name; });
  return own || written ? fmt::format("to {}", name) : name;
}

/// `ci` when one column is enough, else `ci:1`, `ci:2`.
std::vector<std::string> of_pipeline(const PlannedPipeline& pipeline, const std::vector<PlannedPipeline>& all,
                                     const model::Project& project) {
  const std::vector<std::size_t> level = levels(pipeline);
  const bool one = std::ranges::all_of(level, [](std::size_t at) { return at == 0; });
  std::vector<std::string> stages;
  for (std::size_t i = 0; i < pipeline.jobs.size(); ++i) {
    const plan::Job& job = *pipeline.jobs[pipeline.jobs.at(i)].job;
    const std::string known = derived(job, project);
    if (!known.empty()) {
      stages.push_back(free_name(known, job, all));
    } else {
      stages.push_back(one ? pipeline.pipeline->name
                           : fmt::format("{}:{}", pipeline.pipeline->name, level[i] + 1));
    }
  }
  return stages;
}

/// Where a stage stands when no need says it: the source first, then what is written by hand, then environments, then looking back.
int rank(const std::string& stage, bool written) {
  if (stage == "source") return 0;
  if (stage == "plan") return 1;
  if (written) return 2;
  if (stage == "drift") return 4;
  if (stage == "report") return 5;
  return 3;
}

struct Order {
  std::vector<std::string> names;  // by rank, then as they were met
  std::map<std::string, std::set<std::string>> before;
};

std::vector<std::string> sorted(Order order) {
  std::vector<std::string> out;
  while (!order.names.empty()) {
    const auto ready = std::ranges::find_if(order.names, [&](const std::string& name) {
      return std::ranges::all_of(order.before[name], [&](const std::string& earlier) {
        return std::ranges::find(out, earlier) != out.end();
      });
    });
    PENSTOCK_CHECK(ready != order.names.end());
    out.push_back(*ready);
    order.names.erase(ready);
  }
  return out;
}

}  // namespace

Stages stages(const std::vector<PlannedPipeline>& pipelines, const model::Project& project) {
  Stages made;
  Order order;
  std::map<std::string, int> ranks;
  for (const PlannedPipeline& pipeline : pipelines) {
    made.of.push_back(of_pipeline(pipeline, pipelines, project));
    const std::vector<std::string>& names = made.of.back();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const plan::Job& job = *pipeline.jobs[pipeline.jobs.at(i)].job;
      if (std::holds_alternative<plan::CommentPlans>(job.work)) continue;
      if (ranks.emplace(names[i], rank(names[i], std::holds_alternative<plan::Steps>(job.work))).second)
        order.names.push_back(names[i]);
      for (const plan::JobId need : job.needs) {
        if (names[need.index] != names[i]) order.before[names[i]].insert(names[need.index]);
      }
    }
  }
  std::ranges::stable_sort(order.names, {}, [&](const std::string& name) { return ranks.at(name); });
  made.order = sorted(std::move(order));
  return made;
}

}  // namespace penstock::targets::gitlab
