#include "model/glob.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "model/part.h"

namespace penstock::model {
namespace {

// --- reading --------------------------------------------------------------------------------------------------------

using Plain = std::variant<std::string, Glob::Any, Glob::One, Glob::Class>;  // what may stand inside braces

PENSTOCK_MESSAGE(BadGlob, "pattern `{}`: {}", std::string, std::string);

/// Reads one pattern, segment by segment, up to the first mistake.
class Reader {
 public:
  Reader(const Located<std::string>& written, diag::Sink& sink)
      : written_(written), text_(written.value), sink_(sink) {}

  std::optional<Glob> read() {
    Glob glob;
    glob.span = written_.span;
    glob.excludes = text_.starts_with('!');
    glob.text = text_.substr(glob.excludes ? 1 : 0);
    if (!starts_well(glob)) return std::nullopt;
    for (at_ = glob.excludes ? 1 : 0; at_ <= text_.size(); ++at_) {
      begin_ = at_;
      end_ = std::min(text_.find('/', at_), text_.size());
      auto segment = read_segment();
      if (!segment) return std::nullopt;
      add(glob.segments, std::move(*segment));
    }
    return glob;
  }

 private:
  bool fail(std::size_t begin, std::size_t end, std::string what, std::string help) {
    diag::build(sink_, part(written_, begin, end), kBadGlob, text_, std::move(what))
        .help(std::move(help))
        .emit();
    return false;
  }

  bool starts_well(const Glob& glob) {
    const std::string sign = glob.excludes ? "!" : "";
    const std::size_t at = sign.size();
    if (text_.empty()) return fail(0, 0, "it is empty", "write `**` for everything");
    if (glob.text.empty())
      return fail(0, 1, "`!` excludes nothing", "write what is excluded behind it: `!docs/**`");
    if (glob.text[0] == '!') return fail(at, at + 1, "`!` stands once", "write `" + glob.text + "`");
    if (glob.text[0] != '/') return true;
    const std::size_t first = std::min(glob.text.find_first_not_of('/'), glob.text.size());
    const std::string rest = glob.text.substr(first);
    return fail(at, at + 1, "it starts with `/`",
                rest.empty() ? "write `**` for everything"
                             : "names begin at the root of the repository: write `" + sign + rest + "`");
  }

  // `**/**` says no more than `**`.
  static void add(std::vector<Glob::Segment>& segments, Glob::Segment segment) {
    const auto is_deep = [](const Glob::Segment& other) { return std::holds_alternative<Glob::Deep>(other); };
    if (!segments.empty() && is_deep(segment) && is_deep(segments.back())) return;
    segments.push_back(std::move(segment));
  }

  /// The text from `at_` to `end_`; afterwards `at_` is `end_`.
  std::optional<Glob::Segment> read_segment() {
    const std::string segment = text_.substr(begin_, end_ - begin_);
    if (segment == "**") return at_ = end_, Glob::Deep{};
    if (!check_name(segment)) return std::nullopt;
    std::vector<Glob::Piece> pieces;
    while (at_ < end_) {
      const bool good = text_[at_] == '{' ? read_choice(pieces) : read_plain(pieces, "");
      if (!good) return std::nullopt;
    }
    return pieces;
  }

  bool check_name(const std::string& segment) {
    if (segment.empty() && end_ < text_.size())
      return fail(end_, end_ + 1, "a name is missing between two `/`", "");
    if (segment.empty())
      return fail(end_ - 1, end_, "it ends in `/`", "write `" + text_ + "**` for everything below");
    if (segment == "." || segment == "..")
      return fail(begin_, end_, "`" + segment + "` names no file",
                  "write the path from the repository's root");
    return true;
  }

  bool fail_stars(bool in_braces) {
    const std::size_t last = std::min(text_.find_first_not_of('*', at_), end_);
    return fail(at_, last, "`**` stands for whole segments, alone between two `/`",
                in_braces ? "write one pattern for each alternative" : stars_help(last));
  }

  // `src/**.js` means `src/**/*.js` to those who write it, `src**` means `src/**`.
  std::string stars_help(std::size_t last) const {
    const std::string before = text_.substr(0, at_) + (at_ == begin_ ? "" : last == end_ ? "/" : "*/");
    const std::string after = (last == end_ ? "" : "/*") + text_.substr(last);
    return "write `" + before + "**" + after + "`";
  }

