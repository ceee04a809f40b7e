#include "targets/gitlab/simulate_glob.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace penstock::targets::gitlab::simulation {
namespace {

constexpr std::size_t kMostAlternatives =
    10'000;  // of nested braces; GitLab itself compares 50,000 times at most

/// Bytes of the character at the beginning, in UTF-8.
std::size_t width(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) ++bytes;
  return bytes;
}

/// A set `[…]`: how many bytes it takes, and whether the character is in it. Nothing when it is not closed.
struct Set {
  std::size_t bytes;
  bool holds;
};
std::optional<Set> read_set(std::string_view pattern, std::string_view character) {
  std::size_t at = 1;
  const auto take = [&]() -> std::string_view {
    if (at < pattern.size() && pattern[at] == '\\') ++at;
    const std::string_view one = pattern.substr(std::min(at, pattern.size()));
    const std::string_view taken = one.empty() ? one : one.substr(0, width(one));
    at += taken.size();
    return taken;
  };
  const bool inverted = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (inverted) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    const std::string_view low = take();
    std::string_view high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      high = take();
    }
    found = found || (low <= character && character <= high);
  }
  if (at >= pattern.size()) return std::nullopt;
  return Set{at + 1, found != inverted};
}

/// Takes what stands for one character from the pattern, when this character fits.
std::optional<std::size_t> take_one(std::string_view pattern, std::string_view character) {
  if (pattern.front() == '?') return 1;
  if (pattern.front() == '[') {
    const auto set = read_set(pattern, character);
    return set && set->holds ? std::optional(set->bytes) : std::nullopt;
  }
  if (pattern.front() == '/') return std::nullopt;
  const std::size_t escape = pattern.front() == '\\' && pattern.size() > 1 ? 1 : 0;
  if (!pattern.substr(escape).starts_with(character)) return std::nullopt;
  return escape + character.size();
}

bool at_end(std::string_view pattern, std::size_t at) { return at >= pattern.size() || pattern[at] == '/'; }

/// Matches one part of a path; gives how much of the pattern that took.
std::optional<std::size_t> match_part(std::string_view pattern, std::string_view part) {
  std::size_t at = 0, place = 0;
  std::optional<std::size_t> behind_star;  // and where its text ends so far
  std::size_t star_end = 0;
  while (true) {
    if (!at_end(pattern, at) && pattern[at] == '*') {
      while (at < pattern.size() && pattern[at] == '*') ++at;
      behind_star = at;
      star_end = place;
      if (at_end(pattern, at)) return at;
      continue;
    }
    if (place == part.size() && at_end(pattern, at)) return at;
    if (place < part.size() && !at_end(pattern, at)) {
      const std::string_view character = part.substr(place, width(part.substr(place)));
      if (const auto taken = take_one(pattern.substr(at), character)) {
        at += *taken;
        place += character.size();
        continue;
      }
    }
    if (!behind_star || star_end >= part.size()) return std::nullopt;
    star_end += width(part.substr(star_end));
    at = *behind_star;
    place = star_end;
  }
}

/// Part by part. `**/` stands for any parts; only the last one has to be tried again.
bool match(std::string_view pattern, std::string_view path) {
  std::optional<std::string_view> behind_stars;
  std::string_view retry;  // the path from where the parts of `**/` end so far
  while (true) {
    if (pattern.starts_with("**/")) {
      while (pattern.starts_with("**/")) pattern.remove_prefix(3);
      behind_stars = pattern;
      retry = path;
    }
    const std::size_t end = std::min(path.find('/'), path.size());
    if (const auto taken = match_part(pattern, path.substr(0, end))) {
      const bool more_pattern = *taken < pattern.size(), more_path = end < path.size();
      if (!more_pattern && !more_path) return true;
      if (more_pattern && more_path) {
        pattern.remove_prefix(*taken + 1);
        path.remove_prefix(end + 1);
        continue;
      }
    }
    const std::size_t slash = behind_stars ? retry.find('/') : std::string_view::npos;
    if (slash == std::string_view::npos) return false;
    retry.remove_prefix(slash + 1);
    pattern = *behind_stars;
    path = retry;
  }
}

/// `{a,b}` as several patterns, nested ones too. Braces that do not close are characters.
void add_alternatives(std::string pattern, std::vector<std::string>& all) {
  if (all.size() >= kMostAlternatives) return;
  std::size_t open = std::string::npos, depth = 0;
  std::vector<std::size_t> cuts;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      ++i;
    } else if (c == '{' && depth++ == 0) {
      open = i;
      cuts = {i};
    } else if (c == ',' && depth == 1) {
      cuts.push_back(i);
    } else if (c == '}' && depth > 0 && --depth == 0) {
      cuts.push_back(i);
      for (std::size_t n = 0; n + 1 < cuts.size(); ++n) {
        add_alternatives(pattern.substr(0, open) + pattern.substr(cuts[n] + 1, cuts[n + 1] - cuts[n] - 1) +
                             pattern.substr(i + 1),
                         all);
      }
      return;
    }
  }
  all.push_back(std::move(pattern));
}

}  // namespace

bool matches_path(std::string_view pattern, std::string_view path) {
  if (pattern.find('{') == std::string_view::npos) return match(pattern, path);
  std::vector<std::string> all;
  add_alternatives(std::string(pattern), all);
  return std::ranges::any_of(all, [&](const std::string& one) { return match(one, path); });
}

}  // namespace penstock::targets::gitlab::simulation
