#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cel/overload.h"
#include "cel/time.h"

// `+ - * / %`, the sign, and `[]`.

namespace penstock::cel {
namespace {

using Arguments = std::span<const Value>;

template <class T>
constexpr std::string_view kName = "int";
template <>
constexpr std::string_view kName<std::uint64_t> = "uint";

Value overflow(std::string_view type, const Context& context) {
  return error(fmt::format("the result does not fit {} {}", type == "int" ? "an" : "a", type), context.span);
}

template <class T>
Value added(Arguments of, Context& context) {
  T result = 0;
  const bool overflows = __builtin_add_overflow(*of[0].get<T>(), *of[1].get<T>(), &result);
  return overflows ? overflow(kName<T>, context) : Value{result};
}

template <class T>
Value subtracted(Arguments of, Context& context) {
  T result = 0;
  const bool overflows = __builtin_sub_overflow(*of[0].get<T>(), *of[1].get<T>(), &result);
  return overflows ? overflow(kName<T>, context) : Value{result};
}

template <class T>
Value multiplied(Arguments of, Context& context) {
  T result = 0;
  const bool overflows = __builtin_mul_overflow(*of[0].get<T>(), *of[1].get<T>(), &result);
  return overflows ? overflow(kName<T>, context) : Value{result};
}

template <class T, bool kRemainder>
Value divided(Arguments of, Context& context) {
  const T a = *of[0].get<T>(), b = *of[1].get<T>();
  if (b == 0) return error("division by zero", context.span);
  if constexpr (std::is_signed_v<T>)
    if (a == std::numeric_limits<T>::min() && b == -1) return overflow(kName<T>, context);
  return {static_cast<T>(kRemainder ? a % b : a / b)};
}

template <double (*kCompute)(double, double)>
Value computed(Arguments of, Context&) {
  return {kCompute(*of[0].get<double>(), *of[1].get<double>())};
}

double sum(double a, double b) { return a + b; }
double difference(double a, double b) { return a - b; }
double product(double a, double b) { return a * b; }
double quotient(double a, double b) { return a / b; }  // by zero it is infinite, or not a number

Value negated_int(Arguments of, Context& context) {
  const auto number = *of[0].get<std::int64_t>();
  if (number == std::numeric_limits<std::int64_t>::min()) return overflow("int", context);
  return {-number};
}
Value negated_double(Arguments of, Context&) { return {-*of[0].get<double>()}; }

Value joined_text(Arguments of, Context& context) {
  const auto &a = *of[0].get<std::string>(), &b = *of[1].get<std::string>();
  return context.budget.spend_text(a.size() + b.size()) ? Value{a + b} : too_expensive(context.span);
}

Value joined_bytes(Arguments of, Context& context) {
  const auto &a = *of[0].get<Bytes>(), &b = *of[1].get<Bytes>();
  if (!context.budget.spend_text(a.data.size() + b.data.size())) return too_expensive(context.span);
  return {Bytes{a.data + b.data}};
}

Value joined_lists(Arguments of, Context& context) {
  const auto &a = *of[0].get<Values>(), &b = *of[1].get<Values>();
  if (!context.budget.spend(a.size() + b.size())) return too_expensive(context.span);
  Values all = a;
  all.insert(all.end(), b.begin(), b.end());
  return {std::move(all)};
}

// Time

Value in_range(std::optional<Timestamp> when, const Context& context) {
  return when ? Value{*when} : error("the moment is outside of the years 1 to 9999", context.span);
}

Value moved(const Timestamp& from, std::int64_t nanoseconds, const Context& context) {
  constexpr std::int64_t second = 1'000'000'000;
  return in_range(moment(from.seconds + nanoseconds / second, from.nanoseconds + nanoseconds % second),
                  context);
}

Value later(Arguments of, Context& context) {
  return moved(*of[0].get<Timestamp>(), of[1].get<Duration>()->nanoseconds, context);
}
Value later_than(Arguments of, Context& context) {
  return moved(*of[1].get<Timestamp>(), of[0].get<Duration>()->nanoseconds, context);
}
Value earlier(Arguments of, Context& context) {
  const std::int64_t back = of[1].get<Duration>()->nanoseconds;
  if (back == std::numeric_limits<std::int64_t>::min()) return overflow("duration", context);
  return moved(*of[0].get<Timestamp>(), -back, context);
}

Value between(Arguments of, Context& context) {
  const auto &a = *of[0].get<Timestamp>(), &b = *of[1].get<Timestamp>();
  Duration result;
  if (__builtin_mul_overflow(a.seconds - b.seconds, 1'000'000'000, &result.nanoseconds) ||
      __builtin_add_overflow(result.nanoseconds, a.nanoseconds - b.nanoseconds, &result.nanoseconds))
    return overflow("duration", context);
  return {result};
}

template <bool kSubtract>
Value duration_of_both(Arguments of, Context& context) {
  const std::int64_t a = of[0].get<Duration>()->nanoseconds, b = of[1].get<Duration>()->nanoseconds;
  Duration result;
  const bool overflows = kSubtract ? __builtin_sub_overflow(a, b, &result.nanoseconds)
                                   : __builtin_add_overflow(a, b, &result.nanoseconds);
  return overflows ? overflow("duration", context) : Value{result};
}

// Index

Value item(Arguments of, Context& context) {
  const Values& items = *of[0].get<Values>();
  std::optional<std::int64_t> at;
  if (const auto* number = of[1].get<std::int64_t>()) at = *number;
  // A number of another type is an index, if it is whole: lists and maps agree on which keys are the same.
  if (const auto* number = of[1].get<std::uint64_t>())
    at =
        static_cast<std::int64_t>(std::min<std::uint64_t>(*number, std::numeric_limits<std::int64_t>::max()));
  if (const auto* number = of[1].get<double>();
      number && std::trunc(*number) == *number && std::abs(*number) < 0x1p62)
    at = static_cast<std::int64_t>(*number);
  if (!at) return wrong_type("[]", context.span);
  if (*at < 0 || *at >= static_cast<std::int64_t>(items.size()))
    return error(fmt::format("the list has {} items, no item {}", items.size(), *at), context.span);
  return items[static_cast<std::size_t>(*at)];
}

Value value_of_key(Arguments of, Context& context) {
  const Entries& entries = *of[0].get<Entries>();
  if (!context.budget.spend(1 + entries.size() / 8)) return too_expensive(context.span);
  const Value* found = find(entries, of[1]);
  return found ? *found : error(fmt::format("the map has no key {}", print(of[1])), context.span);
}

}  // namespace

std::vector<Overload> arithmetic_overloads() {
  using namespace types;
  const Type a = parameter(0), b = parameter(1);
  const auto same = [](std::string_view function, const Type& type, Implementation implementation) {
    return Overload{function, Form::Function, {type, type}, type, implementation};
  };
  return {
      same("_+_", kInt, added<std::int64_t>),
      same("_+_", kUint, added<std::uint64_t>),
      same("_+_", kDouble, computed<sum>),
      same("_+_", kString, joined_text),
      same("_+_", kBytes, joined_bytes),
      same("_+_", list(a), joined_lists),
      same("_+_", kDuration, duration_of_both<false>),
      {"_+_", Form::Function, {kTimestamp, kDuration}, kTimestamp, later},
      {"_+_", Form::Function, {kDuration, kTimestamp}, kTimestamp, later_than},
      same("_-_", kInt, subtracted<std::int64_t>),
      same("_-_", kUint, subtracted<std::uint64_t>),
      same("_-_", kDouble, computed<difference>),
      same("_-_", kDuration, duration_of_both<true>),
      {"_-_", Form::Function, {kTimestamp, kDuration}, kTimestamp, earlier},
      {"_-_", Form::Function, {kTimestamp, kTimestamp}, kDuration, between},
      same("_*_", kInt, multiplied<std::int64_t>),
      same("_*_", kUint, multiplied<std::uint64_t>),
      same("_*_", kDouble, computed<product>),
      same("_/_", kInt, divided<std::int64_t, false>),
      same("_/_", kUint, divided<std::uint64_t, false>),
      same("_/_", kDouble, computed<quotient>),
      same("_%_", kInt, divided<std::int64_t, true>),
      same("_%_", kUint, divided<std::uint64_t, true>),
      {"_-", Form::Function, {kInt}, kInt, negated_int},
      {"_-", Form::Function, {kDouble}, kDouble, negated_double},
      {"_[_]", Form::Function, {list(a), kInt}, a, item},
      {"_[_]", Form::Untyped, {list(a), kDyn}, a, item},
      {"_[_]", Form::Function, {map(a, b), a}, b, value_of_key},
  };
}

}  // namespace penstock::cel
