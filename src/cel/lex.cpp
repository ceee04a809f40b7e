#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "cel/token.h"
#include "cel/unicode.h"

namespace penstock::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_part(char c) { return is_start(c) || is_digit(c); }
bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::size_t character_size(char lead) {
  const auto code = static_cast<unsigned char>(lead);
  return code < 0xC0 ? 1 : code < 0xE0 ? 2 : code < 0xF0 ? 3 : 4;
}

constexpr std::array<std::string_view, 17> kReserved = {
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};
constexpr std::array<std::string_view, 4> kKeywords = {"false", "in", "null", "true"};

bool is_scalar_value(std::uint32_t code) { return code < 0xD800 || (code > 0xDFFF && code <= 0x10FFFF); }

// What stands behind the backslash of an escape with digits.
struct Digits {
  std::size_t lead;  // characters before them: the `x` of `\x41`
  std::size_t count;
  int base;
};

std::optional<Digits> digits_of(char c) {
  switch (c) {
    case 'x':
    case 'X': return Digits{1, 2, 16};
    case 'u': return Digits{1, 4, 16};
    case 'U': return Digits{1, 8, 16};
    case '0':
    case '1':
    case '2':
    case '3': return Digits{0, 3, 8};
    default: return std::nullopt;
  }
}

std::optional<char> plain_escape(char c) {
  constexpr std::string_view from = "abfnrtv\\?\"'`";
  constexpr std::string_view to = "\a\b\f\n\r\t\v\\?\"'`";
  const std::size_t found = from.find(c);
  if (found == std::string_view::npos) return std::nullopt;
  return to[found];
}

struct Escape {
  std::size_t size;  // with the backslash
  std::optional<std::uint32_t> code;
  bool byte = false;  // the code is a byte, not a character
};

/// `text` starts with the backslash.
Escape read_escape(std::string_view text, bool bytes) {
  if (text.size() < 2) return {text.size(), std::nullopt};
  if (const auto plain = plain_escape(text[1])) return {2, static_cast<unsigned char>(*plain)};
  const auto digits = digits_of(text[1]);
  if (!digits) return {1 + character_size(text[1]), std::nullopt};
  std::size_t end = 1 + digits->lead;
  while (end < text.size() && end < 1 + digits->lead + digits->count &&
         (digits->base == 8 ? is_octal(text[end]) : is_hex(text[end])))
    ++end;
  if (end != 1 + digits->lead + digits->count) return {end, std::nullopt};
  std::uint32_t code = 0;
  std::from_chars(text.data() + 1 + digits->lead, text.data() + end, code, digits->base);
  const bool unicode = text[1] == 'u' || text[1] == 'U';
  if (unicode ? bytes || !is_scalar_value(code) : code > 0xFF) return {end, std::nullopt};
  return {end, code, bytes};
}

struct Punctuation {
  std::string_view text;
  TokenKind kind;
  std::string_view meant =
      {};  // of an operator of other languages whose meaning is plain: how it is written here
};
// The first that fits is taken: longer ones stand first.
constexpr std::array kPunctuation = {
    Punctuation{"${{", TokenKind::Unknown},
    Punctuation{"===", TokenKind::Equal, "=="},
    Punctuation{"!==", TokenKind::NotEqual, "!="},
    Punctuation{"≠", TokenKind::NotEqual, "!="},
    Punctuation{"≤", TokenKind::LessEqual, "<="},
    Punctuation{"≥", TokenKind::GreaterEqual, ">="},
    Punctuation{"==", TokenKind::Equal},
    Punctuation{"!=", TokenKind::NotEqual},
    Punctuation{"<=", TokenKind::LessEqual},
    Punctuation{">=", TokenKind::GreaterEqual},
    Punctuation{"&&", TokenKind::And},
    Punctuation{"||", TokenKind::Or},
    Punctuation{"=~", TokenKind::Unknown},
    Punctuation{"!~", TokenKind::Unknown},
    Punctuation{"??", TokenKind::Unknown},
    Punctuation{"<>", TokenKind::NotEqual, "!="},
    Punctuation{"=<", TokenKind::LessEqual, "<="},
    Punctuation{"=>", TokenKind::GreaterEqual, ">="},
    Punctuation{"=", TokenKind::Equal, "=="},
    Punctuation{"&", TokenKind::And, "&&"},
    Punctuation{"|", TokenKind::Or, "||"},
    Punctuation{"<", TokenKind::Less},
    Punctuation{">", TokenKind::Greater},
    Punctuation{"!", TokenKind::Not},
    Punctuation{"-", TokenKind::Minus},
    Punctuation{"+", TokenKind::Plus},
    Punctuation{"*", TokenKind::Star},
    Punctuation{"/", TokenKind::Slash},
    Punctuation{"%", TokenKind::Percent},
    Punctuation{".", TokenKind::Dot},
    Punctuation{",", TokenKind::Comma},
    Punctuation{":", TokenKind::Colon},
    Punctuation{"?", TokenKind::Question},
    Punctuation{"(", TokenKind::LeftParen},
    Punctuation{")", TokenKind::RightParen},
    Punctuation{"[", TokenKind::LeftBracket},
    Punctuation{"]", TokenKind::RightBracket},
    Punctuation{"{", TokenKind::LeftBrace},
    Punctuation{"}", TokenKind::RightBrace},
};

