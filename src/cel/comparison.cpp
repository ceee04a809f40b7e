#include <algorithm>

#include "cel/overload.h"

// `== != < <= > >=`, `in`, `!`, and `type()`.

namespace penstock::cel {
namespace {

using Arguments = std::span<const Value>;

/// Lists and maps are compared with all that is in them.
bool pay(Arguments of, Context& context) {
  return context.budget.spend_whole(of[0]) && context.budget.spend_whole(of[1]);
}

Value equal(Arguments of, Context& context) {
  return pay(of, context) ? Value{of[0] == of[1]} : too_expensive(context.span);
}
Value unequal(Arguments of, Context& context) {
  return pay(of, context) ? Value{!(of[0] == of[1])} : too_expensive(context.span);
}

bool is_less(std::partial_ordering order) { return order < 0; }
bool is_less_or_equal(std::partial_ordering order) { return order <= 0; }
bool is_greater(std::partial_ordering order) { return order > 0; }
bool is_greater_or_equal(std::partial_ordering order) { return order >= 0; }

template <bool (*kHolds)(std::partial_ordering)>
Value ordered(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  const auto found = order(of[0], of[1]);
  return found ? Value{kHolds(*found)} : wrong_type("<", context.span);
}

Value is_item(Arguments of, Context& context) {
  const Values& items = *of[1].get<Values>();
  const bool paid = context.budget.spend_whole(of[1]) && context.budget.spend_whole(of[0]);
  if (!paid) return too_expensive(context.span);
  return {std::ranges::find(items, of[0]) != items.end()};
}

Value is_key(Arguments of, Context& context) {
  const Entries& entries = *of[1].get<Entries>();
  if (!context.budget.spend(1 + entries.size() / 8)) return too_expensive(context.span);
  return {find(entries, of[0]) != nullptr};
}

Value negated(Arguments of, Context&) { return {!*of[0].get<bool>()}; }

Value type(Arguments of, Context&) { return {TypeName{std::string(type_name(of[0]))}}; }

}  // namespace

std::vector<Overload> comparison_overloads() {
  using namespace types;
  const Type a = parameter(0), b = parameter(1);
  std::vector<Overload> all = {
      {"_!", Form::Function, {kBool}, kBool, negated},
      {"_==_", Form::Function, {a, a}, kBool, equal},
      {"_!=_", Form::Function, {a, a}, kBool, unequal},
      {"_in_", Form::Function, {a, list(a)}, kBool, is_item},
      {"_in_", Form::Function, {a, map(a, b)}, kBool, is_key},
      {"type", Form::Function, {a}, type_of(a), type},
  };
  struct Ordering {
    std::string_view function;
    Implementation implementation;
  };
  for (const auto& [function, implementation] :
       {Ordering{"_<_", ordered<is_less>}, Ordering{"_<=_", ordered<is_less_or_equal>},
        Ordering{"_>_", ordered<is_greater>}, Ordering{"_>=_", ordered<is_greater_or_equal>}}) {
    for (const Type& type : {kBool, kInt, kUint, kDouble, kString, kBytes, kTimestamp, kDuration})
      all.push_back({function, Form::Function, {type, type}, kBool, implementation});
    // Numbers of different types that meet when it runs.
    all.push_back({function, Form::Untyped, {kDyn, kDyn}, kBool, implementation});
  }
  return all;
}

}  // namespace penstock::cel