  /// One piece that is no choice. Literal text also ends before the characters of `ends`.
  template <class Pieces>
  bool read_plain(Pieces& pieces, std::string_view ends) {
    switch (text_[at_]) {
      case '*':
        if (text_.compare(at_, 2, "**") == 0) return fail_stars(!ends.empty());
        return pieces.push_back(Glob::Any{}), ++at_, true;
      case '?': return pieces.push_back(Glob::One{}), ++at_, true;
      case '[': return read_class(pieces);
      case '\\': return refuse("`\\` escapes nothing", "write `[*]` for a star; `/` divides folders");
      case '{': return refuse("braces do not nest", "write all alternatives in one pair: `{a,b,c}`");
      case ']': return refuse("`]` has no `[`", "write `[]]` for the character itself");
      case '}': return refuse("`}` has no `{`", "write `[}]` for the character itself");
      default: return read_literal(pieces, ends);
    }
  }

  bool refuse(std::string what, std::string help) {
    return fail(at_, at_ + 1, std::move(what), std::move(help));
  }

  static bool is_special(char c, std::string_view ends) {
    return std::string_view("*?[]{}\\").find(c) != std::string_view::npos ||
           ends.find(c) != std::string_view::npos;
  }

  template <class Pieces>
  bool read_literal(Pieces& pieces, std::string_view ends) {
    const std::size_t begin = at_;
    for (; at_ < end_ && !is_special(text_[at_], ends); ++at_) {
      const char c = text_[at_];
      if ((c >= 0 && c < ' ') || c == '\x7f') return refuse("it holds a control character", "");
    }
    pieces.push_back(text_.substr(begin, at_ - begin));
    return true;
  }

  std::size_t character_end(std::size_t at) const {
    while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0U) == 0x80U) ++at;
    return at;
  }
  static bool is_ascii(char c) { return c >= ' ' && c <= '~'; }

  template <class Pieces>
  bool read_class(Pieces& pieces) {
    const std::size_t open = at_++;
    Glob::Class set;
    set.negated = at_ < end_ && (text_[at_] == '!' || text_[at_] == '^');
    if (set.negated) ++at_;
    const std::size_t close =
        text_.find(']', at_ + 1);  // a `]` right behind the `[` is one of the characters
    if (close == std::string::npos)
      return fail(open, text_.size(), "`[` is not closed", "write `[[]` for the character itself");
    if (close > end_)
      return fail(end_, end_ + 1, "no `/` may stand in `[…]`", "a class is one character of a name");
    while (at_ < close) {
      if (!read_range(set, close)) return false;
    }
    at_ = close + 1;
    pieces.push_back(std::move(set));
    return true;
  }

  bool read_range(Glob::Class& set, std::size_t close) {
    const std::size_t begin = at_;
    const bool is_range = at_ + 2 < close && text_[at_ + 1] == '-';
    const char first = text_[at_];
    const char last = is_range ? text_[at_ + 2] : first;
    at_ += is_range ? 3 : 1;
    if (!is_ascii(first) || !is_ascii(last))
      return fail(begin, character_end(at_), "`[…]` holds printable ASCII characters",
                  "write `{ä,ö}` for one of others");
    if (first == '\\' || last == '\\')
      return fail(begin, at_, "`\\` escapes nothing",
                  "a `]` that stands first and a `-` that stands last mean themselves");
    if (first == '[' && text_[begin + 1] == ':')
      return fail(begin, close, "classes have no names", "write the range: `[a-z]`, `[0-9]`");
    if (first > last)
      return fail(begin, at_, "the range is empty", std::string("write `") + last + '-' + first + '`');
    set.ranges.emplace_back(first, last);
    return true;
  }

  bool read_choice(std::vector<Glob::Piece>& pieces) {
    const std::size_t open = at_++;
    Glob::Choice choice;
    for (choice.alternatives.emplace_back(); at_ < end_ && text_[at_] != '}';) {
      if (text_[at_] == ',') {
        choice.alternatives.emplace_back();
        ++at_;
      } else if (!read_plain(choice.alternatives.back(), ",")) {
        return false;
      }
    }
    if (at_ == text_.size())
      return fail(open, at_, "`{` is not closed", "write `[{]` for the character itself");
    if (at_ == end_) return refuse("no `/` may stand in `{…}`", "write one pattern for each alternative");
    ++at_;
    if (choice.alternatives.size() < 2)
      return fail(open, at_, "`{…}` has one alternative only",
                  "write it without braces, or several: `{a,b}`");
    pieces.push_back(std::move(choice));
    return true;
  }

  const Located<std::string>& written_;
  const std::string& text_;
  diag::Sink& sink_;
  std::size_t at_ = 0;     // what is read next
  std::size_t begin_ = 0;  // of the segment
  std::size_t end_ = 0;    // of the segment
};

