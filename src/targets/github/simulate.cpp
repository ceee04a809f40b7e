#include "targets/github/simulate.h"

#include <fmt/core.h>

#include <algorithm>

#include "run/engine.h"
#include "targets/github/simulate_filter.h"
#include "targets/github/simulate_level.h"

namespace penstock::targets::github {
namespace {

using run::Decision;
using run::Graph;
using run::Passage;

constexpr int kMostLevels = 10;  // of workflows that call each other

std::string stem(std::string_view file) {
  file = file.substr(file.rfind('/') + 1);
  return std::string(file.substr(0, file.rfind('.')));
}

/// Whether a job may fail without the run failing. Nothing, if that is not known.
std::optional<bool> may_fail(const Job& job, const Scope& scope) {
  const yaml::Node* node = kept(job.others, "continue-on-error");
  if (node == nullptr) return false;
  const Evaluated text = evaluate(as_text(node->text), scope);
  if (!text.known) return std::nullopt;
  return text.text == "true";
}

/// The queue of a group. `queue: max` serves all in the order in which they came; without it, one waits.
/// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#concurrency
std::optional<std::string> add_queue(const std::optional<Concurrency>& concurrency, const Scope& scope,
                                     std::vector<Passage>& passages) {
  if (!concurrency) return std::nullopt;
  const Evaluated group = evaluate(concurrency->group, scope);
  if (!group.known) return "its group is not known: " + group.why;
  const Data cancels =
      concurrency->cancel_in_progress ? value_of(*concurrency->cancel_in_progress, scope) : false;
  const auto at_once = same_ignoring_case(to_text(cancels), "true") ? std::optional(true)
                       : cancels.unknown() != nullptr               ? std::nullopt
                                                                    : std::optional(false);
  if (!at_once) return "whether it cancels is not known: " + cancels.unknown()->why;
  const run::Policy policy = *at_once                      ? run::Policy::NewestAtOnce
                             : concurrency->queue == "max" ? run::Policy::Fifo
                                                           : run::Policy::LatestOnly;
  passages.push_back({{run::Gate::Kind::Queue, lower_case(group.text)}, policy});
  return std::nullopt;
}

/// Makes the graph of one event.
class Starting {
 public:
  Starting(const Tree& tree, const run::Arrival& arrival, std::size_t position, run::World& world)
      : tree_(tree), arrival_(arrival), position_(position), world_(world) {}

  Graph graph() {
    std::size_t index = 0;
    for (const auto& [file, workflow] : tree_.workflows) {
      ++index;
      auto reason = not_started(file, workflow.on, arrival_);
      if (!reason) reason = refused(tree_, workflow);
      if (reason) {
        graph_.idle.emplace_back(file, std::move(*reason));
      } else {
        start(file, workflow, fmt::format("{}{:03}", position_ + 1, index));
      }
    }
    pass_files();
    return std::move(graph_);
  }

 private:
  /// What is placed for one job, while files are passed.
  struct Placed {
    std::size_t node;
    std::size_t run;  // the node of the workflow's run
    Files files;
  };

  void start(const std::string& file, const Workflow& workflow, std::string run_id) {
    auto level = std::make_shared<Level>();
    level->tree = &tree_;
    level->workflow = &workflow;
    level->github = github_context(arrival_, file, workflow, run_id);
    level->from_fork =
        arrival_.event.kind == model::EventKind::PullRequest && arrival_.event.pull_request.fork;
    level->inputs =
        declared_inputs(workflow.on.workflow_dispatch ? &workflow.on.workflow_dispatch->others : nullptr);
    run::Node node;
    node.job.address = unique(stem(file));
    node.job.works = false;
    node.conclude = [level](const Graph& graph, auto&) { return conclusion(*level, graph); };
    if (auto reason = add_queue(workflow.concurrency, static_scope(*level, nullptr), node.passages))
      node.decide = waits(*reason);
    level->prefix = node.job.address + "/";
    level->node = run_ = graph_.add(std::move(node));
    add_jobs(level, 1);
  }

  // --- jobs

