// What CodePipeline would not take at all: such a pipeline does not come to be, and nothing starts it (user guide: pipeline-requirements,
// stage-requirements, action-requirements, reference-variables, stage-conditions, limits).
#include <fmt/core.h>

#include <map>
#include <set>

#include "targets/codepipeline/simulate_parts.h"

namespace penstock::targets::codepipeline {
namespace {

constexpr std::size_t kStagesLeast = 2, kStagesMost = 50, kActionsMost = 50, kArtifactsMost = 5,
                      kRulesMost = 5, kFiltersMost = 3, kPatternsMost = 8, kPatternLongest = 255,
                      kValueLongest = 1000;
constexpr long kOrderMost = 999;

/// Of the JSON that holds the variables: `[{"name":"A","value":"b"},…]`. Making it would cost more than all else here.
std::size_t length(const ActionVariables& variables) {
  const auto escaped = [](const std::string& text) {
    std::size_t length = 0;
    for (const char c : text) {
      const bool is_short = std::string_view("\"\\\b\f\n\r\t").find(c) != std::string_view::npos;
      length += is_short ? 2 : static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
    }
    return length;
  };
  std::size_t all = 1;
  for (const auto& [name, value] : variables.all)
    all += std::string_view(R"({"name":"","value":""},)").size() + escaped(name) + escaped(value);
  return all;
}

class Check {
 public:
  explicit Check(const Pipeline& pipeline) : pipeline_(pipeline) {}

  std::string reason() {
    if (pipeline_.stages.empty()) return "a pipeline has from 2 to 50 stages";
    if (pipeline_.stages.size() < kStagesLeast || pipeline_.stages.size() > kStagesMost)
      refuse("a pipeline has from 2 to 50 stages");
    modes();
    std::set<std::string> names;
    for (std::size_t i = 0; i < pipeline_.stages.size(); ++i) {
      if (!names.insert(pipeline_.stages[i].name).second)
        refuse(fmt::format("two stages are called `{}`", pipeline_.stages[i].name));
      stage(i);
    }
    spaces();
    triggers();
    return std::move(reason_);
  }

 private:
  struct Place {
    std::size_t stage = 0;
    long order = 0;
    /// Whether this is guaranteed to have ended when the other begins.
    bool precedes(const Place& other) const {
      return stage < other.stage || (stage == other.stage && order < other.order);
    }
  };

  void refuse(std::string reason) {
    if (reason_.empty()) reason_ = std::move(reason);
  }

  void modes() {
    const std::string& mode = pipeline_.mode;
    if (!mode.empty() && mode != "SUPERSEDED" && mode != "QUEUED" && mode != "PARALLEL")
      refuse(fmt::format("`{}` is no mode", mode));
    if (pipeline_.type == "V2") return;
    const bool conditions =
        std::ranges::any_of(pipeline_.stages, [](const Stage& stage) { return !stage.before.all.empty(); });
    if ((!mode.empty() && mode != "SUPERSEDED") || conditions || !pipeline_.triggers.empty() ||
        !pipeline_.variables.empty())
      refuse("only the type V2 has triggers, variables, conditions and other modes than SUPERSEDED");
  }

  // --- stages and actions

  void stage(std::size_t index) {
    const Stage& stage = pipeline_.stages[index];
    if (stage.actions.empty() || stage.actions.size() > kActionsMost)
      refuse(fmt::format("the stage `{}` does not have from 1 to 50 actions", stage.name));
    std::set<std::string> names;
    for (const Action& action : stage.actions) {
      if (is_source(action) != (index == 0))
        refuse("sources stand in the first stage, and nothing else does");
      if (!names.insert(action.name).second)
        refuse(fmt::format("two actions of `{}` are called `{}`", stage.name, action.name));
      if (action.order < 1 || action.order > kOrderMost) refuse("a run order is from 1 to 999");
      remember(action, {index, action.order});
    }
    for (const Action& action : stage.actions) {
      const Place place{index, action.order};
      artifacts(action, place);
      reads(action.configuration.question, place);
      for (const auto& [name, value] : action.configuration.variables.all) reads(value, place);
    }
    conditions(stage, index);
  }

  void remember(const Action& action, Place place) {
    for (const ArtifactName& output : action.outputs) {
      if (!artifacts_.emplace(output.name, place).second)
        refuse(fmt::format("two actions leave an artifact `{}`", output.name));
    }
    if (!action.space.empty() && !spaces_.emplace(action.space, place).second)
      refuse(fmt::format("two actions have the namespace `{}`", action.space));
  }

