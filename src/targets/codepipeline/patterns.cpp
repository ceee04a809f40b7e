#include "targets/codepipeline/patterns.h"

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::codepipeline {
namespace {

using model::Glob;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("*?[]{}\\!").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string character_class(const Glob::Class& characters) {
  std::string out = characters.negated ? "[!" : "[";
  for (const auto& [first, last] : characters.ranges) {
    out += first;
    if (last != first) out += {'-', last};
  }
  return out + "]";
}

template <class... Pieces>
std::string pieces_text(const std::vector<std::variant<Pieces...>>& pieces);

struct Printer {
  std::string operator()(const std::string& text) const { return escaped(text); }
  std::string operator()(Glob::Any) const { return "*"; }
  std::string operator()(Glob::One) const { return "?"; }
  std::string operator()(const Glob::Class& characters) const { return character_class(characters); }
  std::string operator()(const Glob::Choice& choice) const {
    std::vector<std::string> all;
    for (const auto& alternative : choice.alternatives) all.push_back(pieces_text(alternative));
    return "{" + join(all, ",") + "}";
  }
};

template <class... Pieces>
std::string pieces_text(const std::vector<std::variant<Pieces...>>& pieces) {
  std::string out;
  for (const auto& piece : pieces) out += std::visit(Printer{}, piece);
  return out;
}

/// Every way to write the segments from one on; `**` before others may also stand for nothing.
std::vector<std::string> from(const Glob& glob, std::size_t at) {
  if (at == glob.segments.size()) return {""};
  const bool last = at + 1 == glob.segments.size();
  const bool deep = std::holds_alternative<Glob::Deep>(glob.segments[at]);
  std::vector<std::string> all;
  const std::string here = deep ? "**" : pieces_text(std::get<std::vector<Glob::Piece>>(glob.segments[at]));
  for (const std::string& rest : from(glob, at + 1)) {
    all.push_back(last ? here : here + "/" + rest);
    if (deep && !last && rest.compare(0, 2, "**") != 0) all.push_back(rest);
  }
  return all;
}

}  // namespace

std::vector<std::string> filter_patterns(const Glob& glob) { return from(glob, 0); }

}  // namespace penstock::targets::codepipeline