  void add_jobs(const std::shared_ptr<Level>& level, int depth) {
    std::vector<const std::pair<Located<std::string>, Job>*> left;
    for (const auto& one : level->workflow->jobs) left.push_back(&one);
    // Jobs before those that need them; what is left in the end waits for what is not there, or for itself.
    for (bool placed = true; placed && !left.empty();) {
      placed = false;
      for (auto one = left.begin(); one != left.end();) {
        const bool ready = std::ranges::all_of(
            (*one)->second.needs.all, [&](const std::string& need) { return level->find(need) != nullptr; });
        if (!ready) {
          ++one;
          continue;
        }
        add_job(level, (*one)->first.value, (*one)->second, depth);
        one = left.erase(one);
        placed = true;
      }
    }
    for (const auto* one : left) {
      run::Node node;
      node.job.address = unique(level->prefix + one->first.value);
      node.job.inside = level->node;
      node.decide = waits("it needs a job that is not there, or itself");
      graph_.add(std::move(node));
    }
  }

  void add_job(const std::shared_ptr<Level>& level, const std::string& id, const Job& job, int depth) {
    level->jobs.push_back({id, &job, {}});
    const std::size_t at = level->jobs.size() - 1;
    const Rows all = rows(job, static_scope(*level, nullptr));
    for (const Row& row : all.all) {
      std::string stuck = all.why_not;
      run::Node node = basic_node(level, id, job, row);
      Files files;
      if (job.uses.to.empty()) {
        prepare(level, job, row, node, stuck);
        node.job.reach = reach(*level, job, row, files);
      } else {
        prepare_caller(level, job, row, node, stuck);
      }
      if (!stuck.empty()) {
        node.decide = waits(stuck);
        node.job.works = true;
      }
      const std::size_t made = graph_.add(std::move(node));
      level->jobs[at].nodes.push_back(made);
      placed_.push_back({made, run_, std::move(files)});
      if (!job.uses.to.empty() && stuck.empty()) call(level, job, row, made, depth);
    }
    fail_fast(job, level->jobs[at].nodes, static_scope(*level, nullptr));
  }

  /// One failed job of a matrix cancels the others, unless it says otherwise.
  void fail_fast(const Job& job, const std::vector<std::size_t>& nodes, const Scope& scope) {
    if (nodes.size() < 2) return;
    const auto& written = job.strategy->fail_fast;
    if (written && same_ignoring_case(to_text(value_of(*written, scope)), "false")) return;
    for (const std::size_t node : nodes) graph_[node].cancels_when_failed = nodes;
  }

  run::Node basic_node(const std::shared_ptr<Level>& level, const std::string& id, const Job& job,
                       const Row& row) {
    run::Node node;
    node.job.address = unique(level->prefix + id + row.suffix);
    node.job.inside = level->node;
    for (const std::string& need : job.needs.all) {
      const auto& nodes = level->find(need)->nodes;
      node.job.after.insert(node.job.after.end(), nodes.begin(), nodes.end());
    }
    node.decide = [level, &job, self = graph_.size()](const Graph& graph) {
      return decide(*level, job, graph, graph[self].cancelled);
    };
    return node;
  }

  void prepare(const std::shared_ptr<Level>& level, const Job& job, const Row& row, run::Node& node,
               std::string& stuck) {
    const Scope scope = static_scope(*level, &row);
    const auto allowed = may_fail(job, scope);
    if (!allowed) stuck = "whether it may fail is not known";
    if (allowed == true) node.fails = [](int) { return false; };
    // The turn comes first, and is held while people are asked.
    if (auto reason = add_queue(job.concurrency, scope, node.passages)) stuck = std::move(*reason);
    if (!job.environment) return;
    const Evaluated name = evaluate(job.environment->name, scope);
    if (!name.known) stuck = "its environment is not known: " + name.why;
    if (world_.setting("asks", name.text) == "true")
      node.passages.push_back({{run::Gate::Kind::Approval, name.text}});
  }

  // --- reusable workflows: https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations

  void prepare_caller(const std::shared_ptr<Level>& level, const Job& job, const Row& row, run::Node& node,
                      std::string& stuck) {
    node.job.works = false;
    const Scope scope = static_scope(*level, &row);
    if (auto reason = add_queue(job.concurrency, scope, node.passages)) stuck = std::move(*reason);
    const auto* file = called(tree_, job);
    if (file == nullptr) {
      stuck = fmt::format("the workflow `{}` is not among the files", job.uses.to);
      return;
    }
    Level inner = *level;
    inner.inputs = given_inputs(file->second, job, scope);
    if (auto reason = add_queue(file->second.concurrency, static_scope(inner, nullptr), node.passages))
      stuck = std::move(*reason);
  }

