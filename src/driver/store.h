#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "driver/disk.h"
#include "targets/target.h"

/// The generated files on the disk: which are ours, which somebody changed, and how they become new ones without ever being partial.
namespace penstock::driver {

inline constexpr std::string_view kManifest = ".penstock/manifest.json";
inline constexpr std::string_view kJournal = ".penstock/journal.json";
inline constexpr std::string_view kStaging = ".penstock/.staging";

using targets::OutputFile;

std::string sha256(std::string_view bytes);

/// `.penstock/manifest.json`: every generated file with the digest of its bytes.
struct Manifest {
  struct Entry {
    std::string path;
    std::string digest;
  };
  std::string version;  // of penstock
  std::string model;    // digest of penstock.yaml
  std::vector<Entry> files;
  std::vector<std::string> stacks;  // `environment/stack`, and required checks: what disappears is said aloud
  std::vector<std::string> checks;

  const Entry* find(std::string_view path) const;
};
std::string to_json(const Manifest& manifest);
Result<std::optional<Manifest>> read_manifest(const Disk& disk);

/// What stands between the disk and the new files.
struct Change {
  enum class Kind : unsigned char { Create, Update, Remove };
  Kind kind = Kind::Create;
  std::string path;
  std::string before;
  std::string after;
};
struct Conflict {
  std::string path;
  bool foreign =
      false;  // nothing of ours: it was there before; otherwise it was ours and somebody changed it
  bool obsolete = false;  // it is no longer generated; without --force it stays
};
struct Difference {
  std::vector<Change> changes;      // in the order of the files, the removals last
  std::vector<Conflict> conflicts;  // what a change would overwrite or remove
};
/// With `partial`, what is not among the files stays (another target's files); otherwise it is removed if it was ours.
Result<Difference> compare(const Disk& disk, const std::vector<OutputFile>& files,
                           const std::optional<Manifest>& manifest, bool partial);

/// Finishes what an interrupted run had decided to do, or clears what it had only prepared. True when there was something.
Result<bool> recover(Disk& disk);
/// Whether an interrupted run left something to finish (`finish`) or to clear.
enum class Interrupted : unsigned char { No, Finish, Clear };
Interrupted interrupted(const Disk& disk);

/// Makes the changes, and the manifest with them. Whatever happens in between, each file is old or new, and `recover` finishes or
/// clears: new bytes are staged, then a journal says what is to be done, then it is done.
Outcome apply(Disk& disk, const std::vector<Change>& changes, const Manifest& manifest);

}  // namespace penstock::driver
