#pragma once
#include <string_view>

namespace penstock::targets::gitlab::simulation {

/// `File.fnmatch?(pattern, path, File::FNM_PATHNAME | File::FNM_DOTMATCH | File::FNM_EXTGLOB)`, which `rules:changes` uses.
/// docs: ci/yaml, `rules:changes`; docs.ruby-lang.org, `File.fnmatch?`.
bool matches_path(std::string_view pattern, std::string_view path);

}  // namespace penstock::targets::gitlab::simulation
