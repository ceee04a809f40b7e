#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "yaml/node.h"

namespace penstock::yaml {

/// Writes a document that reads back the same through YAML 1.1 (PyYAML, as GitLab reads) and the 1.2 core schema.
/// `header` is written as comment lines above the document.
std::string write(const Node& document, const std::vector<std::string>& header = {});

}  // namespace penstock::yaml
