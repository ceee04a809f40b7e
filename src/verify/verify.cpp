#include "verify/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "plan/simulate.h"
#include "verify/compare.h"
#include "verify/events.h"
#include "verify/map.h"
#include "verify/words.h"
#include "verify/world.h"

namespace penstock::verify {
namespace {

constexpr std::size_t kMostMismatches = 50;
constexpr std::size_t kMostSingles =
    48;  // jobs of a selection that fail one at a time; beyond, random sets of them
constexpr std::size_t kRandomSets = 24;

class Verification {
 public:
  explicit Verification(const Subject& subject) : subject_(subject), map_(subject) {
    proof_.target = subject.target->name;
  }

  Proof run() && {
    mapping();
    approximations();
    const Events events = verify::events(subject_, map_);
    proof_.sampled = events.sampled;
    asks_paths_ = !atoms(*subject_.plan).changes.empty();
    for (const auto& [pipeline, kind] : events.missing)
      tell_pipeline(pipeline, {}, fmt::format("nothing there starts it by {}", kind));
    entries();
    for (const Happening& happening : events.all) look(happening);
    if (!flag("turns_by_layer")) turns_.judge(map_, teller("any run"));
    overlaps();
    return std::move(proof_);
  }

 private:
  // --- telling

  void tell(std::string construct, Span span, std::string event, std::string what) {
    if (proof_.mismatches.size() >= kMostMismatches) return;
    if (!told_.insert({construct, what}).second) return;
    proof_.mismatches.push_back({std::move(construct), span, std::move(event), std::move(what)});
  }

  Tell teller(std::string event) {
    return [this, event = std::move(event)](std::optional<JobAt> at, const std::string& address,
                                            const std::string& what) {
      if (at)
        tell(map_.name(*at), map_.span(*at), event, what);
      else
        tell(address, subject_.plan->project->span, event, what);
    };
  }

  void tell_pipeline(std::size_t p, std::string event, std::string what) {
    const plan::Pipeline& pipeline = map_.pipeline(p);
    tell(pipeline.name, plan::span_of(*subject_.plan, pipeline.origin), std::move(event), std::move(what));
  }

  // --- parts

  void mapping() {
    for (const plan::Pipeline& pipeline : subject_.plan->pipelines) proof_.jobs += pipeline.jobs.size();
    for (const std::string& address : map_.strange())
      tell(address, subject_.plan->project->span, {}, "is claimed twice, or for no job of the model");
  }

  /// What the report says about when jobs are selected.
  void approximations() {
    for (const plan::Fidelity& entry : subject_.report->fidelity()) {
      if (entry.target != subject_.target->name || entry.grade != plan::Grade::Approximated) continue;
      for (std::size_t p = 0; p < subject_.plan->pipelines.size(); ++p) {
        const plan::Pipeline& pipeline = map_.pipeline(p);
        const std::string base = fmt::format("pipelines.{}.", pipeline.name);
        if (!entry.construct.starts_with(base)) continue;
        for (const model::EventKind kind :
             {model::EventKind::Push, model::EventKind::Tag, model::EventKind::PullRequest}) {
          const std::string trigger = fmt::format("{}on.{}", base, model::name(kind));
          if (entry.construct == trigger || entry.construct.starts_with(trigger + "."))
            loose_triggers_.insert({p, kind});
        }
        for (std::size_t j = 0; j < pipeline.jobs.size(); ++j) {
          const std::string job = fmt::format("{}jobs.{}.", base, map_.job({p, j}).name);
          if (entry.construct == job + "when" || entry.construct == job + "needs") loose_jobs_.insert({p, j});
        }
      }
    }
  }

  void entries() {
    if (subject_.target->entries == nullptr) return;
    for (const run::Entry& entry : subject_.target->entries(*subject_.tree)) {
      const bool claimed = std::ranges::any_of(subject_.claims->starts,
                                               [&](const auto& start) { return start.entry == entry; });
      if (!claimed)
        tell(entry.name, subject_.plan->project->span, {},
             fmt::format("a {} that the model does not have", model::name(entry.kind)));
    }
  }

