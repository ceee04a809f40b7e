#pragma once
#include <array>
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

std::optional<Cron> parse_cron(const Located<std::string>& written, diag::Sink& sink);

}  // namespace penstock::model
