// Where a job can read what only a few others left, one report becomes several: one for each environment, and more if need be.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "lower/jobs.h"
#include "lower/passes.h"

namespace penstock::lower {
namespace {

using plan::JobId;

struct Part {
  plan::EnvironmentId environment;
  std::vector<JobId> detections;
  std::size_t number = 1;  // of its environment
};

std::vector<Part> parts(const plan::Pipeline& pipeline, const plan::ReportDrift& report, std::size_t limit) {
  std::vector<Part> all;
  for (const JobId id : report.detections) {
    const plan::EnvironmentId environment = std::get<plan::DetectDrift>(pipeline.jobs[id].work).environment;
    const auto last = std::ranges::find(all.rbegin(), all.rend(), environment, &Part::environment);
    if (last == all.rend()) {
      all.push_back({environment, {id}});
    } else if (last->detections.size() < limit) {
      last->detections.push_back(id);
    } else {
      all.push_back({environment, {id}, last->number + 1});
    }
  }
  return all;
}

plan::Job report(const model::Project& project, const plan::Job& whole, Part part) {
  plan::Job job = whole;
  const std::string& name = project.environments[part.environment].name;
  job.name =
      part.number == 1 ? fmt::format("report-{}", name) : fmt::format("report-{}-{}", name, part.number);
  job.title = part.number == 1 ? fmt::format("report {}", name)
                               : fmt::format("report {}, part {}", name, part.number);
  job.needs = part.detections;
  job.work = plan::ReportDrift{std::move(part.detections)};
  return job;
}

}  // namespace

plan::Plan report_fan_in(plan::Plan plan, const Table& facts, diag::Sink&) {
  const auto limit =
      static_cast<std::size_t>(facts.number("limits.artifacts_of_action")) - 1;  // the source is one of them
  for (plan::Pipeline& pipeline : plan.pipelines) {
    decltype(pipeline.jobs) jobs;
    Moves moves;
    for (const plan::Job& job : pipeline.jobs) {
      const auto* work = std::get_if<plan::ReportDrift>(&job.work);
      std::vector<plan::Job> pieces;
      if (work != nullptr) {
        for (Part& part : parts(pipeline, *work, limit))
          pieces.push_back(report(*plan.project, job, std::move(part)));
      } else {
        pieces.push_back(job);
      }
      std::optional<JobId> to;
      for (plan::Job& piece : pieces) {
        move_ids(piece, moves);
        to = jobs.add(std::move(piece));
      }
      moves.push_back(to);
    }
    pipeline.jobs = std::move(jobs);
  }
  return plan;
}

}  // namespace penstock::lower
