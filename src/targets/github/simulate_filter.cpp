#include "targets/github/simulate_filter.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::github {
namespace {

using model::EventKind;

/// One element of a pattern and how often it may stand.
struct Piece {
  enum class Kind : unsigned char { One, Set, Star, Anything, Folders };
  Kind kind = Kind::One;
  char one = 0;
  std::vector<std::pair<char, char>> set = {};
  bool optional = false;
  bool repeated = false;
};

/// Reads one pattern into pieces.
class Reader {
 public:
  explicit Reader(std::string_view pattern) : rest_(pattern) {}

  std::vector<Piece> read() {
    while (!rest_.empty()) {
      Piece piece = next();
      if (!rest_.empty() && (rest_.front() == '?' || rest_.front() == '+') &&
          piece.kind <= Piece::Kind::Set) {
        (rest_.front() == '?' ? piece.optional : piece.repeated) = true;
        rest_.remove_prefix(1);
      }
      pieces_.push_back(std::move(piece));
    }
    return std::move(pieces_);
  }

 private:
  Piece next() {
    if (rest_.starts_with("**/") && (pieces_.empty() || is_slash(pieces_.back()))) {
      rest_.remove_prefix(3);
      return {Piece::Kind::Folders};  // `**/x` is `x` too
    }
    if (rest_.starts_with("**")) {
      rest_.remove_prefix(2);
      return {Piece::Kind::Anything};
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '*') return {Piece::Kind::Star};
    if (c == '[') {
      if (auto set = read_set()) return std::move(*set);
    }
    if (c == '\\' && !rest_.empty()) {
      const char escaped = rest_.front();
      rest_.remove_prefix(1);
      return {Piece::Kind::One, escaped};
    }
    return {Piece::Kind::One, c};
  }

  static bool is_slash(const Piece& piece) { return piece.kind == Piece::Kind::One && piece.one == '/'; }

  std::optional<Piece> read_set() {
    const std::size_t close = rest_.find(']');
    if (close == std::string_view::npos || close == 0) return std::nullopt;
    Piece piece{Piece::Kind::Set};
    for (std::size_t at = 0; at < close; ++at) {
      const bool range = at + 2 < close && rest_[at + 1] == '-';
      piece.set.emplace_back(rest_[at], rest_[range ? at + 2 : at]);
      if (range) at += 2;
    }
    rest_.remove_prefix(close + 1);
    return piece;
  }

  std::string_view rest_;
  std::vector<Piece> pieces_;
};

/// Which pieces may come next after each character: all ways at once, so that no pattern takes long.
class Matcher {
 public:
  explicit Matcher(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  bool matches(std::string_view text) const {
    std::vector<bool> at(pieces_.size() + 1);
    enter(at, 0, true);
    for (const char c : text) {
      std::vector<bool> next(pieces_.size() + 1);
      for (std::size_t i = 0; i < pieces_.size(); ++i) {
        if (at[i]) step(next, i, c);
      }
      at = std::move(next);
    }
    return at.back();
  }

 private:
  /// Stands before piece `i`, and behind it where it may be left out. `Folders` are left out at their begin only.
  void enter(std::vector<bool>& at, std::size_t i, bool fresh) const {
    at[i] = true;
    if (i == pieces_.size()) return;
    const Piece& piece = pieces_[i];
    const bool empty = piece.optional || piece.kind == Piece::Kind::Star ||
                       piece.kind == Piece::Kind::Anything || (piece.kind == Piece::Kind::Folders && fresh);
    if (empty) enter(at, i + 1, true);
  }

  void step(std::vector<bool>& next, std::size_t i, char c) const {
    const Piece& piece = pieces_[i];
    switch (piece.kind) {
      case Piece::Kind::Star:
        if (c != '/') enter(next, i, false);
        return;
      case Piece::Kind::Anything: return enter(next, i, false);
      case Piece::Kind::Folders:
        enter(next, i, false);
        if (c == '/') enter(next, i + 1, true);
        return;
      case Piece::Kind::One:
      case Piece::Kind::Set:
        if (!takes(piece, c)) return;
        if (piece.repeated) next[i] = true;
        enter(next, i + 1, true);
    }
  }

  static bool takes(const Piece& piece, char c) {
    if (piece.kind == Piece::Kind::One) return piece.one == c;
    return std::ranges::any_of(piece.set, [&](auto range) { return range.first <= c && c <= range.second; });
  }

  std::vector<Piece> pieces_;
};

/// A filter that the tree knows, or one of those it keeps as they are (`branches-ignore`).
std::vector<std::string> listed(const codec::Others& others, std::string_view key) {
  std::vector<std::string> texts;
  for (const yaml::Entry& entry : others) {
    if (entry.key.text != key) continue;
    if (entry.value.is_scalar()) texts.push_back(entry.value.text);
    for (const yaml::Node& item : entry.value.items) texts.push_back(item.text);
  }
  return texts;
}

bool any_matches(std::span<const std::string> patterns, std::string_view text) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& pattern) { return matches_pattern(pattern, text); });
}

