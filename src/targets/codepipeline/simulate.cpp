// Executions: stages in order, one execution in a stage at a time where the mode says so, actions by their run order (user guide:
// concepts-how-it-works, stage-requirements, action-requirements, stage-conditions).
#include "targets/codepipeline/simulate.h"

#include <fmt/core.h>

#include <memory>

#include "targets/codepipeline/simulate_parts.h"

namespace penstock::targets::codepipeline {
namespace {

using run::Decision;
using run::Graph;
using run::State;

Decision skip(std::string reason) { return {Decision::Kind::Skip, std::move(reason)}; }
Decision fail(std::string reason) { return {Decision::Kind::Fail, std::move(reason)}; }
Decision wait(std::string reason) { return {Decision::Kind::Wait, std::move(reason)}; }

/// "PARALLEL executions run at most this many actions at once" (user guide: limits); what becomes of one more is not said.
constexpr std::size_t kMostAtOnce = 5;

std::string address(const Pipeline& pipeline, const Stage& stage, const Action& action) {
  return fmt::format("{}/{}/{}", pipeline.name, stage.name, action.name);
}

/// One execution of a pipeline: where its stages and actions are in the graph, and what they find of each other.
class Execution {
 public:
  Execution(const Tree& tree, const Pipeline& pipeline, const run::Arrival& arrival)
      : tree_(tree), pipeline_(pipeline), event_(arrival.event) {}

  struct Place {
    const Action* action = nullptr;
    std::size_t stage = 0;
    std::size_t node = 0;
  };

  const Tree& tree() const { return tree_; }
  const Pipeline& pipeline() const { return pipeline_; }
  std::vector<std::size_t> stages;  // nodes
  std::vector<Place> actions;

  /// What an action of this run order in this stage, or a rule before the stage, finds.
  Found find(const Graph& graph, const Reference& reference, std::size_t stage, long order) const {
    if (reference.space == "codepipeline")
      return {reference.key == "PipelineExecutionId" ? Found::Kind::Unknown : Found::Kind::Missing};
    if (reference.space == "variables") {
      const bool declared = std::ranges::find(pipeline_.variables, reference.key, &PipelineVariable::name) !=
                            pipeline_.variables.end();
      return {declared ? Found::Kind::Unknown : Found::Kind::Missing};
    }
    for (const Place& place : actions) {
      if (place.action->space != reference.space) continue;
      const bool earlier = place.stage < stage || (place.stage == stage && place.action->order < order);
      if (!earlier || graph[place.node].job.state != State::Succeeded) return {};
      return output(graph, place, reference.key);
    }
    return {};
  }

  /// What is known when the execution starts.
  std::optional<std::string> at_start(const Reference& reference) const {
    for (const Action& action : pipeline_.stages.front().actions) {
      if (action.space != reference.space || !is_source(action)) continue;
      const Found found = source_variable(action, event_, reference.key);
      if (found.kind == Found::Kind::Known) return found.value;
    }
    return std::nullopt;
  }

 private:
  Found output(const Graph& graph, const Place& place, const std::string& key) const {
    if (is_source(*place.action)) return source_variable(*place.action, event_, key);
    const Buildspec* spec = is_build(*place.action) ? buildspec_of(tree_, *place.action) : nullptr;
    if (spec == nullptr || std::ranges::find(spec->env.exported, key) == spec->env.exported.end()) return {};
    const auto& outputs = graph[place.node].outputs;
    const auto found = outputs.find(key);
    if (found == outputs.end()) return {Found::Kind::Unknown};
    return {Found::Kind::Known, found->second};
  }

