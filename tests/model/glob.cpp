#include "model/glob.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "support/written.h"

namespace penstock::model {
namespace {

using test::Written;

Glob glob(const std::string& pattern) {
  Written written(pattern);
  const auto parsed = parse_glob(written.value(), written.sink());
  INFO(pattern << ": " << written.said());
  REQUIRE(parsed);
  return *parsed;
}

std::vector<Glob> globs(const std::vector<std::string>& patterns) {
  std::vector<Glob> parsed;
  for (const std::string& pattern : patterns) parsed.push_back(glob(pattern));
  return parsed;
}

std::string said_of(const std::string& pattern) {
  Written written(pattern);
  REQUIRE_FALSE(parse_glob(written.value(), written.sink()));
  return written.said();
}

struct Case {
  std::string pattern;
  std::vector<std::string> yes;
  std::vector<std::string> no;
};

TEST_CASE("a pattern matches whole paths, segment by segment") {
  const std::vector<Case> cases = {
      {"main", {"main"}, {"Main", "mai", "main2", "a/main", "main/a", ""}},
      {"*", {"main", ".env", "ä"}, {"a/b", ""}},
      {"**", {"main", "a/b", ".a/.b"}, {""}},
      {"src/**", {"src/a", "src/a/b.c", "src/.hidden"}, {"src", "srcs/a", "a/src/b"}},
      {"**/src", {"src", "a/src", "a/b/src"}, {"src/a", "asrc"}},
      {"a/**/z", {"a/z", "a/b/z", "a/b/c/z"}, {"az", "a/b", "a/zz", "z"}},
      {"a/**/**/z", {"a/z", "a/b/z"}, {"a"}},
      {"**/*.js", {"a.js", "x/y/a.js", ".js"}, {"a.jsx", "a.js/b"}},
      {"*.tf", {"a.tf", ".tf"}, {"x/a.tf"}},
      {"release/*", {"release/1"}, {"release", "release/1/2", "release/"}},
      {"a*b*c", {"abc", "aXbYc", "abbcc"}, {"acb", "ab", "a/bc"}},
      {"v?", {"v1", "vä", "v€"}, {"v", "v12", "v/"}},
      {"v[0-9]*", {"v1", "v10", "v1.2.3"}, {"v", "va", "1"}},
      {"[!a-c]x", {"dx", "äx"}, {"ax", "x", "/x"}},
      {"[^a]x", {"bx"}, {"ax"}},
      {"[]]", {"]"}, {"[", ""}},
      {"[[]id[]]", {"[id]"}, {"id"}},
      {"[a-]", {"a", "-"}, {"b"}},
      {"[*]", {"*"}, {"a"}},
      {"{a,b}/x", {"a/x", "b/x"}, {"c/x", "a,b/x"}},
      {"*.{yml,yaml}", {"a.yml", "a.yaml"}, {"a.yamll", "a.y"}},
      {"a{,.bak}", {"a", "a.bak"}, {"a.", "b"}},
      {"{a,ab}{c,bc}", {"ac", "abc", "abbc"}, {"ab", "abcc"}},
      {"{a*,*b}?", {"ax", "xbx", "aaa"}, {"a", "b"}},
      {"a+b(c).d$", {"a+b(c).d$"}, {"aab(c).d$", "a+bcxd$"}},
      {"1.x", {"1.x"}, {"12x"}},
      {"a b", {"a b"}, {"ab"}},
      {"a!b", {"a!b"}, {"ab"}},
      {"a,b", {"a,b"}, {"a"}},
  };
  for (const Case& one : cases) {
    for (const std::string& path : one.yes)
      CHECK((glob(one.pattern).matches(path) ? "" : one.pattern + " misses " + path) == "");
    for (const std::string& path : one.no)
      CHECK((glob(one.pattern).matches(path) ? one.pattern + " takes " + path : "") == "");
  }
}

TEST_CASE("an excluding pattern wins wherever it stands") {
  const auto first = globs({"!docs/**", "**"});
  const auto last = globs({"**", "!docs/**"});
  const auto only = globs({"!docs/**"});
  for (const auto* list : {&first, &last, &only}) {
    CHECK(selects(*list, "src/a"));
    CHECK(selects(*list, "docs"));
    CHECK_FALSE(selects(*list, "docs/a"));
  }
  CHECK(selects({}, "anything"));
  CHECK_FALSE(selects(globs({"src/**"}), "docs/a"));
  CHECK_FALSE(selects(globs({"src/**", "!src/**", "src/a"}), "src/a"));
}

TEST_CASE("a pattern without wildcards is literal") {
  CHECK(glob("release/1.x").is_literal());
  CHECK(glob("!main").is_literal());
  CHECK(glob("!main").text == "main");
  for (const char* pattern : {"*", "**", "a/**", "a?", "[a]", "{a,b}"})
    CHECK_FALSE(glob(pattern).is_literal());
}

TEST_CASE("what is wrong in a pattern is underlined") {
  CHECK(said_of("") == "bad-glob: : pattern ``: it is empty (write `**` for everything)");
  CHECK(said_of("!") ==
        "bad-glob: !: pattern `!`: `!` excludes nothing (write what is excluded behind it: `!docs/**`)");
  CHECK(said_of("!!a") == "bad-glob: !: pattern `!!a`: `!` stands once (write `!a`)");
  CHECK(said_of("/src") ==
        "bad-glob: /: pattern `/src`: it starts with `/` (names begin at the root of the repository: write "
        "`src`)");
  CHECK(said_of("!//src") ==
        "bad-glob: /: pattern `!//src`: it starts with `/` (names begin at the root of the repository: write "
        "`!src`)");
  CHECK(said_of("/") == "bad-glob: /: pattern `/`: it starts with `/` (write `**` for everything)");
  CHECK(said_of("src/") ==
        "bad-glob: /: pattern `src/`: it ends in `/` (write `src/**` for everything below)");
  CHECK(said_of("a//b") == "bad-glob: /: pattern `a//b`: a name is missing between two `/`");
  CHECK(said_of("../a") ==
        "bad-glob: ..: pattern `../a`: `..` names no file (write the path from the repository's root)");
  CHECK(said_of("a/./b") ==
        "bad-glob: .: pattern `a/./b`: `.` names no file (write the path from the repository's root)");
  CHECK(said_of("a\\b") ==
        "bad-glob: \\: pattern `a\\b`: `\\` escapes nothing (write `[*]` for a star; `/` divides folders)");
  CHECK(said_of("a\nb") == "bad-glob: \n: pattern `a\nb`: it holds a control character");
}

TEST_CASE("`**` stands alone between slashes") {
  const auto help = [](const std::string& pattern) {
    const std::string said = said_of(pattern);
    const std::size_t at = said.rfind("(write `") + 8;
    const std::string written = said.substr(at, said.size() - at - 2);
    CHECK(said == "bad-glob: " + std::string(pattern.find("***") == std::string::npos ? "**" : "***") +
                      ": pattern `" + pattern +
                      "`: `**` stands for whole segments, alone between two `/` (write `" + written + "`)");
    glob(written);  // what the help says is right
    return written;
  };
  CHECK(help("src/**.js") == "src/**/*.js");
  CHECK(help("src**") == "src/**");
  CHECK(help("src**/a") == "src/**/a");
  CHECK(help("**.md") == "**/*.md");
  CHECK(help("a/b**c/d") == "a/b*/**/*c/d");
  CHECK(help("a/***") == "a/**");
  CHECK(help("{a,b}**") == "{a,b}/**");
  CHECK(said_of("{a,**}") ==
        "bad-glob: **: pattern `{a,**}`: `**` stands for whole segments, alone between two `/` (write one "
        "pattern for each alternative)");
}

TEST_CASE("brackets and braces are closed within their segment") {
  CHECK(said_of("src/[a") ==
        "bad-glob: [a: pattern `src/[a`: `[` is not closed (write `[[]` for the character itself)");
  CHECK(said_of("[]") ==
        "bad-glob: []: pattern `[]`: `[` is not closed (write `[[]` for the character itself)");
  CHECK(said_of("[a/b]") ==
        "bad-glob: /: pattern `[a/b]`: no `/` may stand in `[…]` (a class is one character of a name)");
  CHECK(said_of("[z-a]") == "bad-glob: z-a: pattern `[z-a]`: the range is empty (write `a-z`)");
  CHECK(said_of("[ä]") ==
        "bad-glob: ä: pattern `[ä]`: `[…]` holds printable ASCII characters (write `{ä,ö}` for one of "
        "others)");
  CHECK(
      said_of("[[:alpha:]]") ==
      "bad-glob: [:alpha:: pattern `[[:alpha:]]`: classes have no names (write the range: `[a-z]`, `[0-9]`)");
  CHECK(said_of("[\\]]") ==
        "bad-glob: \\: pattern `[\\]]`: `\\` escapes nothing (a `]` that stands first and a `-` that stands "
        "last mean themselves)");
  CHECK(said_of("a]") == "bad-glob: ]: pattern `a]`: `]` has no `[` (write `[]]` for the character itself)");
  CHECK(said_of("x{a,b") ==
        "bad-glob: {a,b: pattern `x{a,b`: `{` is not closed (write `[{]` for the character itself)");
  CHECK(said_of("{a/b,c}") ==
        "bad-glob: /: pattern `{a/b,c}`: no `/` may stand in `{…}` (write one pattern for each alternative)");
  CHECK(
      said_of("{a,{b,c}}") ==
      "bad-glob: {: pattern `{a,{b,c}}`: braces do not nest (write all alternatives in one pair: `{a,b,c}`)");
  CHECK(said_of("{a}") ==
        "bad-glob: {a}: pattern `{a}`: `{…}` has one alternative only (write it without braces, or several: "
        "`{a,b}`)");
  CHECK(said_of("a}") == "bad-glob: }: pattern `a}`: `}` has no `{` (write `[}]` for the character itself)");
}

TEST_CASE("the place is right inside quotes, and the whole value where it cannot be known") {
  Written quoted("src/**.js", "\"src/**.js\"");
  parse_glob(quoted.value(), quoted.sink());
  CHECK(quoted.said().starts_with("bad-glob: **: "));
  Written escaped("src/**.js", "\"\\x73rc/**.js\"");
  parse_glob(escaped.value(), escaped.sink());
  CHECK(escaped.said().starts_with("bad-glob: \"\\x73rc/**.js\": "));
}

// A matcher that backtracks needs 2^30 steps here; no clock is read, a slow one runs into the time limit of the test.
TEST_CASE("no pattern takes long") {
  std::string deep, path, stars;
  for (int i = 0; i < 30; ++i) deep += "**/a/", path += "a/", stars += "a*";
  CHECK_FALSE(glob(deep + "b").matches(path + path + "c"));
  CHECK_FALSE(glob(stars + "b").matches(std::string(200, 'a')));
  std::string choices;
  for (int i = 0; i < 30; ++i) choices += "{a,aa,a*}";
  CHECK_FALSE(glob(choices + "b").matches(std::string(100, 'a')));
}

}  // namespace
}  // namespace penstock::model
