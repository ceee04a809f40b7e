#include "cel/unicode.h"

#include <optional>

namespace penstock::cel {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Decoded {
  std::optional<char32_t> code;  // nothing: this is no character
  std::size_t size = 1;
};

/// The character that starts at a byte. Overlong forms and surrogates are none.
Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> char32_t { return static_cast<unsigned char>(text[at + i]); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size == 0 || at + size > text.size()) return {};
  char32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return {};
  return {code, size};
}

}  // namespace

void append_utf8(std::string& out, char32_t code) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded one = decode(bytes, at);
    if (!one.code) return false;
    at += one.size;
  }
  return true;
}

std::u32string characters(std::string_view text) {
  std::u32string all;
  all.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Decoded one = decode(text, at);
    all += one.code.value_or(kReplacement);
    at += one.size;
  }
  return all;
}

std::string utf8(std::u32string_view characters) {
  std::string text;
  for (const char32_t one : characters) append_utf8(text, one);
  return text;
}

}  // namespace penstock::cel
