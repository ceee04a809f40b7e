#include "yaml/scan.h"

#include <algorithm>
#include <cctype>

namespace penstock::yaml {
namespace {

using Offset = std::uint32_t;

char at(std::string_view text, std::size_t i) { return i < text.size() ? text[i] : '\0'; }

std::size_t skip_spaces(std::string_view text, std::size_t i) {
  while (i < text.size() && text[i] == ' ') ++i;
  return i;
}

std::size_t line_end(std::string_view text, std::size_t i) {
  const std::size_t end = text.find('\n', i);
  return end == std::string_view::npos ? text.size() : end;
}

/// Where a line's text ends: before its line end, be it LF or CRLF.
std::size_t text_end(std::string_view text, std::size_t begin, std::size_t end) {
  return end > begin && end < text.size() && text[end - 1] == '\r' ? end - 1 : end;
}

/// Folds the line ends from `i` on (the first is there): one makes a space, more make one fewer than they are.
struct Fold {
  std::size_t next;    // the first character of the text that follows
  std::size_t breaks;  // empty lines in between
};
Fold fold(std::string_view text, std::size_t i) {
  std::size_t breaks = 0;
  for (; i < text.size() && (is_blank(text[i]) || is_break(text[i])); ++i)
    breaks += text[i] == '\n' ? 1U : 0U;
  return {i, breaks == 0 ? 0 : breaks - 1};
}

void put_fold(Collector& out, const Fold& fold, std::size_t begin) {
  out.put(fold.breaks == 0 ? std::string(1, ' ') : std::string(fold.breaks, '\n'), begin, fold.next);
}

void append_utf8(std::string& out, unsigned long code) {
  const auto byte = [&](unsigned long bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0U | (code >> 6U));
  } else if (code < 0x10000) {
    byte(0xE0U | (code >> 12U));
    byte(0x80U | ((code >> 6U) & 0x3FU));
  } else {
    byte(0xF0U | (code >> 18U));
    byte(0x80U | ((code >> 12U) & 0x3FU));
    byte(0x80U | ((code >> 6U) & 0x3FU));
  }
  byte(0x80U | (code & 0x3FU));
}

std::optional<unsigned long> hex_value(std::string_view digits) {
  unsigned long value = 0;
  for (const char c : digits) {
    const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 16 + (digit > 15 ? digit - 6 : digit);
  }
  return value;
}

std::size_t hex_digits(char letter) {
  switch (letter) {
    case 'x': return 2;
    case 'u': return 4;
    case 'U': return 8;
    default: return 0;
  }
}

/// What a backslash and this letter stand for; empty when they stand for nothing.
std::string_view simple_escape(char letter) {
  using namespace std::string_view_literals;
  switch (letter) {
    case '0': return "\0"sv;
    case 'a': return "\a";
    case 'b': return "\b";
    case 't': return "\t";
    case '\t': return "\t";
    case 'n': return "\n";
    case 'v': return "\v";
    case 'f': return "\f";
    case 'r': return "\r";
    case 'e': return "\x1b";
    case ' ': return " ";
    case '"': return "\"";
    case '/': return "/";
    case '\\': return "\\";
    case 'N': return "\xC2\x85";
    case '_': return "\xC2\xA0";
    case 'L': return "\xE2\x80\xA8";
    case 'P': return "\xE2\x80\xA9";
    default: return {};
  }
}

/// The escape that begins at `i`; gives the place behind it, or nothing.
std::optional<std::size_t> scan_escape(std::string_view text, std::size_t i, Collector& out) {
  const char letter = at(text, i + 1);
  if (const std::string_view value = simple_escape(letter); !value.empty()) {
    out.put(value, i, i + 2);
    return i + 2;
  }
  const std::size_t count = hex_digits(letter);
  if (count == 0 || i + 2 + count > text.size()) return std::nullopt;
  const auto code = hex_value(text.substr(i + 2, count));
  if (!code || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF)) return std::nullopt;
  std::string value;
  append_utf8(value, *code);
  out.put(value, i, i + 2 + count);
  return i + 2 + count;
}

