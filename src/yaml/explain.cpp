#include "yaml/explain.h"

#include <algorithm>

namespace penstock::yaml {
namespace {

using Offset = std::uint32_t;

std::size_t line_begin(std::string_view text, std::size_t i) {
  const std::size_t end = i == 0 ? std::string_view::npos : text.rfind('\n', i - 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

std::size_t line_end(std::string_view text, std::size_t i) {
  std::size_t end = std::min(text.find('\n', i), text.size());
  while (end > i && (is_blank(text[end - 1]) || text[end - 1] == '\r')) --end;
  return end;
}

std::size_t first_of_line(std::string_view text, std::size_t i) {
  i = line_begin(text, i);
  while (i < text.size() && is_blank(text[i])) ++i;
  return i;
}

std::size_t column(std::string_view text, std::size_t i) { return i - line_begin(text, i); }
bool same_line(std::string_view text, std::size_t a, std::size_t b) {
  return line_begin(text, a) == line_begin(text, b);
}
std::size_t line_number(std::string_view text, std::size_t i) {
  return 1 + static_cast<std::size_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i), '\n'));
}

/// An indicator (`-`, `?`, `:`) stands only before a blank or a line end.
bool stands_alone(std::string_view text, std::size_t i) {
  return i + 1 >= text.size() || is_blank(text[i + 1]) || is_break(text[i + 1]);
}

struct Token {
  enum Type : unsigned char { Plain, Quoted, Block, Colon, Other } type;
  std::size_t begin;
  std::size_t end;
};

/// The rest of the text line by line, rough but never wrong about quotes and brackets: enough to see what was forgotten.
struct Walk {
  std::vector<Token> tokens;        // up to the mark
  std::vector<Offset> open;         // brackets still open at the mark
  std::optional<Offset> bad_quote;  // a quoted text that does not end, or has a bad escape
  QuoteError quote_error{};
  std::optional<Span> tabs;  // where tabs indent a line
};

class Walker {
 public:
  explicit Walker(const Wreck& wreck) : text_(wreck.text), file_(wreck.file), mark_(wreck.mark) {
    walk_.open = wreck.open;
  }

  Walk walk(std::size_t begin) {
    for (std::size_t i = begin; i <= mark_ && i < text_.size() && !walk_.bad_quote;) i = step(i);
    return std::move(walk_);
  }

 private:
  std::size_t step(std::size_t i) {
    const char c = text_[i];
    if (i == 0 || text_[i - 1] == '\n') note_tabs(i);
    if (is_blank(c) || is_break(c)) return i + 1;
    if (c == '#') return std::min(text_.find('\n', i), text_.size());
    if (c == '"' || c == '\'') return quoted(i);
    if (i == mark_) return i + 1;  // whatever stands at the mark is what this is about
    if (c == '[' || c == '{') walk_.open.push_back(static_cast<Offset>(i));
    if ((c == ']' || c == '}') && !walk_.open.empty()) walk_.open.pop_back();
    if (std::string_view("[]{},").find(c) != std::string_view::npos) return token(Token::Other, i, i + 1);
    if (c == ':' && (stands_alone(text_, i) || !walk_.open.empty())) return token(Token::Colon, i, i + 1);
    if ((c == '-' || c == '?') && stands_alone(text_, i)) return token(Token::Other, i, i + 1);
    if ((c == '|' || c == '>') && walk_.open.empty()) return block(i);
    return plain(i);
  }

  std::size_t token(Token::Type type, std::size_t begin, std::size_t end) {
    walk_.tokens.push_back({type, begin, end});
    return end;
  }

  /// At the beginning of a line.
  void note_tabs(std::size_t begin) {
    if (walk_.tabs || !walk_.open.empty()) return;
    const std::size_t first = std::min(text_.find_first_not_of(" \t", begin), text_.size());
    const std::size_t tab = text_.substr(begin, first - begin).find('\t');
    if (tab == std::string_view::npos || first == text_.size() || is_break(text_[first]) ||
        text_[first] == '#')
      return;
    walk_.tabs = Span{file_, static_cast<Offset>(begin + tab), static_cast<Offset>(first)};
  }

  std::size_t quoted(std::size_t i) {
    std::string value;
    const auto end = scan_quoted(text_, static_cast<Offset>(i), Collector(value), walk_.quote_error);
    if (!end) walk_.bad_quote = static_cast<Offset>(i);
    return end ? token(Token::Quoted, i, *end) : text_.size();
  }

