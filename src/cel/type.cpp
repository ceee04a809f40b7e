#include "cel/type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::cel {

Type types::list(Type of) { return {Type::Kind::List, {std::move(of)}}; }
Type types::map(Type key, Type value) { return {Type::Kind::Map, {std::move(key), std::move(value)}}; }
Type types::type_of(Type type) { return {Type::Kind::TypeOf, {std::move(type)}}; }
Type types::parameter(unsigned id) { return {Type::Kind::Parameter, {}, id}; }

std::string name(const Type& type) {
  switch (type.kind) {
    case Type::Kind::Error: return "unknown";
    case Type::Kind::Parameter:
    case Type::Kind::Dyn: return "dyn";
    case Type::Kind::Null: return "null";
    case Type::Kind::Bool: return "bool";
    case Type::Kind::Int: return "int";
    case Type::Kind::Uint: return "uint";
    case Type::Kind::Double: return "double";
    case Type::Kind::String: return "string";
    case Type::Kind::Bytes: return "bytes";
    case Type::Kind::Timestamp: return "timestamp";
    case Type::Kind::Duration: return "duration";
    case Type::Kind::TypeOf:
      return type.parameters.empty() ? "type" : fmt::format("type({})", name(type.parameters.front()));
    case Type::Kind::List: return fmt::format("list({})", name(type.parameters.front()));
    case Type::Kind::Map:
      return fmt::format("map({}, {})", name(type.parameters.front()), name(type.parameters.back()));
  }
  return {};
}

bool fits(const Type& type, const Type& wanted) {
  const auto is_open = [](const Type& one) {
    return one.kind == Type::Kind::Error || one.kind == Type::Kind::Dyn || one.kind == Type::Kind::Parameter;
  };
  if (is_open(type) || is_open(wanted)) return true;
  if (type.kind != wanted.kind) return false;
  if (type.kind == Type::Kind::TypeOf) return true;
  return std::ranges::equal(type.parameters, wanted.parameters, fits);
}

const Type* named_type(std::string_view name) {
  static const std::array<std::pair<std::string_view, Type>, 12> kAll = {{
      {"bool", types::kBool},
      {"bytes", types::kBytes},
      {"double", types::kDouble},
      {"google.protobuf.Duration", types::kDuration},
      {"google.protobuf.Timestamp", types::kTimestamp},
      {"int", types::kInt},
      {"list", types::list(types::kDyn)},
      {"map", types::map(types::kDyn, types::kDyn)},
      {"null_type", types::kNull},
      {"string", types::kString},
      {"type", {Type::Kind::TypeOf}},
      {"uint", types::kUint},
  }};
  const auto* const found = std::ranges::find(kAll, name, [](const auto& one) { return one.first; });
  return found == kAll.end() ? nullptr : &found->second;
}

}  // namespace penstock::cel
