#include "targets/gitlab/emitted.h"

#include <algorithm>

#include "base/check.h"
#include "support/file_test.h"
#include "yaml/reader.h"

namespace penstock::test {

using targets::gitlab::Job;
using targets::gitlab::Tree;

std::vector<std::filesystem::path> models() {
  std::vector<std::filesystem::path> all;
  for (const auto& file : files_in(kFolder)) {
    if (file.extension() == ".yaml" && !file.filename().string().starts_with("fail_")) all.push_back(file);
  }
  return all;
}

std::unique_ptr<driver::Compilation> compiled_text(std::string text) {
  static const targets::Target* const kTargets[] = {&targets::gitlab::kTarget};
  return driver::compile_text("penstock.yaml", std::move(text), kTargets, {});
}

std::unique_ptr<driver::Compilation> compiled(const std::filesystem::path& model) {
  return compiled_text(read_file(model));
}

Tree read_back(const driver::Compilation& compilation) {
  SourceManager sources;
  diag::Sink sink;
  std::vector<targets::InputFile> files;
  for (const targets::OutputFile& file : compilation.files) {
    if (!file.path.starts_with(".gitlab")) continue;
    files.push_back({file.path, *yaml::read(sources, sources.add(file.path, file.text), sink)});
  }
  PENSTOCK_CHECK(sink.empty() && !files.empty());
  std::ranges::stable_partition(files,
                                [](const targets::InputFile& file) { return file.path == ".gitlab-ci.yml"; });
  return std::any_cast<Tree>(targets::gitlab::read(files, sink));
}

Jobs::Jobs(const Tree& tree) {
  for (const auto& file : tree.files) {
    for (const auto& [name, job] : file.root.jobs) all.emplace_back(name.value, job);
  }
}

const Job* Jobs::find(std::string_view name) const {
  const auto found =
      std::ranges::find(all, name, [](const auto& named) { return std::string_view(named.first); });
  return found == all.end() ? nullptr : &found->second;
}

/// Mappings are merged, everything else is replaced.
yaml::Node merged(yaml::Node base, const yaml::Node& over) {
  for (const yaml::Entry& entry : over.entries) {
    const auto found =
        std::ranges::find(base.entries, entry.key.text, [](const yaml::Entry& of) { return of.key.text; });
    if (found == base.entries.end()) {
      base.entries.push_back(entry);
    } else {
      found->value = found->value.is_mapping() && entry.value.is_mapping() ? merged(found->value, entry.value)
                                                                           : entry.value;
    }
  }
  return base;
}

Job Jobs::whole(std::string_view name) const {
  const Job* job = find(name);
  PENSTOCK_CHECK(job != nullptr);
  yaml::Node node = yaml::mapping();
  for (const std::string& base : job->extends.all) {
    const Job* of = find(base);
    PENSTOCK_CHECK(of != nullptr);
    node = merged(std::move(node), codec::encode(*of));
  }
  diag::Sink sink;
  Job all_of_it = codec::decode<Job>(merged(std::move(node), codec::encode(*job)), sink);
  PENSTOCK_CHECK(sink.empty());
  return all_of_it;
}

std::vector<std::string> Jobs::names() const {
  std::vector<std::string> names;
  for (const auto& [name, job] : all) {
    if (!name.starts_with(".")) names.push_back(name);
  }
  return names;
}

}  // namespace penstock::test
