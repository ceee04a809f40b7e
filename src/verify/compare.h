#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>

#include "plan/simulate.h"
#include "run/run.h"
#include "verify/map.h"

/// One run of the reference and one of a target, side by side. Not for others.
namespace penstock::verify {

/// Takes what differs: the job of the plan if there is one, the address otherwise, and how.
using Tell = std::function<void(std::optional<JobAt>, const std::string& address, const std::string& what)>;

/// What a job does, as targets' data files name it: `steps`, `plan`, `apply`, …
std::string_view kind_of(const plan::Work& work);

/// Which emitted job stands for a job of the plan in this run.
struct Pairing {
  std::map<JobAt, std::size_t> ran;               // position in the run; it has started
  std::map<JobAt, std::vector<std::size_t>> all;  // every job there that is claimed for it
  std::map<JobAt, std::vector<std::size_t>> questions;
};
Pairing pair(const Map& map, const run::Run& run);

/// `excused`: whether the report says that the target selects this job only about as the model does.
/// What differs in what runs, in which order, and behind which approvals. `others`: pipelines that start at the same moment anyway.
void compare(const Map& map, const plan::Trace& reference, const run::Run& run,
             const plan::Outcomes& outcomes, const std::set<std::size_t>& others, const Table& facts,
             const std::function<bool(JobAt)>& excused, const Tell& tell);

/// Pairs of jobs that both ran, in an order that the reference does not ask for.
std::size_t extra_order(const Map& map, const plan::Trace& reference, const run::Run& run);

/// What differs in what the jobs that ran can reach. `event`: what the facts in their texts are.
void compare_reach(const Map& map, const run::Run& run, const plan::Event& event, const Table& facts,
                   const Tell& tell);

/// Queues that the jobs of one turn went through; a turn is kept if one queue serves all its jobs.
class Turns {
 public:
  void see(const Map& map, const run::Run& run);
  void judge(const Map& map, const Tell& tell) const;

 private:
  struct Seen {
    std::set<std::string> queues;
    bool first = true;
    std::optional<JobAt> lost_by;
  };
  std::map<std::pair<std::size_t, std::uint32_t>, Seen> turns_;  // by pipeline and environment
};

}  // namespace penstock::verify
