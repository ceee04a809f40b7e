#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "targets/gitlab/simulate_expression.h"
#include "targets/gitlab/simulate_merge.h"

/// The configuration as GitLab understands it: what does not depend on the event is worked out. docs: ci/yaml.
namespace penstock::targets::gitlab::simulation {

using Names = std::vector<std::string>;

struct Variable {
  std::string name;
  std::string value;
  bool raw = false;  // `expand: false`
};
using Variables = std::vector<Variable>;

struct Need {
  std::string job;
  bool artifacts = true;
  bool optional = false;
};

/// One entry of `rules`.
struct Rule {
  std::optional<Expression> condition;
  bool asks_input = false;  // `$[[ inputs.x ]]`
  std::optional<Names> changes;
  bool compares = false;  // `compare_to`: with a difference that no event has
  std::optional<Names> exists;
  std::string when;
  std::optional<bool> allow_failure;
  Variables variables;
  std::optional<std::vector<Need>> needs;
  std::optional<bool> interruptible;
  std::string auto_cancel;  // of a workflow's rule: on_new_commit
  std::string unknown;      // what cannot be worked out
};

/// `only` or `except`.
struct Refs {
  std::optional<Names> refs;
  std::vector<Expression> variables;
  std::optional<Names> changes;
  std::string unknown;
};

struct IdToken {
  std::string name;
  Names audience;
};

struct JobSpec {
  std::string name;    // as it is shown: of a parallel job with its number or values
  std::string family;  // as it is written
  std::string stage = "test";
  std::size_t stage_at = 0;
  std::optional<std::vector<Need>> needs;
  std::optional<Names> dependencies;
  std::optional<std::vector<Rule>> rules;
  std::optional<Refs> only, except;
  std::string when;
  std::optional<bool> allow_failure;
  std::vector<long> allowed_codes;
  Variables variables;   // its own, those of the matrix over them
  bool inherits = true;  // the variables of the file
  std::optional<Names> inherited;
  Names commands;
  std::string environment;  // not expanded
  std::string action;
  std::string resource_group;
  std::vector<IdToken> id_tokens;
  std::vector<std::pair<std::string, std::string>> secrets;
  bool has_artifacts = false;
  bool interruptible = false;
  std::string unknown;  // what cannot be told of it
};

struct Config {
  std::vector<Rule> workflow;
  bool has_workflow = false;
  bool is_whole = true;                      // no file is missing
  std::string auto_cancel = "conservative";  // on_new_commit
  Names stages;
  Variables variables;
  std::vector<JobSpec> jobs;  // each behind those it needs
  Names errors;               // GitLab refuses the configuration
  std::vector<std::pair<std::string, std::string>> unknown;
  std::string workflow_unknown;
};

Config config_of(const Merged& merged);

// Readers of parts.

std::vector<Rule> rules_of(const yaml::Node& node, Names& errors, const std::string& where);
Refs refs_of(const yaml::Node& node, Names& errors, const std::string& where);
Variables variables_of(const yaml::Node& node);
std::vector<Need> needs_of(const yaml::Node& node);
Names names_of(const yaml::Node& node);
/// A boolean as Psych reads it.
std::optional<bool> truth_of(const yaml::Node& node);
/// The rows of `parallel`: a job's name behind its own, and the variables of the row.
std::vector<std::pair<std::string, Variables>> instances_of(const yaml::Node& node);

}  // namespace penstock::targets::gitlab::simulation
