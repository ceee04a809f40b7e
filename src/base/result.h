#pragma once
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace penstock {

/// Why the world refused: the disk is full, the file cannot be read.
struct Failure {
  std::string message;
};

/// A value, or why there is none. Spelt like std::expected, which C++20 does not have.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Failure failure) : state_(std::move(failure)) {}
  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() {
    PENSTOCK_CHECK(has_value());
    return std::get<0>(state_);
  }
  const T& value() const {
    PENSTOCK_CHECK(has_value());
    return std::get<0>(state_);
  }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Failure& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Failure> state_;
};

struct Done {};
using Outcome = Result<Done>;

}  // namespace penstock
