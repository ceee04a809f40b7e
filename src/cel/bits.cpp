#include <fmt/format.h>

#include <functional>

#include "cel/overload.h"

// The extension `math`: functions of bits.

namespace penstock::cel {
namespace {

using Arguments = std::span<const Value>;

template <class T, class Combine>
Value combined(Arguments of, Context&) {
  return {static_cast<T>(Combine{}(*of[0].get<T>(), *of[1].get<T>()))};
}
template <class T>
Value inverted(Arguments of, Context&) {
  return {static_cast<T>(~*of[0].get<T>())};
}

/// Bits that are pushed out are lost, and zeros come in: a negative int shifted to the right is not negative any more.
template <class T, bool kLeft>
Value shifted(Arguments of, Context& context) {
  const auto bits = static_cast<std::uint64_t>(*of[0].get<T>());
  const std::int64_t by = *of[1].get<std::int64_t>();
  if (by < 0) return error(fmt::format("bits cannot be shifted by {}", by), context.span);
  const std::uint64_t result = by > 63 ? 0 : kLeft ? bits << by : bits >> by;
  return {static_cast<T>(result)};
}

template <class T>
void add(std::vector<Overload>& all, const Type& type) {
  const auto two = [&](std::string_view function, const Type& second, Implementation implementation) {
    all.push_back({function, Form::Function, {type, second}, type, implementation});
  };
  two("math.bitAnd", type, combined<T, std::bit_and<T>>);
  two("math.bitOr", type, combined<T, std::bit_or<T>>);
  two("math.bitXor", type, combined<T, std::bit_xor<T>>);
  two("math.bitShiftLeft", types::kInt, shifted<T, true>);
  two("math.bitShiftRight", types::kInt, shifted<T, false>);
  all.push_back({"math.bitNot", Form::Function, {type}, type, inverted<T>});
}

}  // namespace

std::vector<Overload> bit_overloads() {
  std::vector<Overload> all;
  add<std::int64_t>(all, types::kInt);
  add<std::uint64_t>(all, types::kUint);
  return all;
}

}  // namespace penstock::cel
