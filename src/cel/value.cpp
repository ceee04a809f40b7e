#include "cel/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "cel/budget.h"
#include "cel/time.h"

namespace penstock::cel {
namespace {

using Order = std::partial_ordering;

Order order_numbers(std::int64_t a, std::uint64_t b) {
  return a < 0 ? Order::less : Order(static_cast<std::uint64_t>(a) <=> b);
}

/// As doubles: the language lets a whole number lose its last digits beside one.
template <class Int>
Order order_with_double(Int a, double b, double least, double limit) {
  if (b < least) return Order::greater;
  if (b > limit) return Order::less;
  return static_cast<double>(a) <=> b;
}

Order order_numbers(std::int64_t a, double b) { return order_with_double(a, b, -0x1p63, 0x1p63); }
Order order_numbers(std::uint64_t a, double b) { return order_with_double(a, b, 0.0, 0x1p64); }
Order order_numbers(std::uint64_t a, std::int64_t b) { return 0 <=> order_numbers(b, a); }
Order order_numbers(double a, std::int64_t b) { return 0 <=> order_numbers(b, a); }
Order order_numbers(double a, std::uint64_t b) { return 0 <=> order_numbers(b, a); }

template <class T>
constexpr bool kIsNumber =
    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t> || std::is_same_v<T, double>;
template <class T>
constexpr bool kIsOrdered = kIsNumber<T> || std::is_same_v<T, bool> || std::is_same_v<T, std::string> ||
                            std::is_same_v<T, Timestamp> || std::is_same_v<T, Duration>;

struct Ordering {
  template <class A, class B>
  std::optional<Order> operator()(const A& a, const B& b) const {
    if constexpr (std::is_same_v<A, B> && kIsOrdered<A>)
      return Order(a <=> b);
    else if constexpr (kIsNumber<A> && kIsNumber<B>)
      return order_numbers(a, b);
    else if constexpr (std::is_same_v<A, Bytes> && std::is_same_v<B, Bytes>)
      return Order(a.data <=> b.data);
    else
      return std::nullopt;
  }
};

bool same_entries(const Entries& a, const Entries& b) {
  return a.size() == b.size() && std::ranges::all_of(a, [&](const Entry& one) {
           const Value* other = find(b, one.key);
           return other && one.value == *other;
         });
}

struct Same {
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    if constexpr (kIsNumber<A> && kIsNumber<B> && !std::is_same_v<A, B>)
      return order_numbers(a, b) == Order::equivalent;
    else if constexpr (!std::is_same_v<A, B> || std::is_same_v<A, Error>)
      return false;
    else if constexpr (std::is_same_v<A, Shared<Values>>)
      return *a == *b;
    else if constexpr (std::is_same_v<A, Shared<Entries>>)
      return same_entries(*a, *b);
    else
      return a == b;
  }
};

std::optional<Value> list_value(const List& list) {
  Values items;
  for (const Expr& item : list.items) {
    std::optional<Value> value = constant(item);
    if (!value) return std::nullopt;
    items.push_back(std::move(*value));
  }
  return Value{std::move(items)};
}

/// Larger maps are not looked through here.
constexpr std::size_t kMaxConstantEntries = 256;

std::optional<Value> map_value(const Map& map) {
  if (map.entries.size() > kMaxConstantEntries) return std::nullopt;
  Entries entries;
  for (const MapEntry& entry : map.entries) {
    std::optional<Value> key = constant(entry.key), value = constant(entry.value);
    if (!key || !value || !can_be_key(*key) || find(entries, *key)) return std::nullopt;
    entries.push_back({std::move(*key), std::move(*value)});
  }
  return Value{std::move(entries)};
}

std::optional<Expr> list_expr(const Values& values, Span span) {
  List list;
  for (const Value& value : values) {
    std::optional<Expr> item = constant(value, span);
    if (!item) return std::nullopt;
    list.items.push_back(std::move(*item));
  }
  return Expr{std::move(list), span, span};
}

std::optional<Expr> map_expr(const Entries& entries, Span span) {
  Map map;
  for (const Entry& entry : entries) {
    std::optional<Expr> key = constant(entry.key, span);
    std::optional<Expr> value = constant(entry.value, span);
    if (!key || !value) return std::nullopt;
    map.entries.push_back({std::move(*key), std::move(*value)});
  }
  return Expr{std::move(map), span, span};
}

template <class All, class Show>
std::string joined(const All& all, const Show& show) {
  std::string out;
  for (const auto& one : all) {
    if (!out.empty()) out += ", ";
    out += show(one);
  }
  return out;
}

}  // namespace

bool operator==(const Value& a, const Value& b) { return std::visit(Same{}, a.data, b.data); }

