#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "yaml/node.h"

namespace penstock::test {

/// Numbers that are the same on every machine for the same seed.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  bool one_in(std::size_t chances) { return below(chances) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::mt19937 engine_;
};

/// Strings that some reader is known to take for something else, or to lose a part of.
const std::vector<std::string>& troubled_texts();

struct TreeOptions {
  bool tags = false;
};

/// A document to be written: all kinds, styles, comments, empty lines, one-line collections. Keys of a mapping are unique.
yaml::Node random_tree(Dice& dice, const TreeOptions& options = {});

}  // namespace penstock::test
