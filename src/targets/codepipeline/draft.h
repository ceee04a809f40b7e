#pragma once
#include <fmt/core.h>

#include <optional>
#include <string>
#include <vector>

#include "targets/codepipeline/tree.h"
#include "targets/target.h"

/// What the parts of the shape share: pipelines on their way from the plan to the tree. Not for others.
namespace penstock::targets::codepipeline {

/// Something that a job leaves in the store for others: a plan, a result, an artifact of the author.
struct Kept {
  std::string of_author;  // its name in the model; empty for what a derived job leaves
  std::string name;       // in the pipeline
};

struct Placed {
  plan::JobId job;
  std::string name;  // of its action
  long order = 1;    // its run order
};

struct StageDraft {
  std::string name;
  std::vector<StageRule> unless;  // the stage is left out unless they hold
  std::vector<StageRule> must;    // the execution fails unless they hold
  std::vector<Placed> jobs;
};

struct Draft {
  const plan::Pipeline* source = nullptr;
  model::EventKind event = model::EventKind::Push;
  std::string name;     // live-infra-delivery
  std::string logical;  // Delivery: the logical ids of what belongs to it begin so
  std::string prefix;   // of its artifacts in the store
  bool clones = false;  // builds get a clone with its history, not only the files
  std::vector<StageDraft> stages;
  std::vector<std::vector<Kept>> kept;  // by job

  const plan::Job& job(plan::JobId id) const { return source->jobs[id]; }
  const StageDraft& stage_of(plan::JobId id) const;
  const Placed& placed(plan::JobId id) const;
  bool has(plan::JobId id) const;
  /// The name in the store of what a job leaves: the author's artifact, or the only one.
  const std::string& kept_by(plan::JobId id, std::string_view of_author = {}) const;
};

inline std::string environment_name(const plan::Plan& plan, plan::EnvironmentId id) {
  return plan.project->environments[id].name;
}
inline std::string stack_name(const plan::Plan& plan, plan::StackId id) {
  return plan.project->stacks[id].name;
}

/// The name of a stack as `preview.sh` says whether it has anything to deliver.
std::string delivers_variable(std::string_view stack);
/// The name under which a set of patterns says whether a changed path matches it.
std::string changed_variable(std::string_view set);
/// `#{Source.BranchName}`: the fact as a variable of the source action; empty when there is none.
std::string source_variable(const Table& facts, std::string_view fact);
/// The namespace of an action's output variables. No artifact has a name without `_` but the source's.
std::string space_of(const Draft& draft, plan::JobId id);
inline const std::string kChangesSpace = "Changes";

std::vector<Draft> drafts(const plan::Plan& plan, const Context& context);

/// The stages of a pipeline: as few as conditions and approvals allow.
std::vector<StageDraft> layout(const plan::Plan& plan, const plan::Pipeline& pipeline, model::EventKind event,
                               const Context& context);

/// A condition on the event as rules that must all hold; what cannot be one is reported at its place.
std::vector<StageRule> condition_rules(const cel::Expr& when, const Context& context);

/// A build project: a set of rights, not a job. Jobs of a pipeline with the same rights share one.
struct BuildDraft {
  std::string name;     // live-infra-delivery-plan-staging
  std::string logical;  // DeliveryPlanStaging
  std::string purpose;
  std::string buildspec;  // the path that its first job reads
  const Draft* pipeline = nullptr;
  long minutes = 30;
  std::string type, compute;  // of the machine
  Value image;
  bool own_image = false;    // one of AWS
  bool tools_image = false;  // the one that holds our tools
  bool reports = false;
  std::vector<BuildVariable> variables;
  std::vector<std::string> roles;    // that it may take
  std::vector<std::string> secrets;  // that it may read
  std::vector<std::string> calls;    // that its scripts declare
  std::vector<plan::JobId> jobs;
};

struct Job {  // where a job of a pipeline runs
  std::size_t build = 0;
  std::string buildspec;
};

struct Builds {
  std::vector<BuildDraft> all;
  std::vector<std::vector<Job>> of;  // by draft, by job
  std::vector<std::pair<std::string, Buildspec>> buildspecs;
};
Builds builds(const plan::Plan& plan, const std::vector<Draft>& drafts, const Context& context);

/// The buildspec of a job and the name of its file.
std::pair<std::string, Buildspec> buildspec(const plan::Plan& plan, const Draft& draft, plan::JobId id,
                                            const Context& context);

/// What an action tells its build.
std::vector<std::pair<std::string, std::string>> action_variables(const plan::Plan& plan, const Draft& draft,
                                                                  plan::JobId id, const Context& context);

/// Which parameter of the template holds a variable of the project (`vars.LIVE_ROOT` → VarLiveRoot).
std::string parameter_of(std::string_view variable);
/// A text with `vars`, as CloudFormation makes it. It holds no facts of the event.
Value value_of(const model::Text& text);

std::vector<PipelineTrigger> triggers(const Draft& draft, const Context& context);
std::vector<Stage> stages(const plan::Plan& plan, const Draft& draft, const Builds& builds, std::size_t index,
                          const Context& context);

// Resources, in the order in which they are written.
struct Shared {  // what there is besides the pipelines
  bool approvals = false, clones = false, tools = false;
  long keep_days = 8;
  std::vector<std::string> variables;  // `vars`, in the order of their first use
};
Shared shared(const plan::Plan& plan, const std::vector<Draft>& drafts, const Builds& builds,
              const Context& context);
void add_parameters(Template& stack, const plan::Plan& plan, const Shared& shared, const Context& context);
void add_store(Template& stack, const plan::Plan& plan, const Shared& shared, const Context& context);
void add_people(Template& stack, const plan::Plan& plan, const std::vector<Draft>& drafts,
                const Shared& shared, const Context& context);
void add_shared_rights(Template& stack, const plan::Plan& plan, const Shared& shared, const Context& context);
void add_builds(Template& stack, const plan::Plan& plan, const Builds& builds, const Draft& draft);
void add_pipeline(Template& stack, const plan::Plan& plan, const Builds& builds, const Draft& draft,
                  std::size_t index, const Context& context);
void add_schedules(Template& stack, const Draft& draft, const Context& context);
void add_failures(Template& stack, const Draft& draft, const Context& context);

/// Where the jobs of the plan went, as simulate.h names them.
void claim(const plan::Plan& plan, const std::vector<Draft>& drafts, const Context& context);
/// The actions that ask before a job: as many as approvals must be given.
std::vector<std::string> approval_names(const plan::Job& job);

/// What the fidelity report and the checklist say.
void report(const plan::Plan& plan, const std::vector<Draft>& drafts, const Builds& builds,
            const Shared& shared, const Context& context);

/// A limit of the platform, from targets/codepipeline.yaml.
inline std::size_t limit(const Context& context, std::string_view name) {
  return static_cast<std::size_t>(context.facts->number(fmt::format("limits.{}", name)));
}

inline Sub arn(std::string_view service, std::string_view rest) {
  return {fmt::format("arn:${{AWS::Partition}}:{}:${{AWS::Region}}:${{AWS::AccountId}}:{}", service, rest)};
}

}  // namespace penstock::targets::codepipeline
