#include "plan/event.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace penstock::plan {
namespace {

using model::EventKind;

constexpr std::array<std::string_view, 8> kStates = {"not selected", "skipped",   "succeeded", "failed",
                                                     "refused",      "held back", "asking",    "waiting"};

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "`" : ", `") + name + "`";
  return out;
}

std::string what(const Event& event) {
  switch (event.kind) {
    case EventKind::Push: return fmt::format("push to `{}`", event.branch);
    case EventKind::Tag: return fmt::format("tag `{}`", event.tag);
    case EventKind::PullRequest:
      return fmt::format("pull request from `{}`{} to `{}`", event.pull_request.source,
                         event.pull_request.fork ? " of a fork" : "", event.pull_request.target);
    case EventKind::Schedule: return fmt::format("schedule of `{}` on `{}`", event.pipeline, event.branch);
    case EventKind::Manual: return fmt::format("`{}` started by hand on `{}`", event.pipeline, event.branch);
  }
  return {};
}

std::string line(const JobTrace& job, std::size_t width) {
  std::string text = fmt::format("  {:<{}}  {}", job.name, width, name(job.state));
  if (!job.reason.empty()) text += ": " + job.reason;
  if (!job.after.empty()) text += "; after " + join(job.after, ", ");
  for (const Passage& passage : job.behind) {
    text += fmt::format("; {} of {}", passage.kind == Passage::Kind::Turn ? "turn" : "approval",
                        passage.environment);
  }
  return text + "\n";
}

}  // namespace

Event push(std::string branch, std::optional<std::vector<std::string>> changed) {
  return {EventKind::Push, std::move(branch), {}, {}, {}, std::move(changed)};
}

Event tag(std::string name) { return {EventKind::Tag, {}, std::move(name), {}, {}, {}}; }

Event pull_request(std::string source, std::string target, std::optional<std::vector<std::string>> changed) {
  return {EventKind::PullRequest, {}, {}, {"1", std::move(source), std::move(target), false}, {},
          std::move(changed)};
}

Event pull_request_from_fork(std::string source, std::string target,
                             std::optional<std::vector<std::string>> changed) {
  Event event = pull_request(std::move(source), std::move(target), std::move(changed));
  event.pull_request.fork = true;
  return event;
}

Event schedule(std::string pipeline, std::string branch) {
  return {EventKind::Schedule, std::move(branch), {}, {}, std::move(pipeline), {}};
}

Event manual(std::string pipeline, std::string branch) {
  return {EventKind::Manual, std::move(branch), {}, {}, std::move(pipeline), {}};
}

std::string to_text(const Event& event) {
  if (!event.changed) return what(event);
  return what(event) +
         (event.changed->empty() ? ", changing nothing" : ", changing " + quoted_list(*event.changed));
}

std::string_view name(State state) { return kStates.at(static_cast<std::size_t>(state)); }

const PipelineTrace* Trace::find(std::string_view pipeline) const {
  const auto found = std::ranges::find(pipelines, pipeline, &PipelineTrace::name);
  return found == pipelines.end() ? nullptr : &*found;
}

const JobTrace* Trace::find(std::string_view pipeline, std::string_view job) const {
  const PipelineTrace* in = find(pipeline);
  if (in == nullptr) return nullptr;
  const auto found = std::ranges::find(in->jobs, job, &JobTrace::name);
  return found == in->jobs.end() ? nullptr : &*found;
}

bool precedes(const PipelineTrace& pipeline, std::string_view earlier, std::string_view later) {
  std::vector<std::string_view> seen = {later};
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto job = std::ranges::find(pipeline.jobs, seen[i], &JobTrace::name);
    if (job == pipeline.jobs.end()) continue;
    for (const std::string& before : job->after) {
      if (before == earlier) return true;
      if (std::ranges::find(seen, before) == seen.end()) seen.push_back(before);
    }
  }
  return false;
}

std::string to_text(const Trace& trace) {
  std::string text;
  for (const PipelineTrace& pipeline : trace.pipelines) {
    text += pipeline.name + (pipeline.active ? "\n" : ": not started: " + pipeline.reason + "\n");
    std::size_t width = 0;
    for (const JobTrace& job : pipeline.jobs) width = std::max(width, job.name.size());
    if (!pipeline.active) continue;
    for (const JobTrace& job : pipeline.jobs) text += line(job, width);
  }
  return text;
}

}  // namespace penstock::plan
