#pragma once
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "codec/fields.h"

namespace penstock::targets::codepipeline {

/// `!Ref Name`: a parameter, a resource, or a fact of the stack such as `AWS::Region`.
struct Ref {
  std::string name;
  friend bool operator==(const Ref&, const Ref&) = default;
};
/// `!Sub text`, with `${Name}` and `${Name.Attribute}` inside.
struct Sub {
  std::string text;
  friend bool operator==(const Sub&, const Sub&) = default;
};
/// `!GetAtt Name.Attribute`, or the long form `{'Fn::GetAtt': [Name, Attribute]}`, the only one that some rules of cfn-guard know.
struct GetAtt {
  std::string name;
  std::string attribute;
  bool is_long = false;
  friend bool operator==(const GetAtt&, const GetAtt&) = default;
};
/// `!Join ['', [parts]]`, for the same rules.
struct Join {
  std::vector<std::variant<std::string, GetAtt>> parts;
  friend bool operator==(const Join&, const Join&) = default;
};

/// Text of a template: literal, or made by CloudFormation.
struct Value {
  std::variant<std::string, Ref, Sub, GetAtt, Join> of;
  Value() = default;
  Value(std::string text) : of(std::move(text)) {}    // NOLINT(google-explicit-constructor)
  Value(const char* text) : of(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  template <class T>
  requires(std::is_same_v<T, Ref> || std::is_same_v<T, Sub> || std::is_same_v<T, GetAtt> ||
           std::is_same_v<T, Join>) Value(T intrinsic)
      : of(std::move(intrinsic)) {}  // NOLINT(google-explicit-constructor)
  friend bool operator==(const Value&, const Value&) = default;
};
void decode_value(const yaml::Node& node, Value& value, codec::Decoder& decoder);
yaml::Node encode_value(const Value& value);
bool is_empty(const Value& value);

/// One thing, or a list: IAM takes both, and people read the first better.
template <class T>
struct OneOrMore {
  std::vector<T> all;
  OneOrMore() = default;
  OneOrMore(std::vector<T> many) : all(std::move(many)) {}  // NOLINT(google-explicit-constructor)
  OneOrMore(std::initializer_list<T> many) : all(many) {}
  template <class U>
  requires std::is_constructible_v<T, U> OneOrMore(U one)
      : all{T(std::move(one))} {}  // NOLINT(google-explicit-constructor)
};
template <class T>
void decode_value(const yaml::Node& node, OneOrMore<T>& value, codec::Decoder& decoder) {
  if (node.is_sequence()) return codec::Kind<std::vector<T>>::decode(node, value.all, decoder);
  codec::Kind<T>::decode(node, value.all.emplace_back(), decoder);
}
template <class T>
yaml::Node encode_value(const OneOrMore<T>& value) {
  if (value.all.size() == 1) return codec::Kind<T>::encode(value.all.front());
  return codec::Kind<std::vector<T>>::encode(value.all);
}
template <class T>
bool is_empty(const OneOrMore<T>& value) {
  return value.all.empty();
}

/// A number or word that is written bare: `0.2`.
struct Bare {
  std::string text;
};
void decode_value(const yaml::Node& node, Bare& value, codec::Decoder& decoder);
yaml::Node encode_value(const Bare& value);
bool is_empty(const Bare& value);

/// A name with a value, in order.
template <class T>
void put(codec::Named<T>& map, std::string key, T value) {
  map.emplace_back(Located<std::string>{std::move(key), {}}, std::move(value));
}

}  // namespace penstock::targets::codepipeline