  void call(const std::shared_ptr<Level>& level, const Job& job, const Row& row, std::size_t node,
            int depth) {
    if (depth >= kMostLevels) return;
    const auto* file = called(tree_, job);
    auto inner = std::make_shared<Level>();
    inner->tree = &tree_;
    inner->workflow = &file->second;
    inner->github = level->github;
    inner->from_fork = level->from_fork;
    inner->inputs = given_inputs(file->second, job, static_scope(*level, &row));
    inner->prefix = graph_[node].job.address + "/";
    inner->node = node;
    inner->most = rights(*level, job);
    inner->all_secrets = false;
    for (const auto& [name, text] : job.secrets)
      inner->secrets.emplace_back(name.value, secrets_of(text, *level));
    graph_[node].conclude = [inner](const Graph& graph, std::map<std::string, std::string>& outputs) {
      outputs = called_outputs(*inner, graph);
      return conclusion(*inner, graph);
    };
    add_jobs(inner, depth + 1);
  }

  static std::function<Decision(const Graph&)> waits(std::string reason) {
    return [reason = std::move(reason)](const Graph&) { return Decision{Decision::Kind::Wait, reason}; };
  }

  // --- artifacts belong to a run, and are there when the job that keeps them has ended

  void pass_files() {
    for (const Placed& later : placed_) {
      if (later.files.fetched.empty()) continue;
      const std::vector<bool> before = ended_before(later.node);
      std::vector<std::string>& from = graph_[later.node].job.reach.artifacts_from;
      for (const Placed& earlier : placed_) {
        if (earlier.run != later.run || !before[earlier.node] || !passes(earlier.files, later.files))
          continue;
        from.push_back(graph_[earlier.node].job.address);
      }
    }
  }

  static bool passes(const Files& from, const Files& to) {
    return std::ranges::any_of(from.kept, [&](const std::string& name) {
      return std::ranges::any_of(to.fetched,
                                 [&](const std::string& pattern) { return takes_artifact(pattern, name); });
    });
  }

  /// Which nodes have surely ended when one starts.
  std::vector<bool> ended_before(std::size_t node) const {
    run::Run picture;
    for (std::size_t i = 0; i < graph_.size(); ++i) {
      run::Job& job = picture.jobs.emplace_back();
      job.after = graph_[i].job.after;
      job.inside = graph_[i].job.inside;
    }
    const run::Order order(picture);
    std::vector<bool> before(graph_.size());
    for (std::size_t i = 0; i < before.size(); ++i) before[i] = order.precedes(i, node);
    return before;
  }

  std::string unique(const std::string& wanted) const {
    std::string address = wanted;
    for (int i = 2; graph_.find(address); ++i) address = fmt::format("{} #{}", wanted, i);
    return address;
  }

  const Tree& tree_;
  const run::Arrival& arrival_;
  std::size_t position_;
  run::World& world_;
  Graph graph_;
  std::vector<Placed> placed_;
  std::size_t run_ = 0;
};

/// A job that did not run has kept nothing.
void forget_files_of_skipped(run::Run& run) {
  for (run::Job& job : run.jobs) {
    std::erase_if(job.reach.artifacts_from, [&](const std::string& address) {
      const run::State state = run.find(address)->state;
      return state != run::State::Succeeded && state != run::State::Failed;
    });
  }
}

}  // namespace

std::vector<run::Run> simulate(const std::any& tree, std::span<const run::Arrival> arrivals,
                               run::World& world) {
  const auto& files = std::any_cast<const Tree&>(tree);
  std::vector<run::Run> runs = run::play(
      arrivals,
      [&](const run::Arrival& arrival, std::size_t position) {
        return Starting(files, arrival, position, world).graph();
      },
      world);
  for (run::Run& run : runs) forget_files_of_skipped(run);
  return runs;
}

std::vector<run::Entry> entries(const std::any& tree) {
  std::vector<run::Entry> all;
  const auto add = [&](run::Entry entry) {
    if (std::ranges::find(all, entry) == all.end()) all.push_back(std::move(entry));
  };
  for (const auto& [file, workflow] : std::any_cast<const Tree&>(tree).workflows) {
    for (const Schedule& schedule : workflow.on.schedule)
      add({model::EventKind::Schedule, entry_name(schedule)});
    if (workflow.on.workflow_dispatch) add({model::EventKind::Manual, file});
  }
  return all;
}

}  // namespace penstock::targets::github
