#include "plan/elaborate.h"

#include <algorithm>

#include "base/text.h"
#include "plan/build.h"

namespace penstock::plan {
namespace {

constexpr std::size_t kSessionNameLimit = 64;  // STS: [\w+=,.@-]{2,64}

std::string session_name(const std::string& project, const std::string& environment, Role role) {
  std::string name = fmt::format("{}-{}-{}", project, environment, role == Role::Plan ? "plan" : "apply");
  for (char& c : name) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                         std::string_view("_+=,.@-").find(c) != std::string_view::npos;
    if (!allowed) c = '-';
  }
  return name.size() <= kSessionNameLimit ? name : name.substr(name.size() - kSessionNameLimit);
}

/// A role's ARN as the model says it, or the name it has by convention in the environment's account.
std::string role_arn(const model::Project& project, const model::Environment& environment,
                     const model::Identity& identity, Role role) {
  const auto& said = role == Role::Plan ? identity.plan : identity.apply;
  if (said && said->starts_with("arn:")) return *said;
  const std::string name =
      said ? *said
           : fmt::format("{}-{}-{}", project.name, environment.name, role == Role::Plan ? "plan" : "apply");
  return fmt::format("arn:aws:iam::{}:role/{}", environment.account, name);
}

}  // namespace

Job Jobs::make(std::string name, std::string title, Span span, Work work) const {
  Job job;
  job.name = std::move(name);
  job.title = std::move(title);
  job.origin = plan_.origins.add({span, job.title});
  job.runs_on = project().runs_on;
  job.image = project().image;
  job.permissions = {{model::Permission::Contents, model::Level::Read}};
  job.work = std::move(work);
  return job;
}

std::optional<Access> access(const model::Project& project, EnvironmentId id, Role role) {
  const model::Environment& environment = project.environments[id];
  if (!environment.identity) return std::nullopt;
  const model::Identity& identity = project.identities[*environment.identity];
  const std::string& region = environment.region.empty() ? identity.region : environment.region;
  return Access{*environment.identity,
                id,
                role,
                role_arn(project, environment, identity, role),
                region,
                session_name(project.name, environment.name, role)};
}

void add_variables(const model::NamedTexts& texts, std::vector<std::string>& names) {
  for (const auto& [key, text] : texts) {
    for (const auto& part : text.parts) {
      const auto* variable = std::get_if<model::VariableRef>(&part);
      if (variable && std::ranges::find(names, variable->name) == names.end())
        names.push_back(variable->name);
    }
  }
}

Plan elaborate(const model::Project& project) {
  Plan plan;
  plan.project = &project;
  add_written(plan);
  if (!project.stacks.empty()) {
    add_request(plan);
    add_delivery(plan);
    if (project.drift) add_drift(plan);
  }
  return plan;
}

}  // namespace penstock::plan
