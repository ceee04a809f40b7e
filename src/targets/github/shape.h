#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/plan.h"
#include "targets/github/events.h"
#include "targets/github/tree.h"
#include "targets/target.h"

/// What the parts of the shape share. Not for others.
namespace penstock::targets::github {

/// The compilation at hand: what is read, and where things are said.
class Shaping {
 public:
  Shaping(const plan::Plan& plan, const Context& context) : plan_(plan), context_(context) {}

  const plan::Plan& plan() const { return plan_; }
  const model::Project& project() const { return *plan_.project; }
  const Table& facts() const { return *context_.facts; }
  const Table& catalog() const { return *context_.catalog; }
  Span span(OriginId origin) const { return plan::span_of(plan_, origin); }
  run::Claims* claims() const { return context_.claims; }
  const std::string& name(plan::EnvironmentId id) const { return project().environments[id].name; }
  const std::string& name(plan::StackId id) const { return project().stacks[id].name; }

  void exact(std::string construct, Span span) const;
  void after_setup(std::string construct, Span span, std::string how) const;
  void approximated(std::string construct, Span span, std::string how) const;
  void setup(std::string title, std::vector<std::string> values) const;
  /// An error at the author's line, and a line of the report.
  void refuse(std::string construct, Span span, std::string what, std::string help) const;

 private:
  const plan::Plan& plan_;
  const Context& context_;
};

// --- layout.cpp: which nodes become which jobs, in which files

/// One job of a file. Several nodes are the rows of its matrix.
struct Unit {
  std::string id;
  std::vector<plan::JobId> nodes;
  std::optional<std::size_t> turn;  // it stands in the workflow of this turn
};

/// The jobs that share one turn of an environment stand in a workflow of their own, called by one job: the caller holds the turn from
/// the first of them to the last.
struct Turn {
  plan::EnvironmentId environment;
  std::string caller;
  std::string file;  // its name without folder and ending
};

struct Layout {
  const plan::Pipeline* pipeline = nullptr;
  std::vector<Unit> units;
  std::vector<Turn> turns;
  std::vector<std::size_t> unit_of;  // by node

  const Unit& at(plan::JobId node) const { return units[unit_of[node.index]]; }
  const plan::Job& first(const Unit& unit) const { return pipeline->jobs[unit.nodes.front()]; }
};

Layout layout(const Shaping& shaping, const plan::Pipeline& pipeline, const Events& events);

// --- selection.cpp: when a job starts

struct Start {
  std::vector<std::string> needs;
  std::optional<Condition> condition;
  std::vector<std::string> comment;
};
/// Of the units and of the callers of turns, in their order.
struct Starts {
  std::vector<Start> units;
  std::vector<Start> turns;
};
Starts starts(const Layout& layout, const Events& events);

// --- triggers.cpp
Triggers triggers(const Shaping& shaping, const plan::Pipeline& pipeline);

// --- steps.cpp: steps of hand-written jobs, and those that all jobs have

/// `sh -eu`, on every machine and in every image. GitHub's own `sh` lacks `-u`, and its default is a bash without pipefail.
inline constexpr const char* kShell = "sh -eu {0}";
inline constexpr const char* kBash = "bash -euo pipefail {0}";

Step action_step(const Shaping& shaping, std::string_view action, std::string name);
Step checkout_step(const Shaping& shaping, bool history = false);
Step run_step(std::string name, std::string script);
Step setup_step(const Shaping& shaping, std::string_view tool, Text version, Span span);
std::vector<Step> written_steps(const Shaping& shaping, const plan::Pipeline& pipeline, const plan::Job& job,
                                const Events& events, Kinds kinds);

// --- stacks.cpp: steps on stacks

/// How steps speak of the stack they work on: in an action by its inputs, in a job by its matrix or outright.
struct StackArguments {
  Text environment;
  Text stack;
  Text tool;
  Text version;
  bool in_action = false;  // each step then needs its own `env` and `shell`
};

/// The tools of some stacks.
struct Toolset {
  std::vector<model::Tool> tools;     // each once
  std::vector<std::string> versions;  // each once
};
Toolset toolset(const model::Project& project, const std::vector<plan::StackId>& stacks);

std::vector<Step> plan_steps(const Shaping& shaping, const StackArguments& arguments, const Toolset& tools,
                             const std::vector<plan::GateId>& gates, bool keeps_summary);
std::vector<Step> apply_steps(const Shaping& shaping, const StackArguments& arguments, const Toolset& tools);
std::vector<Step> drift_steps(const Shaping& shaping, const StackArguments& arguments, const Toolset& tools);

// --- actions.cpp: the composite actions that plan and apply
void add_actions(const Shaping& shaping, Tree& tree);
/// The tools of all stacks that are planned: more than one, and the actions have an input for it.
Toolset planned_tools(const Shaping& shaping);

// --- matrix.cpp: the rows of a unit that stands for several nodes

/// What one node tells its steps: stack, environment, tool, role.
using Facts = Matrix::Entry;
Facts facts_of(const Shaping& shaping, const plan::Job& job);
/// A matrix whose combinations are these rows; what is the same in all of them is left out, but not environment and stack.
Matrix matrix(const std::vector<Facts>& rows);
/// A value of the rows as steps say it: `${{ matrix.role }}`, or outright where it is always the same.
Text value_of(const std::vector<Facts>& rows, std::string_view key);

// --- jobs.cpp
/// GitHub's names of secrets have no `-`: `deploy-token` is DEPLOY_TOKEN there.
std::string secret_name(const std::string& name);
Job job(const Shaping& shaping, const Layout& layout, const Events& events, const Unit& unit, Start start);
Job caller(const Shaping& shaping, const Layout& layout, std::size_t turn, Start start);

// --- workflows.cpp
/// The path of a workflow.
std::string workflow_file(const std::string& name);
void add_workflows(const Shaping& shaping, const plan::Pipeline& pipeline, Tree& tree);

// --- claims.cpp: which job stands for which node
void claim(const Shaping& shaping, const Layout& layout);

// --- fidelity.cpp: what the report says besides
void report_nouns(const Shaping& shaping);
void report_pipeline(const Shaping& shaping, const plan::Pipeline& pipeline, const Events& events);

}  // namespace penstock::targets::github
