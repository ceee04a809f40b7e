// What the report says of nouns and jobs, and what has to be set up outside the files.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "targets/github/patterns.h"
#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

PENSTOCK_MESSAGE(NotExpressible, "GitHub Actions cannot say {}", std::string);

constexpr const char* kTarget = "github";

std::string repository(const Shaping& shaping) {
  return shaping.project().github.empty() ? "OWNER/REPOSITORY" : shaping.project().github;
}

void report_approvals(const Shaping& shaping, const model::Environment& environment) {
  const std::string construct = fmt::format("environments.{}.approvals", environment.name);
  const model::Approvals& approvals = *environment.approvals;
  const long most = shaping.facts().number("limits.approvals");
  const auto reviewers = static_cast<std::size_t>(shaping.facts().number("limits.reviewers"));
  if (approvals.count > most) {
    return shaping.refuse(
        construct, approvals.span,
        fmt::format("{} approvals: one of an environment's reviewers is enough", approvals.count),
        "write `count: 1`, or leave this environment to another target");
  }
  if (approvals.from.size() > reviewers) {
    return shaping.refuse(
        construct, approvals.from_span,
        fmt::format("{} reviewers: an environment has {} at most", approvals.from.size(), reviewers),
        "name a team instead of its members");
  }
  std::vector<std::string> values = {approvals.from.empty()
                                         ? "required reviewers: at least one user or team"
                                         : fmt::format("required reviewers: {}", join(approvals.from, ", "))};
  values.emplace_back(approvals.self ? "prevent self-review: off" : "prevent self-review: on");
  values.emplace_back("allow administrators to bypass: off");
  shaping.setup(fmt::format("Environment `{}`", environment.name), values);
  shaping.after_setup(construct, approvals.span,
                      "reviewers are a setting of the environment; each apply asks whether they are there "
                      "and is refused without them");
}

void report_branches(const Shaping& shaping, const model::Environment& environment) {
  if (environment.branches.empty()) return;
  std::vector<std::string> names;
  for (const model::Glob& glob : environment.branches)
    names.push_back(fmt::format("`{}{}`", glob.excludes ? "!" : "", glob.text));
  shaping.setup(fmt::format("Environment `{}`", environment.name),
                {fmt::format("deployment branches: selected branches, {}", join(names, ", "))});
  shaping.after_setup(fmt::format("environments.{}.branches", environment.name),
                      environment.branches.front().span, "a setting of the environment");
}

void report_environment(const Shaping& shaping, const model::Environment& environment) {
  if (environment.approvals) report_approvals(shaping, environment);
  report_branches(shaping, environment);
  const std::string construct = fmt::format("environments.{}", environment.name);
  if (!environment.approvals && environment.branches.empty())
    return shaping.exact(construct, environment.span);
  shaping.after_setup(
      construct, environment.span,
      "create it before the first run: the first job that names an environment creates it unprotected");
}

/// Who may take a role: the subjects of the tokens of the jobs that do.
std::vector<std::string> subjects(const Shaping& shaping, const plan::Pipeline& pipeline,
                                  const plan::Job& job) {
  const std::string prefix = fmt::format("repo:{}:", repository(shaping));
  if (job.environment) return {prefix + "environment:" + shaping.name(*job.environment)};
  std::vector<std::string> all;
  const auto add = [&](std::string subject) {
    if (std::ranges::find(all, subject) == all.end()) all.push_back(std::move(subject));
  };
  for (const model::Trigger& trigger : pipeline.triggers) {
    switch (trigger.kind) {
      case model::EventKind::PullRequest: add(prefix + "pull_request"); break;
      case model::EventKind::Schedule:
        add(prefix + "ref:refs/heads/" + shaping.project().default_branch);
        break;
      case model::EventKind::Push:
        for (const model::Glob& glob : trigger.branches) add(prefix + "ref:refs/heads/" + glob.text);
        break;
      case model::EventKind::Tag:
        for (const model::Glob& glob : trigger.tags) add(prefix + "ref:refs/tags/" + glob.text);
        break;
      case model::EventKind::Manual:
        add(prefix + "ref:refs/heads/" + shaping.project().default_branch);
        break;
    }
  }
  return all;
}

/// `acme/payments` with the ids that stay when names change.
std::string immutable_repository(const std::string& repository) {
  const std::size_t slash = repository.find('/');
  return fmt::format("repo:{}@OWNER_ID/{}@REPOSITORY_ID", repository.substr(0, slash),
                     repository.substr(slash + 1));
}

void report_access(const Shaping& shaping, const plan::Pipeline& pipeline, const plan::Job& job) {
  if (!job.access) return;
  const model::Identity& identity = shaping.project().identities[job.access->identity];
  std::vector<std::string> values = {fmt::format("identity provider: {}", shaping.facts().get("oidc.issuer")),
                                     fmt::format("audience: {}", shaping.facts().get("oidc.audience"))};
  for (const std::string& subject : subjects(shaping, pipeline, job)) values.push_back("subject: " + subject);
  const std::string since(shaping.facts().get("oidc.immutable_since"));
  values.push_back(
      fmt::format("a repository created, renamed or moved after {} says `{}` instead of `repo:{}`", since,
                  immutable_repository(repository(shaping)), repository(shaping)));
  shaping.setup(fmt::format("Trust of the role {}", job.access->role_arn), std::move(values));
  shaping.after_setup(fmt::format("identities.{}", identity.name), identity.span,
                      "the roles must trust GitHub's identity provider for exactly these subjects");
}

