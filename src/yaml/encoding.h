#pragma once
#include <cstdint>
#include <string_view>

#include "base/source.h"
#include "diag/sink.h"

namespace penstock::yaml {

/// The length of the byte order mark a text begins with. A UTF-8 mark is accepted and belongs to no value.
inline std::size_t mark_length(std::string_view text) { return text.starts_with("\xEF\xBB\xBF") ? 3 : 0; }

struct Character {
  std::uint32_t code;
  std::uint32_t length;  // 0: the bytes are no character
};

Character character_at(std::string_view text, std::size_t at);

/// Whether YAML allows the character in a file. A lone carriage return it does, but half of its readers take it for a line end.
bool is_allowed(std::uint32_t code);

/// Whether the file is UTF-8 text of characters YAML allows. What is wrong first is reported; a file full of it is said once.
bool check_encoding(const SourceManager& sources, FileId file, diag::Sink& sink);

}  // namespace penstock::yaml
