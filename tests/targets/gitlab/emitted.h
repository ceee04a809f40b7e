#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driver/compile.h"
#include "targets/gitlab/target.h"

/// What the models of this folder become, as the compiler writes it and as it is read back.
namespace penstock::test {

inline constexpr const char* kFolder = PENSTOCK_SOURCE_DIR "/tests/targets/gitlab";

/// The models that can be said, without those that must fail.
std::vector<std::filesystem::path> models();
std::unique_ptr<driver::Compilation> compiled(const std::filesystem::path& model);
std::unique_ptr<driver::Compilation> compiled_text(std::string text);
/// The files, read back; `.gitlab-ci.yml` first.
targets::gitlab::Tree read_back(const driver::Compilation& compilation);

/// The jobs of all files, hidden ones too.
struct Jobs {
  explicit Jobs(const targets::gitlab::Tree& tree);
  const targets::gitlab::Job* find(std::string_view name) const;
  /// A key of the job, or of the template that it extends.
  template <class T>
  const T* get(const targets::gitlab::Job& job, std::optional<T> targets::gitlab::Job::*key) const {
    if (job.*key) return &*(job.*key);
    for (const std::string& base : job.extends.all) {
      if (const auto* of = find(base); of != nullptr && (of->*key)) return &*(of->*key);
    }
    return nullptr;
  }
  /// The job as GitLab sees it: with what it extends.
  targets::gitlab::Job whole(std::string_view name) const;
  /// The jobs that run, without templates.
  std::vector<std::string> names() const;

  std::vector<std::pair<std::string, targets::gitlab::Job>> all;
};

}  // namespace penstock::test
