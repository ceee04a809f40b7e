// Executions side by side, round by round.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <tuple>

#include "base/check.h"
#include "plan/select.h"
#include "plan/simulate.h"

namespace penstock::plan {
namespace {

using Kind = Moment::Kind;
using Slot = std::pair<StackId, EnvironmentId>;

/// A pipeline of an execution: what holds a turn.
struct Holder {
  std::size_t run;
  PipelineId pipeline;
  friend auto operator<=>(const Holder&, const Holder&) = default;
};

/// What goes on with a job that has begun and not ended.
struct Activity {
  std::size_t until;  // the round in which it ends, or is answered
  bool asking = false;
};

struct SavedPlan {
  std::string base;  // the world as it was planned on
  std::string wants;
};

using JobKey = std::tuple<std::size_t, PipelineId, JobId>;  // the execution, its pipeline, its job

class Scheduler {
 public:
  Scheduler(const Plan& plan, std::span<const Execution> executions, const std::string& world)
      : plan_(plan), executions_(executions) {
    for (const Execution& execution : executions) result_.traces.push_back(select(plan, execution.event));
    for (std::uint32_t s = 0; s < plan.project->stacks.size(); ++s) {
      for (const model::Placement& placement : plan.project->stacks[StackId{s}].placements)
        world_[{StackId{s}, placement.environment}] = world;
    }
  }

  Overlap run() && {
    for (round_ = 0; !is_over(); ++round_) {
      end_activities();
      while (begin_jobs()) {
      }
    }
    explain_waiting();
    for (const auto& [slot, is] : world_) {
      result_.world.emplace_back(environment(slot.second) + "/" + plan_.project->stacks[slot.first].name, is);
    }
    return std::move(result_);
  }

 private:
  // Every loop goes over executions, pipelines and jobs in their order, so that a result is always the same.

  const std::string& environment(EnvironmentId id) const { return plan_.project->environments[id].name; }
  PipelineTrace& trace_of(std::size_t run, PipelineId id) {
    return result_.traces[run].pipelines.at(id.index);
  }
  JobTrace& trace_of(const JobKey& key) {
    return trace_of(std::get<0>(key), std::get<1>(key)).jobs.at(std::get<2>(key).index);
  }
  const Job& job_of(const JobKey& key) const {
    return plan_.pipelines[std::get<1>(key)].jobs[std::get<2>(key)];
  }
  const Execution& execution_of(const JobKey& key) const { return executions_[std::get<0>(key)]; }

  void say(Kind kind, std::size_t run, PipelineId pipeline, std::string name) {
    result_.moments.push_back({round_, run, kind, plan_.pipelines[pipeline].name, std::move(name)});
  }
  void say(Kind kind, const JobKey& key) { say(kind, std::get<0>(key), std::get<1>(key), job_of(key).name); }

  bool is_over() const {
    const bool arrives =
        std::ranges::any_of(executions_, [&](const Execution& one) { return one.arrives >= round_; });
    return !arrives && activities_.empty();
  }

  // --- the end of things

  void end_activities() {
    const auto now = activities_;
    for (const auto& [key, activity] : now) {
      if (activity.until != round_) continue;
      activities_.erase(key);
      if (activity.asking)
        answer(key);
      else
        end(key);
    }
  }

  void answer(const JobKey& key) {
    if (!execution_of(key).outcomes.refused.contains(
            {plan_.pipelines[std::get<1>(key)].name, job_of(key).name}))
      return start(key);
    trace_of(key).state = State::Refused;
    leave_turns(std::get<0>(key), std::get<1>(key));
  }

  void end(const JobKey& key) {
    const Job& job = job_of(key);
    JobTrace& result = trace_of(key);
    result.state = outcome(job, trace_of(std::get<0>(key), std::get<1>(key)), execution_of(key).outcomes);
    const auto* apply = std::get_if<ApplyStack>(&job.work);
    if (apply != nullptr && result.state == State::Succeeded) apply_plan(key, *apply, result);
    say(Kind::Ends, key);
    leave_turns(std::get<0>(key), std::get<1>(key));
  }

  const SavedPlan& saved_plan(const JobKey& key, const ApplyStack& apply) const {
    const auto found = saved_.find({std::get<0>(key), std::get<1>(key), apply.plan});
    PENSTOCK_CHECK(found != saved_.end());  // an apply needs its plan
    return found->second;
  }

  /// A stale plan is refused, never re-planned behind an approval.
  void apply_plan(const JobKey& key, const ApplyStack& apply, JobTrace& result) {
    const SavedPlan& saved = saved_plan(key, apply);
    std::string& world = world_.at({apply.stack, apply.environment});
    if (world == saved.base) {
      world = saved.wants;
    } else {
      result.state = State::Failed;
      result.reason = "its plan is stale";
    }
  }

  // --- the beginning of things

  /// Begins what can begin; a job that is held back or has nothing to do may let others begin.
  bool begin_jobs() {
    bool moved = false;
    for (std::size_t run = 0; run < executions_.size(); ++run) {
      if (executions_[run].arrives > round_) continue;
      for (std::uint32_t p = 0; p < plan_.pipelines.size(); ++p) {
        const std::size_t jobs = trace_of(run, PipelineId{p}).jobs.size();
        for (std::uint32_t j = 0; j < jobs; ++j) moved = begin({run, PipelineId{p}, JobId{j}}) || moved;
      }
    }
    return moved;
  }

