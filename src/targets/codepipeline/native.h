#pragma once
#include <string>

#include "targets/codepipeline/tree.h"

namespace penstock::targets::codepipeline {

/// A pipeline as the input of `create-pipeline`, for those who have bucket, key and roles already. What CloudFormation fills in is
/// written out; the template says for which account.
std::string native_json(const Pipeline& pipeline, const Template& stack);

}  // namespace penstock::targets::codepipeline