  const Tree& tree_;
  const Pipeline& pipeline_;
  const plan::Event& event_;
};

using Shared = std::shared_ptr<const Execution>;

// --- conditions before a stage

/// A configuration with its variables put in; the worst of what was found.
Found resolved(const Execution& execution, const Graph& graph, std::size_t stage, const std::string& text) {
  Found all{Found::Kind::Known};
  all.value = with_references(text, [&](const Reference& reference) -> std::optional<std::string> {
    const Found one = execution.find(graph, reference, stage, 0);
    all.kind = std::min(all.kind, one.kind);
    if (one.kind != Found::Kind::Known) return std::nullopt;
    return one.value;
  });
  return all;
}

struct Judgement {
  Truth holds = Truth::Unknown;
  bool missing = false;  // a variable that is not there
  std::string reason = {};
};

Truth compared(const std::string& operation, const std::string& variable, const std::string& value) {
  const auto truth = [](bool holds) { return holds ? Truth::Yes : Truth::No; };
  if (operation == "EQ") return truth(variable == value);
  if (operation == "NE") return truth(variable != value);
  if (operation == "CONTAINS") return truth(variable.find(value) != std::string::npos);
  if (operation == "MATCHES") return java_matches(value, variable);
  return Truth::Unknown;
}

Judgement judged(const Execution& execution, const Graph& graph, std::size_t stage, const StageRule& rule) {
  if (rule.type.provider != "VariableCheck")
    return {Truth::Unknown, false,
            fmt::format("the rule `{}` asks something outside of the files", rule.name)};
  const RuleConfiguration& asks = rule.configuration;
  const Found variable = resolved(execution, graph, stage, asks.variable);
  const Found value = resolved(execution, graph, stage, asks.value);
  const auto worst = std::min(variable.kind, value.kind);
  if (worst == Found::Kind::Missing)
    return {Truth::Unknown, true,
            fmt::format("the rule `{}` reads `{}`, which is not there", rule.name, asks.variable)};
  if (worst == Found::Kind::Unknown)
    return {Truth::Unknown, false, fmt::format("the value of `{}` is not known", asks.variable)};
  const Truth holds = compared(asks.operation, variable.value, value.value);
  const char* say = holds == Truth::Unknown ? "the rule `{}` ({} {} {}) cannot be judged on `{}`"
                                            : "the rule `{}` ({} {} {}) does not hold for `{}`";
  return {
      holds, false,
      fmt::format(fmt::runtime(say), rule.name, asks.variable, asks.operation, asks.value, variable.value)};
}

/// All rules must hold; one that does not engages the result.
Decision entry(const Execution& execution, const Graph& graph, std::size_t stage) {
  const auto& conditions = execution.pipeline().stages[stage].before.all;
  if (conditions.empty()) return {};
  const bool skips = conditions.front().result == "SKIP";
  std::optional<Judgement> unknown;
  for (const StageRule& rule : conditions.front().rules) {
    Judgement one = judged(execution, graph, stage, rule);
    if (one.holds == Truth::No) return skips ? skip(std::move(one.reason)) : fail(std::move(one.reason));
    if (one.holds == Truth::Unknown && !unknown) unknown = std::move(one);
  }
  if (!unknown) return {};
  // Whether a rule whose variable is missing has failed or is an error is not said; without SKIP both fail the stage.
  if (unknown->missing && !skips) return fail(std::move(unknown->reason));
  return wait(std::move(unknown->reason));
}

/// A failure anywhere ends the execution; a skipped stage does not. So does a newer execution that takes the place of one that waits.
Decision stage_decision(const Execution& execution, const Graph& graph, std::size_t stage) {
  if (graph[execution.stages[stage]].cancelled) return skip("a newer execution took its place");
  for (std::size_t i = 0; i < stage; ++i) {
    const run::Job& earlier = graph[execution.stages[i]].job;
    if (earlier.state != State::Succeeded && earlier.state != State::Skipped)
      return skip(fmt::format("`{}` was {}", earlier.address, run::name(earlier.state)));
  }
  return entry(execution, graph, stage);
}

// --- actions

Decision action_decision(const Execution& execution, const Graph& graph, const Execution::Place& place) {
  std::size_t beside = 0;
  for (const Execution::Place& other : execution.actions) {
    if (other.stage != place.stage) continue;
    const run::Job& job = graph[other.node].job;
    if (other.action->order < place.action->order && job.state != State::Succeeded)
      return skip(fmt::format("`{}` was {}", job.address, run::name(job.state)));
    if (other.action->order == place.action->order && other.node < place.node) ++beside;
  }
  if (execution.pipeline().mode == "PARALLEL" && beside >= kMostAtOnce)
    return wait("no page says whether a sixth action of an execution in mode PARALLEL waits or fails");
  if (is_source(*place.action)) return {};
  std::string missing;
  bool quoted = false;
  const auto look = [&](const std::string& text) {
    with_references(text, [&](const Reference& reference) -> std::optional<std::string> {
      const Found found = execution.find(graph, reference, place.stage, place.action->order);
      if (found.kind == Found::Kind::Missing)
        missing = fmt::format("#{{{}.{}}}", reference.space, reference.key);
      quoted = quoted || found.value.find('"') != std::string::npos;
      return std::nullopt;
    });
  };
  for (const auto& [name, value] : place.action->configuration.variables.all) look(value);
  if (quoted)
    return wait("a variable holds a quote, and no page says how it comes into the list of variables");
  look(place.action->configuration.question);
  if (!missing.empty()) return wait(fmt::format("it is told `{}`, which is not there", missing));
  if (is_approval(*place.action)) return {};
  if (!is_build(*place.action))
    return wait(fmt::format("what an action of `{}` does is not simulated", place.action->type.provider));
  if (project_of(execution.tree().stack, *place.action) == nullptr)
    return wait("its project is not in the template");
  if (buildspec_of(execution.tree(), *place.action) == nullptr)
    return fail("its buildspec is not among the files");
  return {};
}

/// Whose files an action takes. The source is not among them: every build has it, as a checkout.
std::vector<std::string> producers(const Pipeline& pipeline, const Action& action) {
  std::vector<std::string> all;
  for (const ArtifactName& input : action.inputs) {
    for (const Stage& stage : pipeline.stages) {
      for (const Action& other : stage.actions) {
        if (is_source(other) ||
            std::ranges::find(other.outputs, input.name, &ArtifactName::name) == other.outputs.end())
          continue;
        all.push_back(address(pipeline, stage, other));
      }
    }
  }
  return all;
}

class Starting {
 public:
  Starting(const Tree& tree, const Pipeline& pipeline, const run::Arrival& arrival, Graph& graph)
      : execution_(std::make_shared<Execution>(tree, pipeline, arrival)), graph_(graph) {}

