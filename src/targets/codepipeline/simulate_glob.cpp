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

/// Reads a pattern; groups are multiplied out, so what comes is every alternative.
class Reader {
 public:
  explicit Reader(std::string_view pattern) : pattern_(pattern) {}

  /// Nothing when the pattern is malformed: a bracket or a group is not closed, or a group stands in a group.
  std::optional<std::vector<Parts>> all() {
    std::vector<Parts> all = {{}};
    while (at_ < pattern_.size()) {
      const auto choices = pattern_[at_] == '{' ? group() : single();
      if (!choices || all.size() * choices->size() > kMostAlternatives) return std::nullopt;
      std::vector<Parts> longer;
      for (const Parts& head : all) {
        for (const Parts& choice : *choices) {
          longer.push_back(head);
          longer.back().insert(longer.back().end(), choice.begin(), choice.end());
        }
      }
      all = std::move(longer);
    }
    return all;
  }

 private:
  std::optional<std::vector<Parts>> group() {
    std::vector<Parts> choices = {{}};
    for (++at_; at_ < pattern_.size() && pattern_[at_] != '}';) {
      if (pattern_[at_] == '{') return std::nullopt;
      if (pattern_[at_] == ',') {
        choices.emplace_back();
        ++at_;
        continue;
      }
      const auto next = part();
      if (!next) return std::nullopt;
      choices.back().push_back(*next);
    }
    if (at_++ >= pattern_.size()) return std::nullopt;
    return choices;
  }

  std::optional<std::vector<Parts>> single() {
    const auto next = part();
    if (!next) return std::nullopt;
    return std::vector<Parts>{{*next}};
  }

  std::optional<Part> part() {
    Part part;
    const char c = pattern_[at_];
    if (c == '*') {
      const bool deep = at_ + 1 < pattern_.size() && pattern_[at_ + 1] == '*';
      part.kind = deep ? Part::Kind::Deep : Part::Kind::Any;
      at_ += deep ? 2 : 1;
    } else if (c == '?') {
      part.kind = Part::Kind::One;
      ++at_;
    } else if (c == '[') {
      const auto behind = bracket(pattern_, at_ + 1, part);
      if (!behind) return std::nullopt;
      at_ = *behind;
    } else {
      if (c == '\\') ++at_;
      if (at_ == pattern_.size()) return std::nullopt;
      part.character = character_at(pattern_, at_);
      at_ += part.character.size();
    }
    return part;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
};

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
      const bool begins = (part == 0 || is_slash(part - 1)) && (at == 0 || text_[at - 1] == '/');
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
  const auto all = Reader(pattern).all();
  if (!all) return Truth::Unknown;
  const bool takes =
      std::ranges::any_of(*all, [&](const Parts& parts) { return Matcher(parts, text).match(); });
  return takes ? Truth::Yes : Truth::No;
}

}  // namespace penstock::targets::codepipeline
