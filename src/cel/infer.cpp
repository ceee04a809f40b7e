#include "cel/infer.h"

#include <algorithm>

// The rules of cel-go's checker: a type that is open takes the first that it meets, and later ones only if they agree.
// Where several overloads would take an open type, cel-go settles on the first of them, and we leave it open.

namespace penstock::cel {
namespace {

using Kind = Type::Kind;

bool is_dynamic(const Type& type) { return type.kind == Kind::Dyn || type.kind == Kind::Error; }

bool is_open_or_dynamic(const Type& type) { return is_dynamic(type) || type.kind == Kind::Parameter; }

/// Whether nothing in it is open or known only when it runs.
bool is_whole(const Type& type) {
  return !is_open_or_dynamic(type) && std::ranges::all_of(type.parameters, is_whole);
}

bool equal_or_less_specific(const Type& a, const Type& b) {
  if (is_open_or_dynamic(a)) return true;
  if (is_open_or_dynamic(b) || a.kind != b.kind) return false;
  if (a.kind == Kind::TypeOf) return true;
  return std::ranges::equal(a.parameters, b.parameters, equal_or_less_specific);
}

const Type& more_general(const Type& a, const Type& b) { return equal_or_less_specific(a, b) ? a : b; }

/// A signature's type with open types for its parameters.
Type instance(const Type& type, std::vector<std::pair<unsigned, Type>>& open, Inference& inference) {
  if (type.kind == Kind::Parameter) {
    const auto known = std::ranges::find(open, type.id, &std::pair<unsigned, Type>::first);
    if (known != open.end()) return known->second;
    return open.emplace_back(type.id, inference.open()).second;
  }
  Type copy{type.kind};
  for (const Type& inner : type.parameters) copy.parameters.push_back(instance(inner, open, inference));
  return copy;
}

}  // namespace

Type Inference::open() {
  found_.emplace_back();
  return types::parameter(kFirst + static_cast<unsigned>(found_.size()) - 1);
}

Type Inference::substituted(const Type& type, bool is_end) const {
  if (type.kind == Kind::Parameter) {
    const std::optional<Type>& known = found(type);
    return known ? substituted(*known, is_end) : is_end ? types::kDyn : type;
  }
  if (type.parameters.empty()) return type;
  Type copy{type.kind};
  for (const Type& inner : type.parameters) copy.parameters.push_back(substituted(inner, is_end));
  return copy;
}

void Inference::keep(const Type& parameter, Type type) {
  std::optional<Type>& known = found(parameter);
  undo_.emplace_back(parameter.id - kFirst, std::move(known));
  known = std::move(type);
}

void Inference::undo(Mark mark) {
  for (; undo_.size() > mark; undo_.pop_back()) found_[undo_.back().first] = std::move(undo_.back().second);
}

bool Inference::assign(const Type& type, const Type& wanted) {
  const Mark mark = undo_.size();
  const bool fits = try_assign(type, wanted);
  if (!fits) undo(mark);
  return fits;
}

bool Inference::occurs(const Type& parameter, const Type& type) const {
  if (type == parameter) return true;
  if (type.kind == Kind::Parameter) {
    const std::optional<Type>& known = found(type);
    return known && occurs(parameter, *known);
  }
  return std::ranges::any_of(type.parameters, [&](const Type& inner) { return occurs(parameter, inner); });
}

/// Whether a type can be what a parameter stands for; nothing when it cannot, but nothing else is known of the parameter.
std::optional<bool> Inference::substitute(const Type& type, const Type& parameter) {
  if (type == parameter) return true;
  if (const std::optional<Type> known = found(parameter)) {
    if (type == *known) return true;
    if (!try_assign(type, *known)) return false;
    Type general = more_general(type, *known);
    if (!occurs(parameter, general)) keep(parameter, std::move(general));
    return true;
  }
  if (occurs(parameter, type)) return std::nullopt;
  keep(parameter, type);
  return true;
}

bool Inference::try_assign(const Type& type, const Type& wanted) {
  if (wanted.kind == Kind::Parameter)
    if (const auto result = substitute(type, wanted)) return *result;
  if (type.kind == Kind::Parameter) return substitute(wanted, type).value_or(false);
  if (is_dynamic(type) || is_dynamic(wanted)) return true;
  if (type.kind != wanted.kind) return false;
  if (type.kind == Kind::TypeOf) return true;
  return std::ranges::equal(type.parameters, wanted.parameters,
                            [&](const Type& a, const Type& b) { return try_assign(a, b); });
}

Type Inference::joined(const Type& a, const Type& b) {
  return assign(a, b) ? more_general(resolved(a), resolved(b)) : types::kDyn;
}

bool Inference::try_call(const Overload& overload, std::span<const Type> arguments, Type& result) {
  std::vector<std::pair<unsigned, Type>> open;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Type& parameter = overload.parameters[std::min(i, overload.parameters.size() - 1)];
    if (!try_assign(arguments[i], instance(parameter, open, *this))) return false;
  }
  result = resolved(instance(overload.result, open, *this));
  return true;
}

std::optional<Type> Inference::call(std::span<const Overload> overloads, bool method,
                                    std::span<const Type> arguments) {
  const bool is_known =
      std::ranges::all_of(arguments, [&](const Type& one) { return is_whole(resolved(one)); });
  const Overload* only = nullptr;
  std::optional<Type> common;
  for (const Overload& overload : overloads) {
    if (overload.form == Form::Untyped || overload.is_method() != method || !overload.takes(arguments.size()))
      continue;
    const Mark mark = undo_.size();
    Type result;
    const bool fits = try_call(overload, arguments, result);
    if (fits && is_known) return result;
    undo(mark);
    if (!fits) continue;
    only = common ? nullptr : &overload;
    common = !common || *common == result ? std::move(result) : types::kDyn;
  }
  // What the arguments must be for the only overload that takes them is kept.
  if (only) try_call(*only, arguments, *common);
  return common;
}

bool Inference::begins(const Overload& overload, std::span<const Type> arguments) {
  const Mark mark = undo_.size();
  Type result;
  const bool fits = try_call(overload, arguments, result);
  undo(mark);
  return fits;
}

}  // namespace penstock::cel
