#include "plan/plan.h"

namespace penstock::plan {

Span span_of(const Plan& plan, OriginId origin) { return plan.origins[origin].span; }

}  // namespace penstock::plan
