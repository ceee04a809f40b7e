#pragma once
#include "targets/target.h"

namespace penstock::targets::codepipeline {

extern const Target kTarget;

}  // namespace penstock::targets::codepipeline
