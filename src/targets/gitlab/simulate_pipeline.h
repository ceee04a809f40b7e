#pragma once
#include <string>
#include <utility>
#include <vector>

#include "targets/gitlab/simulate_variables.h"

/// Which jobs a pipeline is created with. docs: ci/yaml/workflow, ci/jobs/job_rules.
namespace penstock::targets::gitlab::simulation {

struct Selected {
  const JobSpec* spec = nullptr;
  std::string when;
  bool allow_failure = false;
  Variables variables;  // of the rule
  std::optional<std::vector<Need>> needs;
  bool interruptible = false;
  std::string unknown;  // why nobody can tell whether it is there, or how it starts
};

struct Pipeline {
  std::string refused;      // why there is none; empty: there is one
  Variables variables;      // of the workflow's rule
  std::string auto_cancel;  // on_new_commit: conservative, interruptible, none
  std::vector<Selected> jobs;
  std::vector<std::pair<std::string, std::string>> left_out;  // jobs, and why
};

Pipeline create(const Config& config, const Origin& origin, Settings& settings);

enum class Answer : unsigned char { No, Yes, Unknown };
struct Held {
  Answer answer = Answer::Yes;
  std::string unknown = {};
};
/// Whether the conditions of one entry hold together.
Held holds(const Rule& rule, const Origin& origin, const Scope& scope, Settings& settings);

}  // namespace penstock::targets::gitlab::simulation
