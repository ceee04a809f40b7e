#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace penstock {

/// A position in the `Store` of one kind of thing. A `JobId` cannot index steps, and an `int` cannot be one.
template <class Tag>
struct Id {
  std::uint32_t index = 0;
  friend auto operator<=>(Id, Id) = default;
};

/// An append-only sequence that is indexed by its own kind of id.
template <class Key, class T>
class Store {
 public:
  Key add(T value) {
    items_.push_back(std::move(value));
    return Key{static_cast<std::uint32_t>(items_.size() - 1)};
  }
  T& operator[](Key id) { return items_.at(id.index); }
  const T& operator[](Key id) const { return items_.at(id.index); }
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  /// The id of the item at a position, for loops that need both.
  static Key at(std::size_t position) { return Key{static_cast<std::uint32_t>(position)}; }

 private:
  std::vector<T> items_;
};

}  // namespace penstock
