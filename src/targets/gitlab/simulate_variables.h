#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/run.h"
#include "targets/gitlab/simulate_config.h"

/// Variables: what is predefined for an event, who wins, what `$X` becomes. docs: ci/variables, ci/variables/predefined_variables,
/// ci/variables/where_variables_can_be_used.
namespace penstock::targets::gitlab::simulation {

/// The project's settings as the world has them, each asked for once.
class Settings {
 public:
  explicit Settings(run::World& world) : world_(world) {}
  /// Empty: nothing is said.
  const std::string& get(const std::string& what, const std::string& of = {});
  /// A CI/CD variable of the project, null when it has none of this name.
  const std::string* variable(std::string_view name);

 private:
  run::World& world_;
  std::map<std::pair<std::string, std::string>, std::string> known_;
};

/// A pipeline that an event asks for, before anything is decided.
struct Origin {
  std::string source;  // CI_PIPELINE_SOURCE
  std::string ref;     // the branch or tag; of a request its source
  std::string number;  // of a request
  bool is_tag = false;
  bool is_request = false;
  bool in_fork = false;
  std::optional<Names> changed;  // nothing: no difference is known
  Variables given;               // of the schedule, of whoever started it
  Variables predefined;
};

/// The pipeline of an event, or that of the branch behind a request.
Origin origin_of(const run::Arrival& arrival, Settings& settings);
Origin branch_behind(const run::Arrival& arrival, Settings& settings);

/// All variables that something sees, in GitLab's precedence.
class Scope {
 public:
  Scope(const Origin& origin, Settings& settings) : origin_(origin), settings_(settings) {}
  /// These win over what was added before, not over what was given and what the project has.
  void add(const Variables& variables) { layers_.push_back(&variables); }
  void clear_to(std::size_t layers) { layers_.resize(layers); }

  /// Null: not defined. The value as it is written.
  const std::string* find(std::string_view name) const;
  /// A predefined variable that is there, but nothing here knows what it is.
  bool is_unknown(std::string_view name) const;
  /// As a script finds it; what is not known stays `$NAME`.
  std::string value(const Variable& variable) const;
  /// For `environment`, `resource_group` and patterns; what is not defined becomes nothing, or stays.
  std::string expand(std::string_view text, bool keeps_undefined) const;
  /// The variables that scripts see, except the predefined ones.
  std::vector<std::pair<std::string, std::string>> all() const;

 private:
  const Variable* own(std::string_view name) const;
  std::string expand(std::string_view text, bool keeps_undefined, Names& open) const;

  const Origin& origin_;
  Settings& settings_;
  std::vector<const Variables*> layers_;  // the strongest last
};

}  // namespace penstock::targets::gitlab::simulation
