#include "verify/events.h"

#include <algorithm>
#include <optional>

#include "verify/words.h"

namespace penstock::verify {
namespace {

using model::EventKind;
using Paths = std::optional<std::vector<std::string>>;

constexpr std::size_t kMostEvents = 4096;
constexpr std::size_t kMostCombinations = 256;  // of one kind of event
constexpr std::size_t kMostOthers = 32;

// --- what the files speak of

/// A pattern with its signs taken away: a text near what it matches.
std::string plain(std::string_view pattern) {
  if (pattern.starts_with('!')) pattern.remove_prefix(1);
  std::string text;
  for (const char c : pattern) {
    if (c == '*') {
      if (text.empty() || text.back() != 'x') text += 'x';
    } else if (std::string_view("^$+?()[]{}|\\").find(c) == std::string_view::npos) {
      text += c;
    }
  }
  return text;
}

void add_literals(std::string_view text, std::set<std::string>& words) {
  for (const char quote : {'\'', '"', '/'}) {
    std::size_t at = 0;
    while ((at = text.find(quote, at)) != std::string_view::npos) {
      const std::size_t end = text.find(quote, at + 1);
      if (end == std::string_view::npos) break;
      words.insert(plain(text.substr(at + 1, end - at - 1)));
      at = end + 1;
    }
  }
}

void add_scalars(const yaml::Node& node, bool conditions, std::set<std::string>& words) {
  if (node.is_scalar()) {
    if (conditions)
      add_literals(node.text, words);
    else
      words.insert(plain(node.text));
  }
  for (const yaml::Node& item : node.items) add_scalars(item, conditions, words);
  for (const yaml::Entry& entry : node.entries) add_scalars(entry.value, conditions, words);
}

/// The words below keys that the target's data file lists: a trigger that is wider than the model's names something the model does not.
void add_words(const yaml::Node& node, const std::vector<std::string_view>& keys, bool conditions,
               std::set<std::string>& words) {
  for (const yaml::Node& item : node.items) add_words(item, keys, conditions, words);
  for (const yaml::Entry& entry : node.entries) {
    if (std::ranges::find(keys, entry.key.text) != keys.end())
      add_scalars(entry.value, conditions, words);
    else
      add_words(entry.value, keys, conditions, words);
  }
}

std::vector<std::string> words_of(const Subject& subject, std::initializer_list<std::string_view> lists) {
  std::set<std::string> words;
  for (const std::string_view list : lists) {
    const auto keys = subject.target->facts.list(std::string("verify.") + std::string(list));
    for (const targets::InputFile& file : *subject.files)
      add_words(file.document, keys, list == "conditions", words);
  }
  std::vector<std::string> all(words.begin(), words.end());
  if (all.size() > kMostOthers) all.resize(kMostOthers);
  return all;
}

// --- combinations

class Maker {
 public:
  Maker(const Subject& subject, const Map& map) : subject_(subject), map_(map) {}

  Events make() && {
    const Atoms asked = atoms(*subject_.plan);
    const std::string& branch = subject_.plan->project->default_branch;
    const auto names = words_of(subject_, {"names", "conditions"});
    const auto paths = words_of(subject_, {"paths"});
    const auto sets = changed_sets(asked.changes, paths);
    std::vector<Paths> changes = {std::nullopt};
    for (const auto& set : sets) changes.emplace_back(set);
    pushes(words(asked.branches, names, branch), changes);
    for (const std::string& tag : both(words(asked.tags, names, "v1"))) add(plan::tag(tag));
    requests(words(asked.targets, names, branch), words(asked.sources, names, "topic"), changes);
    for (std::size_t p = 0; p < subject_.plan->pipelines.size(); ++p) starts(p, branch);
    std::ranges::stable_sort(events_.all, {},
                             [](const Happening& one) { return plan::to_text(one.event).size(); });
    return std::move(events_);
  }

 private:
  /// Up to a limit every combination; above it each class with the first two of the others, and that is said.
  bool together(std::size_t a, std::size_t b, std::size_t all) {
    if (all <= kMostCombinations || a < 2 || b < 2) return true;
    events_.sampled = true;
    return false;
  }

  static std::vector<std::string> both(const Words& words) {
    std::vector<std::string> all = words.classes;
    all.insert(all.end(), words.near.begin(), words.near.end());
    return all;
  }

  void add(plan::Event event, std::string entry = {}, std::set<std::size_t> others = {}) {
    if (events_.all.size() >= kMostEvents) {
      events_.sampled = true;
      return;
    }
    events_.all.push_back({std::move(event), std::move(entry), std::move(others)});
  }

  void pushes(const Words& branches, const std::vector<Paths>& changes) {
    for (std::size_t b = 0; b < branches.classes.size(); ++b) {
      for (std::size_t c = 0; c < changes.size(); ++c) {
        if (together(b, c, branches.classes.size() * changes.size()))
          add(plan::push(branches.classes[b], changes[c]));
      }
    }
    for (const std::string& branch : branches.near) add(plan::push(branch));
  }

  void requests(const Words& targets, const Words& sources, const std::vector<Paths>& changes) {
    const std::size_t all = targets.classes.size() * sources.classes.size() * changes.size();
    for (std::size_t t = 0; t < targets.classes.size(); ++t) {
      for (std::size_t s = 0; s < sources.classes.size(); ++s) {
        for (std::size_t c = 0; c < changes.size(); ++c) {
          if (!together(t, s, all) || !together(s, c, all) || !together(t, c, all)) continue;
          add(plan::pull_request(sources.classes[s], targets.classes[t], changes[c]));
          add(plan::pull_request_from_fork(sources.classes[s], targets.classes[t], changes[c]));
        }
      }
    }
    for (const std::string& source : sources.near) add(plan::pull_request(source, targets.classes.front()));
    for (const std::string& target : targets.near) add(plan::pull_request("topic", target));
  }

  void starts(std::size_t p, const std::string& branch) {
    const plan::Pipeline& pipeline = map_.pipeline(p);
    for (const EventKind kind : {EventKind::Schedule, EventKind::Manual}) {
      const bool has = std::ranges::any_of(
          pipeline.triggers, [&](const model::Trigger& trigger) { return trigger.kind == kind; });
      bool found = false;
      for (const auto& start : subject_.claims->starts) {
        if (start.pipeline != pipeline.origin || start.entry.kind != kind) continue;
        found = true;
        std::set<std::size_t> others;
        for (const auto& other : subject_.claims->starts) {
          if (other.entry == start.entry && other.pipeline != start.pipeline)
            others.insert(position(other.pipeline));
        }
        add(kind == EventKind::Schedule ? plan::schedule(pipeline.name, branch)
                                        : plan::manual(pipeline.name, branch),
            start.entry.name, std::move(others));
      }
      if (has && !found) events_.missing.emplace_back(p, std::string(model::name(kind)));
    }
  }

  std::size_t position(OriginId origin) const {
    for (std::size_t p = 0; p < subject_.plan->pipelines.size(); ++p) {
      if (map_.pipeline(p).origin == origin) return p;
    }
    return subject_.plan->pipelines.size();
  }

  const Subject& subject_;
  const Map& map_;
  Events events_;
};

}  // namespace

Events events(const Subject& subject, const Map& map) { return Maker(subject, map).make(); }

}  // namespace penstock::verify
