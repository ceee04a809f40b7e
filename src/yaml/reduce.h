#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::yaml {

/// What the parser is given of a text: the same lines without the contents of `|` and `>` blocks (each becomes a `~`) and without
/// lines of comment. Two reasons: yaml-cpp 0.7 wants the text of `- !Sub |` deeper than the tag, for it takes the tag for a key;
/// and it needs a microsecond for two characters, of which most files have half in scripts.
///
/// Where a block begins is guessed from single lines. The guess cannot do harm: the reader goes through the whole text beside
/// the parser, and finds every character that was left out and is not part of a block or comment.
class Reduced {
 public:
  enum class Blocks : std::uint8_t { All, OnlyTagged };
  Reduced(std::string_view text, Blocks blocks);

  std::string_view text() const {
    return cuts_.empty() && !changed_ ? original_ : std::string_view(reduced_);
  }
  /// Where a place of the reduced text is in the original.
  std::uint32_t original(std::size_t place) const;

 private:
  /// From this place of the reduced text on, so much is missing.
  struct Cut {
    std::size_t place;
    std::size_t missing;
  };
  void keep(std::size_t end);
  void drop(std::size_t end);
  void reduce_block(std::size_t block, int parent);

  std::string_view original_;
  std::string reduced_;
  std::size_t done_ = 0;  // of the original
  bool changed_ = false;
  std::vector<Cut> cuts_;
};

}  // namespace penstock::yaml
