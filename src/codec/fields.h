#pragma once
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "yaml/node.h"

/// Field tables: a record is a plain struct and a table of rows. The rows decode it, encode it, order its keys, leave out what is
/// empty, and know what was expected when a key is unknown.
///
///   struct Job { std::string runs_on; std::vector<std::string> needs; };
///   constexpr std::array kJobRows = {row<&Job::runs_on>("runs-on", kRequired, "the runner's label"),
///                                    row<&Job::needs>("needs", kOmitEmpty, "jobs that must have succeeded")};
///   inline std::span<const Row> rows(const Job*) { return kJobRows; }   // found by argument-dependent lookup
///
/// Members may be: std::string, bool, long, std::optional<T>, std::vector<T>, Located<T>, Named<T> (a mapping in its order),
/// yaml::Node (anything, kept as it is), an enum with `enum_names(const E*)`, another record, or a type with its own
/// `decode_value(const yaml::Node&, T&, Decoder&)`, `encode_value(const T&)` and `is_empty(const T&)` (found by ADL).
namespace penstock::codec {

/// A mapping from names to values, in the order of the author.
template <class T>
using Named = std::vector<std::pair<Located<std::string>, T>>;

enum class Presence : unsigned char { Required, OmitEmpty, Later };
constexpr Presence kRequired = Presence::Required;
constexpr Presence kOmitEmpty = Presence::OmitEmpty;

class Decoder;

/// What can be done with a value of some type, its type erased.
struct Operations {
  void (*decode)(const yaml::Node& node, void* value, Decoder& decoder);
  yaml::Node (*encode)(const void* value);
  bool (*empty)(const void* value);
};

struct Row {
  std::string_view key;
  Presence presence = kOmitEmpty;
  std::string_view doc;
  void* (*reach)(void* record) = nullptr;
  const Operations* operations = nullptr;
  bool literal_key = false;  // written as it is: `on`
};

/// Where decoding stands: the sink, and whether foreign keys are kept or refused.
class Decoder {
 public:
  explicit Decoder(diag::Sink& sink) : sink_(sink) {}
  diag::Sink& sink() { return sink_; }
  /// Reports that `node` is not what was expected ("a string", "a list of jobs").
  void wrong(const yaml::Node& node, std::string_view expected);

