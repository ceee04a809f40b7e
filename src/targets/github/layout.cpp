#include <fmt/core.h>

#include <algorithm>

#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

using plan::JobId;

JobId id_at(std::size_t position) { return Store<JobId, plan::Job>::at(position); }

bool same(const std::optional<cel::Expr>& a, const std::optional<cel::Expr>& b) {
  return a.has_value() == b.has_value() && (!a || *a == *b);
}

/// The word for what many jobs do alike; nothing for work that is never repeated.
std::string_view repeated(const plan::Work& work) {
  const auto* planned = std::get_if<plan::PlanStack>(&work);
  if (planned != nullptr) return planned->speculative ? "plan" : "";
  return std::holds_alternative<plan::DetectDrift>(work) ? "detect" : "";
}

bool alike(const plan::Job& a, const plan::Job& b) {
  return a.work.index() == b.work.index() && repeated(a.work) == repeated(b.work) && a.needs == b.needs &&
         same(a.when, b.when) && a.runs_on == b.runs_on && a.permissions == b.permissions &&
         a.timeout == b.timeout && a.excludes_forks == b.excludes_forks &&
         a.access.has_value() == b.access.has_value() && a.turn == b.turn;
}

/// Finds which nodes go together.
class Planner {
 public:
  Planner(const Shaping& shaping, const plan::Pipeline& pipeline, const Events& events)
      : shaping_(shaping), pipeline_(pipeline), events_(events) {}

  Layout layout() {
    Layout made;
    made.pipeline = &pipeline_;
    made.unit_of.assign(pipeline_.jobs.size(), 0);
    add_turns(made);
    std::vector<bool> done(pipeline_.jobs.size());
    for (std::size_t i = 0; i < pipeline_.jobs.size(); ++i) {
      if (done[i]) continue;
      Unit unit = unit_from(id_at(i));
      for (const JobId node : unit.nodes) {
        done[node.index] = true;
        made.unit_of[node.index] = made.units.size();
      }
      unit.id = unit.nodes.size() == 1 ? pipeline_.jobs[id_at(i)].name
                                       : free_id(std::string(repeated(pipeline_.jobs[id_at(i)].work)), made);
      unit.turn = turn_of(made, pipeline_.jobs[id_at(i)]);
      made.units.push_back(std::move(unit));
    }
    return made;
  }

 private:
  /// A node alone, or all nodes like it, if nobody waits for some of them only.
  Unit unit_from(JobId first) const {
    Unit unit;
    unit.nodes = {first};
    if (repeated(pipeline_.jobs[first].work).empty()) return unit;
    for (std::size_t i = first.index + 1; i < pipeline_.jobs.size(); ++i) {
      if (alike(pipeline_.jobs[first], pipeline_.jobs[id_at(i)])) unit.nodes.push_back(id_at(i));
    }
    const auto limit = static_cast<std::size_t>(shaping_.facts().number("limits.matrix"));
    if (unit.nodes.size() > limit || !needed_together(unit.nodes)) unit.nodes = {first};
    return unit;
  }

  bool needed_together(const std::vector<JobId>& nodes) const {
    return std::ranges::all_of(pipeline_.jobs, [&](const plan::Job& job) {
      const auto needed = std::ranges::count_if(
          nodes, [&](JobId node) { return std::ranges::find(job.needs, node) != job.needs.end(); });
      return needed == 0 || static_cast<std::size_t>(needed) == nodes.size();
    });
  }

  bool is_free(const std::string& id, const Layout& layout) const {
    return std::ranges::find(pipeline_.jobs, id, &plan::Job::name) == pipeline_.jobs.end() &&
           std::ranges::find(layout.units, id, &Unit::id) == layout.units.end() &&
           std::ranges::find(layout.turns, id, &Turn::caller) == layout.turns.end();
  }

  std::string free_id(const std::string& wanted, const Layout& layout) const {
    std::string id = wanted;
    for (int i = 2; !is_free(id, layout); ++i) id = fmt::format("{}-{}", wanted, i);
    return id;
  }

