#pragma once
#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"

namespace penstock::model {

/// One thing that waits for others of its kind, with the places where it says so.
struct GraphNode {
  std::string name;
  std::vector<std::pair<std::size_t, Span>> needs;
};

/// Reports each cycle once, at the need that closes it, with the way round. True when there is none.
bool check_acyclic(std::span<const GraphNode> nodes, std::string_view verb, diag::Sink& sink);

}  // namespace penstock::model
