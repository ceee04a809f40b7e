#include "driver/graph.h"

#include <fmt/core.h>

#include "base/text.h"

namespace penstock::driver {
namespace {

std::string node(std::size_t pipeline, std::uint32_t job) { return fmt::format("p{}j{}", pipeline, job); }

/// Text inside quotes of a chart.
std::string label(std::string_view text) { return replaced(replaced(text, "\"", "#quot;"), "\n", " "); }

std::string started_by(const plan::Pipeline& pipeline) {
  std::string all;
  for (const model::Trigger& trigger : pipeline.triggers) {
    if (!all.empty()) all += ", ";
    all += name(trigger.kind);
    if (trigger.schedule)
      all += fmt::format(" {} {}", trigger.schedule->cron.text, trigger.schedule->timezone);
  }
  return all;
}

std::string edges(const plan::Job& job, std::size_t pipeline, std::uint32_t at) {
  std::string out;
  const std::string self = node(pipeline, at);
  std::string target = self;
  if (job.approval) {
    target = self + "a";
    out += fmt::format("    {}{{{{\"{} approval(s)\"}}}} --> {}\n", target, job.approval->count, self);
  }
  for (const plan::JobId need : job.needs)
    out += fmt::format("    {} --> {}\n", node(pipeline, need.index), target);
  return out;
}

}  // namespace

std::string mermaid(const plan::Plan& plan) {
  std::string out = "flowchart LR\n";
  std::size_t at = 0;
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    out +=
        fmt::format("  subgraph p{}[\"{} ({})\"]\n", at, label(pipeline.name), label(started_by(pipeline)));
    for (std::uint32_t i = 0; i < pipeline.jobs.size(); ++i) {
      out += fmt::format("    {}[\"{}\"]\n", node(at, i), label(pipeline.jobs[plan::JobId{i}].title));
    }
    for (std::uint32_t i = 0; i < pipeline.jobs.size(); ++i)
      out += edges(pipeline.jobs[plan::JobId{i}], at, i);
    out += "  end\n";
    ++at;
  }
  return out;
}

}  // namespace penstock::driver
