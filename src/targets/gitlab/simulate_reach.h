#pragma once
#include <string>

#include "targets/gitlab/simulate_pipeline.h"

namespace penstock::targets::gitlab::simulation {

/// What a job of a pipeline can read and use.
class JobReach {
 public:
  JobReach(const Config& config, const Pipeline& pipeline, const Selected& job, const Origin& origin,
           Settings& settings);

  /// Without artifacts, which come from other jobs.
  run::Reach all() const;
  std::string environment() const { return expanded(job_.spec->environment); }
  std::string expanded(const std::string& text) const { return scope_.expand(text, false); }

 private:
  void add_secrets(run::Reach& reach) const;

  const Selected& job_;
  const Origin& origin_;
  Settings& settings_;
  Variables inherited_;
  Scope scope_;
};

}  // namespace penstock::targets::gitlab::simulation
