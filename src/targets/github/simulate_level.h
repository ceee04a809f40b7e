#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "run/engine.h"
#include "targets/github/simulate_evaluate.h"
#include "targets/github/simulate_value.h"
#include "targets/github/tree.h"

/// What the parts of the simulator share. Not for others.
namespace penstock::targets::github {

/// A value of each axis of a matrix: `matrix` of one of its jobs.
struct Row {
  Object values;
  std::string suffix;  // ` (staging, network)`
};

/// What a token may do. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
struct Rights {
  std::vector<std::pair<std::string, std::string>> levels = {};  // `contents`, `read`; sorted, without `none`
  std::string all = {};  // `read-all`, `write-all`, or that the repository decides

  /// Whether it may do all that other rights may.
  bool cover(const Rights& other) const;
  std::vector<std::string> words() const;
};

/// One workflow at work: the one that an event starts, or one that a job calls.
struct Level {
  const Tree* tree = nullptr;
  const Workflow* workflow = nullptr;
  std::string prefix;    // of the addresses of its jobs
  std::size_t node = 0;  // that holds its jobs
  Object github;
  Object inputs;
  bool from_fork = false;  // nothing secret reaches it, and its token only reads
  bool all_secrets = true;
  std::vector<std::pair<std::string, std::vector<std::string>>>
      secrets;                 // of a called one: name, and those of the repository
  std::optional<Rights> most;  // of a called one: what its caller grants

  /// The nodes of each job: several for a matrix. In the order of the file.
  struct Placed {
    std::string id;
    const Job* job = nullptr;
    std::vector<std::size_t> nodes;
  };
  std::vector<Placed> jobs;

  const Placed* find(std::string_view id) const;
  /// The jobs that a job waits for, and those that they wait for.
  std::vector<const Placed*> ancestors(const Job& job) const;
};

// --- simulate_context.cpp

/// https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
Object github_context(const run::Arrival& arrival, const std::string& file, const Workflow& workflow,
                      const std::string& run_id);
/// What is known of a workflow before any of its jobs has run.
Scope static_scope(const Level& level, const Row* row);
/// `needs` as it is when all that the job waits for has ended.
Object needs_context(const Level& level, const Job& job, const run::Graph& graph);
/// What a job has come to, all its matrix together: `success`, `failure`, `cancelled`, `skipped`.
std::string_view result(const Level::Placed& placed, const run::Graph& graph);
/// Of a job that calls a workflow its own result counts, and not what the jobs in there came to: no page says otherwise, and none says this.
Status status(const Level& level, const Job& job, const run::Graph& graph);
Data data(const yaml::Node& node);

// --- simulate_call.cpp

/// The workflow of this repository that a job calls: `./…`, or `$/…`.
const std::pair<std::string, Workflow>* called(const Tree& tree, const Job& job);
/// Why GitHub does not start a workflow at all: it is not valid. Not all that it looks at is looked at here.
std::optional<std::string> refused(const Tree& tree, const Workflow& workflow);

/// The value of a key that the tree keeps as it is, or null.
const yaml::Node* kept(const codec::Others& others, std::string_view key);
Text as_text(const std::string& written);
/// A value where an expression may stand, as it is.
Data value_of(const Value& value, const Scope& scope);
/// The inputs of a workflow as they are when nobody gives them.
Object declared_inputs(const codec::Others* others);
Object given_inputs(const Workflow& workflow, const Job& job, const Scope& scope);
std::map<std::string, std::string> called_outputs(const Level& level, const run::Graph& graph);

// --- simulate_decide.cpp

/// `if` is asked before the matrix is known, when all needs have ended.
run::Decision decide(const Level& level, const Job& job, const run::Graph& graph, bool cancelled);
/// What a run, or a job that calls, has come to.
run::State conclusion(const Level& level, const run::Graph& graph);

// --- simulate_matrix.cpp

struct Rows {
  std::vector<Row> all;
  std::string why_not = {};  // they cannot be known
};
/// One for each combination; one without values for a job that has no matrix.
Rows rows(const Job& job, const Scope& scope);

// --- simulate_reach.cpp

Rights rights(const Level& level, const Job& job);
/// What a job asks for, if nobody has granted its workflow less.
Rights asked(const Workflow& workflow, const Job& job, const std::optional<Rights>& most);
/// The names of the repository's secrets that a text reads.
std::vector<std::string> secrets_of(const Text& text, const Level& level);

/// The action of this repository that a step uses, if it is one: `./…`, or `$/…`, which needs no checkout.
const Action* own_action(const Tree& tree, std::string_view uses);

/// Artifacts that a job keeps and gets, by name or pattern.
struct Files {
  std::vector<std::string> kept;
  std::vector<std::string> fetched;  // patterns
};
run::Reach reach(const Level& level, const Job& job, const Row& row, Files& files);
/// Whether a name is one that a pattern of `download-artifact` takes.
bool takes_artifact(std::string_view pattern, std::string_view name);

}  // namespace penstock::targets::github
