#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "lower/passes.h"

namespace penstock::lower {
namespace {

using namespace std::chrono_literals;
using plan::DetectChanges;
using plan::JobId;

constexpr std::size_t kNameLimit = 40;

/// `src/**` → src, `**/*.tf` → tf: a short name for people, made unique by the caller.
std::string short_name(std::string_view pattern) {
  std::string name;
  for (const char c : pattern.substr(0, kNameLimit)) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (letter) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!letter && !name.empty() && name.back() != '-') name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  if (name.empty()) return "any";
  return std::isdigit(static_cast<unsigned char>(name.front())) != 0 ? "paths-" + name : name;
}

/// The sets of patterns that the conditions of one pipeline ask for, each named once.
class Sets {
 public:
  /// The same tree with `changes.<name>` in the place of each `changed(…)`.
  cel::Expr replaced(const cel::Expr& expr) {
    if (const auto* call = std::get_if<cel::Call>(&expr.node); call && call->function == "changed") {
      return cel::variable("changes." + name_of(*call), expr.span);
    }
    cel::Expr copy = expr;
    if (auto* operation = std::get_if<cel::Operation>(&copy.node)) {
      for (cel::Expr& operand : operation->operands) operand = replaced(operand);
    }
    return copy;
  }
  bool empty() const { return sets_.empty(); }
  std::vector<DetectChanges::Set> take() { return std::move(sets_); }

 private:
  std::string name_of(const cel::Call& call) {
    std::vector<std::string> texts;
    for (const cel::Expr& argument : call.arguments) texts.push_back(pattern(argument));
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      if (texts_[i] == texts) return sets_[i].name;
    }
    sets_.push_back({unique(short_name(texts.front())), globs(call)});
    texts_.push_back(std::move(texts));
    return sets_.back().name;
  }

  static const std::string& pattern(const cel::Expr& argument) {
    const auto* text = cel::literal<std::string>(argument);
    PENSTOCK_CHECK(text != nullptr);
    return *text;
  }

  static std::vector<model::Glob> globs(const cel::Call& call) {
    std::vector<model::Glob> all;
    diag::Sink known;  // the model has reported what is wrong with a pattern
    for (const cel::Expr& argument : call.arguments) {
      if (auto glob = model::parse_glob({pattern(argument), argument.span}, known))
        all.push_back(std::move(*glob));
    }
    return all;
  }

  std::string unique(const std::string& name) const {
    std::string free = name;
    for (int i = 2; std::ranges::find(sets_, free, &DetectChanges::Set::name) != sets_.end(); ++i) {
      free = fmt::format("{}-{}", name, i);
    }
    return free;
  }

  std::vector<DetectChanges::Set> sets_;
  std::vector<std::vector<std::string>> texts_;
};

bool asks_for_changes(const cel::Expr& expr) {
  return std::ranges::any_of(cel::variables(expr),
                             [](const std::string& name) { return name.starts_with("changes."); });
}

std::string free_name(const plan::Pipeline& pipeline, std::string name) {
  while (std::ranges::find(pipeline.jobs, name, &plan::Job::name) != pipeline.jobs.end()) name += "-job";
  return name;
}

plan::Job detect(const plan::Pipeline& pipeline, std::vector<DetectChanges::Set> sets) {
  plan::Job job;
  job.name = free_name(pipeline, "changes");
  job.title = "changes";
  job.origin = pipeline.origin;
  job.permissions = {{model::Permission::Contents, model::Level::Read}};
  job.timeout = 10min;
  job.work = DetectChanges{std::move(sets)};
  return job;
}

JobId next(JobId id) { return {id.index + 1}; }

void shift(std::vector<JobId>& ids) {
  for (JobId& id : ids) id = next(id);
}

/// All ids in a job, one further: a job was put before all others.
void shift(plan::Job& job) {
  shift(job.needs);
  std::visit(Overloaded{
                 [](plan::Steps& work) {
                   for (model::Step& step : work.steps) {
                     if (auto* download = std::get_if<model::Download>(&step.action))
                       download->from = next(download->from);
                   }
                 },
                 [](plan::ApplyStack& work) { work.plan = next(work.plan); },
                 [](plan::ReportDrift& work) { shift(work.detections); },
                 [](plan::CommentPlans& work) { shift(work.plans); },
                 [](plan::RequiredCheck& work) { shift(work.checks); },
                 [](plan::SourceGate&) {},
                 [](plan::PlanStack&) {},
                 [](plan::DetectDrift&) {},
                 [](plan::DetectChanges&) {},
                 [](plan::Preview&) {},
             },
             job.work);
}

void detect_changes(plan::Pipeline& pipeline) {
  Sets sets;
  for (plan::Job& job : pipeline.jobs) {
    if (job.when) job.when = sets.replaced(*job.when);
  }
  if (sets.empty()) return;
  Store<JobId, plan::Job> jobs;
  const JobId changes = jobs.add(detect(pipeline, sets.take()));
  for (plan::Job& job : pipeline.jobs) {
    shift(job);
    if (job.when && asks_for_changes(*job.when)) job.needs.insert(job.needs.begin(), changes);
    jobs.add(std::move(job));
  }
  pipeline.jobs = std::move(jobs);
}

}  // namespace

plan::Plan changed_paths(plan::Plan plan, const Table&, diag::Sink&) {
  for (plan::Pipeline& pipeline : plan.pipelines) detect_changes(pipeline);
  return plan;
}

}  // namespace penstock::lower
