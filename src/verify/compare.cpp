#include "verify/compare.h"

#include <fmt/core.h>

#include <algorithm>

namespace penstock::verify {
namespace {

using plan::State;

bool has_started(const run::Job& job) {
  return job.state == run::State::Succeeded || job.state == run::State::Failed;
}

/// A plan that is empty, and the job that would apply it.
bool applies_nothing(const Map& map, JobAt at, const plan::Outcomes& outcomes) {
  const auto* apply = std::get_if<plan::ApplyStack>(&map.job(at).work);
  if (apply == nullptr) return false;
  const plan::Pipeline& pipeline = map.pipeline(at.pipeline);
  return outcomes.empty.contains({pipeline.name, pipeline.jobs[apply->plan].name});
}

class Comparison {
 public:
  Comparison(const Map& map, const run::Run& run, const plan::Outcomes& outcomes, const Table& facts,
             const std::function<bool(JobAt)>& excused, const Tell& tell)
      : map_(map),
        run_(run),
        outcomes_(outcomes),
        excused_(excused),
        tell_(tell),
        pairing_(pair(map, run)),
        empty_applies_run_(facts.get("verify.empty_applies_run") == "true"),
        detections_end_well_(facts.get("verify.detections_end_well") == "true"),
        failures_stop_more_(facts.get("verify.failures_stop_more") == "true"),
        empty_plans_skip_(facts.get("verify.empty_plans_skip") == "true"),
        idle_(facts.list("verify.idle")),
        jobless_(facts.list("verify.jobless")) {
    const auto add = [&](const std::set<plan::JobName>& jobs) {
      for (std::size_t p = 0; p < map.plan().pipelines.size(); ++p) {
        for (const plan::JobName& job : jobs) {
          if (job.first == map.pipeline(p).name) failed_.insert(p);
        }
      }
    };
    add(outcomes.failing);
    add(outcomes.refused);
    add(outcomes.unanswered);
  }

  void states(std::size_t p, const plan::PipelineTrace& trace) {
    const std::size_t jobs = map_.pipeline(p).jobs.size();
    for (std::size_t j = 0; j < jobs; ++j) {
      const plan::JobTrace none;
      state({p, j}, trace.active ? trace.jobs[j] : none);
    }
  }

  void order(std::size_t p, const plan::PipelineTrace& trace, const run::Order& order) {
    if (!trace.active) return;
    std::map<std::string_view, std::size_t> at;
    for (std::size_t j = 0; j < trace.jobs.size(); ++j) at.emplace(trace.jobs[j].name, j);
    for (std::size_t j = 0; j < trace.jobs.size(); ++j) {
      const auto later = pairing_.ran.find({p, j});
      if (later == pairing_.ran.end()) continue;
      for (const std::string& before : trace.jobs[j].after) {
        const auto earlier = pairing_.ran.find({p, at.at(before)});
        if (earlier == pairing_.ran.end() || order.precedes(earlier->second, later->second)) continue;
        tell_(JobAt{p, j}, {}, fmt::format("does not wait for `{}`", before));
      }
    }
  }

  void approvals(std::size_t p, const plan::PipelineTrace& trace, const run::Order& order) {
    for (std::size_t j = 0; trace.active && j < trace.jobs.size(); ++j) {
      const auto ran = pairing_.ran.find({p, j});
      const bool must = std::ranges::any_of(trace.jobs[j].behind, [](const plan::Passage& passage) {
        return passage.kind == plan::Passage::Kind::Approval;
      });
      if (!must || ran == pairing_.ran.end()) continue;
      const auto& gates = run_.jobs[ran->second].gates;
      bool asked = std::ranges::any_of(
          gates, [](const run::Gate& gate) { return gate.kind == run::Gate::Kind::Approval; });
      if (const auto questions = pairing_.questions.find({p, j}); questions != pairing_.questions.end()) {
        for (const std::size_t question : questions->second)
          asked = asked || (run_.jobs[question].state == run::State::Succeeded &&
                            order.precedes(question, ran->second));
      }
      if (!asked) tell_(JobAt{p, j}, {}, "asks for no approval");
    }
  }

