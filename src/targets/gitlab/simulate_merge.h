#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "targets/gitlab/tree.h"
#include "yaml/node.h"

/// From the files to one configuration: `include`, `extends`, `!reference`. docs: ci/yaml/includes, ci/yaml/yaml_optimization.
namespace penstock::targets::gitlab::simulation {

struct Merged {
  yaml::Node root = yaml::mapping();
  std::vector<std::string> errors;                           // GitLab refuses the configuration
  std::vector<std::pair<std::string, std::string>> unknown;  // what is not in the files, and what it is
  std::map<std::string, std::string> incomplete;  // jobs of which a part is in a file that is not there
};

/// Whether the `rules` of an include let it in. Called for an include that has some.
using Includes = std::function<bool(const yaml::Node& rules)>;

Merged merge(const Tree& tree, const Includes& includes);

/// Mappings are merged key by key, everything else is replaced.
void merge_into(yaml::Node& base, const yaml::Node& over);

/// Nothing, or a list in lists, as one list.
std::vector<yaml::Node> flat(const yaml::Node& node);

}  // namespace penstock::targets::gitlab::simulation
