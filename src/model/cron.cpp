#include "model/cron.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "model/part.h"

namespace penstock::model {
namespace {

struct Field {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names;  // of the values from `least` on
};

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::array<Field, 5> kFields = {{{"minute", 0, 59, {}},
                                           {"hour", 0, 23, {}},
                                           {"day", 1, 31, {}},
                                           {"month", 1, 12, kMonths},
                                           {"weekday", 0, 7, kWeekdays}}};  // 7 is Sunday again

struct Macro {
  std::string_view name;
  std::string_view cron;
};
constexpr std::array<Macro, 7> kMacros = {{{"@hourly", "0 * * * *"},
                                           {"@daily", "0 0 * * *"},
                                           {"@midnight", "0 0 * * *"},
                                           {"@weekly", "0 0 * * 0"},
                                           {"@monthly", "0 0 1 * *"},
                                           {"@yearly", "0 0 1 1 *"},
                                           {"@annually", "0 0 1 1 *"}}};

struct Word {
  std::size_t begin;
  std::size_t end;
};

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back({at, end});
    at = end;
  }
  return words;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

PENSTOCK_MESSAGE(BadCron, "cron `{}`: {}", std::string, std::string);

/// Reads one expression. Each field gives its first mistake.
class Reader {
 public:
  Reader(const Located<std::string>& written, diag::Sink& sink)
      : written_(written), text_(written.value), sink_(sink), words_(words_of(text_)) {}

  std::optional<Cron> read() {
    if (!check_count()) return std::nullopt;
    Cron cron;
    cron.text = text_;
    const std::array<std::vector<int>*, 5> values = {&cron.minutes, &cron.hours, &cron.days, &cron.months,
                                                     &cron.weekdays};
    bool good = true;
    for (std::size_t i = 0; i < kFields.size(); ++i)
      good = read_field(kFields[i], words_[i], *values[i]) && good;
    if (!good) return std::nullopt;
    fold_sunday(cron.weekdays);
    cron.any_day = is_any(word(2));
    cron.any_weekday = is_any(word(4));
    if (!check_days(cron)) return std::nullopt;
    return cron;
  }

 private:
  std::string_view word(std::size_t index) const { return text_of(words_[index]); }
  std::string_view text_of(Word word) const {
    return std::string_view(text_).substr(word.begin, word.end - word.begin);
  }

  bool fail(Word place, std::string what, std::string help) {
    diag::build(sink_, part(written_, place.begin, place.end), kBadCron, text_, std::move(what))
        .help(std::move(help))
        .emit();
    return false;
  }

  static bool is_any(std::string_view word) { return word == "*" || word == "*/1"; }

  bool check_count() {
    const Word whole{0, text_.size()};
    if (words_.size() == kFields.size()) return true;
    if (words_.empty()) return fail(whole, "it is empty", kOrder);
    const auto macro = std::ranges::find(kMacros, word(0), &Macro::name);
    if (macro != kMacros.end()) return fail(words_[0], kNoNames, "write `" + std::string(macro->cron) + "`");
    if (word(0).starts_with('@')) return fail(words_[0], kNoNames, kOrder);
    if (words_.size() != 6)
      return fail(whole, "it has " + std::to_string(words_.size()) + " fields, not 5", kOrder);
    const bool is_year =
        word(5) == "*" || word(5).size() == 4;  // as in EventBridge; Quartz has seconds in front
    const Word rest = is_year ? Word{words_[0].begin, words_[4].end} : Word{words_[1].begin, words_[5].end};
    return fail(is_year ? words_[5] : words_[0], "it has 6 fields, not 5",
                std::string("leave out the ") + (is_year ? "year" : "seconds") + ": `" +
                    without_question(text_of(rest)) + "`");
  }

  static std::string without_question(std::string_view text) { return replaced(text, "?", "*"); }

