#pragma once
#include <string>
#include <vector>

#include "plan/plan.h"

/// What the parts of the elaboration share. Not for others.
namespace penstock::plan {

/// The jobs of one pipeline while they are added; a need always exists already.
class Jobs {
 public:
  Jobs(Plan& plan, Pipeline& pipeline) : plan_(plan), pipeline_(pipeline) {}
  /// A derived job with its defaults; the caller fills the rest.
  Job make(std::string name, std::string title, Span span, Work work) const;
  JobId add(Job job) { return pipeline_.jobs.add(std::move(job)); }
  const model::Project& project() const { return *plan_.project; }
  const Pipeline& pipeline() const { return pipeline_; }

 private:
  Plan& plan_;
  Pipeline& pipeline_;
};

/// The identity of a job in an environment, if the environment has one.
std::optional<Access> access(const model::Project& project, EnvironmentId environment, Role role);

/// The variables of the platform's project that a text reads, added to the list once each.
void add_variables(const model::NamedTexts& texts, std::vector<std::string>& names);

void add_written(Plan& plan);
void add_request(Plan& plan);
void add_delivery(Plan& plan);
void add_drift(Plan& plan);

/// One job for each gate that judges the source, in the order of the model.
std::vector<JobId> add_source_gates(Jobs& jobs);
std::vector<GateId> plan_gates(const model::Project& project);

}  // namespace penstock::plan
