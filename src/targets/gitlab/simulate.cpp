#include "targets/gitlab/simulate.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/text.h"
#include "run/engine.h"
#include "targets/gitlab/simulate_pipeline.h"
#include "targets/gitlab/simulate_reach.h"

namespace penstock::targets::gitlab {
namespace simulation {
namespace {

using run::Decision;
using run::Graph;
using run::State;

/// What a job needs to know when it is asked whether it starts.
struct Before {
  std::string when;
  bool by_needs = false;
  std::vector<std::size_t> jobs;
  std::set<std::size_t> optional_buttons;  // manual jobs among them that may fail, or never be pressed
};

/// What GitLab makes of several jobs. source: lib/gitlab/ci/status/composite.rb; a button that need not be pressed is `ignored`.
enum class Status : unsigned char { Incomplete, Skipped, Success, Canceled, Failed };
Status composite(const Graph& graph, const Before& before) {
  bool incomplete = false, skipped = false, ignored = false, failed = false, canceled = false, done = false;
  for (const std::size_t at : before.jobs) {
    switch (graph[at].job.state) {
      case State::Waiting: incomplete = true; break;
      case State::Asking: (before.optional_buttons.contains(at) ? ignored : incomplete) = true; break;
      case State::Skipped: skipped = true; break;
      case State::Succeeded: done = true; break;
      case State::Refused:
      case State::Failed: (before.optional_buttons.contains(at) ? done : failed) = true; break;
      case State::Cancelled: canceled = true; break;
    }
  }
  // Among needs, one that does not run at all decides at once, whatever the others do.
  if (before.by_needs && (skipped || ignored)) return Status::Skipped;
  if (incomplete) return Status::Incomplete;
  if (failed) return Status::Failed;
  if (canceled) return Status::Canceled;
  return done || before.jobs.empty() ? Status::Success : Status::Skipped;
}

/// source: app/services/ci/process_build_service.rb.
bool starts(const Before& before, Status status) {
  if (before.when == "on_failure") return status == Status::Failed;
  if (before.when == "always") return status != Status::Canceled;
  return status == Status::Success || (status == Status::Skipped && !before.by_needs);
}

std::string why_not(const Graph& graph, const Before& before) {
  if (before.when == "on_failure") return "nothing before it failed";
  for (const std::size_t at : before.jobs) {
    const State state = graph[at].job.state;
    if (state != State::Succeeded) return fmt::format("`{}` was {}", graph[at].job.address, run::name(state));
  }
  return "what it needs does not run";
}

std::string what_for(const Graph& graph, const Before& before) {
  for (const std::size_t at : before.jobs) {
    const run::Job& job = graph[at].job;
    if (!run::has_ended(job.state) && !(job.state == State::Asking && before.optional_buttons.contains(at)))
      return fmt::format("`{}` is {}", job.address, run::name(job.state));
  }
  return "other jobs";
}

/// A need whose button nobody has pressed yet skips a job, until somebody does. docs: ci/jobs/job_control.
bool may_come_back(const Graph& graph, const Before& before) {
  const bool skipped =
      std::ranges::any_of(before.jobs, [&](std::size_t at) { return graph[at].job.state == State::Skipped; });
  return !skipped && before.when != "always";
}

run::Policy policy(const std::string& mode) {
  if (mode == "oldest_first") return run::Policy::OldestFirst;
  if (mode == "newest_first") return run::Policy::NewestFirst;
  return run::Policy::Any;  // and `newest_ready_first`, which does not look at jobs to come
}

class Drawing {
 public:
  Drawing(const Config& config, const Origin& origin, Settings& settings, std::string prefix, Graph& graph)
      : config_(config), origin_(origin), settings_(settings), prefix_(std::move(prefix)), graph_(graph) {}

  void draw() {
    pipeline_ = create(config_, origin_, settings_);
    if (!pipeline_.refused.empty()) graph_.idle.emplace_back(prefix_ + "pipeline", pipeline_.refused);
    for (auto& [job, why] : pipeline_.left_out) graph_.idle.emplace_back(prefix_ + job, why);
    for (const Selected& job : pipeline_.jobs) add(job);
    join_line();
  }