  /// Jobs that run and are none of the plan's: those that `lower` made may do what they are for; others must do nothing.
  void strangers(const plan::Trace& reference, const std::set<std::size_t>& others) {
    for (const run::Job& job : run_.jobs) {
      if (!job.works || !has_started(job)) continue;
      const Mapped* mapped = map_.find(job.address);
      const bool idle = std::ranges::all_of(job.reach.commands, [&](const std::string& line) {
        return std::ranges::find(idle_, line) != idle_.end();
      });
      if (mapped == nullptr) {
        if (!idle || !job.reach.role.empty() || !job.reach.secrets.empty())
          tell_(std::nullopt, job.address, "runs, and stands for no job of the model");
        continue;
      }
      if (mapped->job || mapped->claim->approval) continue;
      // What detects changed paths runs to find out whether the others do; what is required must always end.
      const bool looks = std::holds_alternative<plan::DetectChanges>(mapped->lowered->work) ||
                         std::holds_alternative<plan::RequiredCheck>(mapped->lowered->work);
      const bool active =
          looks || reference.pipelines[mapped->pipeline].active || others.contains(mapped->pipeline);
      if (!active) tell_(std::nullopt, job.address, "runs, though its pipeline is not active");
      const auto& access = mapped->lowered->access;
      if (!job.reach.role.empty() && (!access || access->role_arn != job.reach.role))
        tell_(std::nullopt, job.address, "is a helper, and can take the role `" + job.reach.role + "`");
    }
  }

 private:
  void state(JobAt at, const plan::JobTrace& job) {
    const plan::Work& work = map_.job(at).work;
    if (std::ranges::find(jobless_, kind_of(work)) != jobless_.end()) return;
    const bool in_parts = std::holds_alternative<plan::ReportDrift>(work);  // `lower` may have split it
    const auto all = pairing_.all.find(at);
    std::size_t started = 0, failed = 0, asking = 0, waiting = 0;
    if (all != pairing_.all.end()) {
      for (const std::size_t i : all->second) {
        const run::State is = run_.jobs[i].state;
        started += has_started(run_.jobs[i]) ? 1 : 0;
        failed += is == run::State::Failed ? 1 : 0;
        asking += is == run::State::Asking ? 1 : 0;
        waiting += is == run::State::Waiting ? 1 : 0;
      }
    }
    if (const auto questions = pairing_.questions.find(at); questions != pairing_.questions.end()) {
      for (const std::size_t i : questions->second)
        asking += run_.jobs[i].state == run::State::Asking ? 1 : 0;
    }
    if (started > 1 && !in_parts) return tell_(at, {}, fmt::format("runs {} times", started));
    switch (job.state) {
      case State::Succeeded:
      case State::Failed:
        if (started == 0 && empty_plans_skip_ &&
            outcomes_.empty.contains({map_.pipeline(at.pipeline).name, map_.job(at).name}))
          return;
        if (started == 0 && excused_(at)) return;
        if (started == 0 && failures_stop_more_ && failed_.contains(at.pipeline)) return;
        if (started == 0) return tell_(at, {}, "does not run" + why(at));
        if (job.state == State::Failed && std::holds_alternative<plan::DetectDrift>(work) &&
            detections_end_well_)
          return;
        if ((failed > 0) != (job.state == State::Failed))
          tell_(
              at, {},
              failed > 0 ? "has failed, and should have succeeded" : "has succeeded, and should have failed");
        return;
      case State::Asking:
        if (asking == 0)
          tell_(at, {},
                started > 0 ? "runs without its approval" : "does not ask for its approval" + why(at));
        return;
      case State::Waiting:
        if (started > 0) tell_(at, {}, "runs, and should wait: " + job.reason);
        return;
      case State::Skipped:
        if (applies_nothing(map_, at, outcomes_) && empty_applies_run_) return;
        [[fallthrough]];
      case State::NotSelected:
        if (excused_(at)) return;
        if (started > 0 || asking > 0) tell_(at, {}, "runs, and should not" + because(job));
        if (waiting > 0 && started == 0 && asking == 0 && job.state == State::NotSelected)
          tell_(at, {}, "waits to run, and should not" + because(job));
        return;
      case State::HeldBack:
      case State::Refused:
        if (started > 0) tell_(at, {}, "runs, and should not" + because(job));
        return;
    }
  }

  std::string because(const plan::JobTrace& job) const {
    return job.reason.empty() ? std::string() : ": " + job.reason;
  }

  std::string why(JobAt at) const {
    const auto all = pairing_.all.find(at);
    if (all == pairing_.all.end()) return " (nothing there stands for it)";
    for (const std::size_t i : all->second) {
      if (!run_.jobs[i].reason.empty())
        return fmt::format(" ({} there: {})", run::name(run_.jobs[i].state), run_.jobs[i].reason);
    }
    return {};
  }