  bool begin(const JobKey& key) {
    JobTrace& result = trace_of(key);
    if (result.state != State::Waiting || activities_.contains(key)) return false;
    const Readiness ready = readiness(job_of(key), trace_of(std::get<0>(key), std::get<1>(key)), result);
    if (ready == Readiness::NotYet || (ready == Readiness::Ready && !take_turn(key))) return false;
    if (ready == Readiness::HeldBack) {
      result.state = State::HeldBack;
      leave_turns(std::get<0>(key), std::get<1>(key));
      return true;
    }
    enter(key, result);
    return true;
  }

  void enter(const JobKey& key, JobTrace& result) {
    const Job& job = job_of(key);
    result.reason.clear();
    if (job.turn) result.behind.push_back({Passage::Kind::Turn, environment(*job.turn)});
    const auto* apply = std::get_if<ApplyStack>(&job.work);
    if (apply != nullptr) {
      const SavedPlan& saved = saved_plan(key, *apply);
      if (saved.base == saved.wants) {
        result.state = State::Skipped;
        result.reason = "its plan is empty";
        return leave_turns(std::get<0>(key), std::get<1>(key));
      }
    }
    if (!job.approval) return start(key);
    PENSTOCK_CHECK(job.environment.has_value());
    result.behind.push_back({Passage::Kind::Approval, environment(*job.environment)});
    result.state = State::Asking;
    say(Kind::Asks, key);
    if (execution_of(key).outcomes.unanswered.contains({plan_.pipelines[std::get<1>(key)].name, job.name}))
      return;
    activities_[key] = {round_ + std::max<std::size_t>(1, execution_of(key).answers_after), true};
  }

  void start(const JobKey& key) {
    const Job& job = job_of(key);
    if (const auto* work = std::get_if<PlanStack>(&job.work)) {
      saved_[key] = {world_.at({work->stack, work->environment}), execution_of(key).wants};
    }
    trace_of(key).state = State::Waiting;  // until it ends
    say(Kind::Starts, key);
    activities_[key] = {round_ + 1, false};
  }

  // --- turns

  /// Whether the job's run holds the turn, taking it if it is free and nobody asked before.
  bool take_turn(const JobKey& key) {
    const Job& job = job_of(key);
    if (!job.turn) return true;
    const Holder holder{std::get<0>(key), std::get<1>(key)};
    std::deque<Holder>& queue = turns_[*job.turn];  // the first holds it
    if (std::ranges::find(queue, holder) == queue.end()) {
      queue.push_back(holder);
      if (queue.size() == 1) say(Kind::TakesTurn, holder.run, holder.pipeline, environment(*job.turn));
    }
    if (queue.front() == holder) return true;
    trace_of(key).reason = fmt::format("another run has the turn of `{}`", environment(*job.turn));
    return false;
  }

  /// A run leaves an environment when it has no more to do there.
  void leave_turns(std::size_t run, PipelineId pipeline) {
    const PipelineTrace& trace = trace_of(run, pipeline);
    for (auto& [id, queue] : turns_) {
      if (queue.empty() || queue.front() != Holder{run, pipeline}) continue;
      bool done = true;
      for (std::uint32_t j = 0; j < trace.jobs.size(); ++j) {
        const bool here = plan_.pipelines[pipeline].jobs[JobId{j}].turn == id;
        done = done && (!here || has_ended(trace.jobs[j].state));
      }
      if (!done) continue;
      say(Kind::LeavesTurn, run, pipeline, environment(id));
      queue.pop_front();
      if (!queue.empty()) say(Kind::TakesTurn, queue.front().run, queue.front().pipeline, environment(id));
    }
  }

  void explain_waiting() {
    for (std::size_t run = 0; run < executions_.size(); ++run) {
      for (std::uint32_t p = 0; p < plan_.pipelines.size(); ++p) {
        PipelineTrace& trace = trace_of(run, PipelineId{p});
        for (std::uint32_t j = 0; j < trace.jobs.size(); ++j) {
          if (trace.jobs[j].state == State::Waiting &&
              readiness(plan_.pipelines[PipelineId{p}].jobs[JobId{j}], trace, trace.jobs[j]) ==
                  Readiness::Ready)
            take_turn({run, PipelineId{p}, JobId{j}});
        }
      }
    }
  }

  const Plan& plan_;
  std::span<const Execution> executions_;
  std::size_t round_ = 0;
  std::map<Slot, std::string> world_;
  std::map<JobKey, Activity> activities_;
  std::map<JobKey, SavedPlan> saved_;
  std::map<EnvironmentId, std::deque<Holder>> turns_;
  Overlap result_;
};

constexpr std::array<std::string_view, 5> kVerbs = {"takes the turn of", "starts", "asks for", "ends",
                                                    "leaves the turn of"};

}  // namespace

Overlap overlap(const Plan& plan, std::span<const Execution> executions, const std::string& world) {
  return Scheduler(plan, executions, world).run();
}

std::string to_text(const Overlap& overlap) {
  std::string text;
  for (const Moment& moment : overlap.moments) {
    text += fmt::format("{} run {} {} {} {}\n", moment.round, moment.run, moment.pipeline,
                        kVerbs.at(static_cast<std::size_t>(moment.kind)), moment.job);
  }
  return text;
}

}  // namespace penstock::plan
