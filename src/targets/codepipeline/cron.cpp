#include "targets/codepipeline/cron.h"

#include <fmt/core.h>

#include <array>

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::codepipeline {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
  int least;
  int most;
  bool weekday = false;  // by name: numbers begin with 1 here and with 0 in cron
};
constexpr Field kMinutes{0, 59}, kHours{0, 23}, kDays{1, 31}, kMonths{1, 12}, kDaysOfWeek{0, 6, true};

bool covers(const std::vector<int>& values, const Field& field) {
  return static_cast<int>(values.size()) == field.most - field.least + 1;
}

std::string word(int value, const Field& field) {
  return field.weekday ? std::string(kWeekdays.at(static_cast<std::size_t>(value))) : std::to_string(value);
}

/// The step of values that go on evenly to the end of the field, or 0.
int step(const std::vector<int>& values, const Field& field) {
  if (values.size() < 3 || field.weekday) return 0;
  const int distance = values[1] - values[0];
  if (distance < 2 || values.back() + distance <= field.most) return 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] - values[i - 1] != distance) return 0;
  }
  return distance;
}

std::string text(const std::vector<int>& values, const Field& field) {
  if (covers(values, field)) return "*";
  if (const int distance = step(values, field)) return fmt::format("{}/{}", values.front(), distance);
  std::vector<std::string> parts;
  for (std::size_t first = 0, last = 0; first < values.size(); first = last + 1) {
    last = first;
    while (last + 1 < values.size() && values[last + 1] == values[last] + 1) ++last;
    if (last == first) {
      parts.push_back(word(values[first], field));
    } else if (last == first + 1) {
      parts.push_back(word(values[first], field) + "," + word(values[last], field));
    } else {
      parts.push_back(word(values[first], field) + "-" + word(values[last], field));
    }
  }
  return join(parts, ",");
}

}  // namespace

std::vector<std::string> schedule_expressions(const model::Cron& cron) {
  const auto expression = [&](const std::string& days, const std::string& weekdays) {
    return fmt::format("cron({} {} {} {} {} *)", text(cron.minutes, kMinutes), text(cron.hours, kHours), days,
                       text(cron.months, kMonths), weekdays);
  };
  const bool all_days = covers(cron.days, kDays), all_weekdays = covers(cron.weekdays, kDaysOfWeek);
  const bool either = !cron.any_day && !cron.any_weekday;
  const std::string days = text(cron.days, kDays), weekdays = text(cron.weekdays, kDaysOfWeek);
  if (either ? all_days || all_weekdays : all_days && all_weekdays) return {expression("*", "?")};
  if (all_weekdays) return {expression(days, "?")};
  if (all_days) return {expression("?", weekdays)};
  PENSTOCK_CHECK(either);  // a cron that needs both is not read
  return {expression(days, "?"), expression("?", weekdays)};
}

}  // namespace penstock::targets::codepipeline
