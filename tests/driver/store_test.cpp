// Files on the disk are old or new, never partial, whatever fails and whenever the program is killed.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "driver/store.h"

using namespace penstock;
using namespace penstock::driver;

namespace {

/// A disk in memory that refuses the change number `fail_at`, and all after it: as if the program had ended there.
class FaultyDisk : public Disk {
 public:
  std::map<std::string, std::string> files;
  long fail_at = -1;
  long changes = 0;

  Result<std::optional<std::string>> read(const std::string& path) const override {
    const auto found = files.find(path);
    return found == files.end() ? std::optional<std::string>{} : std::optional<std::string>(found->second);
  }
  Outcome write(const std::string& path, std::string_view bytes) override {
    if (fails()) {
      files[path] = std::string(bytes.substr(0, bytes.size() / 2));  // a write may break in the middle
      return Failure{"no space left"};
    }
    files[path] = std::string(bytes);
    return Done{};
  }
  Outcome rename(const std::string& from, const std::string& to) override {
    if (fails()) return Failure{"no space left"};
    files[to] = files.at(from);
    files.erase(from);
    return Done{};
  }
  Outcome unlink(const std::string& path) override {
    if (fails()) return Failure{"no space left"};
    files.erase(path);
    return Done{};
  }
  Outcome settle() override { return fails() ? Outcome(Failure{"no space left"}) : Outcome(Done{}); }
  std::vector<std::string> list(const std::string& folder) const override {
    std::vector<std::string> names;
    for (const auto& [path, bytes] : files) {
      if (path.starts_with(folder + "/")) names.push_back(path.substr(folder.size() + 1));
    }
    return names;
  }

 private:
  bool fails() { return fail_at >= 0 && changes++ >= fail_at; }
};

/// A disk in memory whose power goes at the change number `fail_at`: of all that was not settled by then, each change is there, or
/// not, or half, as chance has it.
class PowerlessDisk : public FaultyDisk {
 public:
  explicit PowerlessDisk(unsigned seed) : random_(seed) {}

  Outcome write(const std::string& path, std::string_view bytes) override {
    pending_.push_back([this, path, text = std::string(bytes)] {
      const auto chance = random_() % 3;
      if (chance > 0) settled_[path] = chance == 1 ? text : text.substr(0, text.size() / 2);
    });
    return FaultyDisk::write(path, bytes);
  }
  Outcome rename(const std::string& from, const std::string& to) override {
    pending_.push_back([this, from, to] {
      if (random_() % 2 == 0 || !settled_.contains(from)) return;
      settled_[to] = settled_[from];
      settled_.erase(from);
    });
    return FaultyDisk::rename(from, to);
  }
  Outcome unlink(const std::string& path) override {
    pending_.push_back([this, path] {
      if (random_() % 2 == 0) settled_.erase(path);
    });
    return FaultyDisk::unlink(path);
  }
  Outcome settle() override {
    if (auto done = FaultyDisk::settle(); !done) return done;
    settled_ = files;
    pending_.clear();
    return Done{};
  }
  /// The power comes back: what is there now is what is there from now on.
  void restart() {
    for (const auto& change : pending_) change();
    pending_.clear();
    files = settled_;
    fail_at = -1;
    changes = 0;
  }

 private:
  std::mt19937 random_;
  std::map<std::string, std::string> settled_;
  std::vector<std::function<void()>> pending_;
};

const std::vector<OutputFile> kOld = {{".github/workflows/a.yml", "old a\n"},
                                      {".github/workflows/b.yml", "old b\n"},
                                      {"gone.txt", "old gone\n"}};
const std::vector<OutputFile> kNew = {{".github/workflows/a.yml", "new a\n"},
                                      {".github/workflows/b.yml", "old b\n"},
                                      {"come.txt", "new come\n"}};

Manifest manifest_of(const std::vector<OutputFile>& files) {
  Manifest manifest{"0", "m", {}, {}, {}};
  for (const OutputFile& file : files) manifest.files.push_back({file.path, sha256(file.text)});
  return manifest;
}

Outcome generate(Disk& disk, const std::vector<OutputFile>& files) {
  if (auto recovered = recover(disk); !recovered) return recovered.error();
  auto before = read_manifest(disk);
  if (!before) return before.error();
  auto difference = compare(disk, files, *before, false);
  if (!difference) return difference.error();
  if (!difference->conflicts.empty()) return Failure{"conflict: " + difference->conflicts.front().path};
  return apply(disk, difference->changes, manifest_of(files));
}

std::map<std::string, std::string> as_map(const std::vector<OutputFile>& files) {
  std::map<std::string, std::string> map;
  for (const OutputFile& file : files) map[file.path] = file.text;
  map[std::string(kManifest)] = to_json(manifest_of(files));
  return map;
}

/// Every file that people see is whole: its old bytes or its new ones, or absent where one of the two is.
void check_whole(const std::map<std::string, std::string>& now) {
  const auto before = as_map(kOld), after = as_map(kNew);
  for (const auto& [path, bytes] : now) {
    if (path.starts_with(std::string(kStaging)) || path == kJournal) continue;
    INFO(path);
    const bool old = before.contains(path) && before.at(path) == bytes;
    const bool young = after.contains(path) && after.at(path) == bytes;
    CHECK((old || young));
  }
  for (const auto& [path, bytes] : before) {
    if (after.contains(path)) CHECK(now.contains(path));
  }
}

}  // namespace

