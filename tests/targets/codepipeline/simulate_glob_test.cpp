// The page syntax-glob of the CodePipeline user guide repeats the documentation of Java's `FileSystem.getPathMatcher`. So Java's way, which
// is to make a regular expression of a pattern, is a second opinion on the simulator's matcher, and on what we write into filters.
#include <catch2/catch.hpp>

#include <array>
#include <random>
#include <regex>

#include "diag/sink.h"
#include "model/glob.h"
#include "targets/codepipeline/patterns.h"
#include "targets/codepipeline/simulate_parts.h"

using namespace penstock;
using targets::codepipeline::glob_matches;
using targets::codepipeline::Truth;

namespace {

/// As Java translates patterns, in the signs of ECMAScript.
std::string regular_expression(std::string_view glob) {
  std::string out;
  const auto literal = [&](char c) {
    if (std::string_view(R"(\^$.|?*+()[]{})").find(c) != std::string_view::npos) out += '\\';
    out += c;
  };
  bool in_group = false;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    switch (glob[i]) {
      case '\\': literal(glob[++i]); break;
      case '[':
        out += "(?!/)[";
        if (glob[++i] == '!') {
          out += '^';
          ++i;
        }
        for (; glob[i] != ']'; ++i) {
          if (glob[i] == '\\' || glob[i] == '^') out += '\\';
          out += glob[i];
        }
        out += ']';
        break;
      case '{':
        out += "(?:(?:";
        in_group = true;
        break;
      case '}':
        out += "))";
        in_group = false;
        break;
      case ',': out += in_group ? ")|(?:" : ","; break;
      case '*':
        if (i + 1 < glob.size() && glob[i + 1] == '*') {
          out += ".*";
          ++i;
        } else {
          out += "[^/]*";
        }
        break;
      case '?': out += "[^/]"; break;
      default: literal(glob[i]);
    }
  }
  return out;
}

bool java_takes(const std::string& pattern, const std::string& text) {
  return std::regex_match(text, std::regex(regular_expression(pattern)));
}

template <std::size_t N>
std::string some(std::mt19937& random, const std::array<const char*, N>& pieces, std::size_t most) {
  std::string out;
  for (std::size_t left = 1 + random() % most; left > 0; --left) out += pieces.at(random() % N);
  return out;
}

constexpr std::array kTextPieces = {"a", "b", "/", "/", ".", "-", "*", "ab", "a/b"};

}  // namespace

TEST_CASE("patterns mean what Java makes of them, but for `**` as a whole directory") {
  constexpr std::array kPieces = {"a",    "b",     "/",       ".",      "*",   "?", "[ab]",
                                  "[!a]", "[a-b]", "{a,b/a}", "{a*,?}", "\\*", "-"};
  std::mt19937 random(4);
  std::size_t matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string pattern = some(random, kPieces, 6) + (i % 3 == 0 ? "**" : "");
    if (pattern.find("***") != std::string::npos) continue;
    const std::string text = some(random, kTextPieces, 5);
    INFO(pattern << " against " << text);
    const bool takes = glob_matches(pattern, text) == Truth::Yes;
    matched += takes ? 1 : 0;
    REQUIRE(takes == java_takes(pattern, text));
  }
  CHECK(matched > 500);
}

TEST_CASE("the filters that we write mean the model's patterns, whichever way `**` is read") {
  constexpr std::array kSegments = {"**",   "*",     "a",   "b",   "a*", "?",
                                    "[ab]", "{a,b}", "*.a", "a.b", "**", "a-b"};
  std::mt19937 random(5);
  std::size_t matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = kSegments.at(random() % kSegments.size());
    for (std::size_t more = random() % 3; more > 0; --more)
      text += std::string("/") + kSegments.at(random() % kSegments.size());
    diag::Sink sink;
    const auto glob = model::parse_glob({text, {}}, sink);
    if (!glob) continue;
    std::string path = some(random, kTextPieces, 4);
    if (path.front() == '/' || path.back() == '/' || path.find("//") != std::string::npos) continue;
    INFO(text << " against " << path);
    bool documented = false, java = false;
    for (const std::string& pattern : targets::codepipeline::filter_patterns(*glob)) {
      documented = documented || glob_matches(pattern, path) == Truth::Yes;
      java = java || java_takes(pattern, path);
    }
    REQUIRE(documented == glob->matches(path));
    REQUIRE(java == glob->matches(path));
    matched += documented ? 1 : 0;
  }
  CHECK(matched > 500);
}
