// Hand-written jobs, and what all jobs have.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "targets/gitlab/shape.h"

namespace penstock::targets::gitlab {
namespace {

using model::EventKind;

bool runs_for(const JobShaping& at, EventKind kind) {
  for (std::size_t i = 0; i < at.pipeline.events.size(); ++i) {
    if (at.pipeline.events[i].kind == kind && !at.planned.selections[i].empty()) return true;
  }
  return false;
}

/// A newer commit of a request makes the older one's pipeline worthless. Everything else is finished once it has begun.
std::optional<bool> interruptible(const JobShaping& at) {
  const bool requests_only = std::ranges::all_of(
      at.pipeline.events, [](const Event& event) { return event.kind == EventKind::PullRequest; });
  if (!requests_only || at.pipeline.events.empty() || at.job().environment) return std::nullopt;
  return true;
}

void set_environment(const JobShaping& at, Job& job) {
  if (at.job().turn) job.resource_group = at.shaping.environment_name(*at.job().turn);
  if (!at.job().environment) return;
  const model::Environment& environment = at.shaping.project().environments[*at.job().environment];
  job.environment.name = environment.name;
  job.environment.deployment_tier = model::name(environment.tier);
}

void set_identity(const JobShaping& at, Job& job) {
  if (!at.job().access) return;
  const plan::Access& access = *at.job().access;
  job.id_tokens.push_back(
      {{"PENSTOCK_ID_TOKEN", {}}, IdToken{{{std::string(at.shaping.setting("url"))}}, {}}});
  add(job.variables, "PENSTOCK_ROLE_ARN", access.role_arn);
  add(job.variables, "PENSTOCK_AWS_REGION", access.region);
}

void refuse_limits(const JobShaping& at) {
  const std::string name = job_name(*at.pipeline.pipeline, at.job());
  const auto reserved = at.shaping.facts().list("reserved");
  if (std::ranges::find(reserved, std::string_view(name)) != reserved.end()) {
    at.shaping.refuse(at.construct, at.shaping.span(at.job()),
                      fmt::format("a job named `{}`: it keeps this name for itself", name),
                      "rename the job or the pipeline");
  }
  const auto most_needs = static_cast<std::size_t>(at.shaping.facts().number("limits.needs"));
  if (at.job().needs.size() > most_needs && !std::holds_alternative<plan::ReportDrift>(at.job().work)) {
    at.shaping.refuse(at.construct + ".needs", at.shaping.span(at.job()),
                      fmt::format("{} needs of one job: {} are the most", at.job().needs.size(), most_needs),
                      "let a job in between need some of them");
  }
}

/// A secret is a CI/CD variable; its scope is the environment that the job names, so that no other job has it.
void set_secrets(const JobShaping& at, Job& job) {
  const auto& secrets = at.job().secrets;
  if (secrets.empty()) return;
  const bool own = job.environment.name.empty();
  if (own) {
    job.environment.name = fmt::format("{}/{}", at.pipeline.pipeline->name, at.job().name);
    job.environment.action = "access";
    job.notes.push_back(
        {"environment", {"The scope of its secrets: no other job has them. No deployment is recorded."}});
  }
  for (const auto& [variable, secret] : secrets) {
    const std::string key = variable_name(secret);
    if (key != variable) add(job.variables, variable, fmt::format("${}", key));
    at.shaping.setup(fmt::format("CI/CD variable `{}`", key),
                     {"value: the secret", fmt::format("environment scope: {}", job.environment.name),
                      "visibility: masked and hidden",
                      fmt::format("protected: {}",
                                  runs_for(at, EventKind::PullRequest) ? "no, requests need it" : "yes")});
  }
  const std::string scope =
      own ? fmt::format("an environment of its own, `{}`", job.environment.name)
          : fmt::format("the environment `{}`, which other jobs may name", job.environment.name);
  at.shaping.after_setup(at.construct + ".secrets", at.shaping.span(at.job()),
                         fmt::format("CI/CD variables whose scope is {}", scope));
}

void say_permissions(const JobShaping& at) {
  for (const auto& [permission, level] : at.job().permissions) {
    if (level != model::Level::Write) continue;
    const std::string_view limit =
        at.shaping.facts().get(fmt::format("permissions.{}", model::name(permission)));
    if (!limit.empty()) {
      at.shaping.approximated(fmt::format("{}.permissions.{}", at.construct, model::name(permission)),
                              at.shaping.span(at.job()), std::string(limit));
    }
  }
}

void say_environment(const JobShaping& at) {
  if (!at.job().environment || at.job().approval) return;
  at.shaping.exact(at.construct + ".environment", at.shaping.span(at.job()));
}

// --- hand-written jobs

struct Artifact {
  const model::Upload* upload;
  bool is_last;  // no script runs behind it
};

std::string expire(std::chrono::minutes keep) {
  using days = std::chrono::duration<long, std::ratio<86400>>;
  if (keep % days(1) == std::chrono::minutes(0)) {
    const long count = std::chrono::duration_cast<days>(keep).count();
    return count == 1 ? "1 day" : fmt::format("{} days", count);
  }
  return duration(keep);
}

std::string artifact_pattern(std::string_view path) { return replaced(path, "$", "$$"); }

void set_artifacts(const JobShaping& at, const std::vector<model::Step>& steps, Job& job) {
  std::vector<Artifact> uploads;
  for (const model::Step& step : steps) {
    if (std::holds_alternative<model::Run>(step.action)) {
      for (Artifact& earlier : uploads) earlier.is_last = false;
    }
    if (const auto* upload = std::get_if<model::Upload>(&step.action)) uploads.push_back({upload, true});
  }
  if (uploads.empty()) return;
  std::vector<std::string> names;
  std::chrono::minutes keep{0};
  for (const auto& [upload, is_last] : uploads) {
    const std::string construct = fmt::format("{}.artifacts.{}", at.construct, upload->artifact);
    const Span span = at.shaping.span(at.job());
    names.push_back(upload->artifact);
    keep = std::max(keep, upload->keep);
    for (const std::string& path : upload->paths) {
      const bool excluded = path.starts_with("!");
      std::vector<std::string>& list = excluded ? job.artifacts.exclude : job.artifacts.paths;
      list.push_back(artifact_pattern(excluded ? path.substr(1) : path));
    }
    if (!is_last) {
      at.shaping.approximated(construct, span, "kept when the job ends, not at the step that says so");
    } else if (uploads.size() > 1) {
      at.shaping.approximated(construct, span,
                              "a job has one archive: who downloads one of its artifacts gets all of them");
    } else {
      at.shaping.exact(construct, span);
    }
  }
  job.artifacts.name = join(names, "-");
  job.artifacts.expire_in = expire(keep);
}

/// What is downloaded is there before the first step.
void say_downloads(const JobShaping& at, const std::vector<model::Step>& steps) {
  bool has_run = false;
  for (const model::Step& step : steps) {
    has_run = has_run || std::holds_alternative<model::Run>(step.action);
    if (has_run && std::holds_alternative<model::Download>(step.action)) {
      at.shaping.approximated(at.construct + ".steps", step.span,
                              "what is downloaded is there before the first step");
    }
  }
}

bool wants_history(const std::vector<model::Step>& steps) {
  return std::ranges::any_of(steps, [](const model::Step& step) {
    const auto* checkout = std::get_if<model::Checkout>(&step.action);
    return checkout != nullptr && checkout->history;
  });
}

/// A tool of the catalog as an image: `node: "22"` is `node:22-bookworm`.
Image tool_image(const JobShaping& at, const model::Setup& setup, Span span) {
  const std::string path = fmt::format("setup.{}.gitlab", setup.tool);
  const std::string_view pattern = at.shaping.catalog().get(path + ".image");
  if (pattern.empty()) {
    at.shaping.refuse(at.construct + ".steps", span,
                      fmt::format("`setup: {{ {}: … }}`: the catalog has no image with it", setup.tool),
                      "write an `image` that holds it on the job");
    return {};
  }
  Image image;
  image.name = replaced(pattern, "{version}", setup.version);
  image.has_entrypoint = at.shaping.catalog().get(path + ".entrypoint") == "none";
  if (image.has_entrypoint) image.entrypoint = {""};
  return image;
}

void say_image(const JobShaping& at, const std::string& construct, Span span, const std::string& name) {
  if (name.find("@sha256:") != std::string::npos || name.starts_with("$")) {
    at.shaping.exact(construct, span);
  } else {
    at.shaping.after_setup(
        construct, span,
        fmt::format("the image `{}` is named by a version; its digest comes with `penstock lock`", name));
  }
}

void set_image(const JobShaping& at, const std::vector<model::Step>& steps, Job& job) {
  const model::Setup* first = nullptr;
  for (const model::Step& step : steps) {
    const auto* setup = std::get_if<model::Setup>(&step.action);
    if (setup == nullptr) continue;
    const std::string construct = at.construct + ".steps";
    if (at.job().image) {
      at.shaping.approximated(
          construct, step.span,
          fmt::format("nothing is set up in an image: it must bring {} {}", setup->tool, setup->version));
    } else if (first == nullptr) {
      first = setup;
      job.image = tool_image(at, *setup, step.span);
      if (!job.image.name.empty())
        say_image(at, fmt::format("setup.{} {}", setup->tool, setup->version), step.span, job.image.name);
    } else {
      at.shaping.refuse(
          construct, step.span,
          fmt::format("both {} and {} in one job: an image stands for a tool", first->tool, setup->tool),
          "write an `image` that holds both on the job");
    }
  }
  if (at.job().image) {
    PENSTOCK_CHECK(at.job().image->is_constant());
    job.image.name = at.job().image->constant();
    say_image(at, at.construct + ".image", at.job().image->span, job.image.name);
  } else if (first == nullptr) {
    job.image.name = at.shaping.catalog().get(fmt::format("runs_on.{}.gitlab.image", at.job().runs_on));
    say_image(at, fmt::format("runs_on.{}", at.job().runs_on), at.shaping.span(at.job()), job.image.name);
  }
}

void say_written(const JobShaping& at) {
  const Span span = at.shaping.span(at.job());
  at.shaping.exact(at.construct, span);
  say_permissions(at);
  say_environment(at);
  if (at.job().when) at.shaping.exact(at.construct + ".when", at.job().when->span);
  if (at.job().access) {
    at.shaping.after_setup(at.construct + ".steps", span, "taking the role needs git and jq in the image");
  }
}

}  // namespace

std::string duration(std::chrono::minutes time) {
  const auto words = [](long count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  const long hours = time.count() / 60, minutes = time.count() % 60;
  if (hours == 0) return words(minutes, "minute");
  return minutes == 0 ? words(hours, "hour")
                      : fmt::format("{} {}", words(hours, "hour"), words(minutes, "minute"));
}

std::vector<std::string> identity_lines(const JobShaping& at) {
  if (!at.job().access) return {};
  const plan::Access& access = *at.job().access;
  const bool derived = !std::holds_alternative<plan::Steps>(at.job().work);
  const std::string environment =
      derived ? "\"$PENSTOCK_ENVIRONMENT\"" : at.shaping.environment_name(access.environment);
  return {fmt::format("sh .penstock/identity.sh {} {}", environment,
                      access.role == plan::Role::Plan ? "plan" : "apply"),
          ". ./penstock-out/identity.env"};
}

Job common(const JobShaping& at, const model::NamedTexts& texts) {
  Job job;
  std::vector<Variables> by_event;
  add_texts(at, texts, job.variables, by_event);
  job.tags = {};
  for (const std::string_view tag :
       at.shaping.catalog().list(fmt::format("runs_on.{}.gitlab.tags", at.job().runs_on)))
    job.tags.emplace_back(tag);
  job.needs = needs(at);
  refuse_limits(at);
  job.timeout = duration(at.job().timeout);
  job.interruptible = interruptible(at);
  set_environment(at, job);
  set_identity(at, job);
  set_secrets(at, job);
  if (at.job().approval)
    job.manual_confirmation = fmt::format("Run {} in {}?", at.job().title, job.environment.name);
  job.rules = rules(at, by_event);
  return job;
}

Job written_job(const JobShaping& at, const plan::Steps& work) {
  Script script = script_of(work.steps, at.job().env);
  model::NamedTexts texts = at.job().env;
  texts.insert(texts.end(), script.env.begin(), script.env.end());
  Job job = common(at, texts);
  if (wants_history(work.steps)) add(job.variables, "GIT_DEPTH", "0");
  set_image(at, work.steps, job);
  set_artifacts(at, work.steps, job);
  say_downloads(at, work.steps);
  job.script = identity_lines(at);
  job.script.insert(job.script.end(), script.lines.begin(), script.lines.end());
  if (job.script.empty()) job.script.emplace_back("true");  // a job without steps still succeeds
  say_written(at);
  return job;
}

std::optional<Job> shape_job(const JobShaping& at) {
  return std::visit(
      Overloaded{
          [&](const plan::Steps& work) -> std::optional<Job> { return written_job(at, work); },
          [&](const plan::SourceGate& work) -> std::optional<Job> { return source_gate(at, work); },
          [&](const plan::PlanStack& work) -> std::optional<Job> { return plan_stack(at, work); },
          [&](const plan::ApplyStack& work) -> std::optional<Job> { return apply_stack(at, work); },
          [&](const plan::DetectDrift& work) -> std::optional<Job> { return detect_drift(at, work); },
          [&](const plan::ReportDrift& work) -> std::optional<Job> { return report_drift(at, work); },
          [](const plan::CommentPlans&) -> std::optional<Job> { return std::nullopt; },
          // The features of targets/gitlab.yaml keep `lower` from making these.
          [](const plan::RequiredCheck&) -> std::optional<Job> {
            PENSTOCK_CHECK(!"a required check");
            return std::nullopt;
          },
          [](const plan::DetectChanges&) -> std::optional<Job> {
            PENSTOCK_CHECK(!"a test of changes");
            return std::nullopt;
          },
          [](const plan::Preview&) -> std::optional<Job> {
            PENSTOCK_CHECK(!"a preview");
            return std::nullopt;
          },
      },
      at.job().work);
}

}  // namespace penstock::targets::gitlab
