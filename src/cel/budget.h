#pragma once
#include <cstdint>

#include "cel/value.h"

namespace penstock::cel {

/// How much an evaluation may cost: about a step for each node evaluated, each item and each 32 bytes of text made or read.
/// It bounds the time and the memory, whatever the expression does.
inline constexpr std::uint64_t kMaxCost = 1'000'000;

class Budget {
 public:
  explicit Budget(std::uint64_t cost = kMaxCost) : left_(cost) {}

  /// Whether that much was left. Once it was not, nothing is.
  bool spend(std::uint64_t cost) {
    exhausted_ = exhausted_ || cost > left_;
    if (!exhausted_) left_ -= cost;
    return !exhausted_;
  }
  bool spend_text(std::uint64_t bytes) { return spend(1 + bytes / 32); }
  /// The cost of looking at all of a value, with what is in it.
  bool spend_whole(const Value& value);
  bool exhausted() const { return exhausted_; }

 private:
  std::uint64_t left_;
  bool exhausted_ = false;
};

Value too_expensive(Span span);

}  // namespace penstock::cel
