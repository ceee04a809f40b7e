#pragma once
#include <fmt/core.h>

#include <any>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "targets/codepipeline/tree.h"
#include "targets/target.h"

namespace penstock::targets::codepipeline {

constexpr std::string_view kFolder = "codepipeline/";
constexpr std::string_view kTemplateEnd = ".template.yaml";

inline std::string template_path(std::string_view project) {
  return fmt::format("{}{}{}", kFolder, project, kTemplateEnd);
}
inline std::string pipeline_path(std::string_view name) {
  return fmt::format("{}{}.pipeline.json", kFolder, name);
}

/// The tree travels as `std::shared_ptr<const Tree>`.
std::any shape(const plan::Plan& plan, const Context& context);
std::vector<OutputFile> print(const std::any& tree);
std::any read(std::span<const InputFile> files, diag::Sink& sink);

}  // namespace penstock::targets::codepipeline