  // --- turns

  void add_turns(Layout& made) const {
    for (std::size_t i = 0; i < shaping_.project().environments.size(); ++i) {
      const plan::EnvironmentId environment{static_cast<std::uint32_t>(i)};
      std::vector<JobId> nodes;
      for (std::size_t node = 0; node < pipeline_.jobs.size(); ++node) {
        if (pipeline_.jobs[id_at(node)].turn == environment) nodes.push_back(id_at(node));
      }
      if (nodes.size() < 2) continue;  // a job alone holds its turn itself
      if (!can_be_called(nodes)) {
        shaping_.approximated(
            fmt::format("pipelines.{}", pipeline_.name), shaping_.span(pipeline_.jobs[nodes[1]].origin),
            fmt::format(
                "the jobs of environment `{}` take its turn one by one: another run may come in between",
                shaping_.name(environment)));
        continue;
      }
      const std::string& name = shaping_.name(environment);
      made.turns.push_back(
          {environment, free_id(is_free(name, made) ? name : "deliver-" + name, made), file_of(name)});
    }
  }

  std::string file_of(const std::string& environment) const {
    const std::string wanted = pipeline_.role == plan::PipelineRole::Delivery
                                   ? "deliver-" + environment
                                   : pipeline_.name + "-" + environment;
    std::string name = wanted;
    const auto& pipelines = shaping_.plan().pipelines;
    for (int i = 2; std::ranges::find(pipelines, name, &plan::Pipeline::name) != pipelines.end(); ++i)
      name = fmt::format("{}-{}", wanted, i);
    return name;
  }

  static std::optional<std::size_t> turn_of(const Layout& layout, const plan::Job& job) {
    if (!job.turn) return std::nullopt;
    const auto found = std::ranges::find(layout.turns, *job.turn, &Turn::environment);
    if (found == layout.turns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - layout.turns.begin());
  }

  /// Whether one job can stand for all of these: none is skipped by its event, all that begin wait for the same, and no way leads out
  /// and back in.
  bool can_be_called(const std::vector<JobId>& nodes) const {
    const auto within = [&](JobId node) { return std::ranges::find(nodes, node) != nodes.end(); };
    std::vector<JobId> before;
    for (const JobId node : nodes) {
      for (const JobId need : pipeline_.jobs[node].needs) {
        if (!within(need) && std::ranges::find(before, need) == before.end()) before.push_back(need);
      }
    }
    std::ranges::sort(before);
    const bool plain = std::ranges::all_of(nodes, [&](JobId node) {
      const plan::Job& job = pipeline_.jobs[node];
      if (job.after_failure || constant(events_.selected(job, events_.kinds())) != true) return false;
      std::vector<JobId> outside;
      std::ranges::remove_copy_if(job.needs, std::back_inserter(outside), within);
      std::ranges::sort(outside);
      return outside == before || (outside.empty() && !job.needs.empty());
    });
    const std::vector<bool> behind = reached_from(within);
    return plain && std::ranges::none_of(before, [&](JobId need) { return behind[need.index]; });
  }

  /// Which jobs are one of those or wait for one; needs come first, so one pass is enough.
  std::vector<bool> reached_from(const auto& those) const {
    std::vector<bool> reached(pipeline_.jobs.size());
    for (std::size_t i = 0; i < reached.size(); ++i) {
      const auto& needs = pipeline_.jobs[id_at(i)].needs;
      reached[i] =
          those(id_at(i)) || std::ranges::any_of(needs, [&](JobId need) { return reached[need.index]; });
    }
    return reached;
  }

  const Shaping& shaping_;
  const plan::Pipeline& pipeline_;
  const Events& events_;
};

}  // namespace

Layout layout(const Shaping& shaping, const plan::Pipeline& pipeline, const Events& events) {
  return Planner(shaping, pipeline, events).layout();
}

}  // namespace penstock::targets::github
