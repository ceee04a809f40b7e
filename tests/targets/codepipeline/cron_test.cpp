// EventBridge's own reading of its expressions, written from its page, against cron's: every minute of some years must agree.
#include <catch2/catch.hpp>

#include <charconv>
#include <chrono>
#include <random>
#include <set>

#include "base/text.h"
#include "model/cron.h"
#include "targets/codepipeline/cron.h"

using namespace penstock;
using targets::codepipeline::schedule_expressions;

namespace {

int number(std::string_view text) {
  constexpr std::string_view kDays = "SUNMONTUEWEDTHUFRISAT";
  if (const auto at = kDays.find(text); text.size() == 3 && at != std::string_view::npos)
    return static_cast<int>(at / 3) + 1;
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  REQUIRE(error == std::errc{});
  REQUIRE(end == text.data() + text.size());
  return value;
}

/// A field of EventBridge: `*`, values, ranges, `first/step` to the end of the field.
std::set<int> field(std::string_view text, int least, int most) {
  std::set<int> values;
  for (const std::string_view part : split(text, ',')) {
    int first = least, last = most, step = 1;
    const auto slash = part.find('/');
    const std::string_view range = part.substr(0, slash);
    if (slash != std::string_view::npos) step = number(part.substr(slash + 1));
    if (range != "*") {
      const auto dash = range.find('-');
      first = number(range.substr(0, dash));
      last = dash != std::string_view::npos ? number(range.substr(dash + 1))
                                            : (slash != std::string_view::npos ? most : first);
    }
    REQUIRE(first >= least);
    REQUIRE(last <= most);
    REQUIRE(first <= last);
    for (int value = first; value <= last; value += step) values.insert(value);
  }
  return values;
}

class EventBridge {
 public:
  explicit EventBridge(std::string_view text) {
    REQUIRE(text.starts_with("cron("));
    REQUIRE(text.ends_with(")"));
    const auto parts = split(text.substr(5, text.size() - 6), ' ');
    REQUIRE(parts.size() == 6);
    REQUIRE((parts[2] == "?") != (parts[4] == "?"));  // exactly one of the two
    REQUIRE(parts[5] == "*");
    minutes_ = field(parts[0], 0, 59);
    hours_ = field(parts[1], 0, 23);
    days_ = field(parts[2] == "?" ? "*" : parts[2], 1, 31);
    months_ = field(parts[3], 1, 12);
    weekdays_ = field(parts[4] == "?" ? "*" : parts[4], 1, 7);
  }
  bool fires(model::LocalMinute at) const {
    const auto date = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day day(date);
    const std::chrono::hh_mm_ss time(at - date);
    return months_.contains(static_cast<int>(static_cast<unsigned>(day.month()))) &&
           days_.contains(static_cast<int>(static_cast<unsigned>(day.day()))) &&
           weekdays_.contains(static_cast<int>(std::chrono::weekday(date).c_encoding()) + 1) &&
           hours_.contains(static_cast<int>(time.hours().count())) &&
           minutes_.contains(static_cast<int>(time.minutes().count()));
  }

 private:
  std::set<int> minutes_, hours_, days_, months_, weekdays_;
};

model::Cron cron(const std::string& text) {
  diag::Sink sink;
  const auto parsed = model::parse_cron({text, {}}, sink);
  INFO(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

std::string expressions(const std::string& text) { return join(schedule_expressions(cron(text)), " + "); }

/// The first minute at which they differ, if any, in a leap year and the one after it. Minutes and hours alone decide within a day, so
/// every day is asked at every minute of the hours that matter and at the others once an hour.
bool agree(const model::Cron& cron) {
  std::vector<EventBridge> all;
  for (const std::string& text : schedule_expressions(cron)) all.emplace_back(text);
  const auto any = [&](model::LocalMinute at) {
    return std::ranges::any_of(all, [&](const EventBridge& one) { return one.fires(at); });
  };
  const model::LocalMinute begin = std::chrono::local_days{std::chrono::year{2028} / 1 / 1},
                           end = std::chrono::local_days{std::chrono::year{2030} / 1 / 1};
  for (auto day = begin; day < end; day += std::chrono::days(1)) {
    // A whole day on the first of each week, and otherwise the minutes around those that fire.
    const bool whole =
        std::chrono::weekday(std::chrono::floor<std::chrono::days>(day)) == std::chrono::Monday &&
        (day - begin).count() % (13 * 1440) == 0;
    for (int minute = 0; minute < 1440; minute += whole ? 1 : 37) {
      const auto at = day + std::chrono::minutes(minute);
      if (any(at) != model::fires(cron, at)) return false;
    }
    const auto hit = day + std::chrono::minutes(cron.hours.front() * 60 + cron.minutes.back());
    if (any(hit) != model::fires(cron, hit)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("crons as people would write them for EventBridge") {
  CHECK(expressions("0 6 * * 1-5") == "cron(0 6 ? * MON-FRI *)");
  CHECK(expressions("*/15 * * * *") == "cron(0/15 * * * ? *)");
  CHECK(expressions("0 0 * * 5-7") == "cron(0 0 ? * SUN,FRI,SAT *)");
  CHECK(expressions("5-59/10 8-18 * JAN-MAR mon") == "cron(5/10 8-18 ? 1-3 MON *)");
  CHECK(expressions("30 4 1,15 * 5") == "cron(30 4 1,15 * ? *) + cron(30 4 ? * FRI *)");
  CHECK(expressions("0 0 1-31 * 1") == "cron(0 0 * * ? *)");
  CHECK(expressions("0 0 */2 * *") == "cron(0 0 1/2 * ? *)");
  CHECK(expressions("0 0 * * 0") == "cron(0 0 ? * SUN *)");
}

TEST_CASE("a whole year of minutes agrees") {
  for (const char* text : {"0 6 * * 1-5", "30 4 1,15 * 5", "*/7 */5 29 2 *"}) {
    const model::Cron wanted = cron(text);
    std::vector<EventBridge> all;
    for (const std::string& expression : schedule_expressions(wanted)) all.emplace_back(expression);
    const model::LocalMinute begin = std::chrono::local_days{std::chrono::year{2028} / 1 / 1},
                             end = std::chrono::local_days{std::chrono::year{2029} / 1 / 1};
    long differ = 0, fired = 0;
    for (auto at = begin; at < end; at += std::chrono::minutes(1)) {
      const bool fires = std::ranges::any_of(all, [&](const EventBridge& one) { return one.fires(at); });
      differ += fires != model::fires(wanted, at);
      fired += fires;
    }
    INFO(text);
    CHECK(differ == 0);
    CHECK(fired > 0);
  }
}

TEST_CASE("random crons agree") {
  std::mt19937 random(20260101);
  const auto pick = [&](int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random);
  };
  const auto part = [&](int least, int most) -> std::string {
    const int first = pick(least, most), last = pick(first, most);
    switch (pick(0, 4)) {
      case 0: return "*";
      case 1: return std::to_string(first);
      case 2: return fmt::format("{}-{}", first, last);
      case 3: return fmt::format("{}-{}/{}", first, last, pick(1, 5));
      default: return fmt::format("{},{}", first, pick(least, most));
    }
  };
  int asked = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string text =
        fmt::format("{} {} {} {} {}", part(0, 59), part(0, 23), part(1, 31), part(1, 12), part(0, 7));
    diag::Sink sink;
    const auto parsed = model::parse_cron({text, {}}, sink);
    if (!parsed) continue;  // never fires
    ++asked;
    INFO(text << " -> " << join(schedule_expressions(*parsed), " + "));
    CHECK(agree(*parsed));
  }
  CHECK(asked > 200);
}
