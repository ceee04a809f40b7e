// Stages and actions as CodePipeline takes them.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "targets/codepipeline/draft.h"

namespace penstock::targets::codepipeline {
namespace {

using plan::JobId;
using Variables = std::vector<std::pair<std::string, std::string>>;

PENSTOCK_MESSAGE(NotExpressible, "{}", std::string);

constexpr const char* kCheckout = "Checkout";
constexpr const char* kExecution = "#{codepipeline.PipelineExecutionId}";

void refuse(const Context& context, Span span, std::string what, std::string help) {
  diag::build(*context.sink, span, kNotExpressible, std::move(what)).help(std::move(help)).emit();
}

// --- what a build is told

/// The branch that a request goes to: the only one there can be, or what the event says.
std::string target_branch(const Draft& draft, const Context& context) {
  const auto& triggers = draft.source->triggers;
  const bool one = triggers.size() == 1 && triggers.front().branches.size() == 1 &&
                   triggers.front().branches.front().is_literal() &&
                   !triggers.front().branches.front().excludes;
  return one ? triggers.front().branches.front().text
             : source_variable(*context.facts, "pull_request.target");
}

class Told {
 public:
  Told(const plan::Plan& plan, const Draft& draft, JobId id, const Context& context)
      : plan_(plan), draft_(draft), job_(draft.job(id)), context_(context) {}

  Variables all() && {
    std::visit(
        Overloaded{
            [&](const plan::Steps& work) { of_steps(work); },
            [&](const plan::SourceGate&) {
              add("PENSTOCK_GATE", job_.name);
              if (draft_.event == model::EventKind::PullRequest)
                add("PENSTOCK_TARGET", target_branch(draft_, context_));
            },
            [&](const plan::PlanStack& work) { pair(work.stack, work.environment); },
            [&](const plan::ApplyStack& work) {
              pair(work.stack, work.environment);
              add("PENSTOCK_ARTIFACT", draft_.kept_by(work.plan));
              add("PENSTOCK_PLAN_DIGEST", fmt::format("#{{{}.DIGEST}}", space_of(draft_, work.plan)));
            },
            [&](const plan::DetectDrift& work) { pair(work.stack, work.environment); },
            [&](const plan::ReportDrift& work) { report(work); },
            [&](const plan::DetectChanges&) { add("PENSTOCK_TARGET", target_branch(draft_, context_)); },
            [&](const plan::Preview& work) {
              add("PENSTOCK_ENVIRONMENT", environment_name(plan_, work.environment));
              execution();
            },
            [](const plan::CommentPlans&) {},
            [](const plan::RequiredCheck&) {},
        },
        job_.work);
    if (!draft_.clones && reads_commit())
      add("PENSTOCK_COMMIT", source_variable(*context_.facts, "commit.sha"));
    return std::move(all_);
  }

 private:
  void add(std::string name, std::string value) {
    if (std::ranges::find(all_, name, &std::pair<std::string, std::string>::first) == all_.end())
      all_.emplace_back(std::move(name), std::move(value));
  }

  void pair(plan::StackId stack, plan::EnvironmentId environment) {
    add("PENSTOCK_STACK", stack_name(plan_, stack));
    add("PENSTOCK_ENVIRONMENT", environment_name(plan_, environment));
  }

  void execution() {
    add("PENSTOCK_PIPELINE", draft_.name);
    add("PENSTOCK_EXECUTION", kExecution);
  }

  void report(const plan::ReportDrift& work) {
    Texts artifacts, pairs;
    for (const JobId id : work.detections) {
      const auto& detection = std::get<plan::DetectDrift>(draft_.job(id).work);
      artifacts.push_back(draft_.kept_by(id));
      pairs.push_back(environment_name(plan_, detection.environment) + "/" +
                      stack_name(plan_, detection.stack));
    }
    add("PENSTOCK_ARTIFACTS", join(artifacts, " "));
    add("PENSTOCK_PAIRS", join(pairs, " "));
    execution();
  }

  /// A plan remembers the commit it was made from; without a clone git cannot tell it.
  bool reads_commit() const {
    return std::holds_alternative<plan::PlanStack>(job_.work) ||
           std::holds_alternative<plan::ApplyStack>(job_.work) ||
           std::holds_alternative<plan::Preview>(job_.work);
  }