  void all() {
    for (std::size_t i = 0; i < execution_->pipeline().stages.size(); ++i) stage(i);
  }

 private:
  void stage(std::size_t index) {
    const Pipeline& pipeline = execution_->pipeline();
    run::Node node;
    node.job.address = fmt::format("{}/{}", pipeline.name, pipeline.stages[index].name);
    node.job.works = false;
    if (index > 0) node.job.after = {execution_->stages.back()};
    node.decide = [execution = Shared(execution_), index](const Graph& graph) {
      return stage_decision(*execution, graph, index);
    };
    // The lock is the stage. Whether the condition before it is asked in front of the lock or behind it is not said; in front, one
    // that skips overtakes one that is in the stage, and that is the worse. An execution that waits before one holds none: what it read in an earlier stage may be old by then.
    if (pipeline.mode != "PARALLEL") {
      const auto policy = pipeline.mode == "QUEUED" ? run::Policy::Fifo : run::Policy::LatestOnly;
      node.passages = {{{run::Gate::Kind::Queue, node.job.address}, policy}};
    }
    execution_->stages.push_back(graph_.add(std::move(node)));
    std::vector<const Action*> actions;
    for (const Action& action : pipeline.stages[index].actions) actions.push_back(&action);
    std::ranges::stable_sort(actions, {}, &Action::order);
    for (const Action* of : actions) action(index, *of);
  }