 private:
  void add(const Selected& selected) {
    const JobSpec& spec = *selected.spec;
    const JobReach reach(config_, pipeline_, selected, origin_, settings_);
    run::Node node;
    node.job.address = prefix_ + spec.name;
    node.job.reach = reach.all();
    const Before before = before_of(selected);
    node.job.after = before.jobs;
    for (const std::size_t giver : artifacts_from(selected, before.jobs))
      node.job.reach.artifacts_from.push_back(graph_[giver].job.address);
    const bool is_button = selected.when == "manual";
    const std::string environment = reach.environment();
    if (is_button) {
      node.passages.push_back(
          {{run::Gate::Kind::Approval, environment.empty() ? node.job.address : environment}, {}});
    }
    if (const std::string group = reach.expanded(spec.resource_group); !group.empty()) {
      node.passages.push_back(
          {{run::Gate::Kind::Queue, group}, policy(settings_.get("process_mode", group))});
    }
    node.early = [](const Graph&) { return true; };
    node.decide = [before, unknown = selected.unknown, self = graph_.size()](const Graph& graph) -> Decision {
      if (graph[self].cancelled && graph[self].job.state != State::Asking)
        return {Decision::Kind::Skip, "a newer pipeline took its place"};
      if (!unknown.empty()) return {Decision::Kind::Wait, unknown};
      const Status status = composite(graph, before);
      if (status == Status::Incomplete) return {Decision::Kind::Wait, what_for(graph, before)};
      if (starts(before, status)) return {};
      if (status == Status::Skipped && may_come_back(graph, before))
        return {Decision::Kind::Wait, why_not(graph, before)};
      return {Decision::Kind::Skip, why_not(graph, before)};
    };
    node.fails = [codes = spec.allowed_codes, allowed = selected.allow_failure](int code) {
      return code != 0 && !allowed && std::ranges::find(codes, code) == codes.end();
    };
    if (pipeline_.auto_cancel == "interruptible" && selected.interruptible) {
      node.gives_way = [](const Graph&) { return true; };
    } else if (pipeline_.auto_cancel == "conservative") {
      if (!selected.interruptible) stubborn_->push_back(graph_.size());
      node.gives_way = [stubborn = stubborn_](const Graph& graph) {
        return std::ranges::none_of(*stubborn, [&](std::size_t other) { return graph[other].started; });
      };
    }
    const std::size_t at = graph_.add(std::move(node));
    if (is_button && selected.allow_failure) buttons_.insert(at);
    positions_.emplace(spec.name, at);
    drawn_.push_back({at, &spec});
  }

  /// A pipeline of a newer commit cancels older ones of the same branch, tag or request, by what those say of it. docs: ci/yaml,
  /// `workflow:auto_cancel:on_new_commit`; source: app/services/ci/pipeline_creation/cancel_redundant_pipelines_service.rb.
  void join_line() {
    if (!prefix_.empty() || pipeline_.jobs.empty()) return;
    graph_.line = origin_.is_request ? fmt::format("request {} of {}", origin_.number, origin_.ref)
                                     : fmt::format("{} {}", origin_.is_tag ? "tag" : "branch", origin_.ref);
    const bool is_new = origin_.is_request || origin_.source == "push";
    if (is_new && settings_.get("auto_cancel_pending_pipelines") != "disabled") graph_.replaces = graph_.line;
  }

  Before before_of(const Selected& selected) const {
    Before before;
    before.when = selected.when.empty() ? "on_success" : selected.when;
    before.by_needs = selected.needs.has_value();
    if (selected.needs) {
      for (const Need& need : *selected.needs) {
        const auto found = positions_.find(need.job);
        if (found != positions_.end()) before.jobs.push_back(found->second);
      }
    } else {
      for (const auto& [at, spec] : drawn_) {
        if (spec->stage_at < selected.spec->stage_at) before.jobs.push_back(at);
      }
    }
    for (const std::size_t at : before.jobs) {
      if (buttons_.contains(at)) before.optional_buttons.insert(at);
    }
    return before;
  }

  /// docs: ci/jobs/job_artifacts, "fetching artifacts": of the needs, or of all earlier stages.
  std::vector<std::size_t> artifacts_from(const Selected& selected,
                                          const std::vector<std::size_t>& before) const {
    std::vector<std::size_t> all;
    for (const std::size_t at : before) {
      const auto giver = std::ranges::find(drawn_, at, &Drawn::at);
      if (!giver->spec->has_artifacts) continue;
      if (selected.needs) {
        const auto need = std::ranges::find(*selected.needs, giver->spec->name, &Need::job);
        if (need == selected.needs->end() || !need->artifacts) continue;
      }
      const auto& named = selected.spec->dependencies;
      if (named && std::ranges::find(*named, giver->spec->name) == named->end() &&
          std::ranges::find(*named, giver->spec->family) == named->end())
        continue;
      all.push_back(at);
    }
    return all;
  }