  void of_steps(const plan::Steps& work) {
    for (const auto& [name, text] : job_.env) fact(name, text);
    for (const model::Step& step : work.steps) {
      const auto* run = std::get_if<model::Run>(&step.action);
      if (run == nullptr) continue;
      for (const auto& [name, text] : run->env) {
        for (const auto& part : text.parts) {
          if (const auto* fact = std::get_if<model::FactRef>(&part))
            add(variable_name(fact->name), variable(*fact, text.span));
        }
      }
    }
  }

  /// A variable of the whole job that holds facts of the event.
  void fact(const std::string& name, const model::Text& text) {
    bool facts = false, variables = false;
    std::string value;
    for (const auto& part : text.parts) {
      if (const auto* literal = std::get_if<std::string>(&part)) value += *literal;
      if (const auto* of = std::get_if<model::FactRef>(&part)) {
        facts = true;
        value += variable(*of, text.span);
      }
      variables = variables || std::holds_alternative<model::VariableRef>(part);
    }
    if (facts && value_has_reference(text)) {
      refuse(context_, text.span,
             "CodePipeline takes `#{` in a value for the beginning of a variable of its own",
             "hand over the fact alone, and put the text together in the script");
    } else if (facts && variables) {
      refuse(context_, text.span,
             "CodePipeline cannot put a fact of the event and a variable of the project into one value",
             "hand over both, and put them together in the script");
    } else if (facts) {
      add(name, std::move(value));
    }
  }

  static bool value_has_reference(const model::Text& text) {
    return std::ranges::any_of(text.parts, [](const auto& part) {
      const auto* literal = std::get_if<std::string>(&part);
      return literal != nullptr && literal->find("#{") != std::string::npos;
    });
  }

  std::string variable(const model::FactRef& fact, Span span) {
    std::string found = source_variable(*context_.facts, fact.name);
    if (found.empty())
      refuse(context_, span, fmt::format("CodePipeline does not know `{}`", fact.name),
             "leave it out for this target");
    return found;
  }

  const plan::Plan& plan_;
  const Draft& draft_;
  const plan::Job& job_;
  const Context& context_;
  Variables all_;
};

// --- actions

Action source_action(const plan::Plan& plan, const Draft& draft) {
  Action action;
  action.name = "Source";
  action.type = {"Source", "AWS", "CodeStarSourceConnection", "1"};
  action.space = "Source";
  action.configuration.connection = Ref{"ConnectionArn"};
  action.configuration.repository = Ref{"FullRepositoryId"};
  action.configuration.branch = plan.project->default_branch;
  action.configuration.format = draft.clones ? "CODEBUILD_CLONE_REF" : "CODE_ZIP";
  action.configuration.detect_changes = "false";
  action.outputs = {{kCheckout}};
  return action;
}

/// A job whose variables another action reads gives them a name.
bool exports(const plan::Job& job) {
  const auto* work = std::get_if<plan::PlanStack>(&job.work);
  return (work != nullptr && !work->speculative) || std::holds_alternative<plan::Preview>(job.work) ||
         std::holds_alternative<plan::DetectChanges>(job.work);
}

/// Tests and scans stand under `Test`: only the picture of the pipeline differs.
std::string category(const plan::Job& job) {
  const auto* work = std::get_if<plan::PlanStack>(&job.work);
  const bool judges = (work != nullptr && work->speculative) ||
                      std::holds_alternative<plan::SourceGate>(job.work) ||
                      std::holds_alternative<plan::DetectDrift>(job.work);
  return judges ? "Test" : "Build";
}

std::vector<ArtifactName> inputs(const Draft& draft, const plan::Job& job) {
  std::vector<ArtifactName> all = {{kCheckout}};
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(all, name, &ArtifactName::name) == all.end()) all.push_back({name});
  };
  if (const auto* work = std::get_if<plan::ApplyStack>(&job.work)) add(draft.kept_by(work->plan));
  if (const auto* work = std::get_if<plan::ReportDrift>(&job.work)) {
    for (const JobId id : work->detections) add(draft.kept_by(id));
  }
  if (const auto* work = std::get_if<plan::Steps>(&job.work)) {
    for (const model::Step& step : work->steps) {
      if (const auto* download = std::get_if<model::Download>(&step.action))
        add(draft.kept_by(download->from, download->artifact));
    }
  }
  return all;
}

class Actions {
 public:
  Actions(const plan::Plan& plan, const Draft& draft, const Builds& builds, std::size_t index,
          const Context& context)
      : plan_(plan), draft_(draft), builds_(builds), index_(index), context_(context) {}

  std::vector<Stage> stages() {
    std::vector<Stage> all;
    all.push_back({"Source", {}, {source_action(plan_, draft_)}});
    for (const StageDraft& draft : draft_.stages) all.push_back(stage(draft));
    return all;
  }

