// A glob means the same to the matcher and to the regular expression that platforms get.
#include <catch2/catch.hpp>
#include <random>

#include "cel/regex.h"
#include "model/glob.h"

namespace penstock::model {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned limit) { return static_cast<unsigned>(engine_() % limit); }
  template <std::size_t N>
  std::string one_of(const char* const (&choices)[N]) {
    return choices[below(N)];
  }
  template <class Make>
  std::string several(unsigned most, const std::string& separator, const Make& make) {
    std::string out = make();
    for (unsigned i = below(most); i > 0; --i) out += separator + make();
    return out;
  }

 private:
  std::mt19937 engine_;
};

TEST_CASE("a glob and its regular expression match the same paths") {
  Random random(11);
  const auto piece = [&] {
    return random.one_of(
        {"a", "b", "ab", "*", "?", "[ab]", "[!a]", "[a-c]", "{a,bb}", "{a*,b}", ".", "+", "ä", "(b"});
  };
  const auto segment = [&] {
    return random.below(4) == 0 ? std::string("**") : random.several(3, "", piece);
  };
  const auto name = [&] {
    return random.several(4, "", [&] { return random.one_of({"a", "b", "c", ".", "+", "ä", "(b"}); });
  };
  int matched = 0;
  int parsed = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string pattern = random.several(4, "/", segment);
    diag::Sink sink;
    const auto glob = parse_glob({pattern, {}}, sink);
    if (!glob) continue;  // `..`, `***`
    ++parsed;
    const std::string expression = regular_expression(*glob);
    for (int j = 0; j < 10; ++j) {
      const std::string path = random.several(4, "/", name);
      const bool matches = glob->matches(path);
      matched += matches ? 1 : 0;
      if (matches != cel::matches(path, expression))
        FAIL_CHECK(pattern << " and " << expression << " differ on " << path);
    }
  }
  CHECK(parsed > 3000);
  CHECK(matched > 3000);  // the law is not empty
}

}  // namespace
}  // namespace penstock::model
