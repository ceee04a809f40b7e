#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"

namespace penstock::model {

/// One glob of DESIGN §3.1: `*` within a segment, `**` any number of whole segments (`src/**` is everything below `src`), `?` one
/// character, `[a-z]`, `{a,b}`; dot files match; a pattern that starts with `!` excludes and wins wherever it stands.
struct Glob {
  struct Any {};   // `*`: zero or more characters, none of them `/`
  struct One {};   // `?`: one character, not `/`
  struct Deep {};  // `**` as a whole segment: zero or more segments
  struct Class {
    bool negated = false;
    std::vector<std::pair<char, char>> ranges;
  };
  struct Choice;                                                     // `{a,b}`
  using Piece = std::variant<std::string, Any, One, Class, Choice>;  // a string is literal text without `/`
  struct Choice {
    std::vector<std::vector<std::variant<std::string, Any, One, Class>>> alternatives;
  };
  using Segment = std::variant<Deep, std::vector<Piece>>;

  std::string text;  // without the leading `!`
  bool excludes = false;
  Span span;
  std::vector<Segment> segments;

  bool matches(std::string_view path) const;
  bool is_literal() const;  // no wildcard at all
};

/// Reports what is wrong at the place inside the pattern.
std::optional<Glob> parse_glob(const Located<std::string>& written, diag::Sink& sink);

/// A pattern of the compiler's own that matches exactly one text.
Glob literal_glob(std::string text, Span span);

/// The same pattern as an anchored RE2 expression, `^…$`. A leading `!` is the caller's business.
std::string regular_expression(const Glob& glob);

/// Whether a path is selected by a list: some including pattern matches (or there is none) and no excluding one does.
bool selects(std::span<const Glob> globs, std::string_view path);

}  // namespace penstock::model