constexpr std::array<std::string_view, 8> kTypographic = {"“", "”", "„", "‟", "‘", "’", "‚", "«"};

TokenKind keyword(std::string_view name) {
  if (name == "true") return TokenKind::True;
  if (name == "false") return TokenKind::False;
  if (name == "null") return TokenKind::Null;
  if (name == "in") return TokenKind::In;
  return TokenKind::Identifier;
}

PENSTOCK_MESSAGE(InvalidNumber, "`{}` is not {}", std::string, std::string);

}  // namespace

bool is_reserved(std::string_view name) { return std::ranges::find(kReserved, name) != kReserved.end(); }

bool is_selector(std::string_view name) {
  return !name.empty() && is_start(name.front()) && std::ranges::all_of(name, is_part) &&
         std::ranges::find(kKeywords, name) == kKeywords.end();
}

std::optional<std::int64_t> signed_value(std::uint64_t magnitude, bool negative) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (magnitude > most + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

void report_number(std::string_view text, std::string_view wanted, Span span, diag::Sink& sink) {
  diag::report(sink, span, kInvalidNumber, std::string(text), std::string(wanted));
}

Token Lexer::token(TokenKind kind, std::size_t begin) {
  return {kind, text_.substr(begin, at_ - begin), begin, span(begin, at_), {}};
}

Token Lexer::take(TokenKind kind, std::size_t size) {
  const std::size_t begin = at_;
  at_ += size;
  return token(kind, begin);
}

Token Lexer::give_up() {
  text_ = text_.substr(0, at_);
  return token(TokenKind::Failed, at_);
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (is_blank(peek()))
      ++at_;
    else if (starts("//"))
      at_ = std::min(text_.find('\n', at_), text_.size());
    else
      return;
  }
}

Token Lexer::next() {
  skip_blanks();
  if (at_ >= text_.size()) return token(TokenKind::End, at_);
  const char c = peek();
  if (is_quote(c)) return quoted_literal(false, false, at_);
  if (is_start(c)) return identifier();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (c == '`') return quoted_identifier();
  return punctuation();
}

Token Lexer::identifier() {
  std::size_t prefix = 0;
  const bool bytes = peek() == 'b' || peek() == 'B';
  if (bytes) ++prefix;
  const bool raw = peek(prefix) == 'r' || peek(prefix) == 'R';
  if (raw) ++prefix;
  const std::size_t begin = at_;
  if (prefix > 0 && is_quote(peek(prefix))) {
    at_ += prefix;
    return quoted_literal(raw, bytes, begin);
  }
  while (is_part(peek())) ++at_;
  return token(keyword(text_.substr(begin, at_ - begin)), begin);
}

PENSTOCK_MESSAGE(UnclosedText, "{} is not closed", std::string);

Token Lexer::unclosed(std::size_t begin, std::string_view quote) {
  std::size_t end = std::min(text_.find_first_of("\r\n", begin), text_.size());
  diag::build(sink_, span(begin, end), kUnclosedText, quote == "`" ? "the name" : "the text")
      .help(fmt::format("end it with `{}`", quote == "`" ? "` `" : quote))
      .emit();
  at_ = end;
  return give_up();
}

Token Lexer::quoted_identifier() {
  const std::size_t end = text_.find('`', at_ + 1);
  const auto allowed = [](char c) { return is_part(c) || c == '.' || c == '-' || c == '/' || c == ' '; };
  if (end == std::string_view::npos) return unclosed(at_, "`");
  const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
  if (name.empty() || !std::ranges::all_of(name, allowed)) return take(TokenKind::Unknown, end + 1 - at_);
  Token found = take(TokenKind::QuotedIdentifier, end + 1 - at_);
  found.value = std::string(name);
  return found;
}

Token Lexer::integer(std::size_t begin, std::size_t digits, int base) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(text_.data() + digits, text_.data() + at_, value, base);
  const bool is_uint = peek() == 'u' || peek() == 'U';
  if (is_uint) ++at_;
  Token found = token(is_uint ? TokenKind::Uint : TokenKind::Int, begin);
  found.value = value;
  if (result.ec != std::errc{})
    report_number(found.text, is_uint ? "a uint of 64 bits" : "an int of 64 bits", found.span, sink_);
  return found;
}

