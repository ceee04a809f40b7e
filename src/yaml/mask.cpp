#include "yaml/mask.h"

#include <algorithm>

#include "yaml/scan.h"

namespace penstock::yaml {
namespace {

std::size_t skip_spaces(std::string_view text, std::size_t i) {
  while (i < text.size() && text[i] == ' ') ++i;
  return i;
}

/// Where a block begins that has a tag or anchor before it and nothing but dashes before that, and the column of its parent.
struct Found {
  std::size_t block;
  int parent;
};

std::optional<Found> find_in_line(std::string_view text, std::size_t begin) {
  std::size_t i = skip_spaces(text, begin);
  auto parent = static_cast<int>(i - begin) - 1;
  while (i + 1 < text.size() && (text[i] == '-' || text[i] == '?') && text[i + 1] == ' ') {
    parent = static_cast<int>(i - begin);
    i = skip_spaces(text, i + 1);
  }
  if (i >= text.size() || (text[i] != '!' && text[i] != '&')) return std::nullopt;
  while (i < text.size() && (text[i] == '!' || text[i] == '&')) {
    i = skip_spaces(text, std::min(text.find_first_of(" \n", i), text.size()));
  }
  if (i >= text.size() || (text[i] != '|' && text[i] != '>')) return std::nullopt;
  const std::size_t rest = text.find_first_not_of("+-123456789", i + 1);
  if (rest < text.size() && !is_blank(text[rest]) && !is_break(text[rest])) return std::nullopt;
  return Found{i, parent};
}

}  // namespace

std::optional<std::string> hide_tagged_blocks(std::string_view text) {
  std::optional<std::string> hidden;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto found = find_in_line(text, begin);
    std::size_t end = std::min(text.find('\n', begin), text.size());
    if (found) {
      std::string value;
      if (!hidden) hidden = text;
      const std::size_t block_end = scan_block(text, static_cast<std::uint32_t>(found->block), found->parent,
                                               std::nullopt, Collector(value));
      for (std::size_t i = found->block; i < block_end; ++i) {
        if (!is_break(text[i])) (*hidden)[i] = ' ';
      }
      (*hidden)[found->block] = '~';
      end = std::max(end, std::min(text.find('\n', block_end), text.size()));
    }
    begin = end + 1;
  }
  return hidden;
}

}  // namespace penstock::yaml
