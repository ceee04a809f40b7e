#include "cel/type.h"

#include <fmt/format.h>

namespace penstock::cel {

Type types::list(Type of) { return {Type::Kind::List, {std::move(of)}}; }

std::string name(const Type& type) {
  switch (type.kind) {
    case Type::Kind::Error: return "unknown";
    case Type::Kind::Dyn: return "dyn";
    case Type::Kind::Bool: return "bool";
    case Type::Kind::Int: return "int";
    case Type::Kind::String: return "string";
    case Type::Kind::List: return fmt::format("list({})", name(type.parameters.front()));
  }
  return {};
}

bool fits(const Type& type, const Type& wanted) {
  const auto is_open = [](const Type& one) {
    return one.kind == Type::Kind::Error || one.kind == Type::Kind::Dyn;
  };
  if (is_open(type) || is_open(wanted)) return true;
  if (type.kind != wanted.kind) return false;
  return type.kind != Type::Kind::List || fits(type.parameters.front(), wanted.parameters.front());
}

Type join(const Type& a, const Type& b) {
  if (a.kind == Type::Kind::Error) return b;
  if (b.kind == Type::Kind::Error || a == b) return a;
  if (a.kind == Type::Kind::List && b.kind == Type::Kind::List)
    return types::list(join(a.parameters.front(), b.parameters.front()));
  return types::kDyn;
}

}  // namespace penstock::cel