// --- matching -------------------------------------------------------------------------------------------------------

// Both levels walk all possibilities at once: a set of the places where the text read so far may end. Time is bounded by the
// length of the pattern times the length of the path, whatever the pattern.
using Places = std::vector<bool>;

/// The length of the UTF-8 character at the front; a stray byte is a character.
std::size_t character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(size, text.size());
}

bool contains(const Glob::Class& set, std::string_view character) {
  const char c = character[0];
  const auto holds = [c](const auto& range) { return range.first <= c && c <= range.second; };
  return (character.size() == 1 && std::ranges::any_of(set.ranges, holds)) != set.negated;
}

template <class Accepts>
Places step(const Places& from, std::string_view text, const Accepts& accepts) {
  Places to(from.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!from[at]) continue;
    const std::string_view next = text.substr(at, character(text.substr(at)));
    if (accepts(next)) to[at + next.size()] = true;
  }
  return to;
}

Places advance(const Places& from, std::string_view text, const std::string& literal) {
  Places to(from.size());
  for (std::size_t at = 0; at + literal.size() <= text.size(); ++at) {
    if (from[at] && text.substr(at, literal.size()) == literal) to[at + literal.size()] = true;
  }
  return to;
}

Places advance(const Places& from, std::string_view, const Glob::Any&) {
  Places to(from.size());
  std::fill(std::ranges::find(from, true) - from.begin() + to.begin(), to.end(), true);
  return to;
}

Places advance(const Places& from, std::string_view text, const Glob::One&) {
  return step(from, text, [](std::string_view) { return true; });
}

Places advance(const Places& from, std::string_view text, const Glob::Class& set) {
  return step(from, text, [&](std::string_view next) { return contains(set, next); });
}

Places advance(const Places& from, std::string_view text, const Glob::Choice& choice) {
  Places to(from.size());
  for (const std::vector<Plain>& alternative : choice.alternatives) {
    Places places = from;
    for (const Plain& piece : alternative) {
      places = std::visit([&](const auto& kind) { return advance(places, text, kind); }, piece);
    }
    for (std::size_t at = 0; at < to.size(); ++at) to[at] = to[at] || places[at];
  }
  return to;
}

bool matches_segment(const std::vector<Glob::Piece>& pieces, std::string_view text) {
  if (text.empty()) return false;  // no file has an empty name
  if (pieces.size() == 1) {        // the common cases need no sets
    if (const auto* literal = std::get_if<std::string>(&pieces[0])) return text == *literal;
    if (std::holds_alternative<Glob::Any>(pieces[0])) return true;
  }
  Places places(text.size() + 1);
  places[0] = true;
  for (const Glob::Piece& piece : pieces) {
    places = std::visit([&](const auto& kind) { return advance(places, text, kind); }, piece);
  }
  return places.back();
}

}  // namespace

std::optional<Glob> parse_glob(const Located<std::string>& written, diag::Sink& sink) {
  return Reader(written, sink).read();
}

bool Glob::matches(std::string_view path) const {
  if (path.empty()) return false;
  const std::vector<std::string_view> names = split(path, '/');
  Places places(names.size() + 1);
  places[0] = true;
  for (const Segment& segment : segments) {
    Places next(places.size());
    if (const auto* pieces = std::get_if<std::vector<Piece>>(&segment)) {
      for (std::size_t at = 0; at < names.size(); ++at)
        next[at + 1] = places[at] && matches_segment(*pieces, names[at]);
    } else {
      // The last `**` stands for at least one segment: `src/**` is what is below `src`, not `src`.
      const std::size_t least = &segment == &segments.back() ? 1 : 0;
      const auto first = static_cast<std::size_t>(std::ranges::find(places, true) - places.begin());
      for (std::size_t at = first + least; at < next.size(); ++at) next[at] = true;
    }
    places = std::move(next);
  }
  return places.back();
}

bool Glob::is_literal() const {
  return std::ranges::all_of(segments, [](const Segment& segment) {
    const auto* pieces = std::get_if<std::vector<Piece>>(&segment);
    return pieces && std::ranges::all_of(*pieces, [](const Piece& piece) {
             return std::holds_alternative<std::string>(piece);
           });
  });
}

bool selects(std::span<const Glob> globs, std::string_view path) {
  bool has_including = false;
  bool included = false;
  for (const Glob& glob : globs) {
    if (glob.excludes && glob.matches(path)) return false;
    has_including = has_including || !glob.excludes;
    included = included || (!glob.excludes && glob.matches(path));
  }
  return included || !has_including;
}

}  // namespace penstock::model
