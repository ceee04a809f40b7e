#include "yaml/quote.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "yaml/encoding.h"

namespace penstock::yaml {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool has(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }
bool all_in(std::string_view text, std::string_view set) {
  return text.find_first_not_of(set) == std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

/// A character every reader takes as it is, quoted or not. YAML 1.1 ends a line at U+0085, U+2028 and U+2029.
bool is_printable(std::uint32_t code) {
  return is_allowed(code) && code != '\n' && code != '\t' && code != 0x85 && code != 0x2028 && code != 0x2029;
}

bool is_printable_text(std::string_view text, std::string_view also = {}) {
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    if (character.length == 0 || (!is_printable(character.code) && !has(also, text[i]))) return false;
    i += character.length;
  }
  return true;
}

/// Words that YAML 1.1 or 1.2 reads as null, a boolean, a special number, `=` or `<<`.
bool is_word_with_meaning(std::string_view text) {
  static constexpr std::array<std::string_view, 14> kWords = {
      "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<", ".inf", ".nan"};
  if (text.size() > 5) return false;
  const std::string word = lower(text.substr(text.starts_with('+') || text.starts_with('-') ? 1 : 0));
  return std::ranges::find(kWords, word) != kWords.end();
}

/// Anything some reader takes for a number or a time, and a little more: `3.10`, `0755`, `1e3`, `0x1F`, `1_000`, `1,000`, `12:30`, `2024-01-01`.
bool looks_like_number(std::string_view text) {
  if (!has("+-.0123456789", text[0]) || std::ranges::none_of(text, is_digit))
    return text.size() < 4 && all_in(text, "+-.");
  if (all_in(text, "0123456789_.,:eE+-")) return true;
  const std::string_view bare = text.substr(has("+-", text[0]) ? 1 : 0);
  if (bare.size() > 1 && bare[0] == '0' && has("xXoObB", bare[1]))
    return all_in(bare.substr(2), "0123456789abcdefABCDEF_");
  const bool dated =
      text.size() > 7 && std::all_of(text.begin(), text.begin() + 4, is_digit) && text[4] == '-';
  return dated && all_in(text, "0123456789-:.+TtZz ");
}

bool begins_plain(std::string_view text) {
  if (text.starts_with("---") || text.starts_with("...")) return false;
  if (text[0] == '-') return text.size() > 1 && text[1] != ' ';
  return !has(" ?:,[]{}#&*!|>'\"%@`", text[0]);
}

/// A `:` that no reader could take for the end of a key inside `{…}`.
bool colons_are_safe(std::string_view text) {
  for (std::size_t i = text.find(':'); i != std::string_view::npos; i = text.find(':', i + 1)) {
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    if (!is_digit(next) && !has("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/_.", next))
      return false;
  }
  return true;
}

bool is_blank_line(std::string_view line) { return !line.empty() && all_in(line, " \t"); }

/// Whether a `|` block gives the text back in every reader. Blanks alone in the first or last line are taken differently.
bool fits_block(std::string_view text) {
  const std::size_t last = text.find_last_not_of('\n');
  if (last == std::string_view::npos || !is_printable_text(text, "\n\t")) return false;
  const std::string_view body = text.substr(0, last + 1);
  const std::size_t final_line = body.rfind('\n');
  const std::size_t first = body.find_first_not_of('\n');
  const std::string_view first_line = body.substr(first, body.find('\n', first) - first);
  return !is_blank_line(body.substr(final_line == std::string_view::npos ? 0 : final_line + 1)) &&
         !is_blank_line(first_line);
}

std::string escape(std::uint32_t code) {
  switch (code) {
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    case '"': return "\\\"";
    case '\\': return "\\\\";
    default: break;
  }
  return code < 0x100 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
}

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    const std::size_t length = std::max<std::size_t>(character.length, 1);
    if (character.length == 0) {
      out += "\xEF\xBF\xBD";  // bytes that are no text cannot be written
    } else if (is_printable(character.code) && character.code != '"' && character.code != '\\') {
      out += text.substr(i, length);
    } else {
      out += escape(character.code);
    }
    i += length;
  }
  return out += '"';
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  out += text;
  return out += '\'';
}

}  // namespace

bool is_safe_plain(std::string_view text, bool flow) {
  if (text.empty() || text.back() == ' ' || text.back() == ':' || !begins_plain(text) ||
      !is_printable_text(text))
    return false;
  if (is_word_with_meaning(text) || looks_like_number(text)) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  return !flow || (text.find_first_of(",[]{}?") == std::string_view::npos && colons_are_safe(text));
}

Form form_of(std::string_view text, Context context) {
  const bool block =
      !context.flow && !context.key && text.find('\n') != std::string_view::npos && fits_block(text);
  if (block && !(context.root && needs_indicator(text))) return Form::Block;
  return is_safe_plain(text, context.flow) ? Form::Plain : Form::Quoted;
}

bool needs_indicator(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\n');
  return first != std::string_view::npos && (text[first] == ' ' || text[first] == '\t');
}

std::string quoted_text(std::string_view text) {
  const bool escapes = text.find_first_of("\"\\") != std::string_view::npos;
  const bool single = escapes && text.find('\'') == std::string_view::npos && is_printable_text(text);
  return single ? single_quoted(text) : double_quoted(text);
}

std::string comment_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    const std::size_t length = std::max<std::size_t>(character.length, 1);
    const bool ends_line = character.length > 0 && (character.code == '\r' || character.code == 0x85 ||
                                                    character.code == 0x2028 || character.code == 0x2029);
    if (text[i] == '\n' || (ends_line && !text.substr(i).starts_with("\r\n"))) {
      out += '\n';
    } else if (character.length > 0 && (is_printable(character.code) || text[i] == '\t')) {
      out += text.substr(i, length);
    } else if (!ends_line) {
      out += '?';
    }
    i += length;
  }
  return out;
}

}  // namespace penstock::yaml
