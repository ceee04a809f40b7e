// In which GitLab pipelines the jobs are: `workflow:rules`, `rules` and `needs`.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "targets/gitlab/shape.h"

namespace penstock::targets::gitlab {
namespace {

constexpr std::string_view kName = "PIPELINE_NAME";

yaml::Node patterns(const std::vector<std::string>& all) { return codec::encode(all); }

Rule rule(const Selection& selection, const JobShaping& at) {
  Rule rule;
  rule.condition = print(selection.condition);
  if (!selection.changes.empty()) rule.changes = patterns(selection.changes);
  if (!selection.selected) {
    rule.when = "never";
  } else if (at.job().approval) {
    rule.when = "manual";
    rule.allow_failure = false;  // or the jobs behind it would not wait
  } else if (at.job().after_failure) {
    rule.when = "always";
  }
  return rule;
}

/// Whether `need` is in every pipeline of this event in which the job is.
bool is_there(const PlannedJob& need, const PlannedJob& job, std::size_t event, const Event& of) {
  const auto& mine = job.selections[event];
  const auto& its = need.selections[event];
  return mine.empty() || mine == its || always_selected(its, of);
}

bool downloads_from(const plan::Job& job, plan::JobId need) {
  return std::visit(Overloaded{
                        [&](const plan::Steps& work) {
                          return std::ranges::any_of(work.steps, [&](const model::Step& step) {
                            const auto* download = std::get_if<model::Download>(&step.action);
                            return download != nullptr && download->from == need;
                          });
                        },
                        [&](const plan::ApplyStack& work) { return work.plan == need; },
                        [&](const plan::ReportDrift& work) {
                          return std::ranges::find(work.detections, need) != work.detections.end();
                        },
                        [](const plan::SourceGate&) { return false; },
                        [](const plan::PlanStack&) { return false; },
                        [](const plan::DetectDrift&) { return false; },
                        [](const plan::CommentPlans&) { return false; },
                        [](const plan::RequiredCheck&) { return false; },
                        [](const plan::DetectChanges&) { return false; },
                        [](const plan::Preview&) { return false; },
                    },
                    job.work);
}

bool is_by_name(model::EventKind kind) {
  return kind == model::EventKind::Schedule || kind == model::EventKind::Manual;
}

/// The pipelines of the model that an event surely starts, when this trigger's condition is what it has in common with them.
std::vector<std::string_view> together(const Event& event, const std::vector<PlannedPipeline>& pipelines) {
  std::vector<std::string_view> names;
  for (const PlannedPipeline& other : pipelines) {
    const bool starts = std::ranges::any_of(other.events, [&](const Event& theirs) {
      if (theirs.kind != event.kind || is_by_name(event.kind)) return theirs.guard == event.guard;
      return theirs.guard == event.guard || theirs.refs.empty() ||
             (event.ref && model::selects(theirs.refs, *event.ref));
    });
    if (starts) names.push_back(other.pipeline->name);
  }
  return names;
}

}  // namespace

std::string job_name(const plan::Pipeline& pipeline, const plan::Job& job) {
  return fmt::format("{}:{}", pipeline.name, job.name);
}

PlannedPipeline planned(const Shaping& shaping, const plan::Pipeline& pipeline, bool choose_run) {
  PlannedPipeline made;
  made.pipeline = &pipeline;
  made.events = events_of(pipeline.name, pipeline.triggers, shaping.facts(), choose_run);
  for (const plan::Job& job : pipeline.jobs) {
    PlannedJob planned{&job, {}};
    for (const Event& event : made.events) {
      planned.selections.push_back(
          select(event, job.when ? &*job.when : nullptr, job.excludes_forks, shaping.facts(), shaping.sink())
              .value_or(std::vector<Selection>{}));
    }
    made.jobs.add(std::move(planned));
  }
  return made;
}

std::vector<Rule> rules(const JobShaping& at, const std::vector<Variables>& by_event) {
  std::vector<Rule> all;
  for (std::size_t i = 0; i < at.planned.selections.size(); ++i) {
    for (const Selection& selection : at.planned.selections[i]) {
      all.push_back(rule(selection, at));
      if (i < by_event.size() && selection.selected) all.back().variables = by_event[i];
    }
  }
  if (all.empty()) all.emplace_back().when = "never";  // no trigger and condition can both hold
  return all;
}

std::vector<Need> needs(const JobShaping& at) {
  std::vector<Need> all;
  for (const plan::JobId id : at.job().needs) {
    const PlannedJob& need = at.pipeline.jobs[id];
    Need written;
    written.job = job_name(*at.pipeline.pipeline, *need.job);
    written.artifacts = downloads_from(at.job(), id);
    for (std::size_t i = 0; i < at.pipeline.events.size(); ++i) {
      written.optional = written.optional || !is_there(need, at.planned, i, at.pipeline.events[i]);
    }
    all.push_back(std::move(written));
  }
  return all;
}

Workflow workflow(const Shaping&, const std::vector<PlannedPipeline>& pipelines) {
  Workflow made;
  made.name = fmt::format("${}", kName);
  made.notes.push_back({"auto_cancel",
                        {"The default would also cancel an older pipeline of which no job has started: a "
                         "delivery would be dropped."}});
  made.auto_cancel.on_new_commit = "interruptible";
  std::vector<Event> seen;
  for (const PlannedPipeline& pipeline : pipelines) {
    for (const Event& event : pipeline.events) {
      if (std::ranges::any_of(seen, [&](const Event& other) { return other.guard == event.guard; })) continue;
      seen.push_back(event);
    }
  }
  // The first that matches names the pipeline: those for one branch before those for several, and these before those for all.
  std::ranges::stable_sort(seen, {}, [](const Event& event) {
    return event.ref ? 0 : event.refs.empty() ? 2 : 1;
  });
  for (const Event& event : seen) {
    Rule rule;
    rule.condition = print(event.guard);
    add(rule.variables, std::string(kName), join(together(event, pipelines), ", "));
    made.rules.push_back(std::move(rule));
  }
  return made;
}

}  // namespace penstock::targets::gitlab
