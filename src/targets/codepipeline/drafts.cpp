// From the pipelines of the plan to those of CodePipeline: names, prefixes in the store, stages, what jobs leave for others.
#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/names.h"

namespace penstock::targets::codepipeline {
namespace {

using model::EventKind;
using plan::JobId;

/// A pipeline's name, such that the store keeps its artifacts apart from those of the others: roles are told apart by the prefix,
/// which is the name cut short. A name that would meet another's prefix is itself made short, with a digest of the whole.
class PipelineNames {
 public:
  explicit PipelineNames(const Context& context)
      : prefix_(static_cast<std::size_t>(context.facts->number("limits.store_prefix"))),
        longest_(static_cast<std::size_t>(context.facts->number("limits.pipeline_name"))) {}

  std::string get(const std::string& project, const std::string& pipeline) {
    const std::string wanted = project + "-" + pipeline;
    std::string name = bounded(wanted, longest_);
    // The project's name gives way first: people look for what the pipeline does.
    if (taken(name) && pipeline.size() + 9 < prefix_)
      name = bounded(project, prefix_ - pipeline.size() - 1) + "-" + pipeline;
    if (taken(name)) name = bounded(wanted, prefix_);
    while (taken(name)) name = bounded(name + wanted, prefix_);
    prefixes_.push_back(name.substr(0, prefix_));
    return name;
  }

  /// As much of the name as the store surely keeps; the whole of it, closed, when it keeps all.
  std::string prefix(const std::string& name) const {
    return name.size() <= prefix_ ? name + "/" : name.substr(0, prefix_);
  }

 private:
  /// A cut prefix is open at its end: `node-service-ci-requ` must not begin another's.
  bool taken(const std::string& name) const {
    const std::string mine = name.substr(0, prefix_);
    return std::ranges::find(prefixes_, mine) != prefixes_.end();
  }

  std::size_t prefix_;
  std::size_t longest_;
  std::vector<std::string> prefixes_;
};

bool wants_history(const plan::Job& job) {
  return std::visit(
      Overloaded{
          [](const plan::Steps&) { return true; },  // scripts may ask git, as on every other platform
          [](const plan::SourceGate&) { return true; },
          [](const plan::DetectChanges&) { return true; },
          [](const plan::PlanStack&) { return false; },
          [](const plan::ApplyStack&) { return false; },
          [](const plan::DetectDrift&) { return false; },
          [](const plan::ReportDrift&) { return false; },
          [](const plan::Preview&) { return false; },
          [](const plan::CommentPlans&) { return false; },
          [](const plan::RequiredCheck&) { return false; },
      },
      job.work);
}

/// What each job of a pipeline leaves in the store.
class Keeping {
 public:
  Keeping(const plan::Plan& plan, const plan::Pipeline& pipeline) : plan_(plan), pipeline_(pipeline) {}

  std::vector<std::vector<Kept>> all() {
    std::vector<std::vector<Kept>> kept;
    for (std::size_t i = 0; i < pipeline_.jobs.size(); ++i)
      kept.push_back(of(pipeline_.jobs[pipeline_.jobs.at(i)]));
    return kept;
  }

 private:
  std::vector<Kept> of(const plan::Job& job) {
    const auto pair = [&](const char* what, plan::EnvironmentId in, plan::StackId of) {
      return one(fmt::format("{}_{}_{}", what, environment_name(plan_, in), stack_name(plan_, of)), job.name);
    };
    return std::visit(
        Overloaded{
            [&](const plan::Steps& work) { return uploads(work, job); },
            [&](const plan::SourceGate&) { return one("Gate_" + job.name, job.name); },
            [&](const plan::PlanStack& work) { return pair("Plan", work.environment, work.stack); },
            [&](const plan::ApplyStack& work) { return pair("Apply", work.environment, work.stack); },
            [&](const plan::DetectDrift& work) { return pair("Drift", work.environment, work.stack); },
            [&](const plan::ReportDrift&) { return one(job.name, job.name); },
            [&](const plan::Preview&) { return one(job.name, job.name); },
            [](const plan::DetectChanges&) { return std::vector<Kept>{}; },
            [](const plan::CommentPlans&) { return std::vector<Kept>{}; },
            [](const plan::RequiredCheck&) { return std::vector<Kept>{}; },
        },
        job.work);
  }