std::optional<std::partial_ordering> order(const Value& a, const Value& b) {
  return std::visit(Ordering{}, a.data, b.data);
}

const Value* find(const Entries& entries, const Value& key) {
  const auto found = std::ranges::find_if(entries, [&](const Entry& one) { return one.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

bool can_be_key(const Value& value) {
  return value.get<bool>() || value.get<std::int64_t>() || value.get<std::uint64_t>() ||
         value.get<std::string>();
}

std::string_view type_name(const Value& value) {
  return std::visit(Overloaded{
                        [](const Error&) { return std::string_view("error"); },
                        [](Null) { return std::string_view("null_type"); },
                        [](bool) { return std::string_view("bool"); },
                        [](std::int64_t) { return std::string_view("int"); },
                        [](std::uint64_t) { return std::string_view("uint"); },
                        [](double) { return std::string_view("double"); },
                        [](const std::string&) { return std::string_view("string"); },
                        [](const Bytes&) { return std::string_view("bytes"); },
                        [](Timestamp) { return std::string_view("google.protobuf.Timestamp"); },
                        [](Duration) { return std::string_view("google.protobuf.Duration"); },
                        [](const TypeName&) { return std::string_view("type"); },
                        [](const Shared<Values>&) { return std::string_view("list"); },
                        [](const Shared<Entries>&) { return std::string_view("map"); },
                    },
                    value.data);
}

Value error(std::string message, Span span) { return {Error{std::move(message), span}}; }

const Value* first_error(const Value* begin, const Value* end) {
  const Value* failed = nullptr;
  for (const Value* one = begin; one != end; ++one) {
    const auto* reason = one->get<Error>();
    if (reason && reason->unknown) return one;
    if (reason && !failed) failed = one;
  }
  return failed;
}

std::optional<Value> constant(const Expr& expr) {
  if (const auto* list = std::get_if<List>(&expr.node)) return list_value(*list);
  if (const auto* map = std::get_if<Map>(&expr.node)) return map_value(*map);
  const auto* node = std::get_if<Literal>(&expr.node);
  if (!node) return std::nullopt;
  return std::visit([](const auto& one) { return Value{one}; }, node->value);
}

std::optional<Expr> constant(const Value& value, Span span) {
  const auto leaf = [&](Constant one) { return Expr{Literal{std::move(one)}, span, span}; };
  return std::visit(Overloaded{
                        [](const Error&) -> std::optional<Expr> { return std::nullopt; },
                        [](Timestamp) -> std::optional<Expr> { return std::nullopt; },
                        [](Duration) -> std::optional<Expr> { return std::nullopt; },
                        [&](double one) -> std::optional<Expr> {
                          return std::isfinite(one) ? std::optional(leaf(one)) : std::nullopt;
                        },
                        [&](const Shared<Values>& items) { return list_expr(*items, span); },
                        [&](const Shared<Entries>& entries) { return map_expr(*entries, span); },
                        [&](const auto& one) -> std::optional<Expr> { return leaf(one); },
                    },
                    value.data);
}

std::string print(const Value& value) {
  if (const auto* reason = value.get<Error>()) return fmt::format("error({})", print(Value{reason->message}));
  if (const auto* moment = value.get<Timestamp>()) return fmt::format("timestamp(\"{}\")", to_text(*moment));
  if (const auto* length = value.get<Duration>()) return fmt::format("duration(\"{}\")", to_text(*length));
  if (const auto* number = value.get<double>(); number && !std::isfinite(*number))
    return fmt::format("double(\"{}\")", std::isnan(*number) ? "NaN"
                                         : *number > 0       ? "Infinity"
                                                             : "-Infinity");
  if (const auto* items = value.get<Values>())
    return "[" + joined(*items, [](const Value& one) { return print(one); }) + "]";
  if (const auto* entries = value.get<Entries>())
    return "{" + joined(*entries, [](const Entry& one) { return print(one.key) + ": " + print(one.value); }) +
           "}";
  return print(*constant(value, {}));
}

bool Budget::spend_whole(const Value& value) {
  if (const auto* text = value.get<std::string>()) return spend_text(text->size());
  if (const auto* bytes = value.get<Bytes>()) return spend_text(bytes->data.size());
  if (const auto* items = value.get<Values>())
    return spend(1) && std::ranges::all_of(*items, [&](const Value& one) { return spend_whole(one); });
  if (const auto* entries = value.get<Entries>())
    return spend(1) && std::ranges::all_of(*entries, [&](const Entry& one) {
             return spend_whole(one.key) && spend_whole(one.value);
           });
  return spend(1);
}

Value too_expensive(Span span) {
  return error(fmt::format("the expression needs more than {} steps", kMaxCost), span);
}

}  // namespace penstock::cel
