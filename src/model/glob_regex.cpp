#include <fmt/core.h>

#include "base/check.h"
#include "base/text.h"
#include "model/glob.h"

namespace penstock::model {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(R"(\.+*?()|[]{}^$/)").find(c) != std::string_view::npos && c != '/') out += '\\';
    out += c;
  }
  return out;
}

std::string character_class(const Glob::Class& characters) {
  std::string out = characters.negated ? "[^/" : "[";
  const auto put = [&](char c) {
    if (std::string_view(R"(\]^-[)").find(c) != std::string_view::npos) out += '\\';
    out += c;
  };
  for (const auto& [first, last] : characters.ranges) {
    put(first);
    if (last == first) continue;
    out += '-';
    put(last);
  }
  return out + "]";
}

template <class... Pieces>
std::string expressions(const std::vector<std::variant<Pieces...>>& pieces);

struct Printer {
  std::string operator()(const std::string& text) const { return escaped(text); }
  std::string operator()(Glob::Any) const { return "[^/]*"; }
  std::string operator()(Glob::One) const { return "[^/]"; }
  std::string operator()(const Glob::Class& characters) const { return character_class(characters); }
  std::string operator()(const Glob::Choice& choice) const {
    std::vector<std::string> alternatives;
    for (const auto& alternative : choice.alternatives) alternatives.push_back(expressions(alternative));
    return fmt::format("(?:{})", join(alternatives, "|"));
  }
};

template <class... Pieces>
std::string expressions(const std::vector<std::variant<Pieces...>>& pieces) {
  std::string out;
  for (const auto& piece : pieces) out += std::visit(Printer{}, piece);
  return out;
}

}  // namespace

Glob literal_glob(std::string text, Span span) {
  Glob glob;
  glob.span = span;
  for (const std::string_view segment : split(text, '/')) {
    glob.segments.push_back(std::vector<Glob::Piece>{std::string(segment)});
  }
  glob.text = std::move(text);
  return glob;
}

/// `**` stands for zero or more whole segments, each with its slash: in the middle `a/**/b` is `a/(?:[^/]+/)*b`, at the end `a/**` is
/// everything below `a`, alone it is everything.
std::string regular_expression(const Glob& glob) {
  std::string out = "^";
  for (std::size_t i = 0; i < glob.segments.size(); ++i) {
    const bool last = i + 1 == glob.segments.size();
    if (const auto* pieces = std::get_if<std::vector<Glob::Piece>>(&glob.segments[i])) {
      out += expressions(*pieces);
      if (!last) out += "/";
    } else {
      out += last ? ".+" : "(?:[^/]+/)*";
    }
  }
  return out + "$";
}

}  // namespace penstock::model
