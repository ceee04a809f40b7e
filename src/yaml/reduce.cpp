#include "yaml/reduce.h"

#include <algorithm>
#include <optional>

#include "yaml/scan.h"

namespace penstock::yaml {
namespace {

/// Where a block's indicator stands, and the column of the collection around it.
struct Block {
  std::size_t at;
  int parent;
};

/// The beginning of a line: its indentation and its dashes.
struct Start {
  std::size_t first;  // the first character of a key or value
  int column;         // of that character
  int dash;           // the column of the last dash, -1 when there is none
};

Start start_of(std::string_view line) {
  std::size_t i = std::min(line.find_first_not_of(' '), line.size());
  int dash = -1;
  while (i + 1 < line.size() && (line[i] == '-' || line[i] == '?') && line[i + 1] == ' ') {
    dash = static_cast<int>(i);
    i = std::min(line.find_first_not_of(' ', i + 1), line.size());
  }
  return {i, static_cast<int>(i), dash};
}

bool is_property(std::string_view word) { return word.starts_with('!') || word.starts_with('&'); }

bool is_sign(char c) { return c == '+' || c == '-'; }
bool is_digit(char c) { return c >= '1' && c <= '9'; }

/// `|`, `>-`, `|2+`: at most one sign and one digit.
bool is_header(std::string_view word) {
  if (!word.starts_with('|') && !word.starts_with('>')) return false;
  word.remove_prefix(1);
  if (word.size() == 2)
    return (is_sign(word[0]) && is_digit(word[1])) || (is_digit(word[0]) && is_sign(word[1]));
  return word.empty() || (word.size() == 1 && (is_sign(word[0]) || is_digit(word[0])));
}

/// `- !Sub |`: a tag or anchor begins the line.
std::optional<Block> tagged_block(std::string_view line, const Start& start) {
  std::size_t i = start.first;
  if (!is_property(line.substr(i))) return std::nullopt;
  while (is_property(line.substr(i))) {
    i = std::min(line.find_first_not_of(' ', std::min(line.find(' ', i), line.size())), line.size());
  }
  const std::string_view word = line.substr(i, line.find(' ', i) - i);
  const std::size_t rest = line.find_first_not_of(' ', i + word.size());
  if (!is_header(word) || (rest != std::string_view::npos && line[rest] != '#')) return std::nullopt;
  return Block{i, start.dash >= 0 ? start.dash : start.column - 1};
}

/// `key: |`, `- |`, `key: !Sub >-`: the last word of the line is a header, and a colon, dash, tag or anchor stands before it.
std::optional<Block> last_word_block(std::string_view line, const Start& start) {
  const std::size_t end = line.find_last_not_of(' ');
  if (end == std::string_view::npos ||
      std::string_view("|>+-123456789").find(line[end]) == std::string_view::npos)
    return std::nullopt;
  const std::size_t blank = line.rfind(' ', end);
  const std::size_t at = blank == std::string_view::npos ? 0 : blank + 1;
  if (at < start.first || !is_header(line.substr(at, end + 1 - at))) return std::nullopt;
  if (at == start.first) return Block{at, start.dash >= 0 ? start.dash : start.column - 1};
  const std::size_t before = line.find_last_not_of(' ', at - 1);
  const std::size_t word = line.rfind(' ', before);
  const bool announced =
      line[before] == ':' || (word != std::string_view::npos && is_property(line.substr(word + 1)));
  return announced ? std::optional(Block{at, start.column}) : std::nullopt;
}

}  // namespace

Reduced::Reduced(std::string_view text, Blocks blocks) : original_(text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const Start start = start_of(line);
    auto block = tagged_block(line, start);
    if (!block && blocks == Blocks::All) block = last_word_block(line, start);
    if (block) {
      reduce_block(begin + block->at, block->parent);
    } else if (blocks == Blocks::All && start.dash < 0 && line.substr(start.first).starts_with('#') &&
               end < text.size()) {
      keep(begin);
      drop(end + 1);
    }
    begin = std::max(done_, end + 1);
  }
  if (!cuts_.empty() || changed_) keep(text.size());
}

/// The indicator becomes `~`, the rest of its line blank, and the lines below go.
void Reduced::reduce_block(std::size_t block, int parent) {
  std::string value;
  const std::size_t end =
      scan_block(original_, static_cast<std::uint32_t>(block), parent, std::nullopt, Collector(value));
  std::size_t line = std::min(original_.find('\n', block), original_.size());
  keep(block);
  reduced_ += '~';
  while (line > block + 1 && is_break(original_[line - 1])) --line;
  reduced_.append(line - block - 1, ' ');
  done_ = line;
  changed_ = true;
  if (end > line) drop(end);
}

void Reduced::keep(std::size_t end) {
  reduced_ += original_.substr(done_, end - done_);
  done_ = end;
}

void Reduced::drop(std::size_t end) {
  const std::size_t missing = end - done_ + (cuts_.empty() ? 0 : cuts_.back().missing);
  done_ = end;
  cuts_.push_back({reduced_.size(), missing});
}

std::uint32_t Reduced::original(std::size_t place) const {
  const auto next = std::ranges::upper_bound(cuts_, place, {}, &Cut::place);
  const std::size_t missing = next == cuts_.begin() ? 0 : std::prev(next)->missing;
  return static_cast<std::uint32_t>(std::min(place + missing, original_.size()));
}

}  // namespace penstock::yaml
