#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plan/plan.h"
#include "run/claims.h"
#include "verify/verify.h"

/// Which emitted job is which job of the plan, by what the target claims. Not for others.
namespace penstock::verify {

/// A job of the elaborated plan, by position.
struct JobAt {
  std::size_t pipeline = 0;
  std::size_t job = 0;
  friend auto operator<=>(const JobAt&, const JobAt&) = default;
};

struct Mapped {
  std::optional<JobAt> job;            // nothing: a job that `lower` made
  std::size_t pipeline = 0;            // of the elaborated plan
  const plan::Job* lowered = nullptr;  // the job as the target got it
  const plan::Pipeline* within = nullptr;
  const run::Claims::Job* claim = nullptr;
};

class Map {
 public:
  explicit Map(const Subject& subject);

  const Mapped* find(std::string_view address) const;
  const plan::Job& job(JobAt at) const {
    return plan_.pipelines[id(at.pipeline)].jobs[plan::JobId{static_cast<std::uint32_t>(at.job)}];
  }
  const plan::Pipeline& pipeline(std::size_t at) const { return plan_.pipelines[id(at)]; }
  const plan::Plan& plan() const { return plan_; }
  std::string name(JobAt at) const { return pipeline(at.pipeline).name + ":" + job(at).name; }
  Span span(JobAt at) const { return plan::span_of(plan_, job(at).origin); }
  /// Jobs of the plan that no claim names.
  const std::vector<JobAt>& unclaimed() const { return unclaimed_; }
  /// Claims of pipelines or jobs that neither plan has.
  const std::vector<std::string>& strange() const { return strange_; }

 private:
  std::optional<JobAt> report_of(std::size_t pipeline) const;
  static plan::PipelineId id(std::size_t at) { return plan::PipelineId{static_cast<std::uint32_t>(at)}; }

  const plan::Plan& plan_;
  std::unordered_map<std::string_view, Mapped> by_address_;
  std::vector<JobAt> unclaimed_;
  std::vector<std::string> strange_;
};

}  // namespace penstock::verify
