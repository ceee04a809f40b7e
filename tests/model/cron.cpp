#include "model/cron.h"

#include <catch2/catch.hpp>

#include "support/written.h"

namespace penstock::model {
namespace {

using test::Written;
using namespace std::chrono;

Cron cron(const std::string& text) {
  Written written(text);
  const auto parsed = parse_cron(written.value(), written.sink());
  INFO(text << ": " << written.said());
  REQUIRE(parsed);
  return *parsed;
}

std::string said_of(const std::string& text) {
  Written written(text);
  REQUIRE_FALSE(parse_cron(written.value(), written.sink()));
  return written.said();
}

LocalMinute at(int y, unsigned m, unsigned d, int h, int min) {
  return local_days{year{y} / month{m} / day{d}} + hours{h} + minutes{min};
}

TEST_CASE("fields are expanded") {
  const Cron one = cron("*/20 6,18 1-3 JAN,mar-MAY MON-FRI");
  CHECK(one.minutes == std::vector{0, 20, 40});
  CHECK(one.hours == std::vector{6, 18});
  CHECK(one.days == std::vector{1, 2, 3});
  CHECK(one.months == std::vector{1, 3, 4, 5});
  CHECK(one.weekdays == std::vector{1, 2, 3, 4, 5});
  CHECK_FALSE(one.any_day);
  CHECK_FALSE(one.any_weekday);
  CHECK(cron("10-40/15 * * * *").minutes == std::vector{10, 25, 40});
  CHECK(cron("05 * * * *").minutes == std::vector{5});
  CHECK(cron("5,5,1,3-5 * * * *").minutes == std::vector{1, 3, 4, 5});
  CHECK(cron("  0\t6  * * *  ").hours == std::vector{6});
  CHECK(cron("0 6 * * *").any_day);
  CHECK(cron("0 6 * * *").any_weekday);
  CHECK(cron("0 6 */1 * 1").any_day);
  CHECK(cron("0 6 * * *").weekdays.size() == 7);
}

TEST_CASE("Sunday is 0 and 7") {
  CHECK(cron("0 6 * * 7").weekdays == std::vector{0});
  CHECK(cron("0 6 * * 0-7").weekdays == std::vector{0, 1, 2, 3, 4, 5, 6});
  CHECK(cron("0 6 * * 5-7").weekdays == std::vector{0, 5, 6});
  CHECK(cron("0 6 * * SAT-SUN").weekdays == std::vector{0, 6});
  CHECK(cron("0 6 * * 0,7").weekdays == std::vector{0});
  CHECK(cron("0 6 * * SUN").weekdays == std::vector{0});
  CHECK(cron("0 6 * * */2").weekdays == std::vector{0, 2, 4, 6});
}

TEST_CASE("a cron fires on the minutes it names") {
  const Cron workdays = cron("0 6 * * 1-5");
  CHECK(fires(workdays, at(2026, 11, 20, 6, 0)));        // a Friday
  CHECK_FALSE(fires(workdays, at(2026, 11, 21, 6, 0)));  // a Saturday
  CHECK_FALSE(fires(workdays, at(2026, 11, 20, 6, 1)));
  CHECK_FALSE(fires(workdays, at(2026, 11, 20, 7, 0)));
  CHECK_FALSE(fires(cron("0 6 * 1 *"), at(2026, 11, 20, 6, 0)));
}

TEST_CASE("a day and a weekday: either is enough, unless one is a star") {
  const Cron either = cron("0 0 13 * 5");
  CHECK(fires(either, at(2026, 11, 13, 0, 0)));
  CHECK(fires(either, at(2026, 11, 20, 0, 0)));  // a Friday, no 13th
  CHECK(fires(either, at(2026, 12, 13, 0, 0)));  // a 13th, no Friday
  CHECK_FALSE(fires(either, at(2026, 11, 21, 0, 0)));
  CHECK(next(cron("0 0 * * 5"), at(2026, 11, 13, 0, 0)) == at(2026, 11, 20, 0, 0));
  CHECK(next(cron("0 0 13 * *"), at(2026, 11, 13, 0, 0)) == at(2026, 12, 13, 0, 0));
}

TEST_CASE("the next time is later, and the first that fires") {
  CHECK(next(cron("0 6 * * 1-5"), at(2026, 11, 20, 5, 59)) == at(2026, 11, 20, 6, 0));
  CHECK(next(cron("0 6 * * 1-5"), at(2026, 11, 20, 6, 0)) == at(2026, 11, 23, 6, 0));
  CHECK(next(cron("59 23 31 12 *"), at(2026, 12, 31, 23, 59)) == at(2027, 12, 31, 23, 59));
  CHECK(next(cron("0 0 29 2 *"), at(2096, 2, 29, 0, 0)) == at(2104, 2, 29, 0, 0));  // 2100 is no leap year
  const Cron one = cron("7-50/9 */5 2,9-12 * 3");
  LocalMinute from = at(2026, 1, 1, 0, 0);
  for (int i = 0; i < 50; ++i) {
    const LocalMinute to = next(one, from).value();
    for (LocalMinute between = from + minutes{1}; between < to; between += minutes{1})
      REQUIRE_FALSE(fires(one, between));
    REQUIRE(fires(one, to));
    from = to;
  }
}

TEST_CASE("each wrong field is underlined") {
  CHECK(said_of("99 99 * * *") ==
        "bad-cron: 99: cron `99 99 * * *`: `99` is no minute (it takes 0 to 59)\n"
        "bad-cron: 99: cron `99 99 * * *`: `99` is no hour (it takes 0 to 23)");
  CHECK(said_of("0 6 0 13 8") ==
        "bad-cron: 0: cron `0 6 0 13 8`: `0` is no day (it takes 1 to 31)\n"
        "bad-cron: 13: cron `0 6 0 13 8`: `13` is no month (it takes 1 to 12, or JAN to DEC)\n"
        "bad-cron: 8: cron `0 6 0 13 8`: `8` is no weekday (it takes 0 to 7, or SUN to SAT)");
  CHECK(said_of("1,60 * * * *") == "bad-cron: 60: cron `1,60 * * * *`: `60` is no minute (it takes 0 to 59)");
  CHECK(said_of("0 6 * * Monday") ==
        "bad-cron: Monday: cron `0 6 * * Monday`: `Monday` is no weekday (write `MON`)");
  CHECK(said_of("0 6 ? * 1") == "bad-cron: ?: cron `0 6 ? * 1`: `?` is no day (write `*`)");
  CHECK(said_of("0 6 L * *") == "bad-cron: L: cron `0 6 L * *`: `L` is no day (it takes 1 to 31)");
  CHECK(said_of("0 -6 * * *") == "bad-cron: -6: cron `0 -6 * * *`: a value is missing in the hour");
  CHECK(said_of("0 6- * * *") == "bad-cron: 6-: cron `0 6- * * *`: a value is missing in the hour");
  CHECK(said_of("1,,2 6 * * *") == "bad-cron: ,: cron `1,,2 6 * * *`: a value is missing in the minute");
  CHECK(said_of("0 22-2 * * *") ==
        "bad-cron: 22-2: cron `0 22-2 * * *`: the range `22-2` of the hour goes down (write `22-23,0-2`)");
  CHECK(said_of("0 6 * * FRI-MON") ==
        "bad-cron: FRI-MON: cron `0 6 * * FRI-MON`: the range `FRI-MON` of the weekday goes down (write "
        "`5-6,0-1`)");
  CHECK(said_of("*/0 * * * *") ==
        "bad-cron: */0: cron `*/0 * * * *`: `0` is no step for the minute (it takes 1 to 59)");
  CHECK(said_of("*/90 * * * *") ==
        "bad-cron: */90: cron `*/90 * * * *`: `90` is no step for the minute (it takes 1 to 59)");
  CHECK(said_of("5/15 * * * *") ==
        "bad-cron: 5/15: cron `5/15 * * * *`: `5/15` has a step without a range (write `5-59/15`)");
  CHECK(said_of("99999999999999999999 * * * *") ==
        "bad-cron: 99999999999999999999: cron `99999999999999999999 * * * *`: `99999999999999999999` is no "
        "minute (it takes 0 to 59)");
}

TEST_CASE("other dialects are answered in ours") {
  CHECK(said_of("@daily") ==
        "bad-cron: @daily: cron `@daily`: names of times are not known (write `0 0 * * *`)");
  CHECK(said_of("@reboot") ==
        "bad-cron: @reboot: cron `@reboot`: names of times are not known (write minute, hour, day, month and "
        "weekday: `0 6 * * 1-5`)");
  CHECK(said_of("0 6 ? * MON-FRI *") ==
        "bad-cron: *: cron `0 6 ? * MON-FRI *`: it has 6 fields, not 5 (leave out the year: `0 6 * * "
        "MON-FRI`)");
  CHECK(said_of("0 30 6 * * 1-5") ==
        "bad-cron: 0: cron `0 30 6 * * 1-5`: it has 6 fields, not 5 (leave out the seconds: `30 6 * * 1-5`)");
  CHECK(said_of("0 6 * *") ==
        "bad-cron: 0 6 * *: cron `0 6 * *`: it has 4 fields, not 5 (write minute, hour, day, month and "
        "weekday: `0 6 * * 1-5`)");
  CHECK(said_of("") ==
        "bad-cron: : cron ``: it is empty (write minute, hour, day, month and weekday: `0 6 * * 1-5`)");
}

TEST_CASE("a cron that never fires, or that programs read in two ways") {
  CHECK(said_of("0 0 30 2 *") ==
        "bad-cron: 30 2: cron `0 0 30 2 *`: it never fires (no such month has a day 30)");
  CHECK(said_of("0 0 31 4,6,9,11 *") ==
        "bad-cron: 31 4,6,9,11: cron `0 0 31 4,6,9,11 *`: it never fires (no such month has a day 31)");
  cron("0 0 29 2 *");
  cron("0 0 31 4,5 *");
  cron("0 0 30 2 1");  // the weekday is enough
  CHECK(said_of("0 6 */2 * 1") ==
        "bad-cron: */2: cron `0 6 */2 * 1`: `*/2` beside a weekday is read in two ways (write `1-31/2` for "
        "days that are one or the other)");
  CHECK(said_of("0 6 1 * */2") ==
        "bad-cron: */2: cron `0 6 1 * */2`: `*/2` beside a day is read in two ways (write `0-6/2` for days "
        "that are one or the other)");
  cron("0 6 */2 * *");
}

}  // namespace
}  // namespace penstock::model
