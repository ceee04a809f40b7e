// Which job runs in which stage, and in which order there.
//
// The lock of a queue is the stage: what must not be interleaved shares one. A condition and an approval stand before a whole stage.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "cel/ast.h"
#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/names.h"

namespace penstock::targets::codepipeline {
namespace {

using plan::JobId;

PENSTOCK_MESSAGE(NotExpressible, "this needs {} stages, and a pipeline has at most {}", std::string,
                 std::string);

/// Where a job wants to be, and what it is called there. Jobs with the same wish share a stage.
struct Wish {
  std::string stage;
  std::string action;
  std::vector<StageRule> unless;
  std::string alone;  // the stage's name when it has a condition
};

class Layout {
 public:
  Layout(const plan::Plan& plan, const plan::Pipeline& pipeline, model::EventKind event,
         const Context& context)
      : plan_(plan), pipeline_(pipeline), event_(event), context_(context), at_(pipeline.jobs.size()) {}

  std::vector<StageDraft> stages() && {
    for (std::size_t i = 0; i < pipeline_.jobs.size(); ++i) {
      const JobId id = pipeline_.jobs.at(i);
      if (auto wish = wish_of(pipeline_.jobs[id])) place(id, std::move(*wish));
    }
    check_number();
    return std::move(stages_);
  }

 private:
  struct At {
    bool is = false;
    std::size_t stage = 0;
    long order = 0;
  };

  std::string environment(plan::EnvironmentId id) const { return pascal(environment_name(plan_, id)); }
  std::string stack(plan::StackId id) const { return pascal(stack_name(plan_, id)); }
  bool asks(plan::EnvironmentId id) const { return plan_.project->environments[id].approvals.has_value(); }

  /// A stack is delivered where nobody is asked together with the others, else in a stage of its own.
  Wish delivery(const char* verb, plan::StackId of, plan::EnvironmentId in) const {
    if (!asks(in)) return {environment(in), verb + stack(of), {}, {}};
    return {environment(in) + stack(of), verb, {delivers(of, in)}, environment(in) + stack(of)};
  }

  StageRule delivers(plan::StackId of, plan::EnvironmentId in) const {
    StageRule rule;
    rule.name = "anything-to-deliver";
    rule.configuration = {
        fmt::format("#{{{}Preview.{}}}", environment(in), delivers_variable(stack_name(plan_, of))), "EQ",
        "true"};
    return rule;
  }

  Wish steps(const plan::Job& job) const {
    Wish wish{"Jobs", pascal(job.name), {}, pascal(job.name)};
    if (job.environment) wish.stage = environment(*job.environment);
    if (job.approval) wish.stage += wish.action;
    if (job.environment) wish.alone = wish.stage;
    if (job.when) wish.unless = condition_rules(*job.when, context_);
    return wish;
  }

  /// Nothing for a job that has no form here.
  std::optional<Wish> wish_of(const plan::Job& job) const {
    using W = std::optional<Wish>;
    return std::visit(
        Overloaded{
            [&](const plan::Steps&) { return W(steps(job)); },
            [&](const plan::SourceGate&) {
              return W({"Gates", pascal(job.name), {}, {}});
            },
            [&](const plan::PlanStack& work) {
              if (work.speculative)
                return W({"Plan", environment(work.environment) + stack(work.stack), {}, {}});
              return W(delivery("Plan", work.stack, work.environment));
            },
            [&](const plan::ApplyStack& work) { return W(delivery("Apply", work.stack, work.environment)); },
            [&](const plan::DetectDrift& work) {
              return W({"Detect", environment(work.environment) + stack(work.stack), {}, {}});
            },
            [&](const plan::ReportDrift&) {
              return W({"Report", pascal(std::string_view(job.name).substr(job.name.find('-') + 1)), {}, {}});
            },
            [&](const plan::DetectChanges&) {
              return W({"Jobs", "Changes", {}, {}});
            },
            [&](const plan::Preview& work) {
              return W({environment(work.environment) + "Preview", "Preview", {}, {}});
            },
            [](const plan::CommentPlans&) { return W(); },
            [](const plan::RequiredCheck&) { return W(); },
        },
        job.work);
  }

  /// The first stage that holds nothing but jobs of this wish and comes behind everything the job waits for.
  std::size_t stage_for(const Wish& wish, std::size_t least) {
    for (std::size_t i = least; i < stages_.size(); ++i) {
      if (wishes_[i] == wish.stage && stages_[i].unless == wish.unless &&
          stages_[i].jobs.size() < most_actions())
        return i;
    }
    wishes_.push_back(wish.stage);
    const std::string& name = wish.unless.empty() ? wish.stage : wish.alone;
    stages_.push_back({names_.get(name, std::to_string(stages_.size())), wish.unless, {}, {}});
    return stages_.size() - 1;
  }

  std::size_t most_actions() const {
    return static_cast<std::size_t>(context_.facts->number("limits.actions_in_stage"));
  }

  void place(JobId id, Wish wish) {
    std::size_t least = 0;
    for (const JobId need : pipeline_.jobs[id].needs) {
      if (at_[need.index].is) least = std::max(least, at_[need.index].stage);
    }
    const std::size_t stage = stage_for(wish, least);
    long order = 1;
    for (const JobId need : pipeline_.jobs[id].needs) {
      const At& other = at_[need.index];
      if (other.is && other.stage == stage) order = std::max(order, other.order + 1);
    }
    order = with_room(stages_[stage], order);
    const std::string name = actions_[stage].get(wish.action, std::to_string(id.index));
    stages_[stage].jobs.push_back({id, name, order});
    at_[id.index] = {true, stage, order};
  }

  /// Executions side by side run few actions at once; whether one more waits or fails is not documented, so it comes later.
  long with_room(const StageDraft& stage, long order) const {
    if (event_ != model::EventKind::PullRequest) return order;
    const long most = context_.facts->number("limits.parallel_actions");
    while (std::ranges::count(stage.jobs, order, &Placed::order) >= most) ++order;
    return order;
  }

  void check_number() const {
    const long most = context_.facts->number("limits.stages");
    const auto have = static_cast<long>(stages_.size()) + 1;
    if (have <= most) return;
    diag::build(*context_.sink, plan::span_of(plan_, pipeline_.origin), kNotExpressible, std::to_string(have),
                std::to_string(most))
        .help(
            "each stack of an environment with approvals needs a stage of its own: put fewer of them into "
            "one project")
        .emit();
  }

  const plan::Plan& plan_;
  const plan::Pipeline& pipeline_;
  model::EventKind event_;
  const Context& context_;
  std::vector<At> at_;
  std::vector<StageDraft> stages_;
  std::vector<std::string> wishes_;  // by stage
  Names names_;
  std::map<std::size_t, Names> actions_;
};

}  // namespace

std::vector<StageDraft> layout(const plan::Plan& plan, const plan::Pipeline& pipeline, model::EventKind event,
                               const Context& context) {
  return Layout(plan, pipeline, event, context).stages();
}

}  // namespace penstock::targets::codepipeline