  std::size_t block(std::size_t i) {
    std::string value;
    const auto parent = static_cast<int>(column(text_, first_of_line(text_, i)));
    return token(Token::Block, i,
                 scan_block(text_, static_cast<Offset>(i), parent, std::nullopt, Collector(value)));
  }

  std::size_t plain(std::size_t begin) {
    std::size_t i = begin + 1;
    for (; i < text_.size() && !is_break(text_[i]); ++i) {
      if (text_[i] == ':' && stands_alone(text_, i)) break;
      if (text_[i] == '#' && is_blank(text_[i - 1])) break;
      if (!walk_.open.empty() && std::string_view("[]{},").find(text_[i]) != std::string_view::npos) break;
    }
    while (i > begin && is_blank(text_[i - 1])) --i;
    return token(Token::Plain, begin, i);
  }

  std::string_view text_;
  FileId file_;
  std::size_t mark_;
  Walk walk_;
};

PENSTOCK_MESSAGE(YamlSyntax, "{}", std::string);
PENSTOCK_MESSAGE(TabIndent, "a tab indents this line");
PENSTOCK_MESSAGE(UnclosedQuote, "this quote is not closed");
PENSTOCK_MESSAGE(UnknownEscape, "`{}` is no escape", std::string);
PENSTOCK_MESSAGE(UnclosedBracket, "this `{}` is not closed", char);
PENSTOCK_MESSAGE(TextAfterValue, "this text follows a value that has ended");
PENSTOCK_MESSAGE(UnquotedColon, "a `: ` stands inside a value");
PENSTOCK_MESSAGE(UnquotedIndicator, "a value cannot begin with {}", std::string);
PENSTOCK_MESSAGE(BadIndent, "the indentation of this line fits no line above it");
PENSTOCK_MESSAGE(UnknownAnchor, "anchor `{}` is not defined", std::string);

/// Tells one wreck. Each function reports one error, or gives false when the story is another one.
class Teller {
 public:
  Teller(const Wreck& wreck, Walk walk, diag::Sink& sink)
      : wreck_(wreck), text_(wreck.text), walk_(std::move(walk)), sink_(sink) {}

  void tell() {
    if (walk_.bad_quote) return report_quote(text_, wreck_.file, *walk_.bad_quote, walk_.quote_error, sink_);
    if (walk_.tabs) return report_tab(*walk_.tabs, sink_);
    const bool told = quote_around() || by_trouble() || unclosed_bracket() || text_after_value();
    if (!told)
      say(at_end() ? span(text_.size()) : rest_of_line(wreck_.mark),
          at_end() ? "the text ends too early" : "this cannot stand here");
  }

 private:
  bool by_trouble() {
    switch (wreck_.trouble) {
      case Trouble::Unknown: return false;
      case Trouble::Tab: return report_tab(span(wreck_.mark), sink_), true;
      case Trouble::Colon: return unclosed_bracket() || colon();
      case Trouble::Entries:
      case Trouble::Items: return text_after_value() || mixed_collection() || no_colon() || indent();
      case Trouble::Flow: return unclosed_bracket() || quote_ended_elsewhere() || comma();
      case Trouble::Bracket: return bracket();
      case Trouble::Dash: return unclosed_bracket() || dash();
      case Trouble::Character: return unclosed_bracket() || indicator();
      case Trouble::Anchor: return anchor();
      case Trouble::BlockHeader: return block_header();
      case Trouble::TwoTags: return say(span(wreck_.mark), "a value has one tag"), true;
      case Trouble::TwoAnchors: return say(span(wreck_.mark), "a value has one anchor"), true;
    }
    return false;
  }

  Span span(std::size_t begin, std::size_t end) const {
    return {wreck_.file, static_cast<Offset>(begin), static_cast<Offset>(end)};
  }
  Span span(std::size_t at) const { return span(at, std::min(at + 1, text_.size())); }
  Span rest_of_line(std::size_t at) const {
    return span(at, std::max(line_end(text_, at), std::min(at + 1, text_.size())));
  }
  std::string_view text_of(Span at) const { return text_.substr(at.begin, at.end - at.begin); }
  bool at_end() const {
    return wreck_.mark >= text_.size() || skip_blank(text_, wreck_.mark) == text_.size();
  }

  void say(Span at, std::string text, std::string help = {}) {
    diag::build(sink_, at, kYamlSyntax, text).help(std::move(help)).emit();
  }

  /// The parser stopped inside a quoted text: at `---`, or at the end.
  bool quote_around() {
    if (walk_.tokens.empty()) return false;
    const Token& last = walk_.tokens.back();
    if (last.type != Token::Quoted || last.begin >= wreck_.mark || last.end <= wreck_.mark) return false;
    diag::report(sink_, span(last.begin), kUnclosedQuote);
    return true;
  }

