// The smallest target there can be: one folder, one data file, one line in tests/CMakeLists.txt.
#include "targets/target.h"

#include <fmt/core.h>

#include "base/check.h"

namespace penstock::targets::outline {

Table facts();

namespace {

struct Tree {
  std::vector<std::string> lines;
};

std::string_view verb(const plan::Work& work) {
  return std::visit(
      Overloaded{[](const plan::Steps&) { return "steps"; }, [](const plan::SourceGate&) { return "gate"; },
                 [](const plan::PlanStack&) { return "plan"; },
                 [](const plan::ApplyStack&) { return "apply"; },
                 [](const plan::DetectDrift&) { return "detect"; },
                 [](const plan::ReportDrift&) { return "report"; },
                 [](const plan::CommentPlans&) { return "comment"; },
                 [](const plan::RequiredCheck&) { return "required"; },
                 [](const plan::DetectChanges&) { return "changes"; },
                 [](const plan::Preview&) { return "preview"; }},
      work);
}

std::string line(const plan::Pipeline& pipeline, const plan::Job& job) {
  std::string out = fmt::format("    {} {}", verb(job.work), job.name);
  for (const plan::JobId need : job.needs) out += fmt::format(" <{}", pipeline.jobs[need].name);
  if (job.approval) out += fmt::format(" approvals={}", job.approval->count);
  if (const auto* planned = std::get_if<plan::PlanStack>(&job.work))
    out += fmt::format(" gates={}", planned->gates.size());
  return out;
}

std::any shape(const plan::Plan& plan, const Context& context) {
  Tree tree;
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    tree.lines.push_back(fmt::format("  {}", pipeline.name));
    for (const plan::Job& job : pipeline.jobs) tree.lines.push_back(line(pipeline, job));
    context.report->exact("outline", fmt::format("pipelines.{}", pipeline.name),
                          plan::span_of(plan, pipeline.origin));
  }
  return tree;
}

std::vector<OutputFile> print(const std::any& tree) {
  std::string text = "pipelines\n";
  for (const std::string& one : std::any_cast<const Tree&>(tree).lines) text += one + "\n";
  return {{"outline.txt", text}};
}

}  // namespace

extern const Target kTarget;
const Target kTarget = {"outline", facts(), &shape, &print, nullptr};

}  // namespace penstock::targets::outline
