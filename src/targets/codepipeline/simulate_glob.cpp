// The glob patterns of triggers (user guide: syntax-glob): `*` stays within a name, `**` crosses directories, `?`, `[…]`, `{a,b}` that
// is not nested, and `\` before a character that means itself.
#include <cstdint>

#include "targets/codepipeline/simulate_parts.h"

namespace penstock::targets::codepipeline {
namespace {

struct Part {
  enum class Kind : unsigned char { Character, Any, Deep, One, Class };
  Kind kind = Kind::Character;
  std::string character = {};  // of UTF-8
  bool negated = false;
  std::vector<std::pair<std::string, std::string>> ranges = {};
};
using Parts = std::vector<Part>;

constexpr std::size_t kMostAlternatives = 4096;  // a pattern has at most 255 characters; this one means harm

/// The character that begins here.
std::string_view character_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return text.substr(at, end - at);
}

/// Groups multiplied out: every alternative as a pattern without braces. Nothing when a group is nested or not closed.
std::optional<std::vector<std::string>> alternatives(std::string_view pattern) {
  std::vector<std::string> all = {""};
  const auto append = [&](const std::string& text) {
    for (std::string& one : all) one += text;
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      append(std::string(pattern.substr(i++, 2)));
    } else if (c == '[') {
      const std::size_t close = pattern.find(']', i + 1);
      if (close == std::string_view::npos) return std::nullopt;
      append(std::string(pattern.substr(i, close - i + 1)));
      i = close;
    } else if (c == '{') {
      std::vector<std::string> choices = {""};
      for (++i; i < pattern.size() && pattern[i] != '}'; ++i) {
        if (pattern[i] == '{') return std::nullopt;
        if (pattern[i] == '[') {
          const std::size_t close = pattern.find(']', i + 1);
          if (close == std::string_view::npos) return std::nullopt;
          choices.back() += pattern.substr(i, close - i + 1);
          i = close;
        } else if (pattern[i] == ',') {
          choices.emplace_back();
        } else {
          choices.back() += pattern[i];
          if (pattern[i] == '\\' && i + 1 < pattern.size()) choices.back() += pattern[++i];
        }
      }
      if (i == pattern.size() || all.size() * choices.size() > kMostAlternatives) return std::nullopt;
      std::vector<std::string> longer;
      for (const std::string& head : all) {
        for (const std::string& choice : choices) longer.push_back(head + choice);
      }
      all = std::move(longer);
    } else {
      append(std::string(1, c));
    }
  }
  return all;
}

/// A bracket from behind `[` on; the place behind `]`, or nothing.
std::optional<std::size_t> bracket(std::string_view pattern, std::size_t at, Part& part) {
  part.kind = Part::Kind::Class;
  if (at < pattern.size() && pattern[at] == '!') {
    part.negated = true;
    ++at;
  }
  while (at < pattern.size() && pattern[at] != ']') {
    const std::string first(character_at(pattern, at));
    at += first.size();
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      const std::string last(character_at(pattern, at + 1));
      at += 1 + last.size();
      part.ranges.emplace_back(first, last);
    } else {
      part.ranges.emplace_back(first, first);
    }
  }
  if (at >= pattern.size() || part.ranges.empty()) return std::nullopt;
  return at + 1;
}

std::optional<Parts> parts_of(std::string_view pattern) {
  Parts parts;
  std::size_t at = 0;
  while (at < pattern.size()) {
    Part part;
    const char c = pattern[at];
    if (c == '*') {
      const bool deep = at + 1 < pattern.size() && pattern[at + 1] == '*';
      part.kind = deep ? Part::Kind::Deep : Part::Kind::Any;
      at += deep ? 2 : 1;
    } else if (c == '?') {
      part.kind = Part::Kind::One;
      ++at;
    } else if (c == '[') {
      const auto behind = bracket(pattern, at + 1, part);
      if (!behind) return std::nullopt;
      at = *behind;
    } else {
      if (c == '\\') ++at;
      if (at == pattern.size()) return std::nullopt;
      part.character = character_at(pattern, at);
      at += part.character.size();
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

class Matcher {
 public:
  Matcher(const Parts& parts, std::string_view text)
      : parts_(parts), text_(text), failed_((parts.size() + 1) * (text.size() + 1)) {}

  bool match(std::size_t part = 0, std::size_t at = 0) {
    if (part == parts_.size()) return at == text_.size();
    const std::size_t place = part * (text_.size() + 1) + at;
    if (failed_[place]) return false;
    const bool matches = from(part, at);
    if (!matches) failed_[place] = true;
    return matches;
  }

 private:
  bool from(std::size_t part, std::size_t at) {
    const Part& of = parts_[part];
    if (of.kind == Part::Kind::Any || of.kind == Part::Kind::Deep) {
      const bool deep = of.kind == Part::Kind::Deep;
      // `**` between slashes is any number of directories, none among them: `common/**/*.js` takes `common/app.js` (user guide:
      // pipelines-triggers, example 1).
      const bool begins = part == 0 || is_slash(part - 1);
      if (deep && begins && part + 1 < parts_.size() && is_slash(part + 1) && match(part + 2, at))
        return true;
      if (match(part + 1, at)) return true;
      if (at == text_.size() || (!deep && text_[at] == '/')) return false;
      return match(part, at + character_at(text_, at).size());
    }
    if (at == text_.size()) return false;
    const std::string_view here = character_at(text_, at);
    return takes(of, here) && match(part + 1, at + here.size());
  }

  bool is_slash(std::size_t part) const {
    return parts_[part].kind == Part::Kind::Character && parts_[part].character == "/";
  }

  static bool takes(const Part& part, std::string_view character) {
    if (part.kind == Part::Kind::Character) return part.character == character;
    if (character == "/") return false;
    if (part.kind == Part::Kind::One) return true;
    // The order of UTF-8's bytes is the order of the characters.
    const bool found = std::ranges::any_of(part.ranges, [&](const auto& range) {
      return range.first.size() == character.size() ? range.first <= character && character <= range.second
                                                    : range.first < character && character <= range.second;
    });
    return found != part.negated;
  }

  const Parts& parts_;
  std::string_view text_;
  std::vector<bool> failed_;
};

}  // namespace

Truth glob_matches(std::string_view pattern, std::string_view text) {
  const auto all = alternatives(pattern);
  if (!all) return Truth::Unknown;
  Truth truth = Truth::No;
  for (const std::string& one : *all) {
    const auto parts = parts_of(one);
    if (!parts) return Truth::Unknown;
    if (Matcher(*parts, text).match()) truth = Truth::Yes;
  }
  return truth;
}

}  // namespace penstock::targets::codepipeline
