// How each noun of the model comes out, and what must be set up outside the files.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "targets/gitlab/shape.h"

namespace penstock::targets::gitlab {
namespace {

using model::EventKind;

std::string construct(const plan::Pipeline& pipeline, const model::Trigger& trigger) {
  switch (pipeline.role) {
    case plan::PipelineRole::Written:
      return fmt::format("pipelines.{}.on.{}", pipeline.name, model::name(trigger.kind));
    case plan::PipelineRole::Request: return "delivery.plan";
    case plan::PipelineRole::Delivery: return "delivery";
    case plan::PipelineRole::Drift: return "drift.schedule";
  }
  return {};
}

/// The least time between two starts, when they are minutes of the same hour.
long shortest_gap(const std::vector<int>& minutes) {
  long shortest = 60;
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    const bool last = i + 1 == minutes.size();
    const long gap = last ? minutes.front() + 60 - minutes.back() : minutes[i + 1] - minutes[i];
    shortest = std::min(shortest, gap);
  }
  return shortest;
}

void say_schedule(const Shaping& shaping, const plan::Pipeline& pipeline, const model::Trigger& trigger,
                  std::size_t number) {
  const model::Schedule& schedule = *trigger.schedule;
  const std::string path = construct(pipeline, trigger);
  const std::string title = number == 1 ? fmt::format("Pipeline schedule `{}`", pipeline.name)
                                        : fmt::format("Pipeline schedule `{} {}`", pipeline.name, number);
  const std::string variable(shaping.facts().get("variables.schedule"));
  shaping.setup(
      title, {fmt::format("cron: `{}`", schedule.cron.text), fmt::format("time zone: {}", schedule.timezone),
              fmt::format("target branch: {}", shaping.project().default_branch),
              fmt::format("variable: `{}` = `{}`", variable, pipeline.name),
              "setting `ci_pipeline_variables_minimum_override_role`: the role of the schedule's owner or a "
              "lower one, else its variable is refused"});
  shaping.after_setup(path, schedule.span, "a schedule is an object of the project, not of the files");
  const long least = shaping.facts().number("limits.schedule_minutes");
  if (shortest_gap(schedule.cron.minutes) < least) {
    shaping.approximated(
        path, schedule.span,
        fmt::format("GitLab looks for schedules every {} minutes; it starts none more often", least));
  }
}

void say_trigger(const Shaping& shaping, const plan::Pipeline& pipeline, const model::Trigger& trigger) {
  const std::string path = construct(pipeline, trigger);
  if (trigger.kind == EventKind::PullRequest && !trigger.paths.empty()) {
    shaping.approximated(path + ".paths", trigger.span,
                         "a request that changes none of these paths has no pipeline of this name; with the "
                         "setting \"pipelines must succeed\" and no other pipeline it cannot be merged");
  }
  shaping.exact(path, trigger.span);
}

// --- environments

std::string people(const model::Approvals& approvals) {
  return approvals.from.empty() ? "maintainers" : fmt::format("group {}", join(approvals.from, ", group "));
}

void say_approvals(const Shaping& shaping, const model::Environment& environment, bool applies) {
  const model::Approvals& approvals = *environment.approvals;
  const std::string path = fmt::format("environments.{}.approvals", environment.name);
  if (!shaping.has_approvals()) {
    if (approvals.count > 1) {
      shaping.refuse(path, approvals.span,
                     fmt::format("{} approvals: without protected environments one person presses one button",
                                 approvals.count),
                     "write `targets: { gitlab: { tier: premium } }` if the project has it");
      return;
    }
    shaping.approximated(path, approvals.span,
                         "a button that everybody may press who may push to the branch: `from` and `self` "
                         "need protected environments (tier premium)");
  } else {
    shaping.setup(
        fmt::format("Protected environment `{}`", environment.name),
        {fmt::format("allowed to deploy: {}", people(approvals)),
         fmt::format("approval rule: {}, required approvals {}", people(approvals), approvals.count),
         fmt::format("setting `allow_pipeline_trigger_approve_deployment`: {}", approvals.self)});
    shaping.after_setup(path, approvals.span, "who may approve is a setting of the protected environment");
  }
  if (applies) {
    shaping.approximated(
        path, approvals.span,
        "the button of an apply job is there even when the plan is empty; pressed, it applies nothing");
  }
}

bool holds_turns(const std::vector<PlannedPipeline>& pipelines, plan::EnvironmentId id) {
  return std::ranges::any_of(pipelines, [&](const PlannedPipeline& pipeline) {
    return std::ranges::any_of(pipeline.jobs,
                               [&](const PlannedJob& planned) { return planned.job->turn == id; });
  });
}

bool is_applied_to(const std::vector<PlannedPipeline>& pipelines, plan::EnvironmentId id) {
  return std::ranges::any_of(pipelines, [&](const PlannedPipeline& pipeline) {
    return std::ranges::any_of(pipeline.jobs, [&](const PlannedJob& planned) {
      const auto* apply = std::get_if<plan::ApplyStack>(&planned.job->work);
      return apply != nullptr && apply->environment == id;
    });
  });
}

void say_environment(const Shaping& shaping, const std::vector<PlannedPipeline>& pipelines,
                     plan::EnvironmentId id) {
  const model::Environment& environment = shaping.project().environments[id];
  const std::string path = fmt::format("environments.{}", environment.name);
  const bool applied = is_applied_to(pipelines, id);
  shaping.exact(path, environment.span);
  if (environment.approvals) say_approvals(shaping, environment, applied);
  if (!environment.branches.empty()) shaping.exact(path + ".branches", environment.span);
  if (!environment.after.empty()) shaping.exact(path + ".after", environment.span);
  if (!holds_turns(pipelines, id)) return;
  shaping.setup(
      fmt::format("Resource group `{}`", environment.name),
      {"process mode: oldest_first (it exists after its first job: `PUT /projects/:id/resource_groups/:key`)",
       "setting `ci_forward_deployment_enabled`: true"});
  shaping.after_setup(
      path, environment.span,
      "one run at a time, the oldest first: the process mode of the resource group is a setting");
}

// --- identities

/// What the tokens of an event's pipelines say they are. Of a request it is the branch that it comes from.
std::string subject(const Shaping& shaping, const Event& event) {
  const std::string& project = shaping.project().gitlab;
  const bool known = event.ref && event.kind != EventKind::PullRequest;
  const std::string scheduled = event.kind == EventKind::Schedule ? shaping.project().default_branch : "*";
  return fmt::format("project_path:{}:ref_type:{}:ref:{}", project.empty() ? "GROUP/PROJECT" : project,
                     event.kind == EventKind::Tag ? "tag" : "branch", known ? *event.ref : scheduled);
}

void say_access(const Shaping& shaping, const PlannedPipeline& pipeline) {
  for (const PlannedJob& planned : pipeline.jobs) {
    if (!planned.job->access) continue;
    const plan::Access& access = *planned.job->access;
    const model::Identity& identity = shaping.project().identities[access.identity];
    const std::string_view url = shaping.setting("url");
    const std::string_view host =
        url.substr(url.find("//") == std::string_view::npos ? 0 : url.find("//") + 2);
    std::vector<std::string> values = {fmt::format("identity provider: {}", url),
                                       fmt::format("condition: `{}:aud` = `{}`", host, url)};
    for (std::size_t i = 0; i < pipeline.events.size(); ++i) {
      if (planned.selections[i].empty()) continue;
      values.push_back(
          fmt::format("condition: `{}:sub` like `{}`", host, subject(shaping, pipeline.events[i])));
    }
    shaping.setup(fmt::format("Trust policy of the role `{}`", access.role_arn), std::move(values));
    shaping.after_setup(fmt::format("identities.{}", identity.name), identity.span,
                        "the roles must trust the tokens of this project");
  }
}

// --- stacks

std::string tools(const Shaping& shaping) {
  std::vector<std::string> names = {"git", "jq"};
  const auto add = [&](std::string name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  };
  for (const model::Stack& stack : shaping.project().stacks)
    add(fmt::format("{} {}", stack.tool == model::Tool::OpenTofu ? "tofu" : "terraform", stack.version));
  for (const model::Gate& gate : shaping.project().gates)
    add(gate.tool == model::GateTool::Conftest ? "conftest" : "gitleaks");
  if (shaping.project().drift && shaping.project().drift->issue) add("curl");
  return join(names, ", ");
}

void say_stacks(const Shaping& shaping) {
  const std::string variable(shaping.facts().get("variables.image"));
  const bool given = shaping.project().image.has_value();
  if (!given) {
    shaping.setup(fmt::format("CI/CD variable `{}`", variable),
                  {fmt::format("value: an image of yours, named by digest, with {}", tools(shaping))});
  }
  const std::string what =
      given ? fmt::format("the image must hold {}", tools(shaping))
            : fmt::format("the image that the variable `{}` names must hold {}", variable, tools(shaping));
  for (const model::Stack& stack : shaping.project().stacks)
    shaping.after_setup(fmt::format("stacks.{}", stack.name), stack.span, what);
  for (const model::Gate& gate : shaping.project().gates)
    shaping.exact(fmt::format("gates.{}", gate.name), gate.span);
}

void say_delivery(const Shaping& shaping) {
  const model::Project& project = shaping.project();
  const bool comment = !project.delivery || project.delivery->comment;
  const Span span = project.delivery ? project.delivery->span : project.stacks.begin()->span;
  if (comment) {
    shaping.approximated("delivery.plan.comment", project.delivery ? project.delivery->comment_span : span,
                         "shown in the merge request's widget and the job's log: a token that can comment is "
                         "not safe in a job that runs the request's code");
  }
  shaping.approximated(
      "delivery.apply", span,
      "the plan's digest travels in the same artifact as the plan: it finds accidents, not an attacker");
}

void say_drift(const Shaping& shaping) {
  const auto& drift = shaping.project().drift;
  if (!drift || !drift->issue) return;
  const std::string token(shaping.facts().get("variables.token"));
  shaping.setup(fmt::format("CI/CD variable `{}`", token),
                {"value: a project access token, role Reporter, scope `api`", "environment scope: reports",
                 "visibility: masked and hidden", "protected: yes"});
  shaping.after_setup(
      "drift.report", drift->report_span,
      "the job's own token cannot write issues: a project access token, which only the report has");
}

void say_variables(const Shaping& shaping, const std::vector<PlannedPipeline>& pipelines) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const PlannedPipeline& pipeline : pipelines) {
    for (const PlannedJob& planned : pipeline.jobs) {
      for (const std::string& name : planned.job->variables) add(name);
      for (const auto& [key, text] : planned.job->env) {
        for (const auto& part : text.parts) {
          if (const auto* variable = std::get_if<model::VariableRef>(&part)) add(variable->name);
        }
      }
    }
  }
  for (const std::string& name : names)
    shaping.setup(fmt::format("CI/CD variable `{}`", name),
                  {fmt::format("value: what the model calls `vars.{}`", name)});
}

}  // namespace

