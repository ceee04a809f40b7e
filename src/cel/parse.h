#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "base/source.h"
#include "cel/ast.h"
#include "diag/sink.h"

namespace penstock::cel {

/// Where bytes of an expression's text stand in the file: `yaml::span_within` for an expression in a scalar.
using Positions = std::function<Span(std::size_t begin, std::size_t end)>;

/// The text stands in the file as it is, from `begin` on.
Positions verbatim(FileId file, std::uint32_t begin = 0);

/// How deep and how long an expression may be. Every walk over a tree recurses: the depth keeps it on the stack.
inline constexpr std::size_t kMaxNesting =
    64;  // parentheses, brackets, arguments, unary operators, branches of `?:`
inline constexpr std::size_t kMaxHeight = 256;   // of the tree: a long sum is high without being nested
inline constexpr std::size_t kMaxText = 65'536;  // bytes

/// Reads one expression. Nothing is given when something was reported.
std::optional<Expr> parse(std::string_view text, const Positions& positions, diag::Sink& sink);

struct Prefix {
  std::optional<Expr> expr;
  std::size_t end = 0;  // behind the closing `}}`; where reading stopped, if there is none
  bool closed = false;
};
/// Reads an expression that starts at `begin` and ends with `}}`.
Prefix parse_braced(std::string_view text, std::size_t begin, const Positions& positions, diag::Sink& sink);

}  // namespace penstock::cel