  bool flag(std::string_view name) const {
    return subject_.target->facts.get(fmt::format("verify.{}", name)) == "true";
  }

  run::Run simulate(const Happening& happening, run::World& world) const {
    const run::Arrival arrival{happening.event, happening.entry, 0};
    return subject_.target->simulate(*subject_.tree, {&arrival, 1}, world).front();
  }

  /// One event with everything going well; and if it selects what none before did, with everything that can go otherwise.
  void look(const Happening& happening) {
    // Where the platform's pages do not say what a fork's request does, nothing can be compared; the report says so.
    if (happening.event.pull_request.fork && flag("forks_are_unknown")) return;
    if (asks_paths_ && !happening.event.changed && flag("bases_are_unknown") &&
        (happening.event.kind == model::EventKind::Push ||
         happening.event.kind == model::EventKind::PullRequest))
      return;
    ++proof_.events;
    const plan::Trace reference = check(happening, {}, true);
    std::vector<JobAt> selected;
    for (std::size_t p = 0; p < reference.pipelines.size(); ++p) {
      for (std::size_t j = 0; j < reference.pipelines[p].jobs.size(); ++j) {
        if (reference.pipelines[p].jobs[j].selected()) selected.push_back({p, j});
      }
    }
    if (selected.empty() || !selections_.insert(selected).second) return;
    if (selected.size() <= kMostSingles) {
      for (const JobAt at : selected) {
        for (const plan::Outcomes& outcomes : ways(reference, at)) try_out(happening, outcomes);
      }
      return;
    }
    std::mt19937 random(1);
    for (std::size_t i = 0; i < kRandomSets; ++i) {
      plan::Outcomes outcomes;
      for (const JobAt at : selected) {
        // Few enough that something runs behind them.
        if (random() % (8 + 4 * i) != 0) continue;
        const auto all = ways(reference, at);
        const plan::Outcomes& one = all[random() % all.size()];
        outcomes.failing.insert(one.failing.begin(), one.failing.end());
        outcomes.empty.insert(one.empty.begin(), one.empty.end());
        outcomes.refused.insert(one.refused.begin(), one.refused.end());
        outcomes.unanswered.insert(one.unanswered.begin(), one.unanswered.end());
      }
      try_out(happening, outcomes);
    }
  }

  void try_out(const Happening& happening, const plan::Outcomes& outcomes) {
    ++proof_.outcomes;
    check(happening, outcomes, false);
  }

  /// What can become of a job other than that it succeeds.
  std::vector<plan::Outcomes> ways(const plan::Trace& reference, JobAt at) const {
    const plan::Job& job = map_.job(at);
    const plan::JobName name = {map_.pipeline(at.pipeline).name, job.name};
    std::vector<plan::Outcomes> all;
    all.push_back({{name}, {}, {}, {}});
    const auto* plan = std::get_if<plan::PlanStack>(&job.work);
    if (plan != nullptr && !plan->speculative) all.push_back({{}, {name}, {}, {}});
    const auto& behind = reference.pipelines[at.pipeline].jobs[at.job].behind;
    if (std::ranges::any_of(
            behind, [](const auto& passage) { return passage.kind == plan::Passage::Kind::Approval; })) {
      all.push_back({{}, {}, {name}, {}});
      all.push_back({{}, {}, {}, {name}});
    }
    return all;
  }