void say_pipeline(const Shaping& shaping, const PlannedPipeline& pipeline) {
  std::size_t schedules = 0;
  for (const model::Trigger& trigger : pipeline.pipeline->triggers) {
    if (trigger.kind == EventKind::Schedule) {
      say_schedule(shaping, *pipeline.pipeline, trigger, ++schedules);
    } else {
      say_trigger(shaping, *pipeline.pipeline, trigger);
    }
  }
  say_access(shaping, pipeline);
}

void say_project(const Shaping& shaping, const std::vector<PlannedPipeline>& pipelines) {
  const model::Project& project = shaping.project();
  for (std::uint32_t i = 0; i < project.environments.size(); ++i)
    say_environment(shaping, pipelines, plan::EnvironmentId{i});
  if (!project.stacks.empty()) {
    say_stacks(shaping);
    say_delivery(shaping);
    say_drift(shaping);
  }
  say_variables(shaping, pipelines);
  const bool requests = std::ranges::any_of(pipelines, [](const PlannedPipeline& pipeline) {
    return std::ranges::any_of(pipeline.events,
                               [](const Event& event) { return event.kind == EventKind::PullRequest; });
  });
  if (requests) shaping.setup("Merge checks", {"setting `only_allow_merge_if_pipeline_succeeds`: true"});
}

}  // namespace penstock::targets::gitlab
