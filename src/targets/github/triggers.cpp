#include <fmt/core.h>

#include <algorithm>

#include "targets/github/patterns.h"
#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

using model::EventKind;

constexpr int kHour = 60, kDay = 24;

/// The least time in minutes between two runs of a cron on a day on which it runs.
int least_gap(const model::Cron& cron) {
  int least = kHour;
  for (std::size_t i = 1; i < cron.minutes.size(); ++i)
    least = std::min(least, cron.minutes[i] - cron.minutes[i - 1]);
  const auto has_hour = [&](int hour) {
    return std::ranges::find(cron.hours, hour % kDay) != cron.hours.end();
  };
  const bool hours_meet = std::ranges::any_of(cron.hours, [&](int hour) { return has_hour(hour + 1); });
  return hours_meet ? std::min(least, kHour - cron.minutes.back() + cron.minutes.front()) : least;
}

class Shaper {
 public:
  Shaper(const Shaping& shaping, const plan::Pipeline& pipeline) : shaping_(shaping), pipeline_(pipeline) {}

  Triggers shape() const {
    Triggers made;
    for (const model::Trigger& trigger : pipeline_.triggers) add(made, trigger);
    return made;
  }

 private:
  std::string construct(const model::Trigger& trigger) const {
    return fmt::format("pipelines.{}.on.{}", pipeline_.name, model::name(trigger.kind));
  }

  void add(Triggers& made, const model::Trigger& trigger) const {
    switch (trigger.kind) {
      case EventKind::Push: return add_push(made, trigger);
      case EventKind::Tag: return add_tag(made, trigger);
      case EventKind::PullRequest: return add_request(made, trigger);
      case EventKind::Schedule: return add_schedule(made, trigger);
      case EventKind::Manual:
        made.workflow_dispatch.emplace();
        return shaping_.exact(construct(trigger), trigger.span);
    }
  }

  Push& push(Triggers& made) const { return made.push ? *made.push : made.push.emplace(); }

  /// A push without filters would be one of tags too.
  void add_push(Triggers& made, const model::Trigger& trigger) const {
    Push& filters = push(made);
    filters.branches.all = patterns_of(trigger, trigger.branches);
    if (trigger.paths.empty()) return shaping_.exact(construct(trigger), trigger.span);
    filters.paths.all = patterns_of(trigger, trigger.paths);
    shaping_.approximated(construct(trigger), trigger.span,
                          "`paths`: a new branch is compared with the commit it began from instead of always "
                          "starting; `when: changed(…)` is exact");
  }

  void add_tag(Triggers& made, const model::Trigger& trigger) const {
    push(made).tags.all = patterns_of(trigger, trigger.tags);
    shaping_.exact(construct(trigger), trigger.span);
  }

  void add_request(Triggers& made, const model::Trigger& trigger) const {
    PullRequest& filters = made.pull_request.emplace();
    if (!trigger.branches.empty()) filters.branches.all = patterns_of(trigger, trigger.branches);
    shaping_.exact(construct(trigger), trigger.span);
  }

  void add_schedule(Triggers& made, const model::Trigger& trigger) const {
    const model::Schedule& schedule = *trigger.schedule;
    const long limit = shaping_.facts().number("limits.schedule_minutes");
    if (least_gap(schedule.cron) < limit) {
      shaping_.refuse(
          construct(trigger), schedule.span,
          fmt::format("`{}`: a schedule runs every {} minutes at most", schedule.cron.text, limit),
          fmt::format("write `*/{} * * * *` or less often", limit));
    }
    made.schedule.push_back({schedule.cron.text, schedule.timezone == "UTC" ? "" : schedule.timezone, {}});
    shaping_.exact(construct(trigger), trigger.span);
  }

  std::vector<std::string> patterns_of(const model::Trigger& trigger,
                                       const std::vector<model::Glob>& globs) const {
    Filter made = filter(globs);
    for (const model::Glob* glob : made.inexpressible) {
      shaping_.refuse(construct(trigger), glob->span, fmt::format("`{}` in a filter", glob->text),
                      "its filters know `*`, `**` and classes of letters and digits: list the names, or take "
                      "a wider pattern and a `when`");
    }
    return std::move(made.patterns);
  }

  const Shaping& shaping_;
  const plan::Pipeline& pipeline_;
};

}  // namespace

Triggers triggers(const Shaping& shaping, const plan::Pipeline& pipeline) {
  return Shaper(shaping, pipeline).shape();
}

}  // namespace penstock::targets::github