  bool read_field(const Field& field, Word word, std::vector<int>& values) {
    std::array<bool, 60> chosen{};
    for (std::size_t begin = word.begin; begin <= word.end;) {
      const std::size_t end = std::min(text_.find(',', begin), word.end);
      if (!read_item(field, {begin, end}, chosen)) return false;
      begin = end + 1;
    }
    for (int value = field.least; value <= field.most; ++value) {
      if (chosen.at(static_cast<std::size_t>(value))) values.push_back(value);
    }
    return true;
  }

  /// `*`, `a`, `a-b`, each but `a` with `/step`.
  bool read_item(const Field& field, Word item, std::array<bool, 60>& chosen) {
    const std::size_t slash = std::min(text_.find('/', item.begin), item.end);
    const auto range = read_range(field, {item.begin, slash});
    if (!range) return false;
    int step = 1;
    if (slash < item.end && !read_step(field, item, slash, step)) return false;
    for (int value = range->first; value <= range->second; value += step)
      chosen.at(static_cast<std::size_t>(value)) = true;
    return true;
  }

  std::optional<std::pair<int, int>> read_range(const Field& field, Word range) {
    if (text_of(range) == "*") return std::pair{field.least, field.most == 7 ? 6 : field.most};
    const std::size_t dash = std::min(text_.find('-', range.begin), range.end);
    if (dash == range.begin || dash + 1 == range.end || range.begin == range.end) {
      fail(range.begin < range.end ? range : Word{range.begin, range.end + 1},
           "a value is missing in the " + std::string(field.name), "");
      return std::nullopt;
    }
    const auto first = read_value(field, {range.begin, dash});
    if (!first) return std::nullopt;
    if (dash == range.end) return std::pair{*first, *first};
    auto last = read_value(field, {dash + 1, range.end});
    if (!last) return std::nullopt;
    if (field.most == 7 && *last == 0 && *first > 0) last = 7;  // SAT-SUN
    if (*first <= *last) return std::pair{*first, *last};
    const auto part_of = [](int from, int to) {
      return std::to_string(from) + (from == to ? "" : "-" + std::to_string(to));
    };
    fail(range,
         "the range `" + std::string(text_of(range)) + "` of the " + std::string(field.name) + " goes down",
         "write `" + part_of(*first, field.most == 7 ? 6 : field.most) + "," + part_of(field.least, *last) +
             "`");
    return std::nullopt;
  }

  std::optional<int> read_value(const Field& field, Word word) {
    const std::string text = upper(text_of(word));
    const auto named = std::ranges::find(field.names, text);
    if (!text.empty() && named != field.names.end())
      return static_cast<int>(named - field.names.begin()) + field.least;
    int value = -1;
    if (is_digits(text) && text.size() <= 4) std::from_chars(text.data(), text.data() + text.size(), value);
    if (value >= field.least && value <= field.most) return value;
    fail(word, "`" + std::string(text_of(word)) + "` is no " + std::string(field.name),
         help_for(field, text_of(word)));
    return std::nullopt;
  }

  static std::string help_for(const Field& field, std::string_view text) {
    if (text == "?") return "write `*`";  // Quartz, EventBridge
    for (const std::string_view name : field.names) {
      if (upper(text).starts_with(name)) return "write `" + std::string(name) + "`";
    }
    std::string help = "it takes " + std::to_string(field.least) + " to " + std::to_string(field.most);
    if (!field.names.empty())
      help += ", or " + std::string(field.names.front()) + " to " + std::string(field.names.back());
    return help;
  }