  void action(std::size_t stage, const Action& action) {
    const Pipeline& pipeline = execution_->pipeline();
    run::Node node;
    node.job.address = address(pipeline, pipeline.stages[stage], action);
    node.job.inside = execution_->stages[stage];
    node.job.works = is_build(action);
    node.job.after = before(stage, action.order);
    const Execution::Place place{&action, stage, graph_.size()};
    node.decide = [execution = Shared(execution_), place](const Graph& graph) {
      return action_decision(*execution, graph, place);
    };
    if (is_approval(action)) node.passages = {{{run::Gate::Kind::Approval, node.job.address}}};
    if (is_build(action)) {
      node.job.reach = reach_of(execution_->tree(), action);
      node.job.reach.artifacts_from = producers(pipeline, action);
      for (auto& [name, value] : node.job.reach.variables)
        value = with_references(value,
                                [&](const Reference& reference) { return execution_->at_start(reference); });
    }
    graph_.add(std::move(node));
    execution_->actions.push_back(place);
  }

  /// The actions of the stage with the next lower run order; those have waited for the ones before them.
  std::vector<std::size_t> before(std::size_t stage, long order) const {
    std::vector<std::size_t> nodes;
    long nearest = 0;
    for (const Execution::Place& other : execution_->actions) {
      if (other.stage != stage || other.action->order >= order) continue;
      if (other.action->order > nearest) nodes.clear();
      nearest = other.action->order;  // they come in their order
      nodes.push_back(other.node);
    }
    return nodes;
  }

  std::shared_ptr<Execution> execution_;
  Graph& graph_;
};

/// Nobody can tell whether it begins: it waits for good, by itself.
void undecided(Graph& graph, const std::string& address, const std::string& reason) {
  run::Node node;
  node.job.address = address;
  node.decide = [reason](const Graph&) { return wait(reason); };
  graph.add(std::move(node));
}

Graph graph_of(const Tree& tree, const run::Arrival& arrival) {
  Graph graph;
  for (const auto& [id, of] : tree.stack.resources) {
    if (const auto* schedule = std::get_if<Schedule>(&of.properties)) {
      if (arrival.event.kind == model::EventKind::Schedule && entry_name(*schedule) == arrival.entry &&
          started_by(tree.stack, *schedule) == nullptr)
        undecided(graph, schedule->name, "what this schedule starts is no pipeline of the template");
    }
    const auto* pipeline = std::get_if<Pipeline>(&of.properties);
    if (pipeline == nullptr) continue;
    Verdict verdict = starts(tree.stack, *pipeline, arrival);
    if (verdict.truth != Truth::No) {
      if (std::string reason = refusal(*pipeline); !reason.empty())
        verdict = {Truth::No, "CodePipeline does not take it: " + std::move(reason)};
    }
    switch (verdict.truth) {
      case Truth::Yes: Starting(tree, *pipeline, arrival, graph).all(); break;
      case Truth::No: graph.idle.emplace_back(pipeline->name, std::move(verdict.reason)); break;
      case Truth::Unknown:
        undecided(graph, pipeline->name, verdict.reason);
        for (const Stage& stage : pipeline->stages) {
          for (const Action& action : stage.actions)
            undecided(graph, address(*pipeline, stage, action), verdict.reason);
        }
        break;
    }
  }
  return graph;
}

const Tree& tree_in(const std::any& tree) { return **std::any_cast<std::shared_ptr<const Tree>>(&tree); }

}  // namespace

std::vector<run::Run> simulate(const std::any& tree, std::span<const run::Arrival> arrivals,
                               run::World& world) {
  const Tree& of = tree_in(tree);
  return run::play(
      arrivals, [&](const run::Arrival& arrival, std::size_t) { return graph_of(of, arrival); }, world);
}

std::vector<run::Entry> entries(const std::any& tree) {
  std::vector<run::Entry> all;
  for (const auto& [id, of] : tree_in(tree).stack.resources) {
    const auto* schedule = std::get_if<Schedule>(&of.properties);
    if (schedule == nullptr) continue;
    run::Entry entry{model::EventKind::Schedule, entry_name(*schedule)};
    if (std::ranges::find(all, entry) == all.end()) all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace penstock::targets::codepipeline
