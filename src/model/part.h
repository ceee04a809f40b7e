#pragma once
#include <cstddef>
#include <string>

#include "base/source.h"

namespace penstock::model {

/// Where the characters `begin` to `end` of a value stand in its file. Exact for text that was written plainly or in quotes without
/// escapes, which is how patterns, crons and names are written; anything else gives the whole value.
Span part(const Located<std::string>& written, std::size_t begin, std::size_t end);

}  // namespace penstock::model
