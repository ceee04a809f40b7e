#include "targets/gitlab/simulate_merge.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "targets/gitlab/simulate_glob.h"

namespace penstock::targets::gitlab::simulation {
namespace {

constexpr std::size_t kMostIncludes = 150;
constexpr std::size_t kMostExtends = 11;
constexpr std::size_t kMostReferences = 10;
constexpr std::size_t kMostResolved = 20'000;  // references to references multiply

yaml::Node* find(yaml::Node& mapping, std::string_view key) {
  const auto found = std::ranges::find(
      mapping.entries, key, [](const yaml::Entry& entry) { return std::string_view(entry.key.text); });
  return found == mapping.entries.end() ? nullptr : &found->value;
}

void erase(yaml::Node& mapping, std::string_view key) {
  std::erase_if(mapping.entries, [&](const yaml::Entry& entry) { return entry.key.text == key; });
}

class Including {
 public:
  Including(const Tree& tree, const Includes& includes, Merged& merged)
      : tree_(tree), includes_(includes), merged_(merged) {}

  /// A file with what it includes below it.
  yaml::Node whole(const File& file) {
    yaml::Node own = codec::encode(file.root);
    yaml::Node base = yaml::mapping();
    if (const yaml::Node* include = own.find("include")) {
      const std::vector<yaml::Node> all = include->is_sequence() ? include->items : std::vector{*include};
      for (const yaml::Node& one : all) take(one, base);
      erase(own, "include");
    }
    merge_into(base, own);
    return base;
  }

 private:
  void take(const yaml::Node& include, yaml::Node& base) {
    if (++count_ > kMostIncludes) {
      if (count_ == kMostIncludes + 1) merged_.errors.emplace_back("more than 150 includes");
      return;
    }
    if (const yaml::Node* rules = include.find("rules"); rules != nullptr && !includes_(*rules)) return;
    const yaml::Node* local = include.is_scalar() ? &include : include.find("local");
    if (local == nullptr || !local->is_scalar() || local->text.starts_with("http")) {
      const std::string kind = include.is_scalar()       ? "remote"
                               : include.entries.empty() ? std::string("include")
                                                         : include.entries.front().key.text;
      const std::string what = include.is_scalar() ? include.text
                               : !include.entries.empty() && include.entries.front().value.is_scalar()
                                   ? include.entries.front().value.text
                                   : std::string();
      merged_.unknown.emplace_back("include", fmt::format("`{}: {}` is not among the files", kind, what));
      return;
    }
    const std::string_view path = std::string_view(local->text).substr(local->text.starts_with('/') ? 1 : 0);
    bool found = false;
    for (const File& file : tree_.files) {
      if (file.path != path && (path.find('*') == std::string_view::npos || !matches_path(path, file.path)))
        continue;
      found = true;
      if (!open_.insert(file.path).second) continue;  // includes itself
      merge_into(base, whole(file));
      open_.erase(file.path);
    }
    if (!found && path.find('*') == std::string_view::npos)
      merged_.unknown.emplace_back("include", fmt::format("`local: {}` is not among the files", path));
  }

  const Tree& tree_;
  const Includes& includes_;
  Merged& merged_;
  std::set<std::string> open_;
  std::size_t count_ = 0;
};

std::vector<std::string> names(const yaml::Node& node) {
  std::vector<std::string> all;
  for (const yaml::Node& item : flat(node)) all.push_back(item.text);
  return all;
}

/// `extends`: later parents over earlier ones, a job's own keys over all.
class Extending {
 public:
  explicit Extending(Merged& merged) : merged_(merged) {}

  void all() {
    for (yaml::Entry& entry : merged_.root.entries) {
      if (entry.value.is_mapping() && entry.value.find("extends") != nullptr) extend(entry, 1);
    }
  }

