#include "driver/prove.h"

#include <algorithm>

#include "base/check.h"
#include "yaml/reader.h"

namespace penstock::driver {

ReadBack::ReadBack(const Compilation& compilation) : compilation_(compilation) {
  for (const Compilation::Output& output : compilation.outputs) {
    if (output.target->simulate == nullptr) {
      without_.emplace_back(output.target->name);
      continue;
    }
    SourceManager sources;
    diag::Sink sink;
    yaml::ReadOptions options;
    options.tags = true;
    One& one = all_.emplace_back(One{&output, {}, {}});
    for (const OutputFile& file : compilation.files) {
      if (std::ranges::find(output.files, file.path) == output.files.end()) continue;
      auto document = yaml::read(sources, sources.add(file.path, file.text), sink, options);
      PENSTOCK_CHECK(document.has_value());  // what we write, we read
      one.inputs.push_back({file.path, std::move(*document)});
    }
    one.tree = output.target->read(one.inputs, sink);
    PENSTOCK_CHECK(!sink.has_errors());
    if (output.target->prepare != nullptr) one.tree = output.target->prepare(one.tree);
  }
}

std::vector<verify::Subject> ReadBack::subjects() const {
  std::vector<verify::Subject> all;
  for (const One& one : all_)
    all.push_back({&compilation_.plan, &one.output->lowered, one.output->target, &compilation_.report,
                   &one.output->claims, &one.tree, &one.inputs});
  return all;
}

std::vector<verify::Proof> prove(const Compilation& compilation) {
  const ReadBack read(compilation);
  std::vector<verify::Proof> proofs;
  for (const verify::Subject& subject : read.subjects()) proofs.push_back(verify::verify(subject));
  return proofs;
}

}  // namespace penstock::driver
