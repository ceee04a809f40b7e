#include "targets/github/shape.h"

#include "targets/github/target.h"

namespace penstock::targets::github {

std::any shape(const plan::Plan& plan, const Context& context) {
  const Shaping shaping(plan, context);
  Tree tree;
  report_nouns(shaping);
  for (const plan::Pipeline& pipeline : plan.pipelines) add_workflows(shaping, pipeline, tree);
  add_actions(shaping, tree);
  return tree;
}

}  // namespace penstock::targets::github
