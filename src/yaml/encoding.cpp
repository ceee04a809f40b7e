#include "yaml/encoding.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace penstock::yaml {
namespace {

using Offset = std::uint32_t;

/// The length that the first byte of a character announces; 0 when no character begins with it.
Offset announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/// Plain ASCII is most of every file: the place of the first byte that needs a look.
std::size_t skip_ascii(std::string_view text, std::size_t i) {
  const auto plain = [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\t'; };
  return static_cast<std::size_t>(
      std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(), plain) - text.begin());
}

PENSTOCK_MESSAGE(InvalidUtf8, "the file is not UTF-8: byte {:#04x} begins no character", unsigned);

void report_bytes(const SourceManager& sources, FileId file, Offset at, diag::Sink& sink) {
  const std::string_view text = sources.text(file);
  const bool wide = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
  diag::build(sink, {file, at, at + 1}, kInvalidUtf8, static_cast<unsigned char>(text[at]))
      .help(wide ? "it looks like UTF-16: save it as UTF-8" : "save the file as UTF-8")
      .emit();
}

PENSTOCK_MESSAGE(InvalidCharacter, "{} may not stand in YAML", std::string);

std::string name_of(std::uint32_t code) {
  switch (code) {
    case 0: return "a NUL byte";
    case '\r': return "a carriage return without a line feed";
    case 0x1B: return "an escape character (U+001B)";
    case 0xFEFF: return "a byte order mark inside the text";
    default: return fmt::format("the control character U+{:04X}", code);
  }
}

std::string advice(std::string_view text, std::uint32_t code) {
  const bool wide = code == 0 && text.size() > 3 && (text[1] == '\0' || text[0] == '\0');
  if (wide) return "it looks like UTF-16: save it as UTF-8";
  if (code == '\r') return "save the file with LF or CRLF line ends";
  return code == 0xFEFF ? "delete the invisible character"
                        : "delete it, or write an escape such as `\"\\x1b\"` between double quotes";
}

void report_character(const SourceManager& sources, FileId file, Offset at, Character bad, diag::Sink& sink) {
  diag::build(sink, {file, at, at + bad.length}, kInvalidCharacter, name_of(bad.code))
      .help(advice(sources.text(file), bad.code))
      .emit();
}

}  // namespace

Character character_at(std::string_view text, std::size_t i) {
  const auto first = static_cast<unsigned char>(text[i]);
  const Offset length = announced_length(first);
  if (length <= 1) return {first, length};
  if (i + length > text.size()) return {0, 0};
  std::uint32_t code = first & (0x7FU >> length);
  for (Offset k = 1; k < length; ++k) {
    const auto next = static_cast<unsigned char>(text[i + k]);
    if ((next & 0xC0U) != 0x80U) return {0, 0};
    code = (code << 6U) | (next & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800,
                                      0x10000};  // what is longer than it need be is no UTF-8
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return {code, code < kLeast[length] || surrogate || code > 0x10FFFF ? 0 : length};
}

bool is_allowed(std::uint32_t code) {
  if (code == '\t' || code == '\n') return true;
  if (code < 0x20 || (code >= 0x7F && code < 0xA0 && code != 0x85)) return false;
  return code != 0xFEFF && code != 0xFFFE && code != 0xFFFF;
}

bool check_encoding(const SourceManager& sources, FileId file, diag::Sink& sink) {
  const std::string_view text = sources.text(file);
  for (std::size_t i = skip_ascii(text, mark_length(text)); i < text.size(); i = skip_ascii(text, i)) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      i += 2;
      continue;
    }
    const Character character = character_at(text, i);
    if (character.length == 0) {
      report_bytes(sources, file, static_cast<Offset>(i), sink);
      return false;
    }
    if (!is_allowed(character.code)) {
      report_character(sources, file, static_cast<Offset>(i), character, sink);
      return false;
    }
    i += character.length;
  }
  return true;
}

}  // namespace penstock::yaml
