#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock::driver {

/// The one seam to the disk. Paths are relative to the root that the disk was made with, with `/`. Each call that changes something
/// happens whole or not at all, as far as the file system lets it; tests put a disk in its place that fails where they want.
class Disk {
 public:
  virtual ~Disk() = default;
  /// The bytes of a file; nothing when there is no such file. Something that is there and cannot be read is a failure.
  virtual Result<std::optional<std::string>> read(const std::string& path) const = 0;
  /// Creates a file (its folders too) or replaces its bytes.
  virtual Outcome write(const std::string& path, std::string_view bytes) = 0;
  /// Moves a file over another (making the folders), in one step.
  virtual Outcome rename(const std::string& from, const std::string& to) = 0;
  /// Removes a file, and the folders above it that are empty then. No such file is no failure.
  virtual Outcome unlink(const std::string& path) = 0;
  /// Puts all changes made so far where a loss of power leaves them. Until then each of them may be lost, or half there, in any order.
  virtual Outcome settle() = 0;
  /// Names of the files directly in a folder, sorted; none when there is no such folder.
  virtual std::vector<std::string> list(const std::string& folder) const = 0;
};

/// The real disk below a folder. Refuses to write through a symbolic link that leads out of it.
class FileDisk : public Disk {
 public:
  explicit FileDisk(std::string root) : root_(std::move(root)) {}
  Result<std::optional<std::string>> read(const std::string& path) const override;
  Outcome write(const std::string& path, std::string_view bytes) override;
  Outcome rename(const std::string& from, const std::string& to) override;
  Outcome unlink(const std::string& path) override;
  Outcome settle() override;
  std::vector<std::string> list(const std::string& folder) const override;

 private:
  std::string root_;
  std::set<std::string> unsettled_files_;
  std::set<std::string> unsettled_folders_;  // a created, renamed or removed name is an entry of its folder
};

}  // namespace penstock::driver
