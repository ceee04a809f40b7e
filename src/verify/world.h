#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "plan/simulate.h"
#include "run/run.h"
#include "verify/map.h"

/// What the simulated platforms find outside their files. Not for others.
namespace penstock::verify {

/// One run, whose outcomes are those of the reference.
class Outside : public run::World {
 public:
  Outside(const Map& map, const plan::Event& event, const plan::Outcomes& outcomes, const Table& facts)
      : map_(map),
        event_(event),
        outcomes_(outcomes),
        detections_end_well_(facts.get("verify.detections_end_well") == "true") {}

  run::Result work(std::size_t arrival, const run::Job& job) override;
  run::Answer approve(std::size_t arrival, const run::Job& job, std::string_view gate) override;
  std::string setting(std::string_view what, std::string_view of) override;

 private:
  plan::JobName name(const Mapped& mapped) const;

  const Map& map_;
  const plan::Event& event_;
  const plan::Outcomes& outcomes_;
  bool detections_end_well_;
  std::set<std::size_t> failed_pipelines_;
};

/// Several runs that change one world: what each stack is, by what its commit wants.
class Shared : public run::World {
 public:
  Shared(const Map& map, const std::vector<plan::Execution>& executions, const std::string& world);

  run::Result work(std::size_t arrival, const run::Job& job) override;
  run::Answer approve(std::size_t arrival, const run::Job& job, std::string_view gate) override;
  std::string setting(std::string_view what, std::string_view of) override;
  /// `environment/stack`, and what it is.
  const std::map<std::string, std::string>& world() const { return world_; }

 private:
  struct Saved {
    std::string base;
    std::string wants;
  };
  bool older_may_change(std::size_t arrival, const std::string& where) const;

  const Map& map_;
  const std::vector<plan::Execution>& executions_;
  std::map<std::string, std::string> world_;
  std::map<std::pair<std::size_t, std::string>, Saved> saved_;  // by arrival and slot
  std::set<std::pair<std::size_t, std::string>> done_;          // this arrival changes this slot no more
};

/// What the platform reads of a job's outputs. `empty`: of plans.
run::Result result_of(const Mapped& mapped, const plan::Event& event, bool failed, bool empty,
                      const std::set<std::string>& empty_stacks);
std::string setting_of(const model::Project& project, std::string_view what, std::string_view of);

}  // namespace penstock::verify
