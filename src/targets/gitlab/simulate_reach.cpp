#include "targets/gitlab/simulate_reach.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace penstock::targets::gitlab::simulation {
namespace {

bool is_role(std::string_view text) {
  const auto parts = split(text, ':');
  return parts.size() == 6 && parts[0] == "arn" && parts[1].starts_with("aws") && parts[2] == "iam" &&
         parts[5].starts_with("role/") && parts[5].find_first_of(" '\"\n;") == std::string_view::npos;
}

/// A role that a command names, `--role-arn arn:…`.
void add_roles(const std::string& command, std::set<std::string>& roles) {
  for (std::size_t at = command.find("arn:"); at != std::string::npos; at = command.find("arn:", at + 1)) {
    const std::size_t end = std::min(command.find_first_of(" '\"\n;)", at), command.size());
    if (const std::string word = command.substr(at, end - at); is_role(word)) roles.insert(word);
  }
}

std::string join_all(const std::set<std::string>& all) {
  return join(std::vector<std::string>(all.begin(), all.end()), ", ");
}

}  // namespace

JobReach::JobReach(const Config& config, const Pipeline& pipeline, const Selected& job, const Origin& origin,
                   Settings& settings)
    : job_(job), origin_(origin), settings_(settings), scope_(origin, settings) {
  for (const Variables* layer : {&config.variables, &pipeline.variables}) {
    for (const Variable& variable : *layer) {
      const auto& only = job.spec->inherited;
      if (job.spec->inherits && (!only || std::ranges::find(*only, variable.name) != only->end()))
        inherited_.push_back(variable);
    }
  }
  scope_.add(inherited_);
  scope_.add(job.spec->variables);
  scope_.add(job.variables);
}

run::Reach JobReach::all() const {
  run::Reach reach;
  reach.variables = scope_.all();
  reach.commands = job_.spec->commands;
  if (const std::string name = environment(); !name.empty())
    reach.rights.push_back(fmt::format("environment {}", name));
  std::set<std::string> roles;
  for (const IdToken& token : job_.spec->id_tokens) {
    Names audience;
    for (const std::string& one : token.audience) audience.push_back(expanded(one));
    reach.rights.push_back(fmt::format("id_token {} aud={}", token.name, join(audience, ",")));
  }
  if (!job_.spec->id_tokens.empty()) {
    for (const auto& [name, value] : reach.variables) {
      if (is_role(value)) roles.insert(value);
    }
    for (const std::string& command : reach.commands) add_roles(command, roles);
  }
  reach.role = join_all(roles);
  std::ranges::sort(reach.rights);
  add_secrets(reach);
  return reach;
}

/// What the project keeps for the environment, under its own name and where a variable hands it on; and `secrets:`.
void JobReach::add_secrets(run::Reach& reach) const {
  reach.secrets = job_.spec->secrets;
  if (origin_.in_fork) return;
  for (const std::string& scope : {std::string("*"), environment()}) {
    if (scope.empty()) continue;
    for (const std::string_view name : split(settings_.get("secrets", scope), ' ')) {
      if (name.empty()) continue;
      reach.secrets.emplace_back(name, name);
      for (const auto& [variable, value] : reach.variables) {
        if (value == fmt::format("${}", name) || value == fmt::format("${{{}}}", name))
          reach.secrets.emplace_back(variable, name);
      }
    }
  }
  std::ranges::sort(reach.secrets);
}

}  // namespace penstock::targets::gitlab::simulation