  /// The line below `opener` that stands no deeper than the line it is on: what the author thought to be outside.
  std::optional<std::size_t> line_outside(std::size_t opener) const {
    const std::size_t depth = column(text_, first_of_line(text_, opener));
    for (std::size_t i = std::min(text_.find('\n', opener), text_.size()); i < text_.size();
         i = std::min(text_.find('\n', i), text_.size())) {
      const std::size_t first = first_of_line(text_, ++i);
      if (first > wreck_.mark || first >= text_.size()) return std::nullopt;
      const char c = text_[first];
      if (!is_break(c) && c != '#' && c != ']' && c != '}' && column(text_, first) <= depth) return first;
    }
    return std::nullopt;
  }

  bool unclosed_bracket() {
    if (walk_.open.empty()) return false;
    const Offset opener = walk_.open.back();
    const auto outside = line_outside(opener);
    if (!outside && !at_end()) return false;
    auto builder = diag::build(sink_, span(opener), kUnclosedBracket, text_[opener]);
    if (outside)
      std::move(builder).label(rest_of_line(*outside), "this line is outside by its indentation").emit();
    if (!outside) std::move(builder).emit();
    return true;
  }

  bool comma() {
    if (walk_.open.empty()) return false;
    const char closing = text_[walk_.open.back()] == '[' ? ']' : '}';
    diag::build(sink_, rest_of_line(wreck_.mark), kYamlSyntax, fmt::format("expected `,` or `{}`", closing))
        .label(span(walk_.open.back()), "for what was opened here")
        .emit();
    return true;
  }

  bool bracket() {
    const char found = text_[wreck_.mark];
    if (walk_.open.empty()) {
      say(span(wreck_.mark), fmt::format("this `{}` closes nothing", found),
          "quote the value if the bracket belongs to it");
      return true;
    }
    const Offset opener = walk_.open.back();
    diag::build(sink_, span(wreck_.mark), kYamlSyntax,
                fmt::format("expected `{}`, found `{}`", text_[opener] == '[' ? ']' : '}', found))
        .label(span(opener), "for what was opened here")
        .emit();
    return true;
  }

  /// Where the text before the mark ends, if it ends in this line.
  std::size_t end_before_mark() const {
    std::size_t before = wreck_.mark;
    while (before > 0 && is_blank(text_[before - 1])) --before;
    return before > 0 && !at_end() && same_line(text_, before - 1, wreck_.mark) ? before : 0;
  }

  /// A quoted text over several lines with more text behind it: its quote was meant to close earlier.
  bool quote_ended_elsewhere() {
    const std::size_t end = end_before_mark();
    if (end == 0 || !is_quote(text_[end - 1])) return false;
    const std::size_t begin = quote_ending_at(end);
    if (same_line(text_, begin, end)) return false;
    diag::build(sink_, span(begin), kUnclosedQuote)
        .label(span(end - 1), "the next quote is here, and more text follows")
        .help(fmt::format("is the closing quote missing in line {}?", line_number(text_, begin)))
        .emit();
    return true;
  }

  /// `key: 'it's'`, `key: "a" b`, `key: [a] b`.
  bool text_after_value() {
    if (quote_ended_elsewhere()) return true;
    const std::size_t end = end_before_mark();
    if (end == 0) return false;
    const char last = text_[end - 1];
    if (!is_quote(last) && last != ']' && last != '}') return false;
    const std::size_t begin = is_quote(last) ? quote_ending_at(end) : bracket_ending_at(end);
    diag::build(sink_, rest_of_line(wreck_.mark), kTextAfterValue)
        .label(span(begin, end), "the value ends here")
        .help(is_quote(last) ? after_quote_help(last) : "quote the whole value")
        .emit();
    return true;
  }

  static bool is_quote(char c) { return c == '"' || c == '\''; }

  static std::string after_quote_help(char quote) {
    return quote == '\'' ? "between single quotes write a single quote twice: `''`"
                         : "quote the whole value, and write a quote inside it as `\\\"`";
  }