/// How far an escape that means nothing reaches: for the underline.
std::size_t bad_escape_end(std::string_view text, std::size_t i) {
  std::size_t end = i + 2;
  const std::size_t stop = i + 2 + hex_digits(at(text, i + 1));
  while (end < stop && end < text.size() && std::isxdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
  return std::min(end, text.size());
}

struct BlockHeader {
  bool folded = false;
  char chomp = ' ';
  int indent = 0;        // written as a digit; 0 when not
  std::size_t next = 0;  // the first line below
};

BlockHeader scan_header(std::string_view text, std::size_t i) {
  BlockHeader header;
  header.folded = text[i] == '>';
  for (++i; i < text.size() && !is_blank(text[i]) && !is_break(text[i]); ++i) {
    if (text[i] == '+' || text[i] == '-') header.chomp = text[i];
    if (text[i] >= '1' && text[i] <= '9') header.indent = text[i] - '0';
  }
  const std::size_t end = line_end(text, i);
  header.next = end < text.size() ? end + 1 : end;
  return header;
}

/// A line of a block: where it begins, where its text ends, and where the next line begins.
struct Line {
  std::size_t begin, end, next;
};

Line line_at(std::string_view text, std::size_t begin) {
  const std::size_t end = line_end(text, begin);
  return {begin, text_end(text, begin, end), end < text.size() ? end + 1 : end};
}

/// The column of the first line with text; the blank lines above it count for nothing.
int detect_indent(std::string_view text, std::size_t begin) {
  while (begin < text.size()) {
    const Line line = line_at(text, begin);
    const std::size_t first = skip_spaces(text, line.begin);
    if (first < line.end) return static_cast<int>(first - line.begin);
    begin = line.next;
  }
  return 0;
}

}  // namespace

void Collector::run(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin == end) return;
  if (pieces_ != nullptr) {
    pieces_->push_back(
        {static_cast<Offset>(value_.size()), static_cast<Offset>(begin), static_cast<Offset>(end), true});
  }
  value_.append(text, begin, end - begin);
}

void Collector::put(std::string_view value, std::size_t begin, std::size_t end) {
  if (value.empty()) return;
  if (pieces_ != nullptr) {
    pieces_->push_back(
        {static_cast<Offset>(value_.size()), static_cast<Offset>(begin), static_cast<Offset>(end), false});
  }
  value_ += value;
}

std::optional<Offset> scan_quoted(std::string_view text, Offset begin, Collector out, QuoteError& error) {
  const char quote = text[begin];
  std::size_t i = begin + 1;
  for (;;) {
    std::size_t stop = i;
    while (stop < text.size() && text[stop] != quote && text[stop] != '\n' &&
           (quote != '"' || text[stop] != '\\'))
      ++stop;
    if (stop == text.size()) break;
    if (text[stop] == '\n') {
      std::size_t end = stop;
      while (end > i && (is_blank(text[end - 1]) || text[end - 1] == '\r')) --end;
      out.run(text, i, end);
      const Fold folded = fold(text, stop);
      put_fold(out, folded, end);
      i = folded.next;
      continue;
    }
    out.run(text, i, stop);
    if (text[stop] == '\\') {
      const std::size_t after = stop + 1 + (at(text, stop + 1) == '\r' ? 1U : 0U);
      if (at(text, after) == '\n') {  // an escaped line end leaves nothing but the empty lines after it
        const Fold folded = fold(text, after);
        out.put(std::string(folded.breaks, '\n'), stop, folded.next);
        i = folded.next;
      } else if (const auto next = scan_escape(text, stop, out)) {
        i = *next;
      } else {
        error = {true, static_cast<Offset>(stop), static_cast<Offset>(bad_escape_end(text, stop))};
        return std::nullopt;
      }
    } else if (quote == '\'' && at(text, stop + 1) == '\'') {
      out.put("'", stop, stop + 2);
      i = stop + 2;
    } else {
      return static_cast<Offset>(stop + 1);
    }
  }
  error = {false, begin, begin + 1};
  return std::nullopt;
}