  struct Drawn {
    std::size_t at;
    const JobSpec* spec;
  };

  const Config& config_;
  const Origin& origin_;
  Settings& settings_;
  std::string prefix_;
  Graph& graph_;
  Pipeline pipeline_;
  std::map<std::string, std::size_t, std::less<>> positions_;
  std::set<std::size_t> buttons_;  // those that need not be pressed
  /// Jobs that must not be interrupted: once one has started, a conservative pipeline goes on.
  std::shared_ptr<std::vector<std::size_t>> stubborn_ = std::make_shared<std::vector<std::size_t>>();
  std::vector<Drawn> drawn_;
};

/// What does not depend on the event, worked out once.
struct Prepared {
  Tree tree;
  std::optional<Config> config;  // nothing: `include:rules` ask about the event
};

Config configure(const Tree& tree, const Origin& origin, Settings& settings) {
  std::vector<std::pair<std::string, std::string>> doubts;
  const Scope scope(origin, settings);
  const Merged merged = merge(tree, [&](const yaml::Node& rules) {
    Names errors;
    for (const Rule& rule : rules_of(rules, errors, "include:rules")) {
      const Held held = holds(rule, origin, scope, settings);
      if (held.answer == Answer::Unknown)
        doubts.emplace_back("include", fmt::format("its rules ask {}", held.unknown));
      if (held.answer != Answer::No) return rule.when != "never";
    }
    return false;
  });
  Config config = config_of(merged);
  config.unknown.insert(config.unknown.end(), doubts.begin(), doubts.end());
  return config;
}

std::shared_ptr<const Prepared> prepared(const Tree& tree) {
  auto made = std::make_shared<Prepared>();
  bool asks = false;
  const Merged merged = merge(tree, [&](const yaml::Node&) { return asks = true; });
  if (asks) {
    made->tree = tree;
  } else {
    made->config = config_of(merged);
  }
  return made;
}

Graph start(const Prepared& prepared, const run::Arrival& arrival, Settings& settings) {
  Graph graph;
  const auto add = [&](const Origin& origin, std::string prefix) {
    std::optional<Config> own;
    if (!prepared.config) own = configure(prepared.tree, origin, settings);
    const Config& config = own ? *own : *prepared.config;
    for (const auto& line : config.unknown) graph.idle.push_back(line);
    Drawing(config, origin, settings, std::move(prefix), graph).draw();
  };
  add(origin_of(arrival, settings), {});
  const auto& event = arrival.event;
  if (event.kind == model::EventKind::PullRequest && !event.pull_request.fork &&
      settings.get("pushed", event.pull_request.source) == "true")
    add(branch_behind(arrival, settings), "branch pipeline, ");
  return graph;
}

/// Jobs that wait for a button which need not be pressed, and was not, are skipped.
void settle(run::Run& run) {
  for (run::Job& job : run.jobs) {
    if (job.state == State::Waiting && job.reason.ends_with("was asking")) job.state = State::Skipped;
  }
}

}  // namespace
}  // namespace simulation

std::any prepare(const std::any& tree) { return simulation::prepared(std::any_cast<const Tree&>(tree)); }

std::vector<run::Run> simulate(const std::any& tree, std::span<const run::Arrival> arrivals,
                               run::World& world) {
  using Shared = std::shared_ptr<const simulation::Prepared>;
  const auto* done = std::any_cast<Shared>(&tree);
  const Shared files = done != nullptr ? *done : simulation::prepared(std::any_cast<const Tree&>(tree));
  simulation::Settings settings(world);
  std::vector<run::Run> runs = run::play(
      arrivals,
      [&](const run::Arrival& arrival, std::size_t) { return simulation::start(*files, arrival, settings); },
      world);
  for (run::Run& run : runs) simulation::settle(run);
  return runs;
}

std::vector<run::Entry> entries(const std::any&) { return {}; }

}  // namespace penstock::targets::gitlab