  std::size_t quote_ending_at(std::size_t end) const {
    for (const Token& token : walk_.tokens) {
      if (token.type == Token::Quoted && token.end == end) return token.begin;
    }
    // It was read before: find the quote that ends there, from the nearest candidate on.
    for (std::size_t i = end - 1; i > 0;) {
      i = text_.rfind(text_[end - 1], i - 1);
      if (i == std::string_view::npos) break;
      std::string value;
      QuoteError error{};
      const bool begins =
          i == 0 || std::string_view(" \t\n[{,:").find(text_[i - 1]) != std::string_view::npos;
      if (begins && scan_quoted(text_, static_cast<Offset>(i), Collector(value), error) == end) return i;
      if (i == 0) break;
    }
    return end - 1;
  }

  std::size_t bracket_ending_at(std::size_t end) const {
    const std::size_t begin = text_.rfind(text_[end - 1] == ']' ? '[' : '{', end - 1);
    return begin == std::string_view::npos || !same_line(text_, begin, end) ? end - 1 : begin;
  }

  bool colon() {
    const std::size_t begin = line_begin(text_, wreck_.mark);
    if (tab_before_key(begin) || value_goes_on(begin)) return true;
    const std::size_t first = text_.substr(begin, wreck_.mark - begin).find(": ");
    if (first != std::string_view::npos) {
      const std::size_t value = text_.find_first_not_of(' ', begin + first + 1);
      const Span whole = rest_of_line(value);
      diag::build(sink_, span(wreck_.mark), kUnquotedColon).help(quoting_help(text_of(whole))).emit();
      return true;
    }
    if (line_without_colon()) return true;
    say(span(wreck_.mark), "this `:` follows no key",
        "a key stands in one line and has at most 1024 characters");
    return true;
  }

  /// `-<tab>key: value`: what begins a nested mapping is indentation too.
  bool tab_before_key(std::size_t begin) {
    const std::size_t first = text_.find_first_not_of(" -?", begin);
    if (first >= wreck_.mark || text_[first] != '\t') return false;
    return report_tab(span(first), sink_), true;
  }

  static std::string quoting_help(std::string_view value) {
    if (value.size() > 60 || value.find_first_of("\"\\`") != std::string_view::npos ||
        value.find(" #") != std::string_view::npos) {
      return "quote the value";
    }
    return fmt::format("quote the value: `\"{}\"`", value);
  }

  /// `a: b` with a deeper `c: d` in the next line: YAML takes both lines for one value.
  bool value_goes_on(std::size_t begin) {
    const std::size_t first = first_of_line(text_, begin);
    if (begin == 0 || first >= wreck_.mark) return false;
    std::size_t above = begin - 1;
    while (above > 0 && (is_blank(text_[above - 1]) || is_break(text_[above - 1]))) --above;
    if (above == 0) return false;
    const std::size_t above_first = first_of_line(text_, above - 1);
    const std::string_view line = text_.substr(above_first, above - above_first);
    const std::size_t colon = std::min(line.find(": "), line.starts_with("- ") ? 0 : std::string_view::npos);
    if (line.starts_with('#') || line.find(" #") != std::string_view::npos) return false;
    if (colon == std::string_view::npos || column(text_, first) <= column(text_, above_first)) return false;
    const std::size_t value = text_.find_first_not_of(' ', above_first + colon + 1);
    diag::build(sink_, span(first, wreck_.mark), kBadIndent)
        .label(span(value, above), "the value above seems to go on")
        .help("indent the line like the one above it, or leave that one without a value of its own")
        .emit();
    return true;
  }

  /// `foo` alone, or `foo:bar`, above a `key: value`.
  bool line_without_colon() {
    if (walk_.tokens.size() < 2) return false;
    const Token& lonely = walk_.tokens[walk_.tokens.size() - 2];
    const bool alone = lonely.type == Token::Plain && first_of_line(text_, lonely.begin) == lonely.begin;
    if (!alone || walk_.tokens.back().type != Token::Plain || same_line(text_, lonely.begin, wreck_.mark))
      return false;
    report_missing_colon(text_, span(lonely.begin, lonely.end), sink_);
    return true;
  }

  bool is_item(std::size_t at) const { return text_.substr(at, 1) == "-" && stands_alone(text_, at); }

  /// The nearest line above that begins in the same column, if the lines between are deeper.
  std::optional<std::size_t> line_above() const {
    const std::size_t depth = column(text_, wreck_.mark);
    for (std::size_t i = line_begin(text_, wreck_.mark); i > 0;) {
      i = line_begin(text_, i - 1);
      const std::size_t first = first_of_line(text_, i);
      if (is_break(text_[first]) || text_[first] == '#') continue;
      if (column(text_, first) == depth) return first;
      if (column(text_, first) < depth) return std::nullopt;
    }
    return std::nullopt;
  }

