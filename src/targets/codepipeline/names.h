#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace penstock::targets::codepipeline {

/// A name that fits: cut, with a digest of the whole behind the cut when it was too long.
std::string bounded(const std::string& name, std::size_t limit);

/// The words of a name, joined: a logical id or the name of a stage (`live-infra` → LiveInfra).
std::string pascal(std::string_view name);

/// `staging-1` → staging_1: artifacts name an environment variable of the build that reads them.
std::string artifact_word(std::string_view name);

/// Names that must differ within one namespace. The same thing asks twice and gets the same name; another one gets a number.
class Names {
 public:
  explicit Names(std::string_view separator = "") : separator_(separator) {}
  std::string get(const std::string& wanted, const std::string& thing);

 private:
  std::string separator_;
  std::map<std::string, std::string> of_;
  std::set<std::string> taken_;
};

}  // namespace penstock::targets::codepipeline