  const Map& map_;
  const run::Run& run_;
  const plan::Outcomes& outcomes_;
  const std::function<bool(JobAt)>& excused_;
  const Tell& tell_;
  Pairing pairing_;
  bool empty_applies_run_;
  bool detections_end_well_;
  bool failures_stop_more_;
  bool empty_plans_skip_;
  std::set<std::size_t> failed_;           // pipelines with a job that fails, or whose approval is not given
  std::vector<std::string_view> idle_;     // commands that do nothing
  std::vector<std::string_view> jobless_;  // kinds of work that the platform does without a job
};

}  // namespace

Pairing pair(const Map& map, const run::Run& run) {
  Pairing pairing;
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    const Mapped* mapped = map.find(run.jobs[i].address);
    if (mapped == nullptr || !mapped->job) continue;
    if (mapped->claim->approval) {
      pairing.questions[*mapped->job].push_back(i);
      continue;
    }
    pairing.all[*mapped->job].push_back(i);
    if (has_started(run.jobs[i])) pairing.ran.emplace(*mapped->job, i);
  }
  return pairing;
}

void compare(const Map& map, const plan::Trace& reference, const run::Run& run,
             const plan::Outcomes& outcomes, const std::set<std::size_t>& others, const Table& facts,
             const std::function<bool(JobAt)>& excused, const Tell& tell) {
  Comparison comparison(map, run, outcomes, facts, excused, tell);
  const run::Order order(run);
  for (std::size_t p = 0; p < reference.pipelines.size(); ++p) {
    if (others.contains(p)) continue;
    comparison.states(p, reference.pipelines[p]);
    comparison.order(p, reference.pipelines[p], order);
    comparison.approvals(p, reference.pipelines[p], order);
  }
  comparison.strangers(reference, others);
}

std::size_t extra_order(const Map& map, const plan::Trace& reference, const run::Run& run) {
  const Pairing pairing = pair(map, run);
  const run::Order order(run);
  std::size_t extra = 0;
  for (std::size_t p = 0; p < reference.pipelines.size(); ++p) {
    const plan::PipelineTrace& trace = reference.pipelines[p];
    // What precedes each job there: needs stand before those who need them.
    std::vector<std::set<std::size_t>> before(trace.jobs.size());
    std::map<std::string_view, std::size_t> at;
    for (std::size_t j = 0; j < trace.jobs.size(); ++j) {
      for (const std::string& name : trace.jobs[j].after) {
        const std::size_t earlier = at.at(name);
        before[j].insert(earlier);
        before[j].insert(before[earlier].begin(), before[earlier].end());
      }
      at.emplace(trace.jobs[j].name, j);
    }
    for (std::size_t later = 0; later < trace.jobs.size(); ++later) {
      const auto l = pairing.ran.find({p, later});
      if (l == pairing.ran.end()) continue;
      for (std::size_t earlier = 0; earlier < trace.jobs.size(); ++earlier) {
        const auto e = pairing.ran.find({p, earlier});
        if (e == pairing.ran.end() || before[later].contains(earlier)) continue;
        extra += order.precedes(e->second, l->second) ? 1 : 0;
      }
    }
  }
  return extra;
}

void Turns::see(const Map& map, const run::Run& run) {
  const Pairing pairing = pair(map, run);
  for (const auto& [at, position] : pairing.ran) {
    const plan::Job& job = map.job(at);
    if (!job.turn) continue;
    std::set<std::string> queues;
    for (const run::Gate& gate : run.jobs[position].gates) {
      if (gate.kind == run::Gate::Kind::Queue) queues.insert(gate.name);
    }
    Seen& seen = turns_[{at.pipeline, job.turn->index}];
    if (seen.first) {
      seen.queues = std::move(queues);
    } else {
      std::erase_if(seen.queues, [&](const std::string& name) { return !queues.contains(name); });
    }
    seen.first = false;
    if (seen.queues.empty() && !seen.lost_by) seen.lost_by = at;
  }
}

void Turns::judge(const Map& map, const Tell& tell) const {
  for (const auto& [key, seen] : turns_) {
    if (!seen.lost_by) continue;
    const auto& environment = map.plan().project->environments[plan::EnvironmentId{key.second}];
    tell(seen.lost_by, {},
         fmt::format("does not hold the turn of `{}` with the other jobs of its run", environment.name));
  }
}

}  // namespace penstock::verify
