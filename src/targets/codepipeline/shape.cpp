// The plan, lowered to what CodePipeline has, as a template and buildspecs.
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/files.h"

namespace penstock::targets::codepipeline {
namespace {

PENSTOCK_MESSAGE(MissingFact, "the target `codepipeline` needs the repository's name");
PENSTOCK_MESSAGE(NotExpressible,
                 "these pipelines need {} resources, and a CloudFormation stack has at most {}", std::string,
                 std::string);

std::string description(const plan::Plan& plan, const std::vector<Draft>& drafts) {
  Texts names;
  for (const Draft& draft : drafts) names.push_back(draft.source->name);
  return fmt::format("{}: {}", plan.project->name, join(names, ", "));
}

void check(const plan::Plan& plan, const Template& stack, const Context& context) {
  const model::Project& project = *plan.project;
  if (project.github.empty() && project.gitlab.empty()) {
    diag::build(*context.sink, context.settings->span, kMissingFact)
        .help("write `repository: { github: owner/name }` or `gitlab: group/name`")
        .emit();
  }
  const auto most = static_cast<std::size_t>(context.facts->number("limits.resources"));
  if (stack.resources.size() > most) {
    diag::build(*context.sink, project.span, kNotExpressible, std::to_string(stack.resources.size()),
                std::to_string(most))
        .help("split the project")
        .emit();
  }
}

}  // namespace

std::any shape(const plan::Plan& plan, const Context& context) {
  const std::vector<Draft> all = drafts(plan, context);
  const Builds built = builds(plan, all, context);
  const Shared common = shared(plan, all, built, context);
  const auto tree = std::make_shared<Tree>();
  tree->project = plan.project->name;
  Template& stack = tree->stack;
  stack.description = description(plan, all);
  stack.metadata.penstock = {std::string(context.settings->get("account")),
                             std::string(context.settings->get("region"))};
  add_parameters(stack, plan, common, context);
  add_store(stack, plan, common, context);
  add_people(stack, plan, all, common, context);
  add_shared_rights(stack, plan, common, context);
  for (std::size_t i = 0; i < all.size(); ++i) {
    add_builds(stack, plan, built, all[i]);
    add_pipeline(stack, plan, built, all[i], i, context);
    add_schedules(stack, all[i], context);
    add_failures(stack, all[i], context);
  }
  tree->buildspecs = built.buildspecs;
  check(plan, stack, context);
  report(plan, all, built, common, context);
  claim(plan, all, context);
  return std::shared_ptr<const Tree>(tree);
}

}  // namespace penstock::targets::codepipeline
