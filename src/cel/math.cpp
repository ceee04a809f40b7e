#include <algorithm>
#include <cmath>
#include <limits>

#include "cel/overload.h"

// The extension `math`, but for the functions of bits.

namespace penstock::cel {
namespace {

using Arguments = std::span<const Value>;

template <bool kGreatest>
Value extreme(Arguments of, Context& context) {
  if (of.empty()) return error("there is no number in an empty list", context.span);
  const Value* found = nullptr;
  for (const Value& one : of) {
    const bool number = one.get<std::int64_t>() || one.get<std::uint64_t>() || one.get<double>();
    if (!number) return wrong_type(kGreatest ? "math.greatest" : "math.least", context.span);
    if (!found || (kGreatest ? *order(one, *found) > 0 : *order(one, *found) < 0)) found = &one;
  }
  return *found;
}

template <bool kGreatest>
Value extreme_of_list(Arguments of, Context& context) {
  const Values& items = *of[0].get<Values>();
  return context.budget.spend(items.size()) ? extreme<kGreatest>(items, context)
                                            : too_expensive(context.span);
}

template <double (*kCompute)(double)>
Value computed(Arguments of, Context&) {
  return {kCompute(*of[0].get<double>())};
}
template <bool (*kTest)(double)>
Value tested(Arguments of, Context&) {
  return {kTest(*of[0].get<double>())};
}

double ceil(double value) { return std::ceil(value); }
double floor(double value) { return std::floor(value); }
double round(double value) { return std::round(value); }  // a half goes away from zero
double trunc(double value) { return std::trunc(value); }
double absolute(double value) { return std::abs(value); }
double sign(double value) { return value > 0 ? 1.0 : value < 0 ? -1.0 : value; }
bool is_nan(double value) { return std::isnan(value); }
bool is_infinite(double value) { return std::isinf(value); }
bool is_finite(double value) { return std::isfinite(value); }

Value absolute_int(Arguments of, Context& context) {
  const std::int64_t value = *of[0].get<std::int64_t>();
  if (value == std::numeric_limits<std::int64_t>::min())
    return error("the result does not fit an int", context.span);
  return {value < 0 ? -value : value};
}
Value absolute_uint(Arguments of, Context&) { return of[0]; }
Value sign_of_int(Arguments of, Context&) {
  const std::int64_t value = *of[0].get<std::int64_t>();
  return {static_cast<std::int64_t>((value > 0) - (value < 0))};
}
Value sign_of_uint(Arguments of, Context&) {
  return {static_cast<std::uint64_t>(*of[0].get<std::uint64_t>() > 0 ? 1 : 0)};
}

Value square_root(Arguments of, Context&) {
  if (const auto* number = of[0].get<std::int64_t>()) return {std::sqrt(static_cast<double>(*number))};
  if (const auto* number = of[0].get<std::uint64_t>()) return {std::sqrt(static_cast<double>(*number))};
  return {std::sqrt(*of[0].get<double>())};
}

}  // namespace

std::vector<Overload> math_overloads() {
  using namespace types;
  std::vector<Overload> all;
  const auto extremes = [&](std::string_view function, Implementation of_numbers, Implementation of_list) {
    for (const Type& type : {kInt, kUint, kDouble})
      all.push_back({function, Form::Repeating, {type}, type, of_numbers});
    for (const Type& type : {kInt, kUint, kDouble, kDyn})
      all.push_back({function, Form::Function, {list(type)}, type, of_list});
    all.push_back({function, Form::Repeating, {kDyn}, kDyn, of_numbers});
  };
  extremes("math.greatest", extreme<true>, extreme_of_list<true>);
  extremes("math.least", extreme<false>, extreme_of_list<false>);
  const auto add = [&](std::string_view function, const Type& type, const Type& result,
                       Implementation implementation) {
    all.push_back({function, Form::Function, {type}, result, implementation});
  };
  add("math.ceil", kDouble, kDouble, computed<ceil>);
  add("math.floor", kDouble, kDouble, computed<floor>);
  add("math.round", kDouble, kDouble, computed<round>);
  add("math.trunc", kDouble, kDouble, computed<trunc>);
  add("math.abs", kDouble, kDouble, computed<absolute>);
  add("math.abs", kInt, kInt, absolute_int);
  add("math.abs", kUint, kUint, absolute_uint);
  add("math.sign", kDouble, kDouble, computed<sign>);
  add("math.sign", kInt, kInt, sign_of_int);
  add("math.sign", kUint, kUint, sign_of_uint);
  add("math.isNaN", kDouble, kBool, tested<is_nan>);
  add("math.isInf", kDouble, kBool, tested<is_infinite>);
  add("math.isFinite", kDouble, kBool, tested<is_finite>);
  for (const Type& type : {kDouble, kInt, kUint}) add("math.sqrt", type, kDouble, square_root);
  return all;
}

}  // namespace penstock::cel
