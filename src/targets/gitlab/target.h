#pragma once
#include <any>
#include <span>
#include <vector>

#include "base/table.h"
#include "targets/gitlab/tree.h"
#include "targets/target.h"

namespace penstock::targets::gitlab {

/// The data file of this target, embedded at build time.
Table facts();

std::any shape(const plan::Plan& plan, const Context& context);
std::vector<OutputFile> print(const std::any& tree);
std::any read(std::span<const InputFile> files, diag::Sink& sink);

extern const Target kTarget;

}  // namespace penstock::targets::gitlab
