#include "targets/gitlab/target.h"

namespace penstock::targets::gitlab {

/// Comments are not read: everything else is.
std::any read(std::span<const InputFile> files, diag::Sink& sink) {
  Tree tree;
  for (const InputFile& file : files)
    tree.files.push_back({file.path, {}, codec::decode<Root>(file.document, sink)});
  return tree;
}

}  // namespace penstock::targets::gitlab
