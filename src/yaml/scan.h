#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::yaml {

/// A run of a scalar's value and the bytes of the file it was written as. A verbatim run is the same byte for byte; the others
/// (an escape, a folded line end) belong together.
struct Piece {
  std::uint32_t value;  // offset in the value
  std::uint32_t begin;  // offsets in the file
  std::uint32_t end;
  bool verbatim;
};

/// Takes what a scanner finds: the value, and its pieces if somebody wants to know where they stand.
class Collector {
 public:
  explicit Collector(std::string& value, std::vector<Piece>* pieces = nullptr)
      : value_(value), pieces_(pieces) {}
  void run(std::string_view text, std::size_t begin, std::size_t end);
  void put(std::string_view value, std::size_t begin, std::size_t end);

 private:
  std::string& value_;
  std::vector<Piece>* pieces_;
};

/// Why a quoted text could not be read: its closing quote is missing, or an escape in it means nothing.
struct QuoteError {
  bool closed;
  std::uint32_t begin;
  std::uint32_t end;
};

/// A scalar's value is read anew from the text, for three reasons: yaml-cpp 0.7 loses line ends before a closing quote, makes
/// invalid UTF-8 of `\N` and `\_`, and folds some `>` blocks wrongly; nobody else knows where a scalar ends; and the way from a
/// character of the value back to the file is needed for expressions inside scalars.
///
/// Each takes the place of the scalar's first character and gives the place behind its last, or nothing.
std::optional<std::uint32_t> scan_quoted(std::string_view text, std::uint32_t at, Collector out,
                                         QuoteError& error);

/// `parent` is the column of the collection around the block, -1 when there is none; `indent` is the column of the content when
/// that is known already. The end is that of the last line with content.
std::uint32_t scan_block(std::string_view text, std::uint32_t at, int parent, std::optional<int> indent,
                         Collector out);

/// A plain scalar ends where its value, known from yaml-cpp, is used up.
std::optional<std::uint32_t> scan_plain(std::string_view text, std::uint32_t at, std::string_view value,
                                        Collector out);

/// The place of the next character that is neither blank, line end nor comment.
std::uint32_t skip_blank(std::string_view text, std::uint32_t at);

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_break(char c) { return c == '\n' || c == '\r'; }

}  // namespace penstock::yaml
