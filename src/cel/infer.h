#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cel/overload.h"
#include "cel/type.h"

namespace penstock::cel {

/// Finds the types that nobody wrote: what an empty list holds, what a function's parameters stand for.
class Inference {
 public:
  /// A type still to be found.
  Type open();
  /// Whether a value of one type can stand where another is wanted. What has to be so for that is kept.
  bool assign(const Type& type, const Type& wanted);
  /// With what was found so far; what was not is open still, or `dyn` at the end.
  Type resolved(const Type& type) const { return substituted(type, false); }
  Type final(const Type& type) const { return substituted(type, true); }
  /// The type of what is one or the other: `dyn` when they differ.
  Type joined(const Type& a, const Type& b);
  /// The type of a call, if some overload takes such arguments: `dyn` when several do that differ.
  std::optional<Type> call(std::span<const Overload> overloads, bool method, std::span<const Type> arguments);
  /// Whether an overload takes the first arguments; nothing is kept.
  bool begins(const Overload& overload, std::span<const Type> arguments);

 private:
  using Mark = std::size_t;

  Type substituted(const Type& type, bool is_end) const;
  std::optional<Type>& found(const Type& parameter) { return found_[parameter.id - kFirst]; }
  const std::optional<Type>& found(const Type& parameter) const { return found_[parameter.id - kFirst]; }
  void keep(const Type& parameter, Type type);
  void undo(Mark mark);
  bool try_assign(const Type& type, const Type& wanted);
  std::optional<bool> substitute(const Type& type, const Type& parameter);
  bool occurs(const Type& parameter, const Type& type) const;
  bool try_call(const Overload& overload, std::span<const Type> arguments, Type& result);

  // Parameters of a signature have smaller numbers.
  static constexpr unsigned kFirst = 16;
  std::vector<std::optional<Type>> found_;
  std::vector<std::pair<unsigned, std::optional<Type>>> undo_;  // what was found before
};

}  // namespace penstock::cel
