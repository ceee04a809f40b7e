#pragma once
#include <any>
#include <span>
#include <vector>

#include "diag/sink.h"
#include "targets/target.h"

namespace penstock::targets::github {

extern const Target kTarget;

std::any shape(const plan::Plan& plan, const Context& context);
std::vector<OutputFile> print(const std::any& tree);
std::any read(std::span<const InputFile> files, diag::Sink& sink);

}  // namespace penstock::targets::github
