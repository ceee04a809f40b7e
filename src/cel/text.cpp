#include <fmt/format.h>

#include <algorithm>

#include "cel/overload.h"
#include "cel/unicode.h"

// The extension `strings`: places and lengths count characters.

namespace penstock::cel {
namespace {

using Arguments = std::span<const Value>;

const std::string& text(Arguments of, std::size_t i) { return *of[i].get<std::string>(); }
std::int64_t number(Arguments of, std::size_t i) { return *of[i].get<std::int64_t>(); }
std::int64_t length(std::u32string_view text) { return static_cast<std::int64_t>(text.size()); }

/// Each function here looks at all characters of its texts.
bool pay(Arguments of, Context& context) {
  return std::ranges::all_of(of, [&](const Value& one) {
    const auto* all = one.get<std::string>();
    return context.budget.spend(1 + (all ? all->size() / 8 : 0));
  });
}

Value no_place(std::int64_t at, const Context& context) {
  return error(fmt::format("the text has no character {}", at), context.span);
}

Value char_at(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  const std::u32string all = characters(text(of, 0));
  const std::int64_t at = number(of, 1);
  if (at < 0 || at > length(all)) return no_place(at, context);
  return {utf8(std::u32string_view(all).substr(static_cast<std::size_t>(at), 1))};
}

/// Searching tries each place, and compares there.
bool pay_search(std::u32string_view in, std::u32string_view what, Context& context) {
  return context.budget.spend(1 + in.size() / 8 * (1 + what.size() / 32));
}

template <bool kLast>
Value index_of(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  const std::u32string all = characters(text(of, 0)), what = characters(text(of, 1));
  if (!pay_search(all, what, context)) return too_expensive(context.span);
  const std::int64_t from = of.size() > 2 ? number(of, 2) : kLast ? length(all) : 0;
  // An empty text is found where the search starts, at the end too; any other must start before it.
  const bool starts_at_end = of.size() > 2 && from == length(all) && !what.empty();
  if (from < 0 || from > length(all) || starts_at_end) return no_place(from, context);
  const auto at = static_cast<std::size_t>(from);
  const std::size_t found = kLast ? all.rfind(what, at) : all.find(what, at);
  return {found == std::u32string::npos ? std::int64_t{-1} : static_cast<std::int64_t>(found)};
}

Value substring(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  const std::u32string all = characters(text(of, 0));
  const std::int64_t begin = number(of, 1), end = of.size() > 2 ? number(of, 2) : length(all);
  if (begin < 0 || begin > length(all)) return no_place(begin, context);
  if (end < 0 || end > length(all)) return no_place(end, context);
  if (begin > end) return error(fmt::format("{} is behind {}", begin, end), context.span);
  return {utf8(std::u32string_view(all).substr(static_cast<std::size_t>(begin),
                                               static_cast<std::size_t>(end - begin)))};
}

template <char kFrom, char kTo, int kBy>
Value with_case(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  std::string all = text(of, 0);
  for (char& c : all)
    if (c >= kFrom && c <= kTo) c = static_cast<char>(c + kBy);
  return {std::move(all)};
}

/// The places where a text stands in another, at most so many. An empty one stands before each character and at the end.
std::vector<std::size_t> places(std::string_view in, std::string_view what, std::int64_t most) {
  std::vector<std::size_t> found;
  const auto character = [&](std::size_t at) { return at == in.size() || (in[at] & 0xC0) != 0x80; };
  for (std::size_t at = 0; at <= in.size() && most != 0;) {
    at = in.find(what, at);
    if (at == std::string_view::npos) break;
    if (!what.empty() || character(at)) {
      found.push_back(at);
      --most;
    }
    at += std::max<std::size_t>(what.size(), 1);
  }
  return found;
}

Value replaced(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  const std::string &in = text(of, 0), &from = text(of, 1), &to = text(of, 2);
  if (!context.budget.spend(1 + in.size() / 8 * (1 + from.size() / 32))) return too_expensive(context.span);
  const std::vector<std::size_t> found = places(in, from, of.size() > 3 ? number(of, 3) : -1);
  if (!context.budget.spend_text(in.size() + found.size() * to.size())) return too_expensive(context.span);
  std::string out;
  std::size_t done = 0;
  for (const std::size_t at : found) {
    out.append(in, done, at - done).append(to);
    done = at + from.size();
  }
  return {out.append(in, done)};
}

Values split_characters(const std::string& in, std::int64_t most) {
  std::u32string_view rest;
  const std::u32string all = characters(in);
  rest = all;
  Values parts;
  while (!rest.empty() && (most < 0 || static_cast<std::int64_t>(parts.size()) + 1 < most)) {
    parts.push_back({utf8(rest.substr(0, 1))});
    rest.remove_prefix(1);
  }
  if (!rest.empty()) parts.push_back({utf8(rest)});
  return parts;
}

Value split(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  const std::string &in = text(of, 0), &by = text(of, 1);
  const std::int64_t most = of.size() > 2 ? number(of, 2) : -1;
  if (!context.budget.spend(1 + in.size() / 8 * (1 + by.size() / 32))) return too_expensive(context.span);
  if (most == 0) return {Values{}};
  if (by.empty())
    return context.budget.spend(in.size()) ? Value{split_characters(in, most)} : too_expensive(context.span);
  Values parts;
  std::size_t done = 0;
  for (const std::size_t at : places(in, by, most < 0 ? -1 : most - 1)) {
    if (!context.budget.spend(1)) return too_expensive(context.span);
    parts.push_back({in.substr(done, at - done)});
    done = at + by.size();
  }
  parts.push_back({in.substr(done)});
  return {std::move(parts)};
}

Value joined(Arguments of, Context& context) {
  const Values& parts = *of[0].get<Values>();
  const std::string between = of.size() > 1 ? text(of, 1) : "";
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto* part = parts[i].get<std::string>();
    if (!part) return wrong_type("join", context.span);
    if (!context.budget.spend_text(part->size() + between.size())) return too_expensive(context.span);
    if (i > 0) out += between;
    out += *part;
  }
  return {std::move(out)};
}

/// As Unicode has it: White_Space.
bool is_blank(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

Value trimmed(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  const std::u32string all = characters(text(of, 0));
  const auto begin = std::ranges::find_if_not(all, is_blank);
  auto end = all.end();
  while (end != begin && is_blank(*(end - 1))) --end;
  return {utf8(std::u32string(begin, end))};
}

Value reversed(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  std::u32string all = characters(text(of, 0));
  std::ranges::reverse(all);
  return {utf8(all)};
}

Value quoted(Arguments of, Context& context) {
  if (!pay(of, context)) return too_expensive(context.span);
  constexpr std::string_view from = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view to = "abfnrtv\\\"";
  std::string out = "\"";
  for (const char c : utf8(characters(text(of, 0)))) {
    if (const std::size_t at = from.find(c); at != std::string_view::npos)
      out += {'\\', to[at]};
    else
      out += c;
  }
  return {out + "\""};
}

}  // namespace

std::vector<Overload> text_overloads() {
  using namespace types;
  const auto method = [](std::string_view function, std::vector<Type> parameters, Type result,
                         Implementation implementation) {
    return Overload{function, Form::Method, std::move(parameters), std::move(result), implementation};
  };
  return {
      method("charAt", {kString, kInt}, kString, char_at),
      method("indexOf", {kString, kString}, kInt, index_of<false>),
      method("indexOf", {kString, kString, kInt}, kInt, index_of<false>),
      method("lastIndexOf", {kString, kString}, kInt, index_of<true>),
      method("lastIndexOf", {kString, kString, kInt}, kInt, index_of<true>),
      method("substring", {kString, kInt}, kString, substring),
      method("substring", {kString, kInt, kInt}, kString, substring),
      method("lowerAscii", {kString}, kString, with_case<'A', 'Z', 'a' - 'A'>),
      method("upperAscii", {kString}, kString, with_case<'a', 'z', 'A' - 'a'>),
      method("replace", {kString, kString, kString}, kString, replaced),
      method("replace", {kString, kString, kString, kInt}, kString, replaced),
      method("split", {kString, kString}, list(kString), split),
      method("split", {kString, kString, kInt}, list(kString), split),
      method("join", {list(kString)}, kString, joined),
      method("join", {list(kString), kString}, kString, joined),
      method("trim", {kString}, kString, trimmed),
      method("reverse", {kString}, kString, reversed),
      {"strings.quote", Form::Function, {kString}, kString, quoted},
  };
}

}  // namespace penstock::cel
