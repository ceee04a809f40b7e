// From the plan to GitLab's files.
#include "targets/gitlab/shape.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "targets/gitlab/target.h"

namespace penstock::targets::gitlab {
namespace {

PENSTOCK_MESSAGE(NotExpressible, "GitLab cannot say {}", std::string);

std::vector<long> numbers(std::string_view version) {
  std::vector<long> all;
  for (const std::string_view part : split(version, '.')) {
    long number = 0;
    std::from_chars(part.data(), part.data() + part.size(), number);
    all.push_back(number);
  }
  return all;
}

/// Several pipelines can be started by hand: a person says which.
bool choose_run(const plan::Plan& plan) {
  const auto by_hand = [](const plan::Pipeline& pipeline) {
    return std::ranges::find(pipeline.triggers, model::EventKind::Manual, &model::Trigger::kind) !=
           pipeline.triggers.end();
  };
  return std::ranges::count_if(plan.pipelines, by_hand) > 1;
}

/// The field of the form in which a person says it.
void add_choice(const Shaping& shaping, Root& root) {
  Variable choice;
  choice.description = "Which pipeline to run";
  choice.options = {""};
  for (const plan::Pipeline& pipeline : shaping.plan().pipelines) {
    const bool by_hand = std::ranges::find(pipeline.triggers, model::EventKind::Manual,
                                           &model::Trigger::kind) != pipeline.triggers.end();
    if (by_hand) choice.options.push_back(pipeline.name);
  }
  root.variables.push_back({{std::string(shaping.facts().get("variables.run")), {}}, std::move(choice)});
}

bool uses_default_image(const Shaping& shaping) {
  return !shaping.project().stacks.empty() && !shaping.project().image;
}

Default defaults(const Shaping& shaping) {
  Default made;
  if (uses_default_image(shaping)) {
    made.image.name = fmt::format("${}", shaping.facts().get("variables.image"));
    made.notes.push_back({"image", {"Yours, named by digest: bootstrap/README.md says what it must hold."}});
  }
  made.interruptible = false;
  made.before_script = {"set -eu", "if (set +o pipefail) 2>/dev/null; then set +o pipefail; fi"};
  made.notes.push_back({"before_script",
                        {"Every script is for `sh -eu`, on each platform: the runner sets neither -u nor the "
                         "same options in every shell."}});
  return made;
}

std::string file_path(const plan::Pipeline& pipeline) {
  return fmt::format(".gitlab/ci/{}.yml", pipeline.name);
}

Root root(const Shaping& shaping, const std::vector<PlannedPipeline>& pipelines, const Stages& stages) {
  Root made;
  made.workflow = workflow(shaping, pipelines);
  made.stages = stages.order;
  if (choose_run(shaping.plan())) add_choice(shaping, made);
  add(made.variables, "GIT_DEPTH", "1");
  made.defaults = defaults(shaping);
  for (const PlannedPipeline& pipeline : pipelines)
    made.include.push_back({file_path(*pipeline.pipeline), {}});
  return made;
}

std::string job_construct(const Shaping& shaping, const plan::Pipeline& pipeline, const plan::Job& job) {
  if (pipeline.role == plan::PipelineRole::Written)
    return fmt::format("pipelines.{}.jobs.{}", pipeline.name, job.name);
  const auto& project = shaping.project();
  return std::visit(Overloaded{
                        [&](const plan::SourceGate& work) {
                          return fmt::format("gates.{}", project.gates[work.gate].name);
                        },
                        [&](const plan::PlanStack& work) {
                          return fmt::format("stacks.{}", project.stacks[work.stack].name);
                        },
                        [&](const plan::ApplyStack& work) {
                          return fmt::format("stacks.{}", project.stacks[work.stack].name);
                        },
                        [&](const plan::DetectDrift&) { return std::string("drift"); },
                        [&](const plan::ReportDrift&) { return std::string("drift.report"); },
                        [&](const plan::CommentPlans&) { return std::string("delivery.plan.comment"); },
                        [&](const auto&) { return fmt::format("{}.{}", pipeline.name, job.name); },
                    },
                    job.work);
}

File file(const Shaping& shaping, const PlannedPipeline& pipeline, const std::vector<std::string>& stages) {
  File made;
  made.path = file_path(*pipeline.pipeline);
  if (!pipeline.pipeline->purpose.empty()) made.purpose.push_back(pipeline.pipeline->purpose);
  std::vector<std::pair<const plan::Job*, Job>> jobs;
  for (std::size_t i = 0; i < pipeline.jobs.size(); ++i) {
    const PlannedJob& planned = pipeline.jobs[pipeline.jobs.at(i)];
    auto job =
        shape_job({shaping, pipeline, planned, job_construct(shaping, *pipeline.pipeline, *planned.job)});
    if (!job) continue;
    job->stage = stages[i];
    jobs.emplace_back(planned.job, *std::move(job));
  }
  factor(*pipeline.pipeline, jobs, made.root.jobs);
  for (auto& [planned, job] : jobs)
    made.root.jobs.push_back({{job_name(*pipeline.pipeline, *planned), {}}, std::move(job)});
  for (auto& [name, job] : turn_keepers(shaping, pipeline, stages))
    made.root.jobs.push_back({{std::move(name), {}}, std::move(job)});
  return made;
}

}  // namespace

Shaping::Shaping(const plan::Plan& plan, const Context& context) : plan_(plan), context_(context) {}

std::string_view Shaping::setting(std::string_view key) const {
  const std::string_view said =
      context_.settings != nullptr ? context_.settings->get(key) : std::string_view{};
  return said.empty() ? facts().get(fmt::format("defaults.{}", key)) : said;
}

bool Shaping::since(std::string_view keyword) const {
  const std::string_view version = setting("version");
  return !version.empty() && numbers(version) >= numbers(facts().get(fmt::format("since.{}", keyword)));
}

void Shaping::exact(std::string construct, Span span) const {
  context_.report->exact(std::string(kTarget.name), std::move(construct), span);
}
void Shaping::after_setup(std::string construct, Span span, std::string how) const {
  context_.report->after_setup(std::string(kTarget.name), std::move(construct), span, std::move(how));
}
void Shaping::approximated(std::string construct, Span span, std::string how) const {
  context_.report->approximated(std::string(kTarget.name), std::move(construct), span, std::move(how));
}
void Shaping::setup(std::string title, std::vector<std::string> values) const {
  context_.report->setup(std::string(kTarget.name), std::move(title), std::move(values));
}

void Shaping::refuse(std::string construct, Span span, std::string what, std::string help) const {
  context_.report->refused(std::string(kTarget.name), std::move(construct), span,
                           fmt::format("GitLab cannot say {}", what));
  diag::build(sink(), span, kNotExpressible, std::move(what)).help(std::move(help)).emit();
}

std::any shape(const plan::Plan& plan, const Context& context) {
  const Shaping shaping(plan, context);
  const bool choose = choose_run(plan);
  std::vector<PlannedPipeline> pipelines;
  for (const plan::Pipeline& pipeline : plan.pipelines)
    pipelines.push_back(planned(shaping, pipeline, choose));
  const Stages all = stages(pipelines, shaping.project());
  Tree tree;
  tree.files.push_back({".gitlab-ci.yml",
                        {"What must be set up outside these files is in bootstrap/README.md."},
                        root(shaping, pipelines, all)});
  for (std::size_t i = 0; i < pipelines.size(); ++i) {
    tree.files.push_back(file(shaping, pipelines[i], all.of[i]));
    say_pipeline(shaping, pipelines[i]);
    claim(shaping, pipelines[i], choose);
  }
  say_project(shaping, pipelines);
  return tree;
}

}  // namespace penstock::targets::gitlab