 private:
  diag::Sink& sink_;
};

/// Keys of a mapping that no row knows, for trees of foreign formats. A record has at most one such member, in a row made by
/// `rest<&Job::others>()`; without it an unknown key is an error with a suggestion.
using Others = std::vector<yaml::Entry>;

void decode_record(const yaml::Node& node, std::span<const Row> rows, void* record, Decoder& decoder);
yaml::Node encode_record(std::span<const Row> rows, const void* record);

// --- the kinds of members ------------------------------------------------------------------------------------------

void decode_value(const yaml::Node& node, std::string& value, Decoder& decoder);
yaml::Node encode_value(const std::string& value);
bool is_empty(const std::string& value);

void decode_value(const yaml::Node& node, bool& value, Decoder& decoder);
yaml::Node encode_value(const bool& value);
bool is_empty(const bool& value);

void decode_value(const yaml::Node& node, long& value, Decoder& decoder);
yaml::Node encode_value(const long& value);
bool is_empty(const long& value);

void decode_value(const yaml::Node& node, yaml::Node& value, Decoder& decoder);
yaml::Node encode_value(const yaml::Node& value);
bool is_empty(const yaml::Node& value);

/// One alternative of the closed list of an enum.
void decode_choice(const yaml::Node& node, std::span<const std::string_view> names, std::size_t& index,
                   Decoder& decoder);
/// Keys of a mapping, checked: reports anything that is no mapping. Null counts as an empty one.
bool expect_mapping(const yaml::Node& node, Decoder& decoder);
bool expect_sequence(const yaml::Node& node, std::string_view of, Decoder& decoder);

template <class T>
concept HasRows = requires(const T* record) {
  { rows(record) } -> std::convertible_to<std::span<const Row>>;
};
template <class T>
concept HasNames = std::is_enum_v<T> && requires(const T* value) {
  { enum_names(value) } -> std::convertible_to<std::span<const std::string_view>>;
};

template <class T>
struct Kind {  // a type with its own functions
  static void decode(const yaml::Node& node, T& value, Decoder& decoder) {
    decode_value(node, value, decoder);
  }
  static yaml::Node encode(const T& value) { return encode_value(value); }
  static bool empty(const T& value) { return is_empty(value); }
};

template <HasRows T>
struct Kind<T> {
  static void decode(const yaml::Node& node, T& value, Decoder& decoder) {
    decode_record(node, rows(&value), &value, decoder);
  }
  static yaml::Node encode(const T& value) { return encode_record(rows(&value), &value); }
  static bool empty(const T& value) { return encode(value).entries.empty(); }
};

template <HasNames T>
struct Kind<T> {
  static void decode(const yaml::Node& node, T& value, Decoder& decoder) {
    auto index = static_cast<std::size_t>(value);
    decode_choice(node, enum_names(&value), index, decoder);
    value = static_cast<T>(index);
  }
  static yaml::Node encode(const T& value) {
    return yaml::string(std::string(enum_names(&value)[static_cast<std::size_t>(value)]));
  }
  static bool empty(const T&) { return false; }
};

template <class T>
struct Kind<std::optional<T>> {
  static void decode(const yaml::Node& node, std::optional<T>& value, Decoder& decoder) {
    Kind<T>::decode(node, value.emplace(), decoder);
  }
  static yaml::Node encode(const std::optional<T>& value) { return Kind<T>::encode(*value); }
  static bool empty(const std::optional<T>& value) { return !value.has_value(); }
};

template <class T>
struct Kind<Located<T>> {
  static void decode(const yaml::Node& node, Located<T>& value, Decoder& decoder) {
    value.span = node.span;
    Kind<T>::decode(node, value.value, decoder);
  }
  static yaml::Node encode(const Located<T>& value) { return Kind<T>::encode(value.value); }
  static bool empty(const Located<T>& value) { return Kind<T>::empty(value.value); }
};

template <class T>
struct Kind<std::vector<T>> {
  static void decode(const yaml::Node& node, std::vector<T>& value, Decoder& decoder) {
    if (!expect_sequence(node, {}, decoder)) return;
    for (const yaml::Node& item : node.items) Kind<T>::decode(item, value.emplace_back(), decoder);
  }
  static yaml::Node encode(const std::vector<T>& value) {
    yaml::Node node = yaml::sequence();
    for (const T& item : value) node.items.push_back(Kind<T>::encode(item));
    return node;
  }
  static bool empty(const std::vector<T>& value) { return value.empty(); }
};

template <class T>
struct Kind<std::vector<std::pair<Located<std::string>, T>>> {
  using Map = Named<T>;
  static void decode(const yaml::Node& node, Map& value, Decoder& decoder) {
    if (!expect_mapping(node, decoder)) return;
    for (const yaml::Entry& entry : node.entries) {
      auto& [key, item] = value.emplace_back();
      key = {entry.key.text, entry.key.span};
      Kind<T>::decode(entry.value, item, decoder);
    }
  }
  static yaml::Node encode(const Map& value) {
    yaml::Node node = yaml::mapping();
    for (const auto& [key, item] : value) yaml::add(node, key.value, Kind<T>::encode(item));
    return node;
  }
  static bool empty(const Map& value) { return value.empty(); }
};

template <>
struct Kind<std::vector<yaml::Entry>> {  // Others: handled by the record itself
  static void decode(const yaml::Node&, Others&, Decoder&) {}
  static yaml::Node encode(const Others& value);
  static bool empty(const Others& value) { return value.empty(); }
};

// --- rows ----------------------------------------------------------------------------------------------------------

template <class T>
inline constexpr Operations kOperations = {
    [](const yaml::Node& node, void* value, Decoder& decoder) {
      Kind<T>::decode(node, *static_cast<T*>(value), decoder);
    },
    [](const void* value) { return Kind<T>::encode(*static_cast<const T*>(value)); },
    [](const void* value) { return Kind<T>::empty(*static_cast<const T*>(value)); }};

template <class M>
struct MemberOf;
template <class R, class T>
struct MemberOf<T R::*> {
  using Record = R;
  using Type = T;
};

template <auto Member>
constexpr Row row(std::string_view key, Presence presence, std::string_view doc, bool literal_key = false) {
  using Record = typename MemberOf<decltype(Member)>::Record;
  using Type = typename MemberOf<decltype(Member)>::Type;
  return {key,
          presence,
          doc,
          [](void* record) -> void* { return &(static_cast<Record*>(record)->*Member); },
          &kOperations<Type>,
          literal_key};
}

/// The member that keeps what no other row knows; its entries are written last.
template <auto Member>
constexpr Row rest() {
  return row<Member>("", kOmitEmpty, "");
}

/// A key of the language's design that this version does not know yet: refused with a diagnostic of its own.
constexpr Row later(std::string_view key, std::string_view doc) { return {key, Presence::Later, doc}; }

// --- whole documents -----------------------------------------------------------------------------------------------

template <class T>
T decode(const yaml::Node& node, diag::Sink& sink) {
  Decoder decoder(sink);
  T value;
  Kind<T>::decode(node, value, decoder);
  return value;
}

template <class T>
yaml::Node encode(const T& value) {
  return Kind<T>::encode(value);
}

}  // namespace penstock::codec