 private:
  void extend(yaml::Entry& job, std::size_t depth) {
    const yaml::Node* extends = job.value.find("extends");
    if (extends == nullptr) return;
    if (depth > kMostExtends || !open_.insert(job.key.text).second) {
      merged_.errors.push_back(fmt::format("`extends` of `{}` has no end", job.key.text));
      erase(job.value, "extends");
      return;
    }
    yaml::Node base = yaml::mapping();
    for (const std::string& name : names(*extends)) {
      const auto parent =
          std::ranges::find(merged_.root.entries, name, [](const yaml::Entry& of) { return of.key.text; });
      if (parent == merged_.root.entries.end() || !parent->value.is_mapping()) {
        if (merged_.unknown.empty()) {
          merged_.errors.push_back(fmt::format("`{}` extends `{}`, which is not there", job.key.text, name));
        } else {
          merged_.incomplete.emplace(job.key.text, fmt::format("what `{}` is, which it extends", name));
        }
        continue;
      }
      extend(*parent, depth + 1);
      if (const auto missing = merged_.incomplete.find(name); missing != merged_.incomplete.end())
        merged_.incomplete.emplace(job.key.text, missing->second);
      merge_into(base, parent->value);
    }
    yaml::Node own = std::move(job.value);
    erase(own, "extends");
    merge_into(base, own);
    job.value = std::move(base);
    open_.erase(job.key.text);
  }

  Merged& merged_;
  std::set<std::string> open_;
};

/// `!reference [job, key]` is the value of that key; in a list it is its items.
class Referencing {
 public:
  explicit Referencing(Merged& merged) : merged_(merged), whole_(merged.root) {}

  void all() {
    for (yaml::Entry& entry : merged_.root.entries) {
      job_ = entry.key.text;
      resolve(entry.value, 0);
    }
  }

 private:
  void resolve(yaml::Node& node, std::size_t depth) {
    if (node.tag == "!reference") {
      const yaml::Node* target = &whole_;
      for (const yaml::Node& key : node.items) target = target == nullptr ? nullptr : target->find(key.text);
      if (target == nullptr && !merged_.unknown.empty()) {
        merged_.incomplete.emplace(job_, fmt::format("what `!reference [{}]` is", path(node)));
        node = {};
        return;
      }
      if (target == nullptr || depth >= kMostReferences || ++resolved_ > kMostResolved) {
        merged_.errors.push_back(fmt::format("{}: `!reference [{}]` leads nowhere", job_, path(node)));
        node = {};
        return;
      }
      node = *target;
      resolve(node, depth + 1);
      return;
    }
    for (yaml::Node& item : node.items) resolve(item, depth);
    for (yaml::Entry& entry : node.entries) resolve(entry.value, depth);
  }

  static std::string path(const yaml::Node& reference) {
    std::string all;
    for (const yaml::Node& key : reference.items) all += (all.empty() ? "" : ", ") + key.text;
    return all;
  }

  Merged& merged_;
  yaml::Node whole_;  // as it was before
  std::string job_;
  std::size_t resolved_ = 0;
};

bool has_reference(const yaml::Node& node) {
  return node.tag == "!reference" || std::ranges::any_of(node.items, has_reference) ||
         std::ranges::any_of(node.entries,
                             [](const yaml::Entry& entry) { return has_reference(entry.value); });
}

}  // namespace

void merge_into(yaml::Node& base, const yaml::Node& over) {
  for (const yaml::Entry& entry : over.entries) {
    yaml::Node* found = find(base, entry.key.text);
    if (found == nullptr) {
      base.entries.push_back(entry);
    } else if (found->is_mapping() && entry.value.is_mapping()) {
      merge_into(*found, entry.value);
    } else {
      *found = entry.value;
    }
  }
}

std::vector<yaml::Node> flat(const yaml::Node& node) {
  std::vector<yaml::Node> all;
  if (node.is_null()) return all;
  if (!node.is_sequence()) return {node};
  for (const yaml::Node& item : node.items) {
    for (yaml::Node& one : flat(item)) all.push_back(std::move(one));
  }
  return all;
}

Merged merge(const Tree& tree, const Includes& includes) {
  Merged merged;
  if (tree.files.empty()) return merged;
  merged.root = Including(tree, includes, merged).whole(tree.files.front());
  Extending(merged).all();
  if (has_reference(merged.root)) Referencing(merged).all();
  return merged;
}

}  // namespace penstock::targets::gitlab::simulation
