#pragma once
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "plan/event.h"
#include "plan/plan.h"

/// The reference: what DESIGN §3 says a plan does. It knows no platform; every target is compared with it.
namespace penstock::plan {

/// A job of a pipeline, by names: they outlive `lower`, ids do not.
using JobName = std::pair<std::string, std::string>;

/// What comes out of jobs and of people. By default everything succeeds, every plan has changes, and whoever is asked agrees.
struct Outcomes {
  std::set<JobName> failing = {};     // when they run
  std::set<JobName> empty = {};       // plans without changes
  std::set<JobName> refused = {};     // approvals of these jobs
  std::set<JobName> unanswered = {};  // approvals of these jobs
};

Trace simulate(const Plan& plan, const Event& event, const Outcomes& outcomes = {});

// --- runs that overlap ----------------------------------------------------------------------------------------------

/// A run and what it wants: its commit's description of the world. Emptiness of plans follows from the world.
struct Execution {
  Event event;
  std::string wants;
  std::size_t arrives = 0;        // in rounds; a job takes one round
  std::size_t answers_after = 1;  // rounds from asking for an approval to the answer
  Outcomes outcomes = {};         // `empty` is not looked at
};

struct Moment {
  enum class Kind : unsigned char { TakesTurn, Starts, Asks, Ends, LeavesTurn };
  std::size_t round;
  std::size_t run;  // its position among the executions
  Kind kind;
  std::string pipeline;
  std::string job;  // or the environment, for turns
};

struct Overlap {
  std::vector<Moment> moments;
  std::vector<Trace> traces;                               // one for each execution
  std::vector<std::pair<std::string, std::string>> world;  // `environment/stack` and what it is in the end
};

/// Executions side by side (rule 4): turns are given in the order in which they are asked for, none is dropped, a plan is made while
/// its run holds the turn. `world` is what every stack is at first.
Overlap overlap(const Plan& plan, std::span<const Execution> executions, const std::string& world);

/// One line for each moment.
std::string to_text(const Overlap& overlap);

}  // namespace penstock::plan
