// Variables of a pipeline, and what rules ask of them (user guide: reference-variables, rule-reference-VariableCheck).
#include <array>
#include <regex>

#include "targets/codepipeline/simulate_parts.h"

namespace penstock::targets::codepipeline {
namespace {

using model::EventKind;

/// UTF-8 as one element for each character, as Java counts them; nothing when it is not UTF-8.
std::optional<std::wstring> wide(std::string_view text) {
  static_assert(sizeof(wchar_t) == 4);
  std::wstring out;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    const int more = first < 0x80 ? 0 : first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : -1;
    if (more < 0 || i + static_cast<std::size_t>(more) > text.size()) return std::nullopt;
    unsigned code = more == 0 ? first : first & (0x3FU >> static_cast<unsigned>(more));
    for (int k = 0; k < more; ++k) {
      const auto next = static_cast<unsigned char>(text[i++]);
      if ((next & 0xC0U) != 0x80U) return std::nullopt;
      code = (code << 6U) | (next & 0x3FU);
    }
    out += static_cast<wchar_t>(code);
  }
  return out;
}

/// Whether an expression says the same in Java as in ECMAScript, which the standard library reads.
bool is_common(std::string_view pattern) {
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i], next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (c == '\\') {
      const bool letter =
          (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || (next >= '0' && next <= '9');
      if (next == '\0' || (letter && std::string_view("dDwWsStnrf").find(next) == std::string_view::npos))
        return false;
      ++i;
    } else if (in_class) {
      if (c == '[' || (c == '&' && next == '&')) return false;  // classes within classes are Java's alone
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      if (next == ']') return false;
      if (next == '^' && i + 2 < pattern.size() && pattern[i + 2] == ']') return false;
    } else if (c == '(' && next == '?') {
      const char kind = i + 2 < pattern.size() ? pattern[i + 2] : '\0';
      if (kind != ':' && kind != '=' && kind != '!') return false;
    } else if (next == '+' && (c == '+' || c == '*' || c == '?' || c == '}')) {
      return false;  // possessive
    }
  }
  return !in_class;
}

constexpr std::size_t kLongest = 1000;  // the library's matcher recurses for each character

// An expression of a file must not take for ever; the library's usual way can.
#ifdef __GLIBCXX__
constexpr auto kPolynomial = std::regex_constants::ECMAScript | std::regex_constants::__polynomial;
#else
constexpr auto kPolynomial = std::regex_constants::ECMAScript;
#endif

constexpr std::array kOfEveryStart = {"AuthorDate",    "AuthorDisplayName",  "AuthorEmail",
                                      "AuthorId",      "CommitId",           "CommitMessage",
                                      "ConnectionArn", "FullRepositoryName", "ProviderType"};

Found known(std::string value) { return {Found::Kind::Known, std::move(value)}; }

}  // namespace

Truth java_matches(const std::string& pattern, const std::string& text) {
  const auto wide_pattern = wide(pattern), wide_text = wide(text);
  if (!wide_pattern || !wide_text || !is_common(pattern)) return Truth::Unknown;
  if (pattern.size() > kLongest || text.size() > kLongest) return Truth::Unknown;
  try {
    const std::wregex expression(*wide_pattern, kPolynomial);
    const bool whole = std::regex_match(*wide_text, expression);
    if (whole != std::regex_search(*wide_text, expression)) return Truth::Unknown;
    return whole ? Truth::Yes : Truth::No;
  } catch (const std::regex_error&) {
    return Truth::Unknown;
  }
}

Found source_variable(const Action& source, const plan::Event& event, std::string_view key) {
  if (source.type.provider != "CodeStarSourceConnection") return {Found::Kind::Unknown};
  if (std::ranges::find(kOfEveryStart, key) != kOfEveryStart.end()) return {Found::Kind::Unknown};
  switch (event.kind) {
    case EventKind::Push:
      if (key == "BranchName") return known(event.branch);
      break;
    case EventKind::Tag:
      if (key == "TagName") return known(event.tag);
      if (key == "BranchName") return {Found::Kind::Unknown};  // there is one; no page says which
      break;
    case EventKind::PullRequest:
      if (key == "DestinationBranchName") return known(event.pull_request.target);
      if (key == "SourceBranchName") return known(event.pull_request.source);
      if (key == "PullRequestId") return known(event.pull_request.number);
      if (key == "PullRequestTitle") return {Found::Kind::Unknown};
      break;
    case EventKind::Schedule:
    case EventKind::Manual:
      // The page of variables lists it for pushes and tags; the page of the action for every start, and example 5 of the page of
      // triggers shows a start by hand on this branch.
      if (key == "BranchName") return known(source.configuration.branch);
      break;
  }
  return {};
}

}  // namespace penstock::targets::codepipeline
