#include "plan/simulate.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/check.h"
#include "cel/eval.h"
#include "plan/select.h"

namespace penstock::plan {
namespace {

using model::EventKind;
using model::Glob;

// --- what is active -------------------------------------------------------------------------------------------------

/// Whether a changed path is selected. Only a push and a request can know what has changed.
bool changes(const Event& event, std::span<const Glob> globs) {
  const bool knows = event.kind == EventKind::Push || event.kind == EventKind::PullRequest;
  if (!knows || !event.changed || globs.empty()) return true;
  return std::ranges::any_of(*event.changed,
                             [&](const std::string& path) { return model::selects(globs, path); });
}

/// Why a trigger of the event's kind does not match; empty when it does.
std::string mismatch(const model::Trigger& trigger, const Pipeline& pipeline, const Event& event) {
  const auto filter = [&](std::string_view what, const std::string& name, const std::vector<Glob>& globs) {
    return model::selects(globs, name) ? std::string() : fmt::format("the {} is `{}`", what, name);
  };
  std::string why;
  switch (event.kind) {
    case EventKind::Push: why = filter("branch", event.branch, trigger.branches); break;
    case EventKind::Tag: why = filter("tag", event.tag, trigger.tags); break;
    case EventKind::PullRequest: why = filter("target", event.pull_request.target, trigger.branches); break;
    case EventKind::Schedule:
    case EventKind::Manual:
      if (event.pipeline != pipeline.name) why = fmt::format("it is `{}` that starts", event.pipeline);
      break;
  }
  if (why.empty() && !changes(event, trigger.paths)) why = "no changed path matches";
  return why;
}

/// Why no trigger of the pipeline matches; nothing when one does.
std::optional<std::string> inactive(const Pipeline& pipeline, const Event& event) {
  std::string why = fmt::format("no trigger for {}", model::name(event.kind));
  for (const model::Trigger& trigger : pipeline.triggers) {
    if (trigger.kind != event.kind) continue;
    why = mismatch(trigger, pipeline, event);
    if (why.empty()) return std::nullopt;
  }
  return why;
}

// --- what is selected -----------------------------------------------------------------------------------------------

std::vector<Glob> globs_of(std::span<const cel::Value> patterns) {
  std::vector<Glob> globs;
  diag::Sink sink;  // the check of the model has reported bad patterns
  for (const cel::Value& pattern : patterns) {
    const auto* text = pattern.get<std::string>();
    PENSTOCK_CHECK(text != nullptr);
    auto glob = model::parse_glob({*text, {}}, sink);
    PENSTOCK_CHECK(glob.has_value());
    globs.push_back(std::move(*glob));
  }
  return globs;
}

cel::Bindings bindings_of(const Pipeline& pipeline, const Event& event) {
  const bool request = event.kind == EventKind::PullRequest;
  const bool branch = event.kind != EventKind::Tag && !request;
  cel::Bindings facts;
  facts["event.kind"] = {std::string(model::name(event.kind))};
  facts["ref.branch"] = {branch ? event.branch : std::string()};
  facts["ref.tag"] = {event.kind == EventKind::Tag ? event.tag : std::string()};
  facts["pull_request.number"] = {request ? event.pull_request.number : std::string()};
  facts["pull_request.source"] = {request ? event.pull_request.source : std::string()};
  facts["pull_request.target"] = {request ? event.pull_request.target : std::string()};
  facts["pull_request.fork"] = {request && event.pull_request.fork};
  for (const Job& job : pipeline.jobs) {
    const auto* work = std::get_if<DetectChanges>(&job.work);
    if (work == nullptr) continue;
    for (const DetectChanges::Set& set : work->sets)
      facts["changes." + set.name] = {changes(event, set.globs)};
  }
  return facts;
}

/// Decides the conditions of one pipeline's jobs for one event.
class Conditions {
 public:
  Conditions(const Pipeline& pipeline, const Event& event)
      : event_(event), bindings_(bindings_of(pipeline, event)), facts_(cel::facts(bindings_)) {
    facts_.call = [this](std::string_view function,
                         std::span<const cel::Value> arguments) -> std::optional<cel::Value> {
      if (function != "changed") return std::nullopt;
      return cel::Value{changes(event_, globs_of(arguments))};
    };
  }
  Conditions(const Conditions&) = delete;
  Conditions& operator=(const Conditions&) = delete;

  /// Why the job is not selected; nothing when it is.
  std::optional<std::string> not_selected(const Job& job) const {
    if (job.excludes_forks && event_.kind == EventKind::PullRequest && event_.pull_request.fork)
      return "a fork gets no secrets and no identity";
    if (!job.when || holds(*job.when)) return std::nullopt;
    return fmt::format("`{}` does not hold", cel::print(culprit(*job.when)));
  }

 private:
  bool holds(const cel::Expr& expr) const {
    const cel::Value value = cel::evaluate(expr, facts_);
    PENSTOCK_CHECK(!value.is_error());  // the condition was checked, and all facts of an event are known
    const bool* result = value.get<bool>();
    PENSTOCK_CHECK(result != nullptr);
    return *result;
  }

