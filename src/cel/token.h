#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/source.h"
#include "cel/ast.h"
#include "cel/parse.h"
#include "diag/sink.h"

namespace penstock::cel {

enum class TokenKind : std::uint8_t {
  End,
  Failed,   // reading gave up; why was reported
  Unknown,  // nothing of the language
  Identifier,
  QuotedIdentifier,  // `a-b`, in backticks
  Int,               // the magnitude is in `value` as an unsigned number: the sign is not part of the token
  Uint,
  Double,
  String,
  Bytes,
  True,
  False,
  Null,
  In,
  Dot,
  Comma,
  Colon,
  Question,
  LeftParen,
  RightParen,
  LeftBracket,
  RightBracket,
  LeftBrace,
  RightBrace,
  Not,
  Minus,
  Plus,
  Star,
  Slash,
  Percent,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  And,
  Or,
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::string_view text;
  std::size_t begin = 0;  // in the text of the expression
  Span span;
  Constant value;  // of a literal
};

/// Reads one token after the other. What the author wrote is reported; after a slip whose meaning is plain (`=`, `&`, “”)
/// reading goes on with what was meant, after any other the text is taken to end there.
class Lexer {
 public:
  Lexer(std::string_view text, std::size_t begin, const Positions& positions, diag::Sink& sink)
      : text_(text), at_(begin), positions_(positions), sink_(sink) {}
  Token next();
  std::size_t at() const { return at_; }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  Span span(std::size_t begin, std::size_t end) const { return positions_(begin, end); }
  Token take(TokenKind kind, std::size_t size);
  Token token(TokenKind kind, std::size_t begin);
  Token give_up();
  void skip_blanks();
  Token identifier();
  Token quoted_identifier();
  Token number();
  Token decimal(std::size_t begin);
  Token integer(std::size_t begin, std::size_t digits, int base);
  Token quoted_literal(bool raw, bool bytes, std::size_t begin);
  Token typographic(std::string_view open);
  Token punctuation();
  std::string unescaped(std::string_view body, std::size_t begin, bool bytes);
  Token unclosed(std::size_t begin, std::string_view quote);

  std::string_view text_;
  std::size_t at_;
  const Positions& positions_;
  diag::Sink& sink_;
};

/// An int literal with its sign, if it fits. `magnitude` is the token's value.
std::optional<std::int64_t> signed_value(std::uint64_t magnitude, bool negative);
void report_number(std::string_view text, std::string_view wanted, Span span, diag::Sink& sink);

/// An operator of another language, whose meaning is plain.
void report_operator(std::string_view written, std::string_view meant, Span span, diag::Sink& sink);

/// Whether a name can stand behind a dot without backticks.
bool is_selector(std::string_view name);
/// Whether a name is kept by the language and cannot be a variable: `for`, `if`, …
bool is_reserved(std::string_view name);

}  // namespace penstock::cel
