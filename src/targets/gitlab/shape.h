#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/plan.h"
#include "targets/gitlab/events.h"
#include "targets/gitlab/rules.h"
#include "targets/gitlab/tree.h"
#include "targets/target.h"

/// What the parts of the shape share. Not for others.
namespace penstock::targets::gitlab {

/// A job of the plan, with what is known of it in each kind of event of its pipeline.
struct PlannedJob {
  const plan::Job* job = nullptr;
  std::vector<std::vector<Selection>> selections;  // by event; empty: not in these pipelines
};

struct PlannedPipeline {
  const plan::Pipeline* pipeline = nullptr;
  std::vector<Event> events;
  Store<plan::JobId, PlannedJob> jobs;
};

/// The compilation at hand: what is read, and where things are said.
class Shaping {
 public:
  Shaping(const plan::Plan& plan, const Context& context);

  const plan::Plan& plan() const { return plan_; }
  const model::Project& project() const { return *plan_.project; }
  const Table& facts() const { return *context_.facts; }
  const Table& catalog() const { return *context_.catalog; }
  diag::Sink& sink() const { return *context_.sink; }
  /// A setting of the target, or its default.
  std::string_view setting(std::string_view key) const;
  bool has_approvals() const { return setting("tier") != "free"; }
  /// Whether `version` allows a keyword; when it is not said, it does not.
  bool since(std::string_view keyword) const;
  const std::string& environment_name(plan::EnvironmentId id) const {
    return project().environments[id].name;
  }
  Span span(const plan::Job& job) const { return plan::span_of(plan_, job.origin); }

  void exact(std::string construct, Span span) const;
  void after_setup(std::string construct, Span span, std::string how) const;
  void approximated(std::string construct, Span span, std::string how) const;
  void setup(std::string title, std::vector<std::string> values) const;
  /// Null where nobody asks.
  run::Claims* claims() const { return context_.claims; }
  /// An error at the author's line, and a line of the report.
  void refuse(std::string construct, Span span, std::string what, std::string help) const;

 private:
  const plan::Plan& plan_;
  const Context& context_;
};

/// A job while it is shaped.
struct JobShaping {
  const Shaping& shaping;
  const PlannedPipeline& pipeline;
  const PlannedJob& planned;
  std::string construct;  // its path in the model, for the report
  const plan::Job& job() const { return *planned.job; }
};

std::string job_name(const plan::Pipeline& pipeline, const plan::Job& job);

// events and rules: in which pipelines a job is

PlannedPipeline planned(const Shaping& shaping, const plan::Pipeline& pipeline, bool choose_run);
/// `rules` of a job. `by_event` are variables that are not the same in every event; empty, or one list for each event.
std::vector<Rule> rules(const JobShaping& at, const std::vector<Variables>& by_event);
std::vector<Need> needs(const JobShaping& at);
Workflow workflow(const Shaping& shaping, const std::vector<PlannedPipeline>& pipelines);

// variables.cpp: what scripts read from their environment

void add(Variables& variables, std::string name, std::string value);
/// Adds texts to the job's variables, or to `by_event` where a fact is not the same in all of them.
void add_texts(const JobShaping& at, const model::NamedTexts& texts, Variables& variables,
               std::vector<Variables>& by_event);
/// A literal text as a value in which GitLab and its runner expand nothing.
Variable literal(std::string text);

// script.cpp: the lines of hand-written jobs

struct Script {
  std::vector<std::string> lines;
  model::NamedTexts env;  // of the steps
};
Script script_of(const std::vector<model::Step>& steps, const model::NamedTexts& job_env);

// jobs

/// GitLab's jobs for a job of the plan: none for a comment, which a widget shows.
std::optional<Job> shape_job(const JobShaping& at);
Job written_job(const JobShaping& at, const plan::Steps& work);
Job source_gate(const JobShaping& at, const plan::SourceGate& work);
Job plan_stack(const JobShaping& at, const plan::PlanStack& work);
Job apply_stack(const JobShaping& at, const plan::ApplyStack& work);
Job detect_drift(const JobShaping& at, const plan::DetectDrift& work);
Job report_drift(const JobShaping& at, const plan::ReportDrift& work);
/// Jobs that keep an environment's turn while the last approval is awaited.
std::vector<std::pair<std::string, Job>> turn_keepers(const Shaping& shaping, const PlannedPipeline& pipeline,
                                                      const std::vector<std::string>& stages);
/// What every job has: needs, rules, timeout, environment, turn. `texts` are its own and its steps'.
Job common(const JobShaping& at, const model::NamedTexts& texts);
/// Lines that take the job's identity in the cloud, before everything else.
std::vector<std::string> identity_lines(const JobShaping& at);
std::string duration(std::chrono::minutes time);

// stages.cpp

/// The stages of all jobs, in an order in which no job needs a later one.
struct Stages {
  std::vector<std::string> order;
  std::vector<std::vector<std::string>> of;  // by pipeline and job
};
Stages stages(const std::vector<PlannedPipeline>& pipelines, const model::Project& project);

// factor.cpp

/// What several jobs say alike is said once, in a template that they extend.
void factor(const plan::Pipeline& pipeline, std::vector<std::pair<const plan::Job*, Job>>& jobs,
            Named<Job>& templates);

// claims.cpp: where the nodes of the plan went

void claim(const Shaping& shaping, const PlannedPipeline& pipeline, bool choose_run);

// checklist.cpp: what lies outside the files

void say_pipeline(const Shaping& shaping, const PlannedPipeline& pipeline);
void say_project(const Shaping& shaping, const std::vector<PlannedPipeline>& pipelines);

}  // namespace penstock::targets::gitlab