  /// The smallest part that is the reason: of a conjunction, the first operand that does not hold.
  const cel::Expr& culprit(const cel::Expr& expr) const {
    if (const auto* all = cel::operands(expr, cel::Operator::And)) {
      for (const cel::Expr& operand : *all) {
        if (!holds(operand)) return culprit(operand);
      }
    }
    return expr;
  }

  const Event& event_;
  cel::Bindings bindings_;
  cel::Facts facts_;
};

PipelineTrace select(const Pipeline& pipeline, const Event& event) {
  PipelineTrace trace;
  trace.name = pipeline.name;
  if (auto why = inactive(pipeline, event)) {
    trace.reason = std::move(*why);
    return trace;
  }
  trace.active = true;
  const Conditions conditions(pipeline, event);
  for (const Job& job : pipeline.jobs) {
    JobTrace result;
    result.name = job.name;
    if (auto why = conditions.not_selected(job)) {
      result.reason = std::move(*why);
    } else {
      result.state = State::Waiting;
      for (const JobId need : job.needs) {
        const JobTrace& needed = trace.jobs.at(need.index);  // needs stand before those who need them
        if (needed.selected()) result.after.push_back(needed.name);
      }
    }
    trace.jobs.push_back(std::move(result));
  }
  return trace;
}

// --- what becomes of it ---------------------------------------------------------------------------------------------

bool is_failure(State state) {
  return state == State::Failed || state == State::Refused || state == State::HeldBack;
}

const Job& plan_of(const Pipeline& pipeline, const ApplyStack& apply) { return pipeline.jobs[apply.plan]; }

/// Everything that happens to a job that may start.
void settle(const Pipeline& pipeline, const Job& job, const PipelineTrace& trace, const Outcomes& outcomes,
            const Plan& plan, JobTrace& result) {
  const auto environment = [&](EnvironmentId id) { return plan.project->environments[id].name; };
  const JobName name = {pipeline.name, job.name};
  result.reason.clear();
  if (job.turn) result.behind.push_back({Passage::Kind::Turn, environment(*job.turn)});
  const auto* apply = std::get_if<ApplyStack>(&job.work);
  if (apply != nullptr && outcomes.empty.contains({pipeline.name, plan_of(pipeline, *apply).name})) {
    result.state = State::Skipped;
    result.reason = "its plan is empty";
    return;
  }
  if (job.approval) {
    PENSTOCK_CHECK(job.environment.has_value());
    result.behind.push_back({Passage::Kind::Approval, environment(*job.environment)});
    if (outcomes.unanswered.contains(name)) result.state = State::Asking;
    if (outcomes.refused.contains(name)) result.state = State::Refused;
    if (result.state != State::Waiting) return;
  }
  result.state = outcome(job, trace, outcomes);
}

}  // namespace

bool has_ended(State state) { return state != State::Asking && state != State::Waiting; }

Readiness readiness(const Job& job, const PipelineTrace& trace, JobTrace& result) {
  for (const JobId need : job.needs) {
    const JobTrace& needed = trace.jobs.at(need.index);
    if (!is_failure(needed.state) || job.after_failure) continue;
    result.reason = fmt::format("`{}` {} {}", needed.name, needed.state == State::Failed ? "has" : "was",
                                name(needed.state));
    return Readiness::HeldBack;
  }
  for (const JobId need : job.needs) {
    const JobTrace& needed = trace.jobs.at(need.index);
    if (has_ended(needed.state)) continue;
    result.reason = fmt::format("`{}` is {}", needed.name, name(needed.state));
    return Readiness::NotYet;
  }
  return Readiness::Ready;
}

State outcome(const Job& job, const PipelineTrace& trace, const Outcomes& outcomes) {
  if (outcomes.failing.contains({trace.name, job.name})) return State::Failed;
  const auto* required = std::get_if<RequiredCheck>(&job.work);
  if (required == nullptr) return State::Succeeded;
  const auto failed = [&](JobId id) { return is_failure(trace.jobs.at(id.index).state); };
  return std::ranges::any_of(required->checks, failed) ? State::Failed : State::Succeeded;
}

Trace select(const Plan& plan, const Event& event) {
  Trace trace;
  for (const Pipeline& pipeline : plan.pipelines) trace.pipelines.push_back(select(pipeline, event));
  return trace;
}

Trace simulate(const Plan& plan, const Event& event, const Outcomes& outcomes) {
  Trace trace = select(plan, event);
  for (std::size_t p = 0; p < trace.pipelines.size(); ++p) {
    PipelineTrace& of = trace.pipelines[p];
    const Pipeline& pipeline = plan.pipelines[PipelineId{static_cast<std::uint32_t>(p)}];
    for (std::size_t j = 0; j < of.jobs.size(); ++j) {
      JobTrace& result = of.jobs[j];
      const Job& job = pipeline.jobs[JobId{static_cast<std::uint32_t>(j)}];
      if (!result.selected()) continue;
      const Readiness ready = readiness(job, of, result);
      if (ready == Readiness::HeldBack) result.state = State::HeldBack;
      if (ready == Readiness::Ready) settle(pipeline, job, of, outcomes, plan, result);
    }
  }
  return trace;
}

}  // namespace penstock::plan
