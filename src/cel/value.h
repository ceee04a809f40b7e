#pragma once
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/source.h"
#include "cel/ast.h"

namespace penstock::cel {

/// Why an expression has no value: `1 / 0`, an unknown variable.
struct Error {
  std::string message;
  Span span;
  bool unknown = false;  // it may have a value when more is known: outweighs what has failed
};

/// A moment, from year 1 to year 9999.
struct Timestamp {
  std::int64_t seconds = 0;      // since 1970
  std::int32_t nanoseconds = 0;  // on top of them, never negative
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

struct Duration {
  std::int64_t nanoseconds = 0;
  friend auto operator<=>(const Duration&, const Duration&) = default;
};

/// What a value refers to and shares with its copies: lists and maps cost nothing to hand on.
template <class T>
class Shared {
 public:
  Shared(T data) : data_(std::make_shared<const T>(std::move(data))) {}
  const T& operator*() const { return *data_; }

 private:
  std::shared_ptr<const T> data_;
};

struct Value;
struct Entry;
using Values = std::vector<Value>;
using Entries = std::vector<Entry>;  // of a map, in the order of the author; no two keys are equal

struct Value {
  std::variant<Error, Null, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, Timestamp,
               Duration, TypeName, Shared<Values>, Shared<Entries>>
      data;

  template <class T>
  const T* get() const {
    if constexpr (std::is_same_v<T, Values> || std::is_same_v<T, Entries>) {
      const auto* shared = std::get_if<Shared<T>>(&data);
      return shared ? &**shared : nullptr;
    } else {
      return std::get_if<T>(&data);
    }
  }
  bool is_error() const { return get<Error>() != nullptr; }
};

struct Entry {
  Value key;
  Value value;
};

/// As the language's `==`: numbers are compared by what they count, values of other different types differ. An error equals nothing.
bool operator==(const Value& a, const Value& b);

/// Which of two values of an ordered type is less; nothing when the language does not order them.
std::optional<std::partial_ordering> order(const Value& a, const Value& b);

const Value* find(const Entries& entries, const Value& key);
/// Whether it is a bool, a whole number or a string.
bool can_be_key(const Value& value);
/// `int`, `google.protobuf.Timestamp`, as `type()` names it.
std::string_view type_name(const Value& value);
Value error(std::string message, Span span);
/// The error that stands for several: one that is unknown, else the first; null when there is none.
const Value* first_error(const Value* begin, const Value* end);

/// The value that a literal, or a list or map of literals, stands for; and the other way round (nothing if no literal is that value).
std::optional<Value> constant(const Expr& expr);
std::optional<Expr> constant(const Value& value, Span span);

/// The value as the language would write it: `{"a": [1, 2u, 1.5]}`, `timestamp("2020-01-01T00:00:00Z")`.
std::string print(const Value& value);

}  // namespace penstock::cel
