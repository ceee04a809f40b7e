#include <algorithm>
#include <array>
#include <charconv>

#include "base/table.h"
#include "base/text.h"
#include "model/part.h"
#include "model/values.h"

namespace penstock::model {

Table timezones();  // templates/timezones.yaml, embedded

namespace {

using std::chrono::minutes;

struct Unit {
  char letter;
  minutes length;
};
constexpr std::array<Unit, 3> kUnits = {
    {{'d', minutes{24 * 60}}, {'h', minutes{60}}, {'m', minutes{1}}}};  // in the order they are written
constexpr minutes kLongest{400 * 24 * 60};  // longer than any platform keeps anything
constexpr const char* kForm = "write minutes, hours or days: `15m`, `1h30m`, `7d`";

PENSTOCK_MESSAGE(BadDuration, "duration `{}`: {}", std::string, std::string);

/// Reads one `number unit` after the other.
class DurationReader {
 public:
  DurationReader(const Located<std::string>& written, diag::Sink& sink)
      : written_(written), text_(written.value), sink_(sink) {}

  std::optional<minutes> read() {
    if (text_.empty()) return fail(0, 0, "it is empty", kForm);
    minutes total{0};
    while (at_ < text_.size()) {
      const auto length = read_part();
      if (!length) return std::nullopt;
      total += *length;
    }
    if (total == minutes{0}) return fail(0, at_, "it is no time at all", "the least is `1m`");
    if (total > kLongest) return fail(0, at_, "it is longer than 400 days", "");
    return total;
  }

 private:
  std::nullopt_t fail(std::size_t begin, std::size_t end, std::string what, std::string help) {
    diag::build(sink_, part(written_, begin, end), kBadDuration, text_, std::move(what))
        .help(std::move(help))
        .emit();
    return std::nullopt;
  }

  std::optional<minutes> read_part() {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_not_of("0123456789", begin), text_.size());
    const std::string number = text_.substr(begin, at_ - begin);
    if (number.empty()) return fail(begin, text_.size(), "a number is missing", kForm);
    if (number.size() > 6) return fail(begin, at_, "it is longer than 400 days", "");
    if (at_ == text_.size())
      return fail(begin, at_, "a unit is missing",
                  "write `" + text_ + "m` for minutes, `h` for hours, `d` for days");
    long count = 0;
    std::from_chars(number.data(), number.data() + number.size(), count);
    const char letter = text_[at_];
    const std::size_t end = std::min(text_.find_first_of("0123456789", at_), text_.size());
    if (end == at_ + 1 && letter == 's')
      return fail(begin, end, "seconds are too fine for the platforms",
                  "write `" + std::to_string(std::max(1L, (count + 59) / 60)) + "m`");
    const auto unit = std::ranges::find(kUnits, letter, &Unit::letter);
    if (end != at_ + 1 || unit == kUnits.end())
      return fail(at_, end, "`" + text_.substr(at_, end - at_) + "` is no unit", kForm);
    if (unit < next_) return fail(begin, end, "units go from days to minutes, each once", kForm);
    next_ = unit + 1;
    at_ = end;
    return count * unit->length;
  }

  const Located<std::string>& written_;
  const std::string& text_;
  diag::Sink& sink_;
  std::size_t at_ = 0;
  std::array<Unit, 3>::const_iterator next_ = kUnits.begin();  // the largest unit that may still come
};

PENSTOCK_MESSAGE(BadTimezone, "there is no time zone `{}`", std::string);

}  // namespace

std::optional<minutes> parse_duration(const Located<std::string>& written, diag::Sink& sink) {
  return DurationReader(written, sink).read();
}

bool check_timezone(const Located<std::string>& written, diag::Sink& sink) {
  static const std::vector<std::string_view> kNames = timezones().list("names");
  if (std::ranges::find(kNames, written.value) != kNames.end()) return true;
  std::string_view near = nearest(written.value, kNames);
  for (const std::string_view name : kNames) {  // `Berlin` alone
    if (near.empty() && !written.value.empty() && name.ends_with("/" + written.value)) near = name;
  }
  diag::build(sink, written.span, kBadTimezone, written.value)
      .help(near.empty() ? "write an IANA name such as `Europe/Berlin`, or `UTC`"
                         : "did you mean `" + std::string(near) + "`?")
      .emit();
  return false;
}

}  // namespace penstock::model