  /// A key below list items, or an item below keys.
  bool mixed_collection() {
    if (first_of_line(text_, wreck_.mark) != wreck_.mark || at_end()) return false;
    const auto above = line_above();
    if (!above || is_item(*above) == is_item(wreck_.mark)) return false;
    const bool item = is_item(wreck_.mark);
    const Span here = rest_of_line(wreck_.mark);
    const char* said = "a line without `- ` stands among list items";
    if (has_colon(text_of(here))) said = "a key stands among list items";
    if (item) said = "a list item stands among keys";
    diag::build(sink_, here, kYamlSyntax, said)
        .label(rest_of_line(*above),
               item ? "this is a key in the same column" : "this is an item in the same column")
        .emit();
    return true;
  }

  static bool has_colon(std::string_view line) {
    return line.ends_with(':') || line.find(": ") != std::string_view::npos;
  }

  /// The line at the mark, or the one read before it, is neither `key: value` nor an item.
  bool no_colon() {
    const Span here = rest_of_line(wreck_.mark);
    if (at_end() || first_of_line(text_, here.begin) != here.begin) return false;
    const bool bracket = text_of(here).starts_with('[') || text_of(here).starts_with('{');
    if (bracket) return false;
    if (!has_colon(text_of(here)) && !is_item(here.begin))
      return report_missing_colon(text_, here, sink_), true;
    const auto above = line_above();
    if (!above || has_colon(text_of(rest_of_line(*above)))) return false;
    return report_missing_colon(text_, rest_of_line(*above), sink_), true;
  }

  bool indent() {
    if (first_of_line(text_, wreck_.mark) != wreck_.mark || at_end()) return false;
    diag::build(sink_, rest_of_line(wreck_.mark), kBadIndent)
        .help("lines of one mapping or list begin in the same column")
        .emit();
    return true;
  }

  bool dash() {
    say(span(wreck_.mark), "a list item cannot begin here",
        "put the list on lines of its own, or write `[a, b]`");
    return true;
  }

  bool indicator() {
    if (at_end()) return false;
    const char found = text_[wreck_.mark];
    diag::build(sink_, span(wreck_.mark), kUnquotedIndicator,
                found == '`' ? "a backtick" : fmt::format("`{}`", found))
        .help(quoting_help(text_of(rest_of_line(wreck_.mark))))
        .emit();
    return true;
  }

  bool anchor() {
    std::size_t end = wreck_.mark + 1;
    while (end < text_.size() && std::string_view(" \t\r\n,[]{}").find(text_[end]) == std::string_view::npos)
      ++end;
    diag::build(sink_, span(wreck_.mark, end), kUnknownAnchor,
                std::string(text_.substr(wreck_.mark + 1, end - wreck_.mark - 1)))
        .help("an anchor is written `&name` before its first use; quote the value if it is no alias")
        .emit();
    return true;
  }

  bool block_header() {
    say(rest_of_line(wreck_.mark), "text stands behind the `|` or `>`",
        "begin the text in the next line, indented");
    return true;
  }

  const Wreck& wreck_;
  std::string_view text_;
  Walk walk_;
  diag::Sink& sink_;
};

}  // namespace

void report_quote(std::string_view text, FileId file, Offset begin, const QuoteError& error,
                  diag::Sink& sink) {
  if (error.closed) {
    const std::string escape(text.substr(error.begin, error.end - error.begin));
    diag::build(sink, {file, error.begin, error.end}, kUnknownEscape, escape)
        .help("write `\\\\` for a backslash, or use single quotes, which have no escapes")
        .emit();
    return;
  }
  diag::build(sink, {file, begin, begin + 1}, kUnclosedQuote)
      .help(fmt::format("close it with `{}`", text[begin]))
      .emit();
}

void report_missing_colon(std::string_view text, Span line, diag::Sink& sink) {
  const bool glued = text.substr(line.begin, line.end - line.begin).find(':') != std::string_view::npos;
  diag::build(sink, line, kYamlSyntax, "this line has no `: ` after its key")
      .help(glued ? "write a space behind the `:`" : "write `key: value`, or `- ` before a list item")
      .emit();
}

void report_tab(Span tabs, diag::Sink& sink) {
  diag::build(sink, tabs, kTabIndent).help("indent with spaces").emit();
}

void explain(const Wreck& wreck, diag::Sink& sink) {
  const std::size_t begin = std::min<std::size_t>(wreck.understood, wreck.text.size());
  Walk walk = Walker(wreck).walk(begin);
  Teller(wreck, std::move(walk), sink).tell();
}

}  // namespace penstock::yaml
