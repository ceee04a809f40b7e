#pragma once
#include <string>
#include <vector>

#include "model/glob.h"

namespace penstock::targets::codepipeline {

/// The patterns of a trigger's filter that match, together, exactly what a glob matches: `**` in the middle stands for one segment or
/// more there, so `a/**/b` is two.
std::vector<std::string> filter_patterns(const model::Glob& glob);

}  // namespace penstock::targets::codepipeline
