#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/glob.h"

namespace penstock::targets::github {

/// A glob as patterns of GitHub's filters, whose dialect is another one: `?` and `+` repeat what stands before them, there are no
/// braces. Several patterns for alternatives; nothing, if GitHub has no pattern that means the same.
std::optional<std::vector<std::string>> patterns(const model::Glob& glob);

/// A list of globs as a filter: in GitHub's lists the last match wins, in ours what excludes.
struct Filter {
  std::vector<std::string> patterns;
  std::vector<const model::Glob*> inexpressible;
};
Filter filter(const std::vector<model::Glob>& globs);

/// The same glob as git's pathspecs, each without its magic: braces become several.
std::vector<std::string> pathspecs(const model::Glob& glob);

}  // namespace penstock::targets::github