  bool read_step(const Field& field, Word item, std::size_t slash, int& step) {
    const std::string_view range = text_of({item.begin, slash});
    const std::string_view text = text_of({slash + 1, item.end});
    const int most = field.most - field.least;
    step = 0;
    if (is_digits(text) && text.size() <= 4) std::from_chars(text.data(), text.data() + text.size(), step);
    if (step < 1 || step > most)
      return fail(item, "`" + std::string(text) + "` is no step for the " + std::string(field.name),
                  "it takes 1 to " + std::to_string(most));
    if (range != "*" && range.find('-') == std::string_view::npos)
      return fail(item, "`" + std::string(text_of(item)) + "` has a step without a range",
                  "write `" + std::string(range) + "-" + std::to_string(field.most == 7 ? 6 : field.most) +
                      "/" + std::string(text) + "`");
    return true;
  }

  static void fold_sunday(std::vector<int>& weekdays) {
    if (weekdays.empty() || weekdays.back() != 7) return;
    weekdays.pop_back();
    if (weekdays.empty() || weekdays.front() != 0) weekdays.insert(weekdays.begin(), 0);
  }

  // `*/2` beside a weekday: some programs fire on days that are both, others on days that are either.
  bool check_days(const Cron& cron) {
    if (!cron.any_day && !cron.any_weekday) {
      if (word(2).starts_with('*'))
        return fail(words_[2], "`" + std::string(word(2)) + "` beside a weekday is read in two ways",
                    "write `1-31" + std::string(word(2).substr(1)) + "` for days that are one or the other");
      if (word(4).starts_with('*'))
        return fail(words_[4], "`" + std::string(word(4)) + "` beside a day is read in two ways",
                    "write `0-6" + std::string(word(4).substr(1)) + "` for days that are one or the other");
      return true;
    }
    constexpr std::array kLongest = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool fires = std::ranges::any_of(cron.months, [&](int month) {
      return cron.days.front() <= kLongest.at(static_cast<std::size_t>(month - 1));
    });
    if (fires) return true;
    return fail({words_[2].begin, words_[3].end}, "it never fires",
                "no such month has a day " + std::to_string(cron.days.front()));
  }

  static constexpr const char* kNoNames = "names of times are not known";
  static constexpr const char* kOrder = "write minute, hour, day, month and weekday: `0 6 * * 1-5`";

  const Located<std::string>& written_;
  const std::string& text_;
  diag::Sink& sink_;
  std::vector<Word> words_;
};

bool holds(const std::vector<int>& values, unsigned value) {
  return std::ranges::binary_search(values, static_cast<int>(value));
}

bool fires_on(const Cron& cron, std::chrono::local_days date) {
  const std::chrono::year_month_day day(date);
  if (!holds(cron.months, static_cast<unsigned>(day.month()))) return false;
  const bool is_day = holds(cron.days, static_cast<unsigned>(day.day()));
  const bool is_weekday = holds(cron.weekdays, std::chrono::weekday(date).c_encoding());
  return cron.any_day || cron.any_weekday ? is_day && is_weekday : is_day || is_weekday;
}

}  // namespace

std::optional<Cron> parse_cron(const Located<std::string>& written, diag::Sink& sink) {
  return Reader(written, sink).read();
}

bool fires(const Cron& cron, LocalMinute at) {
  const auto date = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::hh_mm_ss time(at - date);
  return fires_on(cron, date) && holds(cron.hours, static_cast<unsigned>(time.hours().count())) &&
         holds(cron.minutes, static_cast<unsigned>(time.minutes().count()));
}

std::optional<LocalMinute> next(const Cron& cron, LocalMinute after) {
  constexpr std::chrono::days kLongestGap{8 * 366 +
                                          1};  // from one 29 February to the next across a year like 2100
  const auto start = std::chrono::floor<std::chrono::days>(after);
  for (auto date = start; date <= start + kLongestGap; date += std::chrono::days{1}) {
    if (!fires_on(cron, date)) continue;
    for (const int hour : cron.hours) {
      for (const int minute : cron.minutes) {
        const LocalMinute at = date + std::chrono::hours{hour} + std::chrono::minutes{minute};
        if (at > after) return at;
      }
    }
  }
  return std::nullopt;
}

}  // namespace penstock::model
