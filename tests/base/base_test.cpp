#include <array>
#include <catch2/catch.hpp>

#include "base/id.h"
#include "base/source.h"
#include "base/table.h"
#include "base/text.h"

namespace penstock {
namespace {

TEST_CASE("places are lines and columns") {
  SourceManager sources;
  const FileId file = sources.add("a.yaml", "one\ntwo\r\n\nlast");
  const auto place = [&](std::uint32_t offset) {
    return std::pair(sources.place(file, offset).line, sources.place(file, offset).column);
  };
  CHECK(place(0) == std::pair(1U, 1U));
  CHECK(place(3) == std::pair(1U, 4U));
  CHECK(place(4) == std::pair(2U, 1U));
  CHECK(place(9) == std::pair(3U, 1U));
  CHECK(place(14) == std::pair(4U, 5U));
  CHECK(sources.line(file, 5) == "two");
  CHECK(sources.line(file, 9) == "");
  CHECK(sources.line(file, 14) == "last");
  CHECK(sources.text(Span{file, 4, 7}) == "two");
  CHECK(sources.name(file) == "a.yaml");
}

TEST_CASE("a byte order mark is in no column") {
  SourceManager sources;
  const FileId file = sources.add("a.yaml",
                                  "\xEF\xBB\xBF"
                                  "one\ntwo");
  CHECK(sources.place(file, 0).column == 1);
  CHECK(sources.place(file, 3).column == 1);
  CHECK(sources.place(file, 5).column == 3);
  CHECK(sources.place(file, 7).line == 2);
  CHECK(sources.line(file, 0) == "one");
}

TEST_CASE("texts stay where they are when more come") {
  SourceManager sources;
  const FileId first = sources.add("a", std::string(100, 'a'));
  const char* text = sources.text(first).data();
  for (int i = 0; i < 100; ++i) sources.add("b", "b");
  CHECK(sources.text(first).data() == text);
  CHECK(sources.size() == 101);
}

TEST_CASE("the nearest word is one that may be meant") {
  const std::array<std::string_view, 4> words = {"image", "needs", "steps", "environment"};
  CHECK(nearest("imgae", words) == "image");
  CHECK(nearest("need", words) == "needs");
  CHECK(nearest("enviroment", words) == "environment");
  CHECK(nearest("xyz", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest("a", words).empty());
  CHECK(nearest(std::string(1000, 'x'), words).empty());
}

TEST_CASE("texts are taken apart and put together") {
  CHECK(split("a,b,,c", ',') == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(join(std::vector<std::string>{"a", "b"}, ", ") == "a, b");
  CHECK(join(std::vector<std::string>{}, ", ").empty());
  CHECK(replaced("a.b.c", ".", "::") == "a::b::c");
  CHECK(replaced("aaa", "aa", "b") == "ba");
  CHECK(trimmed(" \t a b \n") == "a b");
  CHECK(trimmed(" \n").empty());
  CHECK(variable_name("my-secret.name") == "MY_SECRET_NAME");
  CHECK(pascal_case("deploy-to_staging2") == "DeployToStaging2");
  CHECK(is_digits("0123"));
  CHECK_FALSE(is_digits(""));
  CHECK_FALSE(is_digits("1a"));
}

TEST_CASE("a store gives ids in order") {
  Store<Id<struct ThingTag>, std::string> store;
  const auto first = store.add("a");
  const auto second = store.add("b");
  CHECK(store[first] == "a");
  CHECK(store[second] == "b");
  CHECK(first < second);
  CHECK(store.size() == 2);
  CHECK(store.at(1) == second);
}

TEST_CASE("a table is looked up by path") {
  constexpr std::array kRows = {Row{"limits.stages", "50"}, Row{"limits.jobs", "256"}, Row{"limitsx", "1"},
                                Row{"triggers.0", "push"},  Row{"triggers.1", "tag"},  Row{"empty", ""}};
  const Table table{kRows};
  CHECK(table.get("limits.stages") == "50");
  CHECK(table.get("limits").empty());
  CHECK(table.has("limits"));
  CHECK(table.has("empty"));
  CHECK_FALSE(table.has("limit"));
  CHECK(table.number("limits.jobs") == 256);
  CHECK(table.keys("limits") == std::vector<std::string_view>{"stages", "jobs"});
  CHECK(table.list("triggers") == std::vector<std::string_view>{"push", "tag"});
}

}  // namespace
}  // namespace penstock
