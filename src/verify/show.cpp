#include "verify/show.h"

#include <algorithm>
#include <map>

#include "plan/simulate.h"
#include "verify/compare.h"
#include "verify/map.h"
#include "verify/world.h"

namespace penstock::verify {
namespace {

Cell cell_of(const plan::JobTrace& job, const std::map<std::string, std::size_t>& steps) {
  Cell cell;
  cell.runs = job.ran();
  cell.reason = job.reason;
  if (!cell.runs) return cell;
  cell.step = steps.at(job.name);
  for (const plan::Passage& passage : job.behind) {
    cell.turn = cell.turn || passage.kind == plan::Passage::Kind::Turn;
    cell.approval = cell.approval || passage.kind == plan::Passage::Kind::Approval;
  }
  return cell;
}

/// The steps of a pipeline's jobs: needs stand before those who need them.
std::map<std::string, std::size_t> steps_of(const plan::PipelineTrace& trace) {
  std::map<std::string, std::size_t> steps;
  for (const plan::JobTrace& job : trace.jobs) {
    std::size_t step = 1;
    for (const std::string& before : job.after) step = std::max(step, steps[before] + 1);
    steps[job.name] = step;
  }
  return steps;
}

/// The entry by which the target starts a pipeline at a time or by hand.
std::string entry_of(const Subject& subject, const plan::Event& event) {
  for (const plan::Pipeline& pipeline : subject.plan->pipelines) {
    if (pipeline.name != event.pipeline) continue;
    for (const auto& start : subject.claims->starts) {
      if (start.pipeline == pipeline.origin && start.entry.kind == event.kind) return start.entry.name;
    }
  }
  return {};
}

}  // namespace

SideBySide side_by_side(const plan::Plan& plan, const std::vector<Subject>& subjects,
                        const plan::Event& event) {
  SideBySide result;
  result.columns = {"model"};
  const plan::Trace reference = plan::simulate(plan, event);
  std::map<JobAt, std::size_t> rows;
  for (std::size_t p = 0; p < reference.pipelines.size(); ++p) {
    const plan::PipelineTrace& trace = reference.pipelines[p];
    if (!trace.active) {
      result.idle.emplace_back(trace.name, trace.reason);
      continue;
    }
    const auto steps = steps_of(trace);
    for (std::size_t j = 0; j < trace.jobs.size(); ++j) {
      rows[{p, j}] = result.rows.size();
      result.rows.push_back({trace.name, trace.jobs[j].name, {cell_of(trace.jobs[j], steps)}});
    }
  }
  const plan::Outcomes all_well;
  for (const Subject& subject : subjects) {
    const Map map(subject);
    Outside world(map, event, all_well, subject.target->facts);
    const run::Arrival arrival{event, entry_of(subject, event), 0};
    const run::Run run = subject.target->simulate(*subject.tree, {&arrival, 1}, world).front();
    const Pairing pairing = pair(map, run);
    const run::Order order(run);
    result.columns.emplace_back(subject.target->name);
    for (Row& row : result.rows) row.cells.emplace_back();
    // In the order of their starts, so that what comes before a job has its step.
    std::vector<std::pair<JobAt, std::size_t>> ran(pairing.ran.begin(), pairing.ran.end());
    std::ranges::stable_sort(ran, {}, [&](const auto& one) { return run.jobs[one.second].started; });
    std::map<std::size_t, std::size_t> steps;  // by position in the run
    for (const auto& [at, position] : ran) {
      std::size_t step = 1;
      for (const auto& [before, its] : steps) {
        if (order.precedes(before, position)) step = std::max(step, its + 1);
      }
      steps[position] = step;
      if (!rows.contains(at)) {
        rows[at] = result.rows.size();
        result.rows.push_back(
            {map.pipeline(at.pipeline).name, map.job(at).name, std::vector<Cell>(result.columns.size())});
      }
      Cell& cell = result.rows[rows[at]].cells.back();
      cell.runs = true;
      cell.step = step;
      for (const run::Gate& gate : run.jobs[position].gates) {
        cell.turn = cell.turn || (gate.kind == run::Gate::Kind::Queue && map.job(at).turn);
        cell.approval = cell.approval || gate.kind == run::Gate::Kind::Approval;
      }
      if (const auto questions = pairing.questions.find(at); questions != pairing.questions.end()) {
        for (const std::size_t question : questions->second)
          cell.approval = cell.approval || order.precedes(question, position);
      }
    }
    for (const auto& [at, positions] : pairing.all) {
      if (!rows.contains(at)) continue;
      Cell& cell = result.rows[rows[at]].cells.back();
      if (!cell.runs) cell.reason = run.jobs[positions.front()].reason;
    }
    for (const run::Job& job : run.jobs) {
      const Mapped* mapped = map.find(job.address);
      const bool started = job.state == run::State::Succeeded || job.state == run::State::Failed;
      if (job.works && started && (mapped == nullptr || !mapped->job))
        result.helpers.emplace_back(subject.target->name, job.address);
    }
  }
  return result;
}

}  // namespace penstock::verify
