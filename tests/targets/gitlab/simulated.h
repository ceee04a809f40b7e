#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plan/event.h"
#include "run/run.h"
#include "targets/gitlab/emitted.h"

/// Files that are played through, and a world in which all goes well unless a test says otherwise.
namespace penstock::test {

struct World : run::World {
  std::map<std::string, int> codes;                                     // of jobs that fail
  std::map<std::string, run::Answer> answers;                           // to buttons
  std::map<std::pair<std::string, std::string>, std::string> settings;  // what, of
  std::vector<std::pair<std::size_t, std::string>> worked;  // arrival and job, in the order of their starts

  run::Result work(std::size_t arrival, const run::Job& job) override;
  run::Answer approve(std::size_t arrival, const run::Job& job, std::string_view gate) override;
  std::string setting(std::string_view what, std::string_view of) override;
};

/// What became of one arrival.
struct Played {
  run::Run run;

  /// The jobs that ran, in the order of their starts; those of one round separated by spaces.
  std::string rounds() const;
  /// The jobs that are there, in their order.
  std::vector<std::string> names() const;
  /// `succeeded`, `skipped`, …; `absent` where there is no such job.
  std::string state(std::string_view job) const;
  std::string why(std::string_view name) const;  // of `idle`, or a job's reason
  /// One line for each job.
  std::string text() const;
};

class Simulated {
 public:
  explicit Simulated(targets::gitlab::Tree tree) : tree_(std::move(tree)) {}
  /// From the text of a `.gitlab-ci.yml`, and of other files.
  explicit Simulated(std::string text, std::vector<std::pair<std::string, std::string>> more = {});

  Played play(plan::Event event, std::string entry = {}, World world = {}) const;
  std::vector<Played> play_all(std::vector<run::Arrival> arrivals, World& world) const;

 private:
  std::any tree_;
};

}  // namespace penstock::test
