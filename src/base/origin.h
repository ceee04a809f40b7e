#pragma once
#include <string>

#include "base/id.h"
#include "base/source.h"

namespace penstock {

using OriginId = Id<struct OriginTag>;

/// The line of a model that put a node into the plan, and why it did.
struct Origin {
  Span span;
  std::string reason;  // "written", "delivery of stack `network` in `staging`", …
};

using Origins = Store<OriginId, Origin>;

}  // namespace penstock
