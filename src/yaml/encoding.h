#pragma once
#include <string_view>

#include "base/source.h"
#include "diag/sink.h"

namespace penstock::yaml {

/// The length of the byte order mark a text begins with. A UTF-8 mark is accepted and belongs to no value.
inline std::size_t mark_length(std::string_view text) { return text.starts_with("\xEF\xBB\xBF") ? 3 : 0; }

/// Whether the file is UTF-8 text of characters YAML allows. What is wrong first is reported; a file full of it is said once.
bool check_encoding(const SourceManager& sources, FileId file, diag::Sink& sink);

}  // namespace penstock::yaml
