#include "cel/time.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "cel/overload.h"

// Timestamps and durations: how they are written, and what can be asked of them.

namespace penstock::cel {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kSecond = 1'000'000'000;  // in nanoseconds
constexpr std::int64_t kDay = 86'400;            // in seconds

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `.5` for half a second: the digits that say something.
std::string fraction(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return {};
  std::string digits = fmt::format(".{:09}", nanoseconds);
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

/// Reads a text from its start; after the first part that is not there, nothing is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool ok() const { return ok_; }
  bool done() const { return ok_ && text_.empty(); }
  char peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool accept(std::string_view what) {
    if (!text_.starts_with(what)) return false;
    text_.remove_prefix(what.size());
    return true;
  }
  void expect(std::string_view what) { ok_ = accept(what) && ok_; }
  std::string_view digits() {
    const auto* const end = std::ranges::find_if_not(text_, is_digit);
    const std::string_view found = text_.substr(0, static_cast<std::size_t>(end - text_.begin()));
    text_.remove_prefix(found.size());
    return found;
  }
  /// Exactly so many digits.
  int number(std::size_t count) {
    const std::string_view found = text_.substr(0, count);
    ok_ = ok_ && found.size() == count && std::ranges::all_of(found, is_digit);
    int value = 0;
    if (!ok_) return value;
    std::from_chars(found.data(), found.data() + count, value);
    text_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

/// The nanoseconds that stand behind a decimal point; digits below them are dropped.
std::int64_t nanoseconds_of(std::string_view digits) {
  std::string nine(digits.substr(0, 9));
  nine.resize(9, '0');
  std::int64_t value = 0;
  std::from_chars(nine.data(), nine.data() + nine.size(), value);
  return value;
}

/// `HH:MM` behind a sign, in seconds.
std::int64_t offset(Scanner& scanner, bool negative) {
  const int hours = scanner.number(2);
  scanner.expect(":");
  const int minutes = scanner.number(2);
  if (hours > 23 || minutes > 59) scanner.expect("an hour that exists");
  return (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
}

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
// The first that fits is taken: longer ones stand first.
constexpr std::array kUnits = {
    Unit{"ns", 1},         Unit{"us", 1'000},          Unit{"µs", 1'000},       Unit{"μs", 1'000},
    Unit{"ms", 1'000'000}, Unit{"h", 3'600 * kSecond}, Unit{"m", 60 * kSecond}, Unit{"s", kSecond},
};

/// `1.5h`, in nanoseconds.
std::optional<std::int64_t> length(Scanner& scanner) {
  const std::string_view whole = scanner.digits();
  const std::string_view part = scanner.accept(".") ? scanner.digits() : std::string_view();
  if (whole.empty() && part.empty()) return std::nullopt;
  const auto* const unit =
      std::ranges::find_if(kUnits, [&](const Unit& one) { return scanner.accept(one.name); });
  if (unit == kUnits.end()) return std::nullopt;
  std::int64_t value = 0;
  if (!whole.empty() && std::from_chars(whole.data(), whole.data() + whole.size(), value).ec != std::errc{})
    return std::nullopt;
  // A billionth of an hour is 3600 nanoseconds, and one of a nanosecond nothing.
  const std::int64_t rest = nanoseconds_of(part) * (unit->nanoseconds / 1'000) / 1'000'000;
  if (__builtin_mul_overflow(value, unit->nanoseconds, &value) || __builtin_add_overflow(value, rest, &value))
    return std::nullopt;
  return value;
}

// Questions

using Arguments = std::span<const Value>;

/// How far the clocks of a zone are ahead at a moment: of `+01:00`, `02:30`, or a name such as `Europe/Berlin`.
std::optional<std::int64_t> offset_of(std::string_view zone, Timestamp at) {
  Scanner scanner(zone);
  const bool negative = scanner.peek() == '-';
  if (!scanner.accept("-")) scanner.accept("+");
  if (is_digit(scanner.peek())) {
    const std::int64_t fixed = offset(scanner, negative);
    return scanner.done() ? std::optional(fixed) : std::nullopt;
  }
  if (zone == "UTC") return 0;
  try {
    return date::locate_zone(zone)->get_info(date::sys_seconds(seconds(at.seconds))).offset.count();
  } catch (const std::runtime_error&) {  // the library's word for a zone that it does not know
    return std::nullopt;
  }
}

struct Clock {
  date::sys_days day;
  std::int64_t second;  // of the day
  date::year_month_day date() const { return date::year_month_day(day); }
};

Clock clock(std::int64_t second) {
  const date::sys_days day = date::floor<date::days>(date::sys_seconds(seconds(second)));
  return {day, second - day.time_since_epoch().count() * kDay};
}

std::int64_t year(const Clock& at, Timestamp) { return int(at.date().year()); }
std::int64_t month(const Clock& at, Timestamp) { return unsigned(at.date().month()) - 1; }
std::int64_t date_of(const Clock& at, Timestamp) { return unsigned(at.date().day()); }
std::int64_t day_of_month(const Clock& at, Timestamp) { return unsigned(at.date().day()) - 1; }
std::int64_t day_of_week(const Clock& at, Timestamp) { return date::weekday(at.day).c_encoding(); }
std::int64_t day_of_year(const Clock& at, Timestamp) {
  return (at.day - date::sys_days(at.date().year() / 1 / 1)).count();
}
std::int64_t hours(const Clock& at, Timestamp) { return at.second / 3600; }
std::int64_t minutes(const Clock& at, Timestamp) { return at.second / 60 % 60; }
std::int64_t seconds_of(const Clock& at, Timestamp) { return at.second % 60; }
std::int64_t milliseconds(const Clock&, Timestamp moment) { return moment.nanoseconds / 1'000'000; }

/// A part of a moment, in UTC or as the clocks of a zone show it.
template <std::int64_t (*kPart)(const Clock&, Timestamp)>
Value part(Arguments of, Context& context) {
  const Timestamp at = *of[0].get<Timestamp>();
  if (of.size() == 1) return {kPart(clock(at.seconds), at)};
  const std::string& zone = *of[1].get<std::string>();
  const auto ahead = offset_of(zone, at);
  if (!ahead) return error(fmt::format("`{}` is not a time zone", zone), context.span);
  return {kPart(clock(at.seconds + *ahead), at)};
}

template <std::int64_t kUnit>
Value whole(Arguments of, Context&) {
  return {of[0].get<Duration>()->nanoseconds / kUnit};
}
Value milliseconds_within(Arguments of, Context&) {
  return {of[0].get<Duration>()->nanoseconds / 1'000'000 % 1'000};
}

}  // namespace

std::string to_text(Timestamp moment) {
  const Clock at = clock(moment.seconds);
  const date::year_month_day day = at.date();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", int(day.year()), unsigned(day.month()),
                     unsigned(day.day()), at.second / 3600, at.second / 60 % 60, at.second % 60,
                     fraction(moment.nanoseconds));
}

std::optional<Timestamp> moment(std::int64_t second, std::int64_t nanoseconds) {
  constexpr std::int64_t first = -62'135'596'800, last = 253'402'300'799;  // years 1 to 9999
  std::int64_t carry = nanoseconds / kSecond - (nanoseconds % kSecond < 0 ? 1 : 0);
  if (second < first - kSecond || second > last + kSecond) return std::nullopt;
  const std::int64_t total = second + carry;
  if (total < first || total > last) return std::nullopt;
  return Timestamp{total, static_cast<std::int32_t>(nanoseconds - carry * kSecond)};
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scanner(text);
  const int year = scanner.number(4);
  scanner.expect("-");
  const int month = scanner.number(2);
  scanner.expect("-");
  const int day = scanner.number(2);
  scanner.expect("T");
  const int hour = scanner.number(2);
  scanner.expect(":");
  const int minute = scanner.number(2);
  scanner.expect(":");
  const int second = scanner.number(2);
  std::int64_t nanoseconds = 0;
  if (scanner.accept(".")) {
    const std::string_view digits = scanner.digits();
    if (digits.empty()) return std::nullopt;
    nanoseconds = nanoseconds_of(digits);
  }
  const char sign = scanner.peek();
  const bool utc = scanner.accept("Z");
  if (!utc && !scanner.accept("+") && !scanner.accept("-")) return std::nullopt;
  const std::int64_t ahead = utc ? 0 : offset(scanner, sign == '-');
  const auto date = date::year(year) / month / day;
  if (!scanner.done() || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t days = date::sys_days(date).time_since_epoch().count();
  return moment(days * kDay + hour * 3600 + minute * 60 + second - ahead, nanoseconds);
}

std::string to_text(Duration length) {
  const auto raw = static_cast<std::uint64_t>(length.nanoseconds);
  const std::uint64_t size = length.nanoseconds < 0 ? 0 - raw : raw;
  return fmt::format("{}{}{}s", length.nanoseconds < 0 ? "-" : "", size / kSecond,
                     fraction(static_cast<std::int64_t>(size % kSecond)));
}

std::optional<Duration> parse_duration(std::string_view text) {
  Scanner scanner(text);
  const bool negative = scanner.accept("-");
  if (!negative) scanner.accept("+");
  if (scanner.accept("0") && scanner.done()) return Duration{};
  scanner = Scanner(text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0));
  std::int64_t sum = 0;
  do {
    const auto one = length(scanner);
    if (!one || __builtin_add_overflow(sum, *one, &sum)) return std::nullopt;
  } while (!scanner.done());
  return Duration{negative ? -sum : sum};
}

std::vector<Overload> time_overloads() {
  using namespace types;
  std::vector<Overload> all = {
      {"getHours", Form::Method, {kDuration}, kInt, whole<3'600 * kSecond>},
      {"getMinutes", Form::Method, {kDuration}, kInt, whole<60 * kSecond>},
      {"getSeconds", Form::Method, {kDuration}, kInt, whole<kSecond>},
      {"getMilliseconds", Form::Method, {kDuration}, kInt, milliseconds_within},
  };
  struct Part {
    std::string_view function;
    Implementation implementation;
  };
  for (const auto& [function, implementation] :
       {Part{"getFullYear", part<year>}, Part{"getMonth", part<month>}, Part{"getDate", part<date_of>},
        Part{"getDayOfMonth", part<day_of_month>}, Part{"getDayOfWeek", part<day_of_week>},
        Part{"getDayOfYear", part<day_of_year>}, Part{"getHours", part<hours>},
        Part{"getMinutes", part<minutes>}, Part{"getSeconds", part<seconds_of>},
        Part{"getMilliseconds", part<milliseconds>}}) {
    all.push_back({function, Form::Method, {kTimestamp}, kInt, implementation});
    all.push_back({function, Form::Method, {kTimestamp, kString}, kInt, implementation});
  }
  return all;
}

}  // namespace penstock::cel