void report_variables(const Shaping& shaping, const plan::Job& job) {
  std::vector<std::string> names = job.variables;
  const auto collect = [&](const model::NamedTexts& texts) {
    for (const auto& [key, text] : texts) {
      for (const auto& part : text.parts) {
        if (const auto* variable = std::get_if<model::VariableRef>(&part)) names.push_back(variable->name);
      }
    }
  };
  collect(job.env);
  if (const auto* work = std::get_if<plan::Steps>(&job.work)) {
    for (const model::Step& step : work->steps) {
      if (const auto* run = std::get_if<model::Run>(&step.action)) collect(run->env);
    }
  }
  for (const std::string& name : names) {
    shaping.setup("Variables of the repository (Settings, Secrets and variables, Actions)",
                  {fmt::format("`{}`", name)});
    shaping.after_setup(fmt::format("vars.{}", name), shaping.span(job.origin),
                        "a variable of the repository");
  }
}

void report_secrets(const Shaping& shaping, const plan::Pipeline& pipeline, const plan::Job& job) {
  for (const auto& [variable, secret] : job.secrets) {
    const std::string name = secret_name(secret);
    const std::string owner =
        job.environment ? fmt::format("Secrets of the environment `{}`", shaping.name(*job.environment))
                        : std::string("Secrets of the repository (Settings, Secrets and variables, Actions)");
    shaping.setup(owner, {fmt::format("`{}`", name)});
    shaping.after_setup(fmt::format("pipelines.{}.jobs.{}.secrets.{}", pipeline.name, job.name, variable),
                        shaping.span(job.origin), fmt::format("the secret `{}`", name));
  }
}

void report_written(const Shaping& shaping, const plan::Pipeline& pipeline, const plan::Job& job,
                    const Events& events) {
  const std::string construct = fmt::format("pipelines.{}.jobs.{}", pipeline.name, job.name);
  shaping.exact(construct, shaping.span(job.origin));
  if (!job.when) return;
  const std::string condition = construct + ".when";
  shaping.exact(condition, job.when->span);
  for (const Doubt& doubt : events.doubts(job)) {
    if (doubt.refused) {
      shaping.refuse(condition, doubt.span, doubt.how,
                     "compare facts with constants, by `==`, `in`, `startsWith`, `endsWith` or `contains`");
    } else {
      shaping.approximated(condition, doubt.span, doubt.how);
    }
  }
}

void report_work(const Shaping& shaping, const plan::Pipeline& pipeline, const plan::Job& job,
                 const Events& events) {
  const model::Project& project = shaping.project();
  const auto stack = [&](plan::StackId id) {
    shaping.exact(fmt::format("stacks.{}", project.stacks[id].name), project.stacks[id].span);
  };
  std::visit(
      Overloaded{
          [&](const plan::Steps&) { report_written(shaping, pipeline, job, events); },
          [&](const plan::SourceGate& work) {
            shaping.exact(fmt::format("gates.{}", project.gates[work.gate].name),
                          project.gates[work.gate].span);
          },
          [&](const plan::PlanStack& work) {
            stack(work.stack);
            for (const plan::GateId gate : work.gates)
              shaping.exact(fmt::format("gates.{}", project.gates[gate].name), project.gates[gate].span);
          },
          [&](const plan::ApplyStack& work) { stack(work.stack); },
          [&](const plan::DetectDrift& work) { stack(work.stack); },
          [&](const plan::ReportDrift&) { shaping.exact("drift.report", shaping.span(job.origin)); },
          [&](const plan::CommentPlans&) {
            shaping.exact("delivery.plan.comment", shaping.span(job.origin));
          },
          [&](const plan::RequiredCheck&) {
            shaping.setup(fmt::format("Ruleset of the branch `{}`", project.default_branch),
                          {"require a pull request before merging",
                           fmt::format("required status check: `{}` (source: GitHub Actions)", job.title)});
            shaping.after_setup(fmt::format("pipelines.{} (required check)", pipeline.name),
                                shaping.span(job.origin),
                                fmt::format("a ruleset must require the check `{}`", job.title));
          },
          [](const plan::DetectChanges&) {}, [](const plan::Preview&) {}},
      job.work);
}

}  // namespace

void Shaping::exact(std::string construct, Span span) const {
  context_.report->exact(kTarget, std::move(construct), span);
}
void Shaping::after_setup(std::string construct, Span span, std::string how) const {
  context_.report->after_setup(kTarget, std::move(construct), span, std::move(how));
}
void Shaping::approximated(std::string construct, Span span, std::string how) const {
  context_.report->approximated(kTarget, std::move(construct), span, std::move(how));
}
void Shaping::setup(std::string title, std::vector<std::string> values) const {
  context_.report->setup(kTarget, std::move(title), std::move(values));
}
void Shaping::refuse(std::string construct, Span span, std::string what, std::string help) const {
  context_.report->refused(kTarget, std::move(construct), span,
                           fmt::format("GitHub Actions cannot say {}", what));
  diag::build(*context_.sink, span, kNotExpressible, std::move(what)).help(std::move(help)).emit();
}

void report_nouns(const Shaping& shaping) {
  const model::Project& project = shaping.project();
  for (const model::Environment& environment : project.environments) report_environment(shaping, environment);
  if (project.delivery) shaping.exact("delivery", project.delivery->span);
  if (project.drift) shaping.exact("drift.schedule", project.drift->schedule.span);
}

void report_pipeline(const Shaping& shaping, const plan::Pipeline& pipeline, const Events& events) {
  for (const plan::Job& job : pipeline.jobs) {
    report_work(shaping, pipeline, job, events);
    report_access(shaping, pipeline, job);
    report_variables(shaping, job);
    report_secrets(shaping, pipeline, job);
  }
}

}  // namespace penstock::targets::github