  void artifacts(const Action& action, Place place) {
    if (action.inputs.size() > kArtifactsMost || action.outputs.size() > kArtifactsMost)
      refuse(fmt::format("`{}` takes or leaves more than five artifacts", action.name));
    for (const ArtifactName& input : action.inputs) {
      const auto made = artifacts_.find(input.name);
      if (made == artifacts_.end() || !made->second.precedes(place))
        refuse(fmt::format("no action before `{}` leaves the artifact `{}`", action.name, input.name));
    }
    if (is_approval(action) && !(action.inputs.empty() && action.outputs.empty()))
      refuse("an approval takes and leaves no artifacts");
    if (!is_build(action)) return;
    if (action.inputs.empty()) refuse(fmt::format("the build `{}` takes no artifact", action.name));
    const std::string& primary = action.configuration.primary_source;
    const bool found = std::ranges::find(action.inputs, primary, &ArtifactName::name) != action.inputs.end();
    if (primary.empty() ? action.inputs.size() > 1 : !found)
      refuse(
          fmt::format("the build `{}` does not say which of its artifacts is the primary one", action.name));
    if (length(action.configuration.variables) > kValueLongest)
      refuse(fmt::format("the variables of `{}` take more than 1000 characters", action.name));
  }

  /// Only a variable of an action that is guaranteed to come before can be read.
  void reads(const std::string& text, Place place) {
    with_references(text, [&](const Reference& reference) -> std::optional<std::string> {
      if (reference.space == "codepipeline") return std::nullopt;
      if (reference.space == "variables") {
        if (std::ranges::find(pipeline_.variables, reference.key, &PipelineVariable::name) ==
            pipeline_.variables.end())
          refuse(fmt::format("it has no variable `{}`", reference.key));
        return std::nullopt;
      }
      const auto made = spaces_.find(reference.space);
      if (made == spaces_.end() || !made->second.precedes(place))
        refuse(fmt::format("no action before gives `#{{{}.{}}}`", reference.space, reference.key));
      return std::nullopt;
    });
  }

  void conditions(const Stage& stage, std::size_t index) {
    if (stage.before.all.size() > 1) refuse("a stage takes one condition before it");
    for (const StageCondition& condition : stage.before.all) {
      if (condition.result != "SKIP" && condition.result != "FAIL")
        refuse(fmt::format("`{}` is no result of a condition before a stage", condition.result));
      if (condition.rules.empty() || condition.rules.size() > kRulesMost)
        refuse("a condition has from 1 to 5 rules");
      for (const StageRule& rule : condition.rules) {
        const std::string& provider = rule.type.provider;
        if (condition.result == "SKIP" && provider != "VariableCheck" && provider != "LambdaInvoke")
          refuse(fmt::format("a rule `{}` cannot skip a stage", provider));
        reads(rule.configuration.variable, {index, 0});
        reads(rule.configuration.value, {index, 0});
      }
    }
  }

  void spaces() {
    for (const auto& [name, place] : spaces_) {
      if (artifacts_.contains(name)) refuse(fmt::format("`{}` is a namespace and an artifact", name));
      if (name == "codepipeline" || name == "variables")
        refuse(fmt::format("the namespace `{}` is taken", name));
    }
  }

  // --- triggers

  void patterns(const Patterns& patterns) {
    for (const Texts* list : {&patterns.includes, &patterns.excludes}) {
      if (list->size() > kPatternsMost) refuse("a filter has at most 8 patterns of a kind");
      for (const std::string& pattern : *list) {
        if (pattern.empty() || pattern.size() > kPatternLongest)
          refuse("a pattern has from 1 to 255 characters");
      }
    }
  }

  void triggers() {
    std::set<std::string> sources;
    for (const PipelineTrigger& trigger : pipeline_.triggers) {
      if (!sources.insert(trigger.git.source).second) refuse("a source takes one trigger");
      const auto& actions = pipeline_.stages.front().actions;
      if (std::ranges::find(actions, trigger.git.source, &Action::name) == actions.end())
        refuse(fmt::format("its trigger names a source `{}` that it does not have", trigger.git.source));
      if (trigger.git.push.size() > kFiltersMost || trigger.git.request.size() > kFiltersMost)
        refuse("a trigger has at most 3 filters of a kind");
      for (const PushFilter& filter : trigger.git.push) {
        patterns(filter.tags);
        patterns(filter.branches);
        patterns(filter.paths);
      }
      for (const RequestFilter& filter : trigger.git.request) {
        patterns(filter.branches);
        patterns(filter.paths);
      }
    }
  }

  const Pipeline& pipeline_;
  std::map<std::string, Place> artifacts_, spaces_;
  std::string reason_;
};

}  // namespace

std::string refusal(const Pipeline& pipeline) { return Check(pipeline).reason(); }

}  // namespace penstock::targets::codepipeline
