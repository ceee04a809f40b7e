// The tree from the files that were written: the template and the buildspecs. The native JSON is the template's pipelines once more.
#include <memory>

#include "targets/codepipeline/files.h"

namespace penstock::targets::codepipeline {

std::any read(std::span<const InputFile> files, diag::Sink& sink) {
  const auto tree = std::make_shared<Tree>();
  bool found = false;
  for (const InputFile& file : files) {
    const std::string_view path = file.path;
    if (!path.starts_with(kFolder)) continue;
    if (path.ends_with(kTemplateEnd)) {
      found = true;
      tree->project = path.substr(kFolder.size(), path.size() - kFolder.size() - kTemplateEnd.size());
      tree->stack = codec::decode<Template>(file.document, sink);
    } else if (path.find("/buildspecs/") != std::string_view::npos) {
      tree->buildspecs.emplace_back(file.path, codec::decode<Buildspec>(file.document, sink));
    }
  }
  if (!found || sink.has_errors()) return {};
  return std::shared_ptr<const Tree>(tree);
}

}  // namespace penstock::targets::codepipeline
