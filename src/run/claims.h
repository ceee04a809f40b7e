#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/origin.h"
#include "run/run.h"

namespace penstock::run {

/// Where a target put the nodes of a plan. A claim, not a proof: `verify` finds out whether the job at the address does what it should.
struct Claims {
  struct Job {
    std::string address;
    OriginId pipeline;  // origins and names outlive `lower`
    std::string job;
    bool approval = false;  // it is not the job but the question before it, where that is a job of its own
    /// What the platform reads of the job's outputs, the platform's name first, then what it means: `changes` (of a plan: it is not empty), `digest`,
    /// `changes.<set>` (of a detection of changed paths), `preview.<stack>`.
    std::vector<std::pair<std::string, std::string>> outputs = {};
  };
  struct Start {
    Entry entry;
    OriginId pipeline;
  };
  std::vector<Job> jobs;
  std::vector<Start> starts;  // of schedules and starts by hand
};

}  // namespace penstock::run