TEST_CASE("a fault after each write, rename and unlink leaves whole files, and the next run finishes") {
  long faults = 0;
  for (long at = 0;; ++at) {
    FaultyDisk disk;
    REQUIRE(generate(disk, kOld));
    disk.fail_at = at;
    const bool done = generate(disk, kNew).has_value();
    if (done) break;
    ++faults;
    INFO("fault " << at);
    check_whole(disk.files);
    // A second fault while the first is mended changes nothing about that.
    disk.fail_at = disk.changes + 1;
    (void)generate(disk, kNew);
    check_whole(disk.files);
    disk.fail_at = -1;
    REQUIRE(generate(disk, kNew));
    CHECK(disk.files == as_map(kNew));
  }
  CHECK(faults >= 10);
}

TEST_CASE("a loss of power after each change leaves whole files, whatever of it was not settled") {
  const std::vector<OutputFile> third = {{".github/workflows/b.yml", "third b\n"}, {"come.txt", "old a\n"}};
  long losses = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    for (long at = 0;; ++at) {
      PowerlessDisk disk(seed);
      REQUIRE(generate(disk, kOld));
      REQUIRE(disk.settle());
      disk.fail_at = at;
      const bool done = generate(disk, kNew).has_value();
      INFO("seed " << seed << ", change " << at);
      disk.restart();
      check_whole(disk.files);
      if (done) {  // all is there, though the journal may have come back: the staged bytes of a later run are not taken for its own
        for (const auto& [path, bytes] : as_map(kNew)) CHECK(disk.files[path] == bytes);
        disk.fail_at = static_cast<long>(seed % 8);
        (void)generate(disk, third);
        disk.restart();
      }
      ++losses;
      REQUIRE(generate(disk, done ? third : kNew));
      CHECK(disk.files == as_map(done ? third : kNew));
      if (done) break;
    }
  }
  CHECK(losses >= 2000);
}

TEST_CASE("an interrupted run is named") {
  FaultyDisk disk;
  REQUIRE(generate(disk, kOld));
  CHECK(interrupted(disk) == Interrupted::No);
  disk.fail_at = 1;  // while staging
  (void)generate(disk, kNew);
  CHECK(interrupted(disk) == Interrupted::Clear);
  disk.fail_at = disk.changes + 9;  // after the journal
  (void)generate(disk, kNew);
  CHECK(interrupted(disk) == Interrupted::Finish);
}

TEST_CASE("what is not ours is never overwritten or removed") {
  FaultyDisk disk;
  disk.files["come.txt"] = "somebody's\n";
  REQUIRE(generate(disk, kOld));
  SECTION("a foreign file") {
    const auto done = generate(disk, kNew);
    REQUIRE_FALSE(done);
    CHECK(done.error().message == "conflict: come.txt");
    CHECK(disk.files["come.txt"] == "somebody's\n");
  }
  SECTION("a file changed by hand") {
    disk.files.erase("come.txt");
    disk.files[".github/workflows/a.yml"] = "edited\n";
    const auto done = generate(disk, kNew);
    REQUIRE_FALSE(done);
    CHECK(done.error().message == "conflict: .github/workflows/a.yml");
    CHECK(disk.files[".github/workflows/a.yml"] == "edited\n");
  }
  SECTION("a file that is no longer generated, changed by hand") {
    disk.files.erase("come.txt");
    disk.files["gone.txt"] = "edited\n";
    const auto done = generate(disk, kNew);
    REQUIRE_FALSE(done);
    CHECK(done.error().message == "conflict: gone.txt");
  }
}

TEST_CASE("a journal or manifest cannot lead out of the project") {
  const auto root =
      std::filesystem::temp_directory_path() / ("penstock-outside-" + std::to_string(::getpid()));
  std::filesystem::create_directories(root / "project");
  FileDisk disk((root / "project").string());
  CHECK_FALSE(disk.write("../stolen", "x"));
  CHECK_FALSE(disk.rename("a", "/tmp/stolen"));
  CHECK_FALSE(disk.unlink("a/../../stolen"));
  std::filesystem::create_directory_symlink(root, root / "project" / "link");
  CHECK_FALSE(disk.write("link/stolen", "x"));
  CHECK_FALSE(std::filesystem::exists(root / "stolen"));
  std::filesystem::remove_all(root);
}

TEST_CASE("fifty kills at random moments leave whole files, and the next run finishes") {
  const auto root = std::filesystem::temp_directory_path() / ("penstock-kill-" + std::to_string(::getpid()));
  std::mt19937 random(20261121);
  int interruptions = 0;
  // The disk of the child pauses before each change, so that a kill falls between any two of them.
  class SlowDisk : public FileDisk {
   public:
    using FileDisk::FileDisk;
    Outcome write(const std::string& path, std::string_view bytes) override {
      return pause(), FileDisk::write(path, bytes);
    }
    Outcome rename(const std::string& from, const std::string& to) override {
      return pause(), FileDisk::rename(from, to);
    }
    Outcome unlink(const std::string& path) override { return pause(), FileDisk::unlink(path); }
    Outcome settle() override { return pause(), FileDisk::settle(); }

   private:
    static void pause() { std::this_thread::sleep_for(std::chrono::microseconds(300)); }
  };
  const auto contents = [&] {
    std::map<std::string, std::string> now;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      const std::string path = std::filesystem::relative(entry.path(), root).generic_string();
      now[path] = FileDisk(root.string()).read(path)->value();
    }
    return now;
  };
  for (int i = 0; i < 50; ++i) {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    FileDisk disk(root.string());
    REQUIRE(generate(disk, kOld));
    const pid_t child = ::fork();
    if (child == 0) {
      SlowDisk slow(root.string());
      (void)generate(slow, kNew);
      ::_exit(0);
    }
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution<int>(0, 9000)(random)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (interrupted(disk) != Interrupted::No) ++interruptions;
    check_whole(contents());
    REQUIRE(generate(disk, kNew));
    CHECK(contents() == as_map(kNew));
  }
  std::filesystem::remove_all(root);
  WARN(interruptions << " of 50 kills found a run in the middle");
}
