#include "verify/map.h"

#include <set>

namespace penstock::verify {

Map::Map(const Subject& subject) : plan_(*subject.plan) {
  std::map<OriginId, std::size_t> pipelines;
  std::map<std::pair<std::size_t, std::string_view>, JobAt> jobs;
  for (std::size_t p = 0; p < plan_.pipelines.size(); ++p) {
    pipelines.emplace(pipeline(p).origin, p);
    for (std::size_t j = 0; j < pipeline(p).jobs.size(); ++j)
      jobs.emplace(std::pair(p, std::string_view(job({p, j}).name)), JobAt{p, j});
  }
  std::map<std::pair<OriginId, std::string_view>, std::pair<const plan::Pipeline*, const plan::Job*>> lowered;
  for (const plan::Pipeline& pipeline : subject.lowered->pipelines) {
    for (const plan::Job& job : pipeline.jobs)
      lowered.emplace(std::pair(pipeline.origin, std::string_view(job.name)), std::pair(&pipeline, &job));
  }
  std::set<JobAt> claimed;
  for (const run::Claims::Job& claim : subject.claims->jobs) {
    const auto of = pipelines.find(claim.pipeline);
    const auto node = lowered.find({claim.pipeline, claim.job});
    if (of == pipelines.end() || node == lowered.end()) {
      strange_.push_back(claim.address);
      continue;
    }
    Mapped mapped{std::nullopt, of->second, node->second.second, node->second.first, &claim};
    if (const auto at = jobs.find({of->second, claim.job}); at != jobs.end()) {
      mapped.job = at->second;
      if (!claim.approval) claimed.insert(at->second);
    }
    // A report that `lower` split is still the one report.
    if (!mapped.job && std::holds_alternative<plan::ReportDrift>(mapped.lowered->work)) {
      mapped.job = report_of(of->second);
      if (mapped.job) claimed.insert(*mapped.job);
    }
    if (!by_address_.emplace(claim.address, mapped).second) strange_.push_back(claim.address);
  }
  for (const auto& [name, at] : jobs) {
    if (!claimed.contains(at)) unclaimed_.push_back(at);
  }
}

std::optional<JobAt> Map::report_of(std::size_t p) const {
  for (std::size_t j = 0; j < pipeline(p).jobs.size(); ++j) {
    if (std::holds_alternative<plan::ReportDrift>(job({p, j}).work)) return JobAt{p, j};
  }
  return std::nullopt;
}

const Mapped* Map::find(std::string_view address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : &found->second;
}

}  // namespace penstock::verify
