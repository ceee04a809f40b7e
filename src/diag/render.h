#pragma once
#include <string>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"

namespace penstock::diag {

/// For people: `file:line:column: error: message [slug]`, the line underlined, labels, help. `color` adds ANSI colours.
std::string render_text(const std::vector<Diagnostic>& diagnostics, const SourceManager& sources, bool color);

/// For programs: a JSON array, one object each (docs/commands.md).
std::string render_json(const std::vector<Diagnostic>& diagnostics, const SourceManager& sources);

/// GitHub workflow commands: `::error file=…,line=…,col=…,title=slug::message`.
std::string render_github(const std::vector<Diagnostic>& diagnostics, const SourceManager& sources);

}  // namespace penstock::diag
