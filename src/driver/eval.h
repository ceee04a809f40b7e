#pragma once
#include <optional>
#include <string>

#include "base/source.h"
#include "diag/sink.h"

namespace penstock::driver {

/// The value of an expression, as the language writes it. Keys of the data (a YAML or JSON mapping in a file, if there is one) are
/// its variables. Nothing is given when something was reported.
std::optional<std::string> evaluate(SourceManager& sources, FileId expression, std::optional<FileId> data,
                                    diag::Sink& sink);

}  // namespace penstock::driver
