#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"

namespace penstock::model {

/// A POSIX cron expression of five fields. Values are expanded, sorted and unique; Sunday is 0.
struct Cron {
  std::string text;
  std::vector<int> minutes, hours, days, months, weekdays;
  bool any_day = true;      // the day of month is `*`
  bool any_weekday = true;  // the day of week is `*`; when neither is, cron fires on either (POSIX)
};

/// Reports every wrong field at its place, and a cron that never fires.
std::optional<Cron> parse_cron(const Located<std::string>& written, diag::Sink& sink);

/// A minute on the clock of the schedule's own time zone.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

bool fires(const Cron& cron, LocalMinute at);
/// The first time after `after`; a cron that `parse_cron` gave always has one.
std::optional<LocalMinute> next(const Cron& cron, LocalMinute after);

}  // namespace penstock::model
