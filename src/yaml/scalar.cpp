#include <algorithm>
#include <charconv>

#include "yaml/reader.h"
#include "yaml/scan.h"

namespace penstock::yaml {
namespace {

using Offset = std::uint32_t;

/// The column of a block's content: what stands before its first line with text, less what the value kept of it.
std::optional<int> content_column(std::string_view text, std::size_t begin, std::string_view value) {
  const std::size_t word = value.find_first_not_of(" \n");
  if (word == std::string_view::npos) return std::nullopt;
  const std::size_t value_line = value.rfind('\n', word);
  const std::size_t kept = word - (value_line == std::string_view::npos ? 0 : value_line + 1);
  const std::size_t first = text.find_first_not_of(" \r\n", text.find('\n', begin));
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t written = first - (text.rfind('\n', first) + 1);
  return written < kept ? std::nullopt : std::optional(static_cast<int>(written - kept));
}

std::vector<Piece> pieces_of(std::string_view text, const Node& scalar) {
  std::vector<Piece> pieces;
  std::string value;
  Collector out(value, &pieces);
  const Offset begin = scalar.span.begin;
  QuoteError error{};
  switch (scalar.style) {
    case Style::Quoted:
      if (text[begin] == '"' || text[begin] == '\'') scan_quoted(text, begin, out, error);
      break;
    case Style::Block: scan_block(text, begin, -1, content_column(text, begin, scalar.text), out); break;
    case Style::Plain:
    case Style::Literal: scan_plain(text, begin, scalar.text, out); break;
  }
  if (value != scalar.text) pieces.clear();  // not as it was read: the whole is all that can be shown
  return pieces;
}

bool any_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_float(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (any_of(text, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) return true;
  const std::size_t exponent = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, exponent);
  const std::size_t digits =
      static_cast<std::size_t>(std::ranges::count_if(mantissa, [](char c) { return c >= '0' && c <= '9'; }));
  const std::size_t dots = static_cast<std::size_t>(std::ranges::count(mantissa, '.'));
  if (digits == 0 || dots > 1 || digits + dots != mantissa.size()) return false;
  if (exponent == std::string_view::npos) return true;
  std::string_view power = text.substr(exponent + 1);
  if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
  return !power.empty() && std::ranges::all_of(power, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Positions::Positions(const SourceManager& sources, const Node& scalar) : whole_(scalar.span) {
  const std::string_view text = sources.text(scalar.span.file);
  if (scalar.is_scalar() && scalar.span.begin < text.size() && text[scalar.span.begin] != '*')
    pieces_ = pieces_of(text, scalar);
}

Span Positions::span(std::size_t begin, std::size_t end) const {
  if (pieces_.empty()) return whole_;
  const auto piece_at = [&](std::size_t value) -> const Piece& {
    const auto next = std::ranges::upper_bound(pieces_, value, {}, &Piece::value);
    return next == pieces_.begin() ? pieces_.front() : *std::prev(next);
  };
  const auto begin_of = [&](std::size_t value) {
    const Piece& piece = piece_at(value);
    return piece.verbatim
               ? static_cast<Offset>(std::min<std::size_t>(piece.begin + (value - piece.value), piece.end))
               : piece.begin;
  };
  const auto end_of = [&](std::size_t value) {  // behind the character before `value`
    const Piece& piece = piece_at(value - 1);
    return piece.verbatim
               ? static_cast<Offset>(std::min<std::size_t>(piece.begin + (value - piece.value), piece.end))
               : piece.end;
  };
  const Offset from = begin_of(begin);
  return {whole_.file, from, end > begin ? std::max(end_of(end), from) : from};
}

Span span_within(const SourceManager& sources, const Node& scalar, std::size_t begin, std::size_t end) {
  return Positions(sources, scalar).span(begin, end);
}

bool is_plain(const Node& node) {
  return node.is_scalar() && node.tag.empty() && (node.style == Style::Plain || node.style == Style::Literal);
}

std::optional<bool> as_bool(const Node& node) {
  if (!is_plain(node)) return std::nullopt;
  if (any_of(node.text, {"true", "True", "TRUE"})) return true;
  if (any_of(node.text, {"false", "False", "FALSE"})) return false;
  return std::nullopt;
}

std::optional<long> as_integer(const Node& node) {
  if (!is_plain(node)) return std::nullopt;
  std::string_view text = node.text;
  int base = 10;
  if (text.starts_with("0o") || text.starts_with("0x")) {
    base = text[1] == 'o' ? 8 : 16;
    text.remove_prefix(2);
    if (text.starts_with('-')) return std::nullopt;
  } else if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Node preserved(Node node) {
  if (is_plain(node) && (as_bool(node) || as_integer(node) || is_float(node.text)))
    node.style = Style::Literal;
  for (Node& item : node.items) item = preserved(std::move(item));
  for (Entry& entry : node.entries) entry.value = preserved(std::move(entry.value));
  return node;
}

}  // namespace penstock::yaml
