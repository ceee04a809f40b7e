#include "driver/disk.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace penstock::driver {
namespace {

namespace fs = std::filesystem;

Failure refused(std::string_view what, const std::string& path) {
  return {fmt::format("cannot {} {}: {}", what, path, std::strerror(errno))};
}

/// A file descriptor that is closed.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  bool is_open() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string folder_of(const std::string& path) { return fs::path(path).parent_path().generic_string(); }

/// The folder above a path, made if need be, and then told. A link on the way would lead writes out of the root.
Outcome make_folders(const fs::path& root, const fs::path& relative, std::set<std::string>& touched) {
  fs::path at = root;
  fs::path above;
  for (const fs::path& part : relative.parent_path()) {
    at /= part;
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(at, error)))
      return Failure{fmt::format("{} is a symbolic link: nothing is written through it", at.string())};
    if (fs::create_directory(at, error)) touched.insert(above.generic_string());
    if (error) return Failure{fmt::format("cannot make the folder {}: {}", at.string(), error.message())};
    above /= part;
  }
  return Done{};
}

/// A path that stays inside: journals and manifests are files of the repository, which anybody may have written.
bool is_inside(const fs::path& path) {
  return !path.empty() && path.is_relative() &&
         std::ranges::none_of(path, [](const fs::path& part) { return part == ".."; });
}

Failure outside(const std::string& path) {
  return {fmt::format("`{}` is not a path inside the project", path)};
}

}  // namespace

Result<std::optional<std::string>> FileDisk::read(const std::string& path) const {
  if (!is_inside(path)) return outside(path);
  const fs::path full = fs::path(root_) / path;
  const File file(::open(full.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>{};
    return refused("read", path);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return refused("read", path);
  if (S_ISDIR(status.st_mode)) return Failure{fmt::format("cannot read {}: it is a folder", path)};
  std::string bytes;
  char buffer[1 << 15];
  for (ssize_t count = 0; (count = ::read(file.get(), buffer, sizeof buffer)) != 0;) {
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused("read", path);
    bytes.append(buffer, static_cast<std::size_t>(count));
  }
  return std::optional<std::string>(std::move(bytes));
}

Outcome FileDisk::write(const std::string& path, std::string_view bytes) {
  if (!is_inside(path)) return outside(path);
  if (auto made = make_folders(root_, path, unsettled_folders_); !made) return made;
  const fs::path full = fs::path(root_) / path;
  const bool script = path.ends_with(".sh");
  const File file(
      ::open(full.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, script ? 0755 : 0644));
  if (!file.is_open()) return refused("write", path);
  if (!write_all(file.get(), bytes)) return refused("write", path);
  // The disk may begin now; settle() waits for it. Asking for all files before waiting for any costs one wait instead of one each.
  ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
  unsettled_files_.insert(path);
  unsettled_folders_.insert(folder_of(path));
  return Done{};
}

Outcome FileDisk::rename(const std::string& from, const std::string& to) {
  if (!is_inside(from) || !is_inside(to)) return outside(to);
  if (auto made = make_folders(root_, to, unsettled_folders_); !made) return made;
  const fs::path target = fs::path(root_) / to;
  if (::rename((fs::path(root_) / from).c_str(), target.c_str()) != 0) return refused("write", to);
  if (const auto moved = unsettled_files_.extract(from); !moved.empty()) unsettled_files_.insert(to);
  unsettled_folders_.insert(folder_of(from));
  unsettled_folders_.insert(folder_of(to));
  return Done{};
}

Outcome FileDisk::unlink(const std::string& path) {
  if (!is_inside(path)) return outside(path);
  const fs::path full = fs::path(root_) / path;
  if (::unlink(full.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) return refused("remove", path);
  fs::path folder = fs::path(path).parent_path();
  while (!folder.empty() && ::rmdir((fs::path(root_) / folder).c_str()) == 0) folder = folder.parent_path();
  unsettled_files_.erase(path);
  unsettled_folders_.insert(folder.generic_string());
  return Done{};
}

Outcome FileDisk::settle() {
  for (const std::string& path : unsettled_files_) {
    const File file(::open((fs::path(root_) / path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open() || ::fsync(file.get()) != 0) return refused("write", path);
  }
  for (const std::string& folder : unsettled_folders_) {
    // A folder may be gone by now, and some file systems cannot sync one: neither is a failure.
    const File file(::open((fs::path(root_) / folder).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (file.is_open()) ::fsync(file.get());
  }
  unsettled_files_.clear();
  unsettled_folders_.clear();
  return Done{};
}

std::vector<std::string> FileDisk::list(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(fs::path(root_) / folder, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace penstock::driver