Token Lexer::decimal(std::size_t begin) {
  double value = 0;
  const auto result = std::from_chars(text_.data() + begin, text_.data() + at_, value);
  Token found = token(TokenKind::Double, begin);
  // Out of range is too large or too small; only strtod says which.
  if (result.ec != std::errc{}) value = std::strtod(std::string(found.text).c_str(), nullptr);
  if (!std::isfinite(value)) report_number(found.text, "a double of 64 bits", found.span, sink_);
  found.value = value;
  return found;
}

Token Lexer::number() {
  const std::size_t begin = at_;
  const auto skip = [&](bool (*is)(char)) {
    while (is(peek())) ++at_;
  };
  Token found;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
    at_ += 2;
    skip(is_hex);
    found = integer(begin, begin + 2, 16);
  } else {
    skip(is_digit);
    const std::size_t whole = at_;
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      skip(is_digit);
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      at_ += 1 + sign;
      skip(is_digit);
    }
    found = at_ == whole ? integer(begin, begin, 10) : decimal(begin);
  }
  if (!is_part(peek())) return found;
  skip(is_part);
  const Token whole = token(TokenKind::Unknown, begin);
  report_number(whole.text, "a number", whole.span, sink_);
  return give_up();
}

PENSTOCK_MESSAGE(InvalidEscape, "`{}` is not an escape", std::string);

std::string Lexer::unescaped(std::string_view body, std::size_t begin, bool bytes) {
  std::string out;
  for (std::size_t i = 0; i < body.size();) {
    if (body[i] != '\\') {
      out += body[i++];
      continue;
    }
    const Escape escape = read_escape(body.substr(i), bytes);
    if (!escape.code) {
      const std::string_view text = body.substr(i, escape.size);
      diag::build(sink_, span(begin + i, begin + i + text.size()), kInvalidEscape, std::string(text))
          .help(R"(write `\\` for a backslash, or put `r` before the text: `r"\d+"`)")
          .emit();
    } else if (escape.byte) {
      out += static_cast<char>(static_cast<unsigned char>(*escape.code));
    } else {
      append_utf8(out, *escape.code);
    }
    i += escape.size;
  }
  return out;
}

Token Lexer::quoted_literal(bool raw, bool bytes, std::size_t begin) {
  const char quote = peek();
  const bool triple = peek(1) == quote && peek(2) == quote;
  const std::string_view close = text_.substr(at_, triple ? 3 : 1);
  at_ += close.size();
  const std::size_t first = at_;
  while (at_ < text_.size() && !starts(close)) {
    if (!triple && (peek() == '\n' || peek() == '\r')) return unclosed(begin, close);
    const bool pair = !raw && peek() == '\\' && (triple || (peek(1) != '\n' && peek(1) != '\r'));
    at_ += pair ? 2 : 1;
  }
  if (at_ >= text_.size()) return unclosed(begin, close);
  const std::string_view body = text_.substr(first, at_ - first);
  std::string value = raw ? std::string(body) : unescaped(body, first, bytes);
  at_ += close.size();
  Token found = token(bytes ? TokenKind::Bytes : TokenKind::String, begin);
  if (bytes)
    found.value = Bytes{std::move(value)};
  else
    found.value = std::move(value);
  return found;
}

PENSTOCK_MESSAGE(TypographicQuote, "`{}` does not quote text", std::string);

/// Quotation marks of a word processor: what stands between them is meant.
Token Lexer::typographic(std::string_view open) {
  const std::size_t begin = at_;
  std::size_t end = at_ + open.size();
  const auto closes = [&](std::string_view mark) { return text_.substr(end).starts_with(mark); };
  const auto closed = [&] {
    return closes("\"") || closes("'") || closes("»") || std::ranges::any_of(kTypographic, closes);
  };
  while (end < text_.size() && !closed()) ++end;
  diag::build(sink_, span(begin, begin + open.size()), kTypographicQuote, std::string(open))
      .help("write `\"`")
      .emit();
  at_ = begin + open.size();
  if (end >= text_.size()) return give_up();
  std::string value(text_.substr(at_, end - at_));
  at_ = end + character_size(text_[end]);
  Token found = token(TokenKind::String, begin);
  found.value = std::move(value);
  return found;
}

PENSTOCK_MESSAGE(UnknownOperator, "`{}` is not an operator", std::string);

void report_operator(std::string_view written, std::string_view meant, Span span, diag::Sink& sink) {
  diag::build(sink, span, kUnknownOperator, std::string(written))
      .help(fmt::format("write `{}`", meant))
      .emit();
}

Token Lexer::punctuation() {
  for (const std::string_view mark : kTypographic)
    if (starts(mark)) return typographic(mark);
  for (const Punctuation& one : kPunctuation) {
    if (!starts(one.text)) continue;
    Token found = take(one.kind, one.text.size());
    if (!one.meant.empty()) report_operator(one.text, one.meant, found.span, sink_);
    return found;
  }
  return take(TokenKind::Unknown, std::min(character_size(peek()), text_.size() - at_));
}

}  // namespace penstock::cel
