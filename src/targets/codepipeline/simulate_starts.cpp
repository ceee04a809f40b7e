// Which events start a pipeline (user guide: pipelines-triggers, pipelines-filter, pipelines-about-starting).
#include <fmt/core.h>

#include "targets/codepipeline/simulate_parts.h"

namespace penstock::targets::codepipeline {
namespace {

using model::EventKind;

bool is_empty(const Patterns& patterns) { return patterns.includes.empty() && patterns.excludes.empty(); }

Truth any_matches(const Texts& patterns, std::string_view text) {
  Truth truth = Truth::No;
  for (const std::string& pattern : patterns) truth = either(truth, glob_matches(pattern, text));
  return truth;
}

Truth negation(Truth truth) {
  if (truth == Truth::Unknown) return truth;
  return truth == Truth::Yes ? Truth::No : Truth::Yes;
}

/// Some include, and no exclude: an exclude wins. A list without includes is documented ("include or exclude") and takes the rest.
Truth matches(const Patterns& patterns, std::string_view text) {
  const Truth included = patterns.includes.empty() ? Truth::Yes : any_matches(patterns.includes, text);
  return both(included, negation(any_matches(patterns.excludes, text)));
}

/// Each file is judged on its own; one that passes is enough.
Truth paths_match(const Patterns& paths, const std::vector<std::string>& changed) {
  Truth truth = Truth::No;
  for (const std::string& path : changed) truth = either(truth, matches(paths, path));
  return truth;
}

Verdict unknown(std::string reason) { return {Truth::Unknown, std::move(reason)}; }

Verdict by_patterns(Truth truth) {
  if (truth == Truth::Unknown) return unknown("a pattern of its filters is malformed");
  return {truth};
}

Verdict push_filter(const PushFilter& filter, const plan::Event& event) {
  const bool tags = !is_empty(filter.tags), branches = !is_empty(filter.branches),
             paths = !is_empty(filter.paths);
  if (tags == branches || (tags && paths))
    return unknown(
        "a filter for pushes has tags, or branches, or branches and file paths; no other is documented");
  if (tags) {
    if (event.kind != EventKind::Tag) return {};
    return by_patterns(matches(filter.tags, event.tag));
  }
  if (event.kind != EventKind::Push) return {};
  const Truth branch = matches(filter.branches, event.branch);
  if (!paths || branch == Truth::No) return by_patterns(branch);
  // "When pushing the branch for the first time, the pipeline won't run since there is not access to the list of files changed."
  if (!event.changed) return {Truth::No, "it asks for file paths, and the first push of a branch has none"};
  return by_patterns(both(branch, paths_match(filter.paths, *event.changed)));
}

Verdict request_filter(const RequestFilter& filter, const plan::Event& event) {
  const auto has = [&](const char* name) {
    return std::ranges::find(filter.events, name) != filter.events.end();
  };
  if (!filter.events.empty() && !has("OPEN") && !has("UPDATED")) return {};
  Truth takes = matches(filter.branches, event.pull_request.target);
  if (!is_empty(filter.paths) && takes != Truth::No) {
    if (!event.changed) return unknown("it asks for file paths, and those of the request are not known");
    takes = both(takes, paths_match(filter.paths, *event.changed));
  }
  if (takes != Truth::Yes) return by_patterns(takes);
  if (!filter.events.empty() && has("OPEN") != has("UPDATED"))
    return unknown("it starts when a request is opened or when it is updated, not on both");
  if (event.pull_request.fork) return unknown("no page says whether a request from a fork starts it");
  return {Truth::Yes};
}

/// A start of any of them is a start.
void add(Verdict& all, Verdict one) {
  if (one.truth > all.truth || (one.truth == all.truth && all.reason.empty())) all = std::move(one);
}

/// Without a filter: pushes to the branch of the source action, when it is to detect changes.
Verdict detects(const Action& source, const plan::Event& event) {
  if (source.configuration.detect_changes == "false")
    return {Truth::No, "nothing in the repository starts it"};
  if (event.kind == EventKind::Push && event.branch == source.configuration.branch) return {Truth::Yes};
  return {Truth::No, fmt::format("only a push to `{}` starts it", source.configuration.branch)};
}

Verdict triggered(const Pipeline& pipeline, const PipelineTrigger& trigger, const plan::Event& event) {
  const auto& actions = pipeline.stages.front().actions;
  const auto source = std::ranges::find(actions, trigger.git.source, &Action::name);
  if (source == actions.end()) return unknown("its trigger names a source that it does not have");
  if (trigger.git.push.empty() && trigger.git.request.empty()) return detects(*source, event);
  Verdict all{Truth::No, {}};
  if (event.kind == EventKind::PullRequest) {
    for (const RequestFilter& filter : trigger.git.request) add(all, request_filter(filter, event));
  } else {
    for (const PushFilter& filter : trigger.git.push) add(all, push_filter(filter, event));
  }
  if (all.truth == Truth::No && all.reason.empty()) all.reason = "no filter of its trigger takes this";
  return all;
}

Verdict by_repository(const Pipeline& pipeline, const plan::Event& event) {
  if (pipeline.stages.empty()) return {Truth::No, "it has no source"};
  Verdict all{Truth::No, {}};
  if (!pipeline.triggers.empty()) {
    for (const PipelineTrigger& trigger : pipeline.triggers) add(all, triggered(pipeline, trigger, event));
    return all;
  }
  for (const Action& action : pipeline.stages.front().actions) {
    if (action.type.provider != "CodeStarSourceConnection")
      return unknown(
          fmt::format("what starts a source of the kind `{}` is not in the files", action.type.provider));
    add(all, detects(action, event));
  }
  return all;
}

Verdict by_schedule(const Template& stack, const Pipeline& pipeline, const std::string& entry) {
  for (const auto& [id, of] : stack.resources) {
    const auto* schedule = std::get_if<Schedule>(&of.properties);
    if (schedule != nullptr && entry_name(*schedule) == entry && started_by(stack, *schedule) == &pipeline)
      return {Truth::Yes};
  }
  return {Truth::No, "this schedule does not start it"};
}

Verdict asked(const Template& stack, const Pipeline& pipeline, const run::Arrival& arrival) {
  switch (arrival.event.kind) {
    case EventKind::Push:
    case EventKind::Tag:
    case EventKind::PullRequest: return by_repository(pipeline, arrival.event);
    case EventKind::Schedule: return by_schedule(stack, pipeline, arrival.entry);
    case EventKind::Manual:
      if (arrival.entry == pipeline.name) return {Truth::Yes};
      return {Truth::No, "another one was started by hand"};
  }
  return {};
}

}  // namespace

Verdict starts(const Template& stack, const Pipeline& pipeline, const run::Arrival& arrival) {
  Verdict verdict = asked(stack, pipeline, arrival);
  // A variable without a default must be given by whoever starts the pipeline (user guide: reference-variables); no variable of the
  // tree has one, and only a person gives any.
  if (verdict.truth == Truth::Yes && arrival.event.kind != EventKind::Manual && !pipeline.variables.empty())
    return {Truth::No, fmt::format("it fails to start: nobody gives its variable `{}`",
                                   pipeline.variables.front().name)};
  return verdict;
}

std::string entry_name(const Schedule& schedule) {
  // Scheduler user guide, schedule-types: without a time zone it is UTC.
  return schedule.expression + " " + (schedule.timezone.empty() ? "UTC" : schedule.timezone);
}

const Pipeline* started_by(const Template& stack, const Schedule& schedule) {
  const std::string arn = written(schedule.target.arn);
  if (arn.find(":codepipeline:") == std::string::npos) return nullptr;
  std::string name = arn.substr(arn.rfind(':') + 1);
  if (const auto open = arn.rfind(":${");
      open != std::string::npos && arn.back() == '}' && arn.find('}', open) == arn.size() - 1)
    return resource<Pipeline>(stack, arn.substr(open + 3, arn.size() - open - 4));
  for (const auto& [id, of] : stack.resources) {
    const auto* pipeline = std::get_if<Pipeline>(&of.properties);
    if (pipeline != nullptr && pipeline->name == name) return pipeline;
  }
  return nullptr;
}

}  // namespace penstock::targets::codepipeline