Offset scan_block(std::string_view text, Offset begin, int parent, std::optional<int> known, Collector out) {
  const BlockHeader header = scan_header(text, begin);
  const int least = std::max(parent, 0);
  const int indent = known               ? *known
                     : header.indent > 0 ? least + header.indent
                                         : detect_indent(text, header.next);
  // Without a line of text that stands deep enough there are only empty lines.
  const std::size_t column = indent > least ? static_cast<std::size_t>(indent) : std::string_view::npos;
  std::size_t end = text_end(text, begin, line_end(text, begin));
  // The line end of the last line with text is held back until it is known what becomes of it; so are the empty lines.
  std::optional<std::size_t> held;
  std::size_t empty_from = header.next;
  std::size_t empty = 0;
  bool spaced =
      true;  // the last line began with a blank, or there was none: line ends around such lines are kept
  const auto flush = [&](std::size_t next, bool next_spaced) {
    const bool folds = held && header.folded && !spaced && !next_spaced;
    if (held && !folds) out.put("\n", *held, empty_from);
    if (folds && empty == 0) out.put(" ", *held, next);
    out.put(std::string(empty, '\n'), folds ? *held : empty_from, next);
  };
  std::size_t at_line = header.next;
  while (at_line < text.size()) {
    const Line line = line_at(text, at_line);
    const std::size_t first = std::min(skip_spaces(text, line.begin), line.end);
    const bool is_empty = first == line.end && first - line.begin <= column;
    if (!is_empty && first - line.begin < column) break;
    if (is_empty) {
      if (line.next == line.end) break;  // spaces before the end of the file are no line
      ++empty;
    } else {
      const std::size_t content = line.begin + column;
      const bool next_spaced = is_blank(text[content]);
      flush(content, next_spaced);
      out.run(text, content, line.end);
      if (first < line.end) end = line.end;
      spaced = next_spaced;
      held = line.next > line.end ? std::optional(line.end) : std::nullopt;
      empty_from = line.next;
      empty = 0;
    }
    at_line = line.next;
  }
  if (header.chomp != '-' && held) out.put("\n", *held, empty_from);
  if (header.chomp == '+') out.put(std::string(empty, '\n'), empty_from, at_line);
  return static_cast<Offset>(end);
}

std::optional<Offset> scan_plain(std::string_view text, Offset begin, std::string_view value, Collector out) {
  if (text.substr(begin, value.size()) == value) {
    out.run(text, begin, begin + value.size());
    return static_cast<Offset>(begin + value.size());
  }
  std::size_t i = begin;
  for (std::size_t v = 0; v < value.size();) {
    std::size_t word = v;
    while (word < value.size() && !is_blank(value[word]) && value[word] != '\n') ++word;
    if (text.substr(i, word - v) != value.substr(v, word - v)) return std::nullopt;
    out.run(text, i, i + word - v);
    i += word - v;
    v = word;
    if (v == value.size()) break;
    std::size_t gap = i;
    while (gap < text.size() && is_blank(text[gap])) ++gap;
    if (gap < text.size() && is_break(text[gap])) {
      const Fold folded = fold(text, gap);
      const std::size_t length = std::max<std::size_t>(folded.breaks, 1);
      const char expected = folded.breaks == 0 ? ' ' : '\n';
      if (value.substr(v, length) != std::string(length, expected)) return std::nullopt;
      put_fold(out, folded, i);
      i = folded.next;
      v += length;
    } else {
      if (gap == i || text.substr(i, gap - i) != value.substr(v, gap - i)) return std::nullopt;
      out.run(text, i, gap);
      v += gap - i;
      i = gap;
    }
  }
  return static_cast<Offset>(i);
}

Offset skip_blank(std::string_view text, Offset begin) {
  std::size_t i = begin;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#' && (i == 0 || is_blank(text[i - 1]) || is_break(text[i - 1]))) i = line_end(text, i);
    if (i >= text.size() || (!is_blank(text[i]) && !is_break(text[i]))) break;
  }
  return static_cast<Offset>(std::min(i, text.size()));
}

}  // namespace penstock::yaml
