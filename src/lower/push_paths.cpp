// Where a job of a push cannot know what was pushed before it, only the trigger can ask for changed paths.
#include <algorithm>
#include <utility>

#include "cel/eval.h"
#include "lower/passes.h"

namespace penstock::lower {
namespace {

PENSTOCK_MESSAGE(NotExpressible,
                 "`!changed(…)` cannot be asked of a push here: the commit before it is not known");

bool is_push(const plan::Pipeline& pipeline) {
  return std::ranges::all_of(pipeline.triggers, [](const model::Trigger& trigger) {
    return trigger.kind == model::EventKind::Push;
  });
}

const cel::Call* changed(const cel::Expr& expr) {
  const auto* call = std::get_if<cel::Call>(&expr.node);
  return call != nullptr && call->function == "changed" ? call : nullptr;
}

/// The conjuncts of a condition; the condition itself when it is none.
std::vector<cel::Expr> conjuncts(const cel::Expr& expr) {
  if (const auto* all = cel::operands(expr, cel::Operator::And)) return *all;
  return {expr};
}

/// The `changed(…)` that every job asks for, as a conjunct.
std::optional<cel::Expr> common(const plan::Pipeline& pipeline) {
  const plan::Job& first = *pipeline.jobs.begin();
  if (!first.when) return std::nullopt;
  for (const cel::Expr& candidate : conjuncts(*first.when)) {
    if (changed(candidate) == nullptr) continue;
    const bool everywhere = std::ranges::all_of(pipeline.jobs, [&](const plan::Job& job) {
      if (!job.when) return false;
      const auto parts = conjuncts(*job.when);
      return std::ranges::find(parts, candidate) != parts.end();
    });
    if (everywhere) return candidate;
  }
  return std::nullopt;
}

void move_to_trigger(plan::Pipeline& pipeline, const cel::Expr& test) {
  diag::Sink known;  // the model has reported what is wrong with a pattern
  for (model::Trigger& trigger : pipeline.triggers) {
    for (const cel::Expr& argument : changed(test)->arguments) {
      if (auto glob = model::parse_glob({*cel::literal<std::string>(argument), argument.span}, known))
        trigger.paths.push_back(*glob);
    }
  }
  for (plan::Job& job : pipeline.jobs) {
    auto left = conjuncts(*job.when);
    std::erase(left, test);
    const Span span = job.when->span;
    job.when.reset();
    if (!left.empty()) job.when = cel::all_of(std::move(left), span);
  }
}

/// Whether a `changed(…)` stands below a negation: taking it for true would then err towards not running.
const cel::Expr* negated(const cel::Expr& expr, bool below = false) {
  if (below && changed(expr) != nullptr) return &expr;
  const bool flips = cel::operands(expr, cel::Operator::Not) != nullptr ||
                     cel::operands(expr, cel::Operator::Equal) != nullptr ||
                     cel::operands(expr, cel::Operator::NotEqual) != nullptr ||
                     cel::operands(expr, cel::Operator::Conditional) != nullptr;
  for (const cel::Expr* child : cel::children(expr)) {
    if (const cel::Expr* found = negated(*child, below || flips)) return found;
  }
  return nullptr;
}

void assume(plan::Job& job, diag::Sink& sink) {
  if (!job.when) return;
  if (const cel::Expr* test = negated(*job.when)) {
    diag::build(sink, test->span, kNotExpressible)
        .help("leave the condition out for pushes: `event.kind != \"push\" || …`")
        .emit();
    return;
  }
  const cel::Facts everything{
      {}, [](std::string_view function, std::span<const cel::Value>) -> std::optional<cel::Value> {
        if (function == "changed") return cel::Value{true};
        return std::nullopt;
      }};
  job.when = cel::fold(*job.when, everything);
  if (const bool* holds = cel::literal<bool>(*job.when); holds && *holds) job.when.reset();
}

}  // namespace

plan::Plan push_paths(plan::Plan plan, const Table&, diag::Sink& sink) {
  for (plan::Pipeline& pipeline : plan.pipelines) {
    if (!is_push(pipeline) || pipeline.jobs.empty()) continue;
    const bool free = std::ranges::all_of(
        pipeline.triggers, [](const model::Trigger& trigger) { return trigger.paths.empty(); });
    if (const auto test = free ? common(pipeline) : std::nullopt) move_to_trigger(pipeline, *test);
    for (plan::Job& job : pipeline.jobs) assume(job, sink);
  }
  return plan;
}

}  // namespace penstock::lower