 private:
  Stage stage(const StageDraft& draft) {
    Stage stage;
    stage.name = draft.name;
    if (!draft.must.empty()) stage.before.all.push_back({"FAIL", draft.must});
    if (!draft.unless.empty()) stage.before.all.push_back({"SKIP", draft.unless});
    long later = 0;  // approvals take a place of their own before the job
    for (const Placed& placed : draft.jobs) {
      for (Action& approval : approvals(placed)) {
        approval.order = placed.order + later++;
        stage.actions.push_back(std::move(approval));
      }
      stage.actions.push_back(build(placed, placed.order + later));
    }
    return stage;
  }

  std::vector<Action> approvals(const Placed& placed) const {
    const plan::Job& job = draft_.job(placed.job);
    std::vector<Action> all;
    for (const std::string& name : approval_names(job)) {
      Action action;
      action.name = name;
      action.type = {"Approval", "AWS", "Manual", "1"};
      action.timeout = context_.facts->number("limits.approval_days") * 24 * 60;
      action.configuration.topic = Ref{"ApprovalTopic"};
      action.configuration.question = question(job);
      all.push_back(std::move(action));
    }
    return all;
  }

  /// What is asked. Never a commit's message: it is anybody's text, and long.
  std::string question(const plan::Job& job) const {
    const std::string commit = source_variable(*context_.facts, "commit.sha");
    const auto* apply = std::get_if<plan::ApplyStack>(&job.work);
    if (apply == nullptr)
      return fmt::format("{} in {}, commit {}", job.name, environment_name(plan_, *job.environment), commit);
    return fmt::format("{} in {}, commit {}: #{{{}.SUMMARY}}", stack_name(plan_, apply->stack),
                       environment_name(plan_, apply->environment), commit, space_of(draft_, apply->plan));
  }

  Action build(const Placed& placed, long order) {
    const plan::Job& job = draft_.job(placed.job);
    const Job& runs = builds_.of[index_][placed.job.index];
    const BuildDraft& project = builds_.all[runs.build];
    Action action;
    action.name = placed.name;
    action.type = {category(job), "AWS", "CodeBuild", "1"};
    action.order = order;
    if (exports(job)) action.space = space_of(draft_, placed.job);
    action.inputs = inputs(draft_, job);
    for (const Kept& kept : draft_.kept[placed.job.index]) action.outputs.push_back({kept.name});
    action.configuration.project = Ref{project.logical + "Project"};
    if (action.inputs.size() > 1) action.configuration.primary_source = kCheckout;
    if (runs.buildspec != project.buildspec) action.configuration.buildspec = runs.buildspec;
    action.configuration.variables.all = Told(plan_, draft_, placed.job, context_).all();
    check(action, job);
    return action;
  }

  void check(const Action& action, const plan::Job& job) const {
    const Span span = plan::span_of(plan_, job.origin);
    const auto most = static_cast<std::size_t>(context_.facts->number("limits.artifacts_of_action"));
    if (action.inputs.size() > most) {
      refuse(context_, span,
             fmt::format("an action of CodePipeline takes {} artifacts, the source among them", most),
             "pack what belongs together into one artifact");
    }
    if (action.outputs.size() > most)
      refuse(context_, span, fmt::format("an action of CodePipeline leaves {} artifacts at most", most),
             "pack what belongs together into one artifact");
    const std::size_t length = encode_value(action.configuration.variables).text.size();
    if (length > static_cast<std::size_t>(context_.facts->number("limits.configuration_value"))) {
      refuse(context_, span,
             fmt::format(
                 "the variables of this job take {} characters, and an action of CodePipeline may have 1000",
                 length),
             "hand over fewer, or shorter ones");
    }
  }

  const plan::Plan& plan_;
  const Draft& draft_;
  const Builds& builds_;
  std::size_t index_;
  const Context& context_;
};

}  // namespace

std::vector<std::string> approval_names(const plan::Job& job) {
  if (!job.approval) return {};
  if (job.approval->count == 1) return {"Approve"};
  std::vector<std::string> all;
  for (long i = 1; i <= job.approval->count; ++i) all.push_back(fmt::format("Approve{}", i));
  return all;
}

std::vector<Stage> stages(const plan::Plan& plan, const Draft& draft, const Builds& builds, std::size_t index,
                          const Context& context) {
  return Actions(plan, draft, builds, index, context).stages();
}

}  // namespace penstock::targets::codepipeline
