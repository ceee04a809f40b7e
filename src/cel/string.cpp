#include <fmt/format.h>

#include "cel/overload.h"
#include "cel/regex.h"

// What the language itself can ask of text, bytes, lists and maps.

namespace penstock::cel {
namespace {

using Arguments = std::span<const Value>;

const std::string& text(Arguments of, std::size_t i) { return *of[i].get<std::string>(); }

bool pay(Arguments of, Context& context) {
  return context.budget.spend_text(text(of, 0).size() + text(of, 1).size());
}

Value size_of_text(Arguments of, Context& context) {
  if (!context.budget.spend_text(text(of, 0).size())) return too_expensive(context.span);
  std::int64_t count = 0;
  for (const char c : text(of, 0)) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return {count};
}
Value size_of_bytes(Arguments of, Context&) {
  return {static_cast<std::int64_t>(of[0].get<Bytes>()->data.size())};
}
Value size_of_list(Arguments of, Context&) {
  return {static_cast<std::int64_t>(of[0].get<Values>()->size())};
}
Value size_of_map(Arguments of, Context&) {
  return {static_cast<std::int64_t>(of[0].get<Entries>()->size())};
}

Value starts_with(Arguments of, Context& context) {
  return pay(of, context) ? Value{text(of, 0).starts_with(text(of, 1))} : too_expensive(context.span);
}
Value ends_with(Arguments of, Context& context) {
  return pay(of, context) ? Value{text(of, 0).ends_with(text(of, 1))} : too_expensive(context.span);
}
Value contains(Arguments of, Context& context) {
  // In the worst case each place is tried.
  const std::uint64_t tries = 1 + text(of, 0).size() / 32 * (1 + text(of, 1).size() / 32);
  if (!context.budget.spend(tries)) return too_expensive(context.span);
  return {text(of, 0).find(text(of, 1)) != std::string::npos};
}

Value matches_pattern(Arguments of, Context& context) {
  constexpr std::uint64_t compile = 16;  // a pattern's first step costs about as much as so many others
  const bool paid = context.budget.spend(compile + text(of, 1).size()) && pay(of, context);
  if (!paid) return too_expensive(context.span);
  if (const auto wrong = pattern_error(text(of, 1)))
    return error(fmt::format("`{}` is not a regular expression: {}", text(of, 1), *wrong), context.span);
  return {matches(text(of, 0), text(of, 1))};
}

}  // namespace

std::vector<Overload> string_overloads() {
  using namespace types;
  std::vector<Overload> all;
  for (const Form form : {Form::Function, Form::Method}) {
    all.push_back({"size", form, {kString}, kInt, size_of_text});
    all.push_back({"size", form, {kBytes}, kInt, size_of_bytes});
    all.push_back({"size", form, {list(parameter(0))}, kInt, size_of_list});
    all.push_back({"size", form, {map(parameter(0), parameter(1))}, kInt, size_of_map});
    all.push_back({"matches", form, {kString, kString}, kBool, matches_pattern});
  }
  all.push_back({"startsWith", Form::Method, {kString, kString}, kBool, starts_with});
  all.push_back({"endsWith", Form::Method, {kString, kString}, kBool, ends_with});
  all.push_back({"contains", Form::Method, {kString, kString}, kBool, contains});
  return all;
}

}  // namespace penstock::cel
