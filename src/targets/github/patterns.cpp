#include "targets/github/patterns.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace penstock::targets::github {
namespace {

using model::Glob;
using Texts = std::vector<std::string>;

/// Every text of the first list with every text of the second behind it.
Texts product(const Texts& first, const Texts& second) {
  Texts all;
  for (const std::string& begin : first) {
    for (const std::string& end : second) all.push_back(begin + end);
  }
  return all;
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// How one dialect writes the pieces of a segment; nothing for what it cannot say.
struct Dialect {
  std::string_view special;                               // characters that are escaped
  std::optional<std::string> one;                         // one character
  std::optional<std::string> (*set)(const Glob::Class&);  // one of these characters
};

bool in_one_range(char first, char last) {
  const auto within = [&](char from, char to) { return first >= from && last <= to && first <= last; };
  return within('a', 'z') || within('A', 'Z') || within('0', '9');
}

std::string brackets(const Glob::Class& set, std::string_view begin) {
  std::string out(begin);
  for (const auto& [first, last] : set.ranges) {
    out += first;
    if (first != last) out += {'-', last};
  }
  return out + "]";
}

constexpr std::string_view kFilterSpecial = "*?+[]\\!";

/// GitHub's classes hold letters and digits only. `[+]` is how our patterns write a single special character.
std::optional<std::string> filter_set(const Glob::Class& set) {
  if (set.negated) return std::nullopt;
  if (set.ranges.size() == 1 && set.ranges[0].first == set.ranges[0].second) {
    return escaped(std::string_view(&set.ranges[0].first, 1), kFilterSpecial);
  }
  const bool plain = std::ranges::all_of(
      set.ranges, [](const auto& range) { return in_one_range(range.first, range.second); });
  return plain ? std::optional(brackets(set, "[")) : std::nullopt;
}

bool is_alphanumeric(char c) { return in_one_range(c, c); }

/// In git's classes a backslash makes any character mean itself.
std::string class_member(char c) { return is_alphanumeric(c) ? std::string{c} : std::string{'\\', c}; }

std::optional<std::string> pathspec_set(const Glob::Class& set) {
  std::string out = set.negated ? "[!" : "[";
  for (const auto& [first, last] : set.ranges) {
    out += class_member(first);
    if (first != last) out += "-" + class_member(last);
  }
  return out + "]";
}

/// A pathspec without wildcards is also everything below it: its last character becomes a class of one.
std::string only_itself(std::string pathspec) {
  if (pathspec.find_first_of("*?[") != std::string::npos) return pathspec;
  const std::string last = "[" + class_member(pathspec.back()) + "]";
  pathspec.pop_back();
  return pathspec + last;
}

class Converter {
 public:
  explicit Converter(const Dialect& dialect) : dialect_(dialect) {}

  std::optional<Texts> convert(const Glob& glob) const {
    Texts all = {""};
    for (std::size_t i = 0; i < glob.segments.size(); ++i) {
      const auto texts =
          std::visit(Overloaded{[](const Glob::Deep&) { return std::optional(Texts{"**"}); },
                                [&](const std::vector<Glob::Piece>& pieces) { return segment(pieces); }},
                     glob.segments[i]);
      if (!texts) return std::nullopt;
      all = product(product(all, {i == 0 ? "" : "/"}), *texts);
    }
    return all;
  }

 private:
  template <class Pieces>
  std::optional<Texts> segment(const Pieces& pieces) const {
    Texts all = {""};
    for (const auto& piece : pieces) {
      const auto texts = std::visit([&](const auto& one) { return convert(one); }, piece);
      if (!texts) return std::nullopt;
      all = product(all, *texts);
    }
    return all;
  }

  std::optional<Texts> convert(const std::string& text) const {
    return Texts{escaped(text, dialect_.special)};
  }
  std::optional<Texts> convert(const Glob::Any&) const { return Texts{"*"}; }
  std::optional<Texts> convert(const Glob::One&) const { return one_of(dialect_.one); }
  std::optional<Texts> convert(const Glob::Class& set) const { return one_of(dialect_.set(set)); }
  std::optional<Texts> convert(const Glob::Choice& choice) const {
    Texts all;
    for (const auto& alternative : choice.alternatives) {
      const auto texts = segment(alternative);
      if (!texts) return std::nullopt;
      all.insert(all.end(), texts->begin(), texts->end());
    }
    return all;
  }

  static std::optional<Texts> one_of(const std::optional<std::string>& text) {
    return text ? std::optional(Texts{*text}) : std::nullopt;
  }

  const Dialect& dialect_;
};

}  // namespace

std::optional<std::vector<std::string>> patterns(const Glob& glob) {
  static const Dialect kFilters = {kFilterSpecial, std::nullopt, filter_set};
  return Converter(kFilters).convert(glob);
}

Filter filter(const std::vector<Glob>& globs) {
  Filter made;
  Texts excluded;
  for (const Glob& glob : globs) {
    const auto texts = patterns(glob);
    if (!texts) {
      made.inexpressible.push_back(&glob);
      continue;
    }
    for (const std::string& text : *texts) {
      if (glob.excludes) {
        excluded.push_back("!" + text);
      } else {
        made.patterns.push_back(text);
      }
    }
  }
  if (made.patterns.empty()) made.patterns.emplace_back("**");  // a list that only excludes is refused
  made.patterns.insert(made.patterns.end(), excluded.begin(), excluded.end());
  return made;
}

std::vector<std::string> pathspecs(const Glob& glob) {
  static const Dialect kPathspecs = {"\\*?[", "?", pathspec_set};
  Texts all = *Converter(kPathspecs).convert(glob);
  std::ranges::transform(all, all.begin(), only_itself);
  return all;
}

}  // namespace penstock::targets::github
