#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "targets/gitlab/tree.h"

/// How GitLab reads `rules`, written from its page and not from our emitter: expressions are scanned, parsed and evaluated as it does,
/// with its `null`, its operands that `&&` and `||` return, and its patterns for paths.
namespace penstock::test {

struct GitLabPipeline {
  std::map<std::string, std::string, std::less<>> variables;  // what is not here is null
  std::optional<std::vector<std::string>> changed;  // nothing: no difference to look at, so `changes` is true
};

/// Whether an expression holds. Text that GitLab refuses is an error, and ends the test.
bool holds(std::string_view expression, const GitLabPipeline& pipeline);

/// `File.fnmatch?(pattern, path, FNM_PATHNAME | FNM_DOTMATCH | FNM_EXTGLOB)`.
bool fnmatch(std::string_view pattern, std::string_view path);

/// The entry that decides, if there is one and it is not `never`.
const targets::gitlab::Rule* decide(const std::vector<targets::gitlab::Rule>& rules,
                                    const GitLabPipeline& pipeline);

}  // namespace penstock::test
