#include "driver/store.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace penstock::driver {
namespace {

using Json = nlohmann::ordered_json;

/// One step of a journal: staged bytes that become a file, or a file that goes (only if it still has these bytes).
struct Step {
  std::string staged;  // empty: a removal
  std::string path;
  std::string digest;  // of the bytes: new ones of a file, old ones of a removal
};

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string to_json(const std::vector<Step>& steps) {
  Json all = Json::array();
  for (const Step& step : steps)
    all.push_back({{"staged", step.staged}, {"path", step.path}, {"digest", step.digest}});
  return dump({{"penstock", "journal/v1"}, {"steps", all}});
}

std::optional<std::vector<Step>> read_journal(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("penstock", "") != "journal/v1" || !json.contains("steps"))
    return std::nullopt;
  std::vector<Step> steps;
  for (const Json& step : json["steps"]) {
    steps.push_back({step.value("staged", ""), step.value("path", ""), step.value("digest", "")});
  }
  return steps;
}

/// Does one step, or finds that it was done before. Staged bytes of another digest are those of a later run, whose own journal never
/// came: a loss of power can bring back a journal that was done.
Outcome perform(Disk& disk, const Step& step) {
  if (!step.staged.empty()) {
    const auto staged = disk.read(step.staged);
    if (!staged) return staged.error();
    return *staged && sha256(**staged) == step.digest ? disk.rename(step.staged, step.path) : Outcome(Done{});
  }
  const auto bytes = disk.read(step.path);
  if (!bytes) return bytes.error();
  return *bytes && sha256(**bytes) == step.digest ? disk.unlink(step.path) : Outcome(Done{});
}

Outcome clear(Disk& disk) {
  for (const std::string& name : disk.list(std::string(kStaging))) {
    if (auto done = disk.unlink(fmt::format("{}/{}", kStaging, name)); !done) return done;
  }
  return Done{};
}

Outcome finish(Disk& disk, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (auto done = perform(disk, step); !done) return done;
  }
  if (auto done = disk.settle(); !done) return done;
  if (auto done = disk.unlink(std::string(kJournal)); !done) return done;
  return clear(disk);
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::string hex(digest.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  hex.pop_back();
  return hex;
}

const Manifest::Entry* Manifest::find(std::string_view path) const {
  const auto found = std::ranges::find(files, path, &Entry::path);
  return found == files.end() ? nullptr : &*found;
}

std::string to_json(const Manifest& manifest) {
  Json files = Json::object();
  for (const Manifest::Entry& entry : manifest.files) files[entry.path] = entry.digest;
  return dump({{"penstock", "manifest/v1"},
               {"version", manifest.version},
               {"model", manifest.model},
               {"stacks", manifest.stacks},
               {"checks", manifest.checks},
               {"files", files}});
}

Result<std::optional<Manifest>> read_manifest(const Disk& disk) {
  const auto text = disk.read(std::string(kManifest));
  if (!text) return text.error();
  if (!*text) return std::optional<Manifest>{};
  const Json json = Json::parse(**text, nullptr, false);
  const Failure broken{fmt::format(
      "{} cannot be read: restore it from git, or remove it and run again with --force", kManifest)};
  if (!json.is_object() || json.value("penstock", Json()) != "manifest/v1" || !json.contains("files") ||
      !json["files"].is_object())
    return broken;
  Manifest manifest;
  try {
    manifest.version = json.value("version", "");
    manifest.model = json.value("model", "");
    manifest.stacks = json.value("stacks", std::vector<std::string>{});
    manifest.checks = json.value("checks", std::vector<std::string>{});
    for (const auto& [path, digest] : json["files"].items())
      manifest.files.push_back({path, digest.get<std::string>()});
  } catch (const Json::exception&) {
    return broken;
  }
  return std::optional<Manifest>(std::move(manifest));
}

Result<Difference> compare(const Disk& disk, const std::vector<OutputFile>& files,
                           const std::optional<Manifest>& manifest, bool partial) {
  Difference difference;
  const auto ours = [&](std::string_view path) { return manifest ? manifest->find(path) : nullptr; };
  for (const OutputFile& file : files) {
    const auto there = disk.read(file.path);
    if (!there) return there.error();
    if (!*there) {
      difference.changes.push_back({Change::Kind::Create, file.path, {}, file.text});
    } else if (**there != file.text) {
      const Manifest::Entry* entry = ours(file.path);
      if (entry == nullptr || entry->digest != sha256(**there))
        difference.conflicts.push_back({file.path, entry == nullptr, false});
      difference.changes.push_back({Change::Kind::Update, file.path, **there, file.text});
    }
  }
  if (!manifest || partial) return difference;
  for (const Manifest::Entry& entry : manifest->files) {
    if (std::ranges::find(files, entry.path, &OutputFile::path) != files.end()) continue;
    const auto there = disk.read(entry.path);
    if (!there) return there.error();
    if (!*there) continue;
    if (sha256(**there) != entry.digest) difference.conflicts.push_back({entry.path, false, true});
    difference.changes.push_back({Change::Kind::Remove, entry.path, **there, {}});
  }
  return difference;
}

Interrupted interrupted(const Disk& disk) {
  const auto journal = disk.read(std::string(kJournal));
  if (!journal || *journal) return Interrupted::Finish;
  return disk.list(std::string(kStaging)).empty() ? Interrupted::No : Interrupted::Clear;
}

Result<bool> recover(Disk& disk) {
  const Interrupted state = interrupted(disk);
  if (state == Interrupted::No) return false;
  if (state == Interrupted::Clear) {
    if (auto done = clear(disk); !done) return done.error();
    return true;
  }
  const auto text = disk.read(std::string(kJournal));
  if (!text) return text.error();
  const auto steps = *text ? read_journal(**text) : std::nullopt;
  if (!steps) return Failure{fmt::format("{} cannot be read: remove it and run again", kJournal)};
  if (auto done = finish(disk, *steps); !done) return done.error();
  return true;
}

Outcome apply(Disk& disk, const std::vector<Change>& changes, const Manifest& manifest) {
  std::vector<Step> steps;
  const auto stage = [&](const std::string& path, const std::string& bytes) -> Outcome {
    // The staged name keeps the ending: the disk makes scripts executable by it.
    const std::string staged =
        fmt::format("{}/{}{}", kStaging, steps.size(), path.ends_with(".sh") ? ".sh" : "");
    steps.push_back({staged, path, sha256(bytes)});
    return disk.write(staged, bytes);
  };
  for (const Change& change : changes) {
    if (change.kind == Change::Kind::Remove) {
      steps.push_back({{}, change.path, sha256(change.before)});
    } else if (auto done = stage(change.path, change.after); !done) {
      return done;
    }
  }
  if (auto done = stage(std::string(kManifest), to_json(manifest)); !done) return done;
  // The journal appears whole, and after all that it names: written beside, settled, then renamed. From here on the changes happen,
  // now or in the next run.
  const std::string draft = fmt::format("{}/journal", kStaging);
  if (auto done = disk.write(draft, to_json(steps)); !done) return done;
  if (auto done = disk.settle(); !done) return done;
  if (auto done = disk.rename(draft, std::string(kJournal)); !done) return done;
  if (auto done = disk.settle(); !done) return done;
  return finish(disk, steps);
}

}  // namespace penstock::driver
