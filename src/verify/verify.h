#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "base/source.h"
#include "plan/plan.h"
#include "run/claims.h"
#include "targets/target.h"
#include "yaml/node.h"

/// Shows for one compilation that what was written does what the model says: the reference simulation of the plan, compared with the
/// target's simulation of the files as they are read back. It trusts neither `lower` nor `shape`.
namespace penstock::verify {

/// A target does something else than the model says. Always a mistake of ours.
struct Mismatch {
  std::string construct;  // `delivery:apply-production-app`
  Span span;              // the author's line behind it
  std::string event;      // the smallest event that shows it
  std::string what;
};

struct Proof {
  std::string target;
  std::size_t events = 0;        // different events
  std::size_t outcomes = 0;      // runs with failures, empty plans, refused and unanswered approvals
  std::size_t overlaps = 0;      // pairs of runs at the same time
  std::size_t jobs = 0;          // of the plan, each found among the emitted ones
  std::size_t extra_order = 0;   // pairs of jobs that the target orders and the model does not
  std::size_t approximated = 0;  // differences that the fidelity report says
  bool sampled = false;          // there are more classes of events than were looked at
  std::vector<Mismatch> mismatches;
};

/// What was compiled, and what came of it.
struct Subject {
  const plan::Plan* plan = nullptr;     // as it was elaborated
  const plan::Plan* lowered = nullptr;  // only for the sets of generated jobs that detect changes
  const targets::Target* target = nullptr;
  const plan::Report* report = nullptr;  // what it says is approximated is no mismatch
  const run::Claims* claims = nullptr;
  const std::any* tree = nullptr;                          // read back from the bytes
  const std::vector<targets::InputFile>* files = nullptr;  // the same bytes: what else they speak of
};

Proof verify(const Subject& subject);

}  // namespace penstock::verify