/// `branches` and `branches-ignore`, or those of tags or paths.
struct NameFilter {
  std::vector<std::string> taken;
  std::vector<std::string> ignored;
  bool empty() const { return taken.empty() && ignored.empty(); }
  bool take(std::string_view text) const {
    return taken.empty() ? !any_matches(ignored, text) : matches_filter(taken, text);
  }
};

std::optional<std::string> outside(std::string_view what, const NameFilter& names, std::string_view text) {
  if (names.empty() || names.take(text)) return std::nullopt;
  return fmt::format("`{}` is not among its {}", text, what);
}

/// One changed file that the filter takes is enough. Nothing known of what has changed: it starts.
std::optional<std::string> no_path(const NameFilter& paths, const plan::Event& event) {
  if (paths.empty() || !event.changed) return std::nullopt;
  const auto takes = [&](const std::string& path) { return paths.take(path); };
  if (std::ranges::any_of(*event.changed, takes)) return std::nullopt;
  return "no changed file is among its paths";
}

std::optional<std::string> not_pushed(const Push& push, const plan::Event& event) {
  const NameFilter branches{push.branches.all, listed(push.others, "branches-ignore")};
  const NameFilter tags{push.tags.all, listed(push.others, "tags-ignore")};
  if (event.kind == EventKind::Tag) {
    if (tags.empty() && !branches.empty()) return "it is for branches only";
    return outside("tags", tags, event.tag);  // paths are not looked at
  }
  if (branches.empty() && !tags.empty()) return "it is for tags only";
  if (auto reason = outside("branches", branches, event.branch)) return reason;
  return no_path({push.paths.all, listed(push.others, "paths-ignore")}, event);
}

std::optional<std::string> not_requested(const PullRequest& request, const plan::Event& event) {
  const std::vector<std::string> types = listed(request.others, "types");
  // A request that was opened or got new commits; both are in the default.
  const auto among = [&](std::string_view type) { return std::ranges::find(types, type) != types.end(); };
  if (!types.empty() && !among("opened") && !among("synchronize")) return "it is for other activity";
  const NameFilter branches{request.branches.all, listed(request.others, "branches-ignore")};
  if (auto reason = outside("branches", branches, event.pull_request.target)) return reason;
  return no_path({request.paths.all, listed(request.others, "paths-ignore")}, event);
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  return Matcher(Reader(pattern).read()).matches(text);
}

bool matches_filter(std::span<const std::string> patterns, std::string_view text) {
  bool taken = false;
  for (const std::string& pattern : patterns) {
    const bool refuses = pattern.starts_with('!');
    if (matches_pattern(refuses ? std::string_view(pattern).substr(1) : pattern, text)) taken = !refuses;
  }
  return taken;
}

std::string entry_name(const Schedule& schedule) {
  return schedule.timezone.empty() ? schedule.cron : schedule.cron + " " + schedule.timezone;
}

std::optional<std::string> not_started(const std::string& file, const Triggers& on,
                                       const run::Arrival& arrival) {
  switch (arrival.event.kind) {
    case EventKind::Push:
    case EventKind::Tag: return on.push ? not_pushed(*on.push, arrival.event) : "no push starts it";
    case EventKind::PullRequest:
      return on.pull_request ? not_requested(*on.pull_request, arrival.event) : "no pull request starts it";
    case EventKind::Schedule: {
      const bool has = std::ranges::any_of(
          on.schedule, [&](const Schedule& one) { return entry_name(one) == arrival.entry; });
      if (has) return std::nullopt;
      return on.schedule.empty() ? "no schedule starts it" : "it has another schedule";
    }
    case EventKind::Manual:
      if (!on.workflow_dispatch) return "nobody starts it by hand";
      if (arrival.entry != file) return "another workflow is started";
      return std::nullopt;
  }
  PENSTOCK_CHECK(false);
}

}  // namespace penstock::targets::github
