#pragma once
#include <string>
#include <vector>

#include "model/cron.h"

namespace penstock::targets::codepipeline {

/// The schedule expressions of EventBridge that fire, together, exactly when a cron does. It is one, unless both the day of the month
/// and the day of the week are restricted: cron then fires on either, EventBridge takes only one of them, so there are two, and on a
/// day that both match both fire.
std::vector<std::string> schedule_expressions(const model::Cron& cron);

}  // namespace penstock::targets::codepipeline