  plan::Trace check(const Happening& happening, const plan::Outcomes& outcomes, bool everything) {
    plan::Trace reference = plan::simulate(*subject_.plan, happening.event, outcomes);
    Outside world(map_, happening.event, outcomes, subject_.target->facts);
    const run::Run run = simulate(happening, world);
    const Tell tell = teller(text_of(happening.event, outcomes));
    const auto excused = [&](JobAt at) {
      const bool is =
          loose_jobs_.contains(at) || loose_triggers_.contains({at.pipeline, happening.event.kind});
      if (is) ++proof_.approximated;
      return is;
    };
    compare(map_, reference, run, outcomes, happening.others, subject_.target->facts, excused, tell);
    if (!everything) return reference;
    compare_reach(map_, run, happening.event, subject_.target->facts, tell);
    turns_.see(map_, run);
    std::vector<std::string> ran;
    for (const run::Job& job : run.jobs) {
      if (run::has_ended(job.state) && job.state != run::State::Skipped) ran.push_back(job.address);
    }
    if (ordered_.insert(std::move(ran)).second) proof_.extra_order += extra_order(map_, reference, run);
    return reference;
  }

  static std::string text_of(const plan::Event& event, const plan::Outcomes& outcomes) {
    std::string text = plan::to_text(event);
    const auto add = [&](const std::set<plan::JobName>& jobs, std::string_view what) {
      for (const auto& [pipeline, job] : jobs) text += fmt::format(", `{}:{}` {}", pipeline, job, what);
    };
    add(outcomes.failing, "fails");
    add(outcomes.empty, "finds nothing to do");
    add(outcomes.refused, "is refused its approval");
    add(outcomes.unanswered, "waits for its approval");
    return text;
  }

  /// Two runs at once (rule 4): the second wants something else while the first waits, or what was before (a revert).
  void overlaps() {
    const std::string& branch = subject_.plan->project->default_branch;
    const plan::Event event = plan::push(branch);
    const bool delivers = std::ranges::any_of(subject_.plan->pipelines, [&](const plan::Pipeline& pipeline) {
      return pipeline.role == plan::PipelineRole::Delivery;
    });
    if (!delivers) return;
    for (const std::string wants : {"old", "newer"}) {
      for (const std::size_t arrives : {1U, 2U, 3U, 5U, 8U}) {
        for (const std::size_t answers : {1U, 12U}) {
          std::vector<plan::Execution> executions(2);
          executions[0] = {event, "new", 0, answers, {}};
          executions[1] = {event, wants, arrives, 1, {}};
          overlap(executions,
                  fmt::format("{}, and {} rounds later another that wants {}", plan::to_text(event), arrives,
                              wants == "old" ? "what was before" : "something newer"));
        }
      }
    }
  }

  void overlap(const std::vector<plan::Execution>& executions, const std::string& text) {
    ++proof_.overlaps;
    const plan::Overlap reference = plan::overlap(*subject_.plan, executions, "old");
    std::vector<run::Arrival> arrivals;
    for (const plan::Execution& one : executions) arrivals.push_back({one.event, {}, one.arrives});
    Shared world(map_, executions, "old");
    const auto runs = subject_.target->simulate(*subject_.tree, arrivals, world);
    for (const auto& [slot, is] : reference.world) {
      const std::string& there = world.world().at(slot);
      if (there != is)
        tell(slot, subject_.plan->project->span, text,
             fmt::format("ends as `{}`, and should be `{}`", there, is));
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Pairing pairing = pair(map_, runs[i]);
      for (const auto& [at, position] : pairing.ran) {
        const plan::State is = reference.traces[i].pipelines[at.pipeline].jobs[at.job].state;
        if (runs[i].jobs[position].state == run::State::Failed && is != plan::State::Failed)
          tell(map_.name(at), map_.span(at), text, fmt::format("fails in run {}: its plan is stale", i + 1));
      }
    }
  }

  const Subject& subject_;
  Map map_;
  Proof proof_;
  Turns turns_;
  std::set<std::pair<std::string, std::string>> told_;
  std::set<std::vector<JobAt>> selections_;
  bool asks_paths_ = false;
  std::set<JobAt> loose_jobs_;  // selected only about as the model says, and the report says so
  std::set<std::pair<std::size_t, model::EventKind>> loose_triggers_;
  std::set<std::vector<std::string>> ordered_;
};

}  // namespace

Proof verify(const Subject& subject) { return Verification(subject).run(); }

}  // namespace penstock::verify
