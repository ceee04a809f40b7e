// Jobs on stacks: plan, apply, drift, and the gates.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "targets/gitlab/shape.h"

namespace penstock::targets::gitlab {
namespace {

// Not `STACK`: a variable of the project wins over one of the file, and that name may be taken.
constexpr std::string_view kStack = "PENSTOCK_STACK";
constexpr std::string_view kEnvironment = "PENSTOCK_ENVIRONMENT";
constexpr std::string_view kArguments = "\"$PENSTOCK_STACK\" \"$PENSTOCK_ENVIRONMENT\"";

void set_image(const JobShaping& at, Job& job) {
  if (at.job().image) {
    PENSTOCK_CHECK(at.job().image->is_constant());
    job.image.name = at.job().image->constant();
  }
}

Job derived(const JobShaping& at) {
  Job job = common(at, at.job().env);
  set_image(at, job);
  job.script = identity_lines(at);
  return job;
}

Job stack_job(const JobShaping& at, plan::StackId stack, plan::EnvironmentId environment) {
  Job job = derived(at);
  Variables variables;
  add(variables, std::string(kEnvironment), at.shaping.environment_name(environment));
  add(variables, std::string(kStack), at.shaping.project().stacks[stack].name);
  variables.insert(variables.end(), job.variables.begin(), job.variables.end());
  job.variables = std::move(variables);
  return job;
}

/// Runs a script of ours whose exit code says more than success.
void add_call(Job& job, std::string_view script) {
  job.script.emplace_back("code=0");
  job.script.push_back(fmt::format("sh .penstock/{} {} || code=$?", script, kArguments));
}

void set_artifacts(Job& job, std::string_view verb, std::vector<std::string> paths, std::string expire_in) {
  job.artifacts.name = fmt::format("{}-${}-${}", verb, kEnvironment, kStack);
  job.artifacts.expire_in = std::move(expire_in);
  job.artifacts.paths = std::move(paths);
}

std::string keep(const model::Project& project) {
  const std::chrono::minutes time = project.delivery ? project.delivery->keep : model::Delivery{}.keep;
  const long days = time.count() / (24 * 60);
  if (time.count() % (24 * 60) != 0) return duration(time);
  return days == 1 ? "1 day" : fmt::format("{} days", days);
}

/// A plan that changes something is judged in the job that made it: the plan as JSON holds values in clear, and stays there.
void judge(const JobShaping& at, const plan::PlanStack& work, Job& job) {
  std::string text = "case $code in\n";
  if (work.gates.empty()) {
    job.script.emplace_back("case $code in 0 | 3) ;; *) exit \"$code\" ;; esac");
    return;
  }
  std::vector<std::string> calls;
  for (const plan::GateId gate : work.gates) {
    calls.push_back(
        fmt::format("sh .penstock/gate.sh {} {}", at.shaping.project().gates[gate].name, kArguments));
  }
  text += calls.size() == 1 ? fmt::format("  0) {} ;;\n", calls.front())
                            : fmt::format("  0)\n    {}\n    ;;\n", join(calls, "\n    "));
  job.script.push_back(text +
                       "  3) ;; # nothing to apply, so nothing to judge\n  *) exit \"$code\" ;;\nesac\n");
  job.artifacts.reports.junit.all = {"penstock-out/gate/*/*/*/junit.xml"};
}

}  // namespace

Job source_gate(const JobShaping& at, const plan::SourceGate& work) {
  Job job = derived(at);
  const std::string& gate = at.shaping.project().gates[work.gate].name;
  add(job.variables, "GIT_DEPTH", "0");
  job.script.push_back(fmt::format("sh .penstock/gate.sh {}", gate));
  job.artifacts.when = "always";
  job.artifacts.expire_in = "1 week";
  job.artifacts.paths = {fmt::format("penstock-out/gate/{}/summary.md", gate)};
  job.artifacts.reports.junit.all = {fmt::format("penstock-out/gate/{}/junit.xml", gate)};
  // Only a request has a beginning; elsewhere the variable is not defined, and its name would be taken for a value.
  std::size_t at_rule = 0;
  for (std::size_t i = 0; i < at.pipeline.events.size(); ++i) {
    const std::string_view base =
        at.shaping.facts().get(fmt::format("events.{}.base", model::name(at.pipeline.events[i].kind)));
    for (std::size_t n = 0; n < at.planned.selections[i].size(); ++n) {
      Rule& rule = (*job.rules)[at_rule++];
      if (!base.empty() && rule.when != "never")
        add(rule.variables, "PENSTOCK_BASE", fmt::format("${}", base));
    }
  }
  return job;
}

Job plan_stack(const JobShaping& at, const plan::PlanStack& work) {
  Job job = stack_job(at, work.stack, work.environment);
  if (work.speculative) add(job.variables, "PENSTOCK_SPECULATIVE", "true");
  add_call(job, "plan.sh");
  if (work.speculative) {
    set_artifacts(job, "plan", {"penstock-out/plan/*/*/summary.md", "penstock-out/gate/*/*/*/summary.md"},
                  keep(at.shaping.project()));
    job.artifacts.when = "always";
    job.artifacts.access = "developer";  // addresses and actions only
    const model::Project& project = at.shaping.project();
    if (!project.delivery || project.delivery->comment)
      job.artifacts.reports.terraform.all = {"penstock-out/plan/*/*/summary.json"};
  } else {
    set_artifacts(job, "plan", {"penstock-out/plan/"}, keep(at.shaping.project()));
    job.artifacts.access =
        at.shaping.since("access_maintainer") ? "maintainer" : "developer";  // a plan holds values in clear
  }
  judge(at, work, job);
  return job;
}

Job apply_stack(const JobShaping& at, const plan::ApplyStack& work) {
  Job job = stack_job(at, work.stack, work.environment);
  std::vector<std::string> lines;
  if (at.job().approval && at.shaping.has_approvals()) {
    // The claims of the job's own token say whether the environment is protected.
    const model::Approvals& approval = *at.job().approval;
    if (job.id_tokens.empty())
      job.id_tokens.push_back({{"PENSTOCK_ID_TOKEN", {}}, IdToken{{{"penstock"}}, {}}});
    lines.push_back(
        fmt::format("sh .penstock/protection.sh \"${}\" {} {}", kEnvironment, approval.count, approval.self));
  }
  job.script.insert(job.script.begin(), lines.begin(), lines.end());
  if (at.job().approval) {
    job.manual_confirmation =
        fmt::format("Apply the saved plan of {} in {}?", at.shaping.project().stacks[work.stack].name,
                    at.shaping.environment_name(work.environment));
  }
  add_call(job, "apply.sh");
  job.notes.push_back({"script", {"3: the plan was empty, there was nothing to apply."}});
  job.script.emplace_back("case $code in 0 | 3) ;; *) exit \"$code\" ;; esac");
  return job;
}

/// In mode `oldest_first` a pipeline keeps a resource group while jobs of it are still to come. Behind the last button there would be
/// none: a newer run could plan while the older one waits for its approval.
std::vector<std::pair<std::string, Job>> turn_keepers(const Shaping& shaping, const PlannedPipeline& pipeline,
                                                      const std::vector<std::string>& stages) {
  std::vector<std::pair<std::string, Job>> keepers;
  for (std::uint32_t i = 0; i < pipeline.jobs.size(); ++i) {
    const PlannedJob& planned = pipeline.jobs[plan::JobId{i}];
    const plan::Job& last = *planned.job;
    const auto waits_for_it = [&](const PlannedJob& other) {
      return other.job->turn == last.turn &&
             std::ranges::find(other.job->needs, plan::JobId{i}) != other.job->needs.end();
    };
    if (!std::holds_alternative<plan::ApplyStack>(last.work) || !last.approval ||
        std::ranges::any_of(pipeline.jobs, waits_for_it))
      continue;
    const std::string& environment = shaping.environment_name(*last.turn);
    const std::string name = fmt::format("{}:turn:{}", pipeline.pipeline->name, environment);
    const Need need{job_name(*pipeline.pipeline, last), false, false, {}};
    if (!keepers.empty() && keepers.back().first == name) {
      keepers.back().second.needs->push_back(need);
      continue;
    }
    Job job;
    job.comment = {
        "Nothing to do. While the last button waits, this job is still to come, and so the turn is not given "
        "to a newer pipeline."};
    job.stage = stages[i];
    job.needs = {need};
    job.timeout = "5 minutes";
    job.resource_group = environment;
    add(job.variables, "GIT_STRATEGY", "none");
    job.script = {"true"};
    job.rules = rules({shaping, pipeline, planned, {}}, {});
    for (Rule& rule : *job.rules) {
      rule.when.clear();
      rule.allow_failure.reset();
    }
    keepers.emplace_back(name, std::move(job));
  }
  return keepers;
}

Job detect_drift(const JobShaping& at, const plan::DetectDrift& work) {
  Job job = stack_job(at, work.stack, work.environment);
  add_call(job, "drift.sh");
  job.script.emplace_back("case $code in 0 | 3) ;; *) exit \"$code\" ;; esac");
  set_artifacts(job, "drift", {"penstock-out/drift/"}, "1 week");
  job.artifacts.when = "always";  // the report needs the results of failures most of all
  job.artifacts.access = "developer";
  job.notes.push_back(
      {"allow_failure",
       {"2 is drift: a warning here, an issue from the report. Anything else could not look, and is red."}});
  job.allow_failure.exit_codes = {2};
  return job;
}

Job report_drift(const JobShaping& at, const plan::ReportDrift& work) {
  Job job = derived(at);
  // Without `needs` it waits for the stages before its own; a drift run has no other jobs there.
  if (work.detections.size() > static_cast<std::size_t>(at.shaping.facts().number("limits.needs")))
    job.needs.reset();
  if (job.environment.name.empty()) {
    job.notes.push_back(
        {"environment", {"The scope of PENSTOCK_TOKEN: no other job has it. No deployment is recorded."}});
    job.environment.name = "reports";
    job.environment.action = "access";
  }
  job.script.emplace_back("sh .penstock/report.sh gitlab");
  return job;
}

}  // namespace penstock::targets::gitlab
