#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace penstock::yaml {

/// yaml-cpp 0.7 wants the text of `- !Sub |` deeper than the tag: it takes the tag for the beginning of a key, and its column for
/// an indentation. Such a block is hidden from it: the `|` becomes `~`, the lines below become blank, and nothing moves. The
/// reader takes the value from the text as it was written.
/// Gives the text to be parsed, or nothing when there is no such block.
std::optional<std::string> hide_tagged_blocks(std::string_view text);

}  // namespace penstock::yaml