  std::vector<Kept> one(const std::string& wanted, const std::string& job) {
    return {{"", name(wanted, job)}};
  }

  std::vector<Kept> uploads(const plan::Steps& work, const plan::Job& job) {
    std::vector<Kept> kept;
    for (const model::Step& step : work.steps) {
      const auto* upload = std::get_if<model::Upload>(&step.action);
      if (upload != nullptr)
        kept.push_back(
            {upload->artifact, name(job.name + "_" + upload->artifact, job.name + "/" + upload->artifact)});
    }
    return kept;
  }

  std::string name(const std::string& wanted, const std::string& thing) {
    std::string word = artifact_word(wanted);
    word.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(word.front())));
    return names_.get(word, thing);
  }

  const plan::Plan& plan_;
  const plan::Pipeline& pipeline_;
  Names names_{"_"};
};

/// Only a tag starts this pipeline; its creation and a start by hand, which have none, must not get further.
void require_tag(std::vector<StageDraft>& stages, const Context& context) {
  StageRule rule;
  rule.name = "a-tag";
  rule.configuration = {source_variable(*context.facts, "ref.tag"), "MATCHES", ".+"};
  if (stages.front().unless.empty()) {
    stages.front().must.push_back(rule);
    return;
  }
  for (StageDraft& stage : stages) stage.unless.insert(stage.unless.begin(), rule);
}

}  // namespace

const StageDraft& Draft::stage_of(JobId id) const {
  const auto found = std::ranges::find_if(stages, [&](const StageDraft& stage) {
    return std::ranges::find(stage.jobs, id, &Placed::job) != stage.jobs.end();
  });
  PENSTOCK_CHECK(found != stages.end());
  return *found;
}

const Placed& Draft::placed(JobId id) const {
  return *std::ranges::find(stage_of(id).jobs, id, &Placed::job);
}

bool Draft::has(JobId id) const {
  return std::ranges::any_of(stages, [&](const StageDraft& stage) {
    return std::ranges::find(stage.jobs, id, &Placed::job) != stage.jobs.end();
  });
}

const std::string& Draft::kept_by(JobId id, std::string_view of_author) const {
  const std::vector<Kept>& all = kept.at(id.index);
  const auto found = std::ranges::find(all, of_author, &Kept::of_author);
  PENSTOCK_CHECK(found != all.end());
  return found->name;
}

std::string delivers_variable(std::string_view stack) { return "DELIVER_" + variable_name(stack); }
std::string changed_variable(std::string_view set) { return "CHANGED_" + variable_name(set); }

std::string source_variable(const Table& facts, std::string_view fact) {
  const std::string_view key = facts.get(fmt::format("variables.{}", fact));
  return key.empty() ? std::string{} : fmt::format("#{{Source.{}}}", key);
}

std::string space_of(const Draft& draft, JobId id) {
  if (std::holds_alternative<plan::DetectChanges>(draft.job(id).work)) return kChangesSpace;
  const StageDraft& stage = draft.stage_of(id);
  return stage.jobs.size() == 1 ? stage.name : stage.name + "_" + draft.placed(id).name;
}

std::vector<Draft> drafts(const plan::Plan& plan, const Context& context) {
  std::vector<Draft> all;
  PipelineNames names(context);
  Names logical;
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    Draft draft;
    draft.source = &pipeline;
    draft.event = pipeline.triggers.front().kind;
    draft.stages = layout(plan, pipeline, draft.event, context);
    if (draft.stages.empty()) continue;
    if (draft.event == EventKind::Tag) require_tag(draft.stages, context);
    draft.name = names.get(plan.project->name, pipeline.name);
    draft.prefix = names.prefix(draft.name);
    draft.logical = logical.get(pascal(pipeline.name), pipeline.name);
    draft.clones = std::ranges::any_of(pipeline.jobs, wants_history);
    draft.kept = Keeping(plan, pipeline).all();
    all.push_back(std::move(draft));
  }
  return all;
}

}  // namespace penstock::targets::codepipeline
