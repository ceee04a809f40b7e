#pragma once
#include <set>
#include <string>
#include <vector>

#include "plan/event.h"
#include "verify/map.h"
#include "verify/verify.h"

/// The events for which a compilation is looked at. Not for others.
namespace penstock::verify {

struct Happening {
  plan::Event event;
  std::string entry;             // of a schedule and a start by hand, as the target claims it
  std::set<std::size_t> others;  // pipelines that the same entry starts too: two schedules at the same time
};

struct Events {
  std::vector<Happening> all;  // the simplest first
  bool sampled = false;        // not every combination of classes
  std::vector<std::pair<std::size_t, std::string>>
      missing;  // pipelines with a trigger that nothing starts there
};

Events events(const Subject& subject, const Map& map);

}  // namespace penstock::verify
