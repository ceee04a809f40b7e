#include "targets/github/target.h"
#include "targets/github/tree.h"

namespace penstock::targets::github {
namespace {

bool is_workflow(std::string_view path) {
  constexpr std::string_view kFolder = ".github/workflows/";
  return path.starts_with(kFolder) && path.find('/', kFolder.size()) == std::string_view::npos &&
         (path.ends_with(".yml") || path.ends_with(".yaml"));
}

bool is_action(std::string_view path) {
  return path.ends_with("/action.yml") || path.ends_with("/action.yaml");
}

}  // namespace

std::any read(std::span<const InputFile> files, diag::Sink& sink) {
  Tree tree;
  for (const InputFile& file : files) {
    if (is_workflow(file.path)) {
      tree.workflows.emplace_back(file.path, codec::decode<Workflow>(file.document, sink));
    } else if (is_action(file.path)) {
      tree.actions.emplace_back(file.path, codec::decode<Action>(file.document, sink));
    }
  }
  return tree;
}

}  // namespace penstock::targets::github
