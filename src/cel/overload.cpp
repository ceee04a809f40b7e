#include "cel/overload.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/check.h"

namespace penstock::cel {
namespace {

class Table {
 public:
  Table() {
    for (auto part : {arithmetic_overloads, comparison_overloads, conversion_overloads, string_overloads,
                      text_overloads, format_overloads, time_overloads, math_overloads, bit_overloads})
      std::ranges::move(part(), std::back_inserter(all_));
    std::ranges::stable_sort(all_, {}, &Overload::function);
    for (std::size_t begin = 0; begin < all_.size();) {
      std::size_t end = begin;
      while (end < all_.size() && all_[end].function == all_[begin].function) ++end;
      ranges_[all_[begin].function] = std::span(all_).subspan(begin, end - begin);
      if (all_[begin].function.front() != '_') names_.push_back(all_[begin].function);
      begin = end;
    }
  }
  std::span<const Overload> of(std::string_view function) const {
    const auto found = ranges_.find(function);
    return found == ranges_.end() ? std::span<const Overload>() : found->second;
  }
  const std::vector<std::string_view>& names() const { return names_; }

 private:
  std::vector<Overload> all_;
  std::map<std::string_view, std::span<const Overload>> ranges_;
  std::vector<std::string_view> names_;
};

const Table& table() {
  static const Table kTable;
  return kTable;
}

/// Whether a value can be an argument; what is inside of lists and maps is not looked at.
bool accepts(const Type& parameter, const Value& value) {
  switch (parameter.kind) {
    case Type::Kind::Error:
    case Type::Kind::Dyn:
    case Type::Kind::Parameter: return true;
    case Type::Kind::Null: return value.get<Null>() != nullptr;
    case Type::Kind::Bool: return value.get<bool>() != nullptr;
    case Type::Kind::Int: return value.get<std::int64_t>() != nullptr;
    case Type::Kind::Uint: return value.get<std::uint64_t>() != nullptr;
    case Type::Kind::Double: return value.get<double>() != nullptr;
    case Type::Kind::String: return value.get<std::string>() != nullptr;
    case Type::Kind::Bytes: return value.get<Bytes>() != nullptr;
    case Type::Kind::Timestamp: return value.get<Timestamp>() != nullptr;
    case Type::Kind::Duration: return value.get<Duration>() != nullptr;
    case Type::Kind::TypeOf: return value.get<TypeName>() != nullptr;
    case Type::Kind::List: return value.get<Values>() != nullptr;
    case Type::Kind::Map: return value.get<Entries>() != nullptr;
  }
  return false;
}

bool accepts(const Overload& overload, std::span<const Value> arguments) {
  if (!overload.takes(arguments.size())) return false;
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (!accepts(overload.parameters[std::min(i, overload.parameters.size() - 1)], arguments[i]))
      return false;
  return true;
}

}  // namespace

std::string_view function_of(Operator op) {
  switch (op) {
    case Operator::Not: return "_!";
    case Operator::Negate: return "_-";
    case Operator::Equal: return "_==_";
    case Operator::NotEqual: return "_!=_";
    case Operator::Less: return "_<_";
    case Operator::LessEqual: return "_<=_";
    case Operator::Greater: return "_>_";
    case Operator::GreaterEqual: return "_>=_";
    case Operator::In: return "_in_";
    case Operator::Add: return "_+_";
    case Operator::Subtract: return "_-_";
    case Operator::Multiply: return "_*_";
    case Operator::Divide: return "_/_";
    case Operator::Remainder: return "_%_";
    case Operator::Index: return "_[_]";
    case Operator::Or:
    case Operator::And:
    case Operator::Conditional: break;
  }
  PENSTOCK_CHECK(false);
}

std::span<const Overload> overloads(std::string_view function) { return table().of(function); }
const std::vector<std::string_view>& function_names() { return table().names(); }

std::optional<Value> call(std::string_view function, bool method, std::span<const Value> arguments,
                          Context& context) {
  bool exists = false;
  const Value* failed = first_error(arguments.data(), arguments.data() + arguments.size());
  for (const Overload& overload : overloads(function)) {
    if (overload.is_method() != method) continue;
    exists = true;
    if (failed) return *failed;
    if (accepts(overload, arguments)) return overload.implementation(arguments, context);
  }
  return exists ? std::optional(wrong_type(function, context.span)) : std::nullopt;
}

Value wrong_type(std::string_view function, Span span) {
  std::string name(function);
  std::erase(name, '_');
  return error(fmt::format("`{}` does not work on such values", name), span);
}

}  // namespace penstock::cel
