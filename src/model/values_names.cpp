#include <algorithm>
#include <array>

#include "base/table.h"
#include "base/text.h"
#include "model/part.h"
#include "model/values.h"

namespace penstock::model {

Table reserved_variables();  // templates/variables.yaml, embedded

namespace {

using Written = Located<std::string>;

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

bool is_lower(char c) { return kLower.find(c) != std::string_view::npos; }
bool is_digit(char c) { return kDigits.find(c) != std::string_view::npos; }
bool is_letter(char c) { return is_lower(c) || kUpper.find(c) != std::string_view::npos; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The end of the UTF-8 character at a position.
std::size_t after_character(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;) ++at;
  return at;
}

/// The name as our rules would have it: `My_Service` becomes `my-service`. Empty when nothing is left.
std::string kebab(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || (is_digit(c) && !out.empty()))
      out += lower(c);
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

PENSTOCK_MESSAGE(BadName, "name `{}`: {}", std::string, std::string);

bool fail_name(const Written& written, std::size_t begin, std::size_t end, std::string what, std::string help,
               diag::Sink& sink) {
  diag::build(sink, part(written, begin, end), kBadName, written.value, std::move(what))
      .help(std::move(help))
      .emit();
  return false;
}

/// Reports the first character that may not stand in the name.
template <class Allowed>
bool check_characters(const Written& written, const Allowed& allowed, std::string help, diag::Sink& sink) {
  const std::string& text = written.value;
  if (text.empty()) return fail_name(written, 0, 0, "it is empty", std::move(help), sink);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (allowed(text[at], at)) continue;
    const std::size_t end = after_character(text, at);
    const std::string seen = text.substr(at, end - at);
    return fail_name(written, at, end,
                     at == 0 ? "it may not begin with `" + seen + "`" : "it may not hold `" + seen + "`",
                     std::move(help), sink);
  }
  return true;
}

bool check_kebab(const Written& written, std::size_t most, diag::Sink& sink) {
  const std::string& text = written.value;
  const std::string better = kebab(text);
  const std::string help = better.empty() || better == text
                               ? "a name is made of lower-case letters, digits and `-`"
                               : "write `" + better + "`";
  const auto allowed = [](char c, std::size_t at) {
    return is_lower(c) || (at > 0 && (is_digit(c) || c == '-'));
  };
  if (!check_characters(written, allowed, help, sink)) return false;
  if (text.back() == '-')
    return fail_name(written, text.size() - 1, text.size(), "it may not end in `-`", help, sink);
  if (const auto at = text.find("--"); at != std::string::npos)
    return fail_name(written, at, at + 2, "it has two `-` in a row", help, sink);
  if (text.size() > most)
    return fail_name(written, most, text.size(), "it is longer than " + std::to_string(most) + " characters",
                     "", sink);
  return true;
}

PENSTOCK_MESSAGE(BadVariable, "environment variable `{}`: {}", std::string, std::string);

bool fail_variable(const Written& written, Span span, std::string what, std::string help, diag::Sink& sink) {
  diag::build(sink, span, kBadVariable, written.value, std::move(what)).help(std::move(help)).emit();
  return false;
}

bool check_reserved(const Written& written, diag::Sink& sink) {
  const Table reserved = reserved_variables();
  const std::string_view owner = reserved.get("names." + written.value);
  if (!owner.empty())
    return fail_variable(written, written.span, "it belongs to " + std::string(owner), "take another name",
                         sink);
  for (const std::string_view prefix : reserved.keys("prefixes")) {
    if (!written.value.starts_with(prefix)) continue;
    const std::string whose(reserved.get("prefixes." + std::string(prefix)));
    return fail_variable(written, part(written, 0, prefix.size()),
                         "names that begin with `" + std::string(prefix) + "` belong to " + whose,
                         "take another name", sink);
  }
  return true;
}

PENSTOCK_MESSAGE(BadSecret, "secret `{}`: {}", std::string, std::string);

// What well-known tokens begin with (secret-scanning patterns of their makers).
constexpr std::array<std::string_view, 9> kTokens = {"ghp_", "gho_", "ghs_", "github_pat_", "glpat-",
                                                     "AKIA", "ASIA", "npm_", "xoxb-"};

PENSTOCK_MESSAGE(BadBranch, "branch `{}`: {}", std::string, std::string);

bool fail_branch(const Written& written, std::size_t begin, std::size_t end, std::string what,
                 std::string help, diag::Sink& sink) {
  diag::build(sink, part(written, begin, end), kBadBranch, written.value, std::move(what))
      .help(std::move(help))
      .emit();
  return false;
}

PENSTOCK_MESSAGE(BadRepository, "repository `{}`: {}", std::string, std::string);

bool fail_repository(const Written& written, Span span, std::string what, std::string help,
                     diag::Sink& sink) {
  diag::build(sink, span, kBadRepository, written.value, std::move(what)).help(std::move(help)).emit();
  return false;
}

/// `acme/payments` out of `https://host/acme/payments.git` and `git@host:acme/payments.git`.
std::string without_host(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    text.remove_prefix(scheme + 3);
    text.remove_prefix(std::min(text.find('/'), text.size()));
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    text.remove_prefix(colon + 1);
  }
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  if (text.ends_with(".git")) text.remove_suffix(4);
  return std::string(text);
}

bool is_repository_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

}  // namespace

bool check_name(const Written& written, diag::Sink& sink) { return check_kebab(written, 40, sink); }

bool check_project_name(const Written& written, diag::Sink& sink) { return check_kebab(written, 32, sink); }

bool check_identifier(const Written& written, diag::Sink& sink) {
  const auto allowed = [](char c, std::size_t at) {
    return is_letter(c) || c == '_' || (at > 0 && (is_digit(c) || c == '-'));
  };
  return check_characters(written, allowed, "it is made of letters, digits, `_` and `-`", sink);
}

bool check_variable(const Written& written, diag::Sink& sink) {
  const std::string& text = written.value;
  if (text.empty()) return fail_variable(written, written.span, "it is empty", "", sink);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_letter(text[at]) || text[at] == '_' || (at > 0 && is_digit(text[at]))) continue;
    const std::size_t end = after_character(text, at);
    return fail_variable(written, part(written, at, end), "scripts cannot read it",
                         std::string("it is made of letters, digits and `_`: write `") +
                             (is_digit(text[0]) ? "_" : "") + variable_name(text) + "`",
                         sink);
  }
  return check_reserved(written, sink);
}

bool check_secret(const Written& written, diag::Sink& sink) {
  const std::string& text = written.value;
  const auto fail = [&](Span span, std::string what, std::string help) {
    diag::build(sink, span, kBadSecret, text.substr(0, 12) + (text.size() > 12 ? "…" : ""), std::move(what))
        .help(std::move(help))
        .emit();
    return false;
  };
  for (const std::string_view token : kTokens) {
    if (text.starts_with(token) && text.size() >= 20)
      return fail(written.span, "this looks like the secret itself",
                  "revoke it, store the new one on the platform, and write the name it has there");
  }
  if (text.empty()) return fail(written.span, "it is empty", "write the name it has on the platform");
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool inner = is_digit(text[at]) || std::string_view("_-/").find(text[at]) != std::string_view::npos;
    if (is_letter(text[at]) || (at > 0 && inner)) continue;
    return fail(part(written, at, after_character(text, at)), "it is no name of a secret",
                "a name begins with a letter and is made of letters, digits, `-`, `_` and `/`");
  }
  if (text.size() > 64) return fail(part(written, 64, text.size()), "it is longer than 64 characters", "");
  return true;
}

bool check_person(const Written& written, diag::Sink& sink) {
  if (written.value.starts_with('@'))
    return fail_name(written, 0, 1, "it may not begin with `@`", "write `" + written.value.substr(1) + "`",
                     sink);
  const auto allowed = [](char c, std::size_t at) {
    return is_letter(c) || is_digit(c) ||
           (at > 0 && std::string_view("._-/").find(c) != std::string_view::npos);
  };
  return check_characters(
      written, allowed, "write the name of a user, or of a team or group: `platform`, `acme/platform`", sink);
}

// git-check-ref-format(1).
bool check_branch(const Written& written, diag::Sink& sink) {
  const std::string& text = written.value;
  if (text.empty()) return fail_branch(written, 0, 0, "it is empty", "", sink);
  if (text.starts_with("refs/heads/"))
    return fail_branch(written, 0, 11, "it is the name of a reference", "write `" + text.substr(11) + "`",
                       sink);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool control = (text[at] >= 0 && text[at] <= ' ') || text[at] == '\x7f';
    if (control || std::string_view("~^:?*[\\").find(text[at]) != std::string_view::npos)
      return fail_branch(written, at, at + 1,
                         "Git allows no " + (text[at] == ' ' ? std::string("space")
                                             : control       ? "control character"
                                                             : "`" + text.substr(at, 1) + "`"),
                         std::string_view("*?[").find(text[at]) != std::string_view::npos
                             ? "write one branch, no pattern"
                             : "",
                         sink);
  }
  for (const std::string_view wrong : {"..", "//", "@{", "/."}) {
    if (const auto at = text.find(wrong); at != std::string::npos)
      return fail_branch(written, at, at + 2, "Git allows no `" + std::string(wrong) + "`", "", sink);
  }
  if (std::string_view("/-.").find(text[0]) != std::string_view::npos)
    return fail_branch(written, 0, 1, "it may not begin with `" + text.substr(0, 1) + "`", "", sink);
  for (const std::string_view end : {"/", ".", ".lock"}) {
    if (text.ends_with(end))
      return fail_branch(written, text.size() - end.size(), text.size(),
                         "it may not end in `" + std::string(end) + "`", "", sink);
  }
  return true;
}

bool check_repository_name(const Written& written, diag::Sink& sink, bool groups) {
  const std::string& text = written.value;
  const std::string form = groups ? "write owner and name, or groups and name: `acme/payments`"
                                  : "write owner and name: `acme/payments`";
  if (text.find(':') != std::string::npos || text.ends_with(".git") || text.ends_with('/'))
    return fail_repository(written, written.span, "it is an address",
                           without_host(text).empty() ? form : "write `" + without_host(text) + "`", sink);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '/' || is_repository_character(text[at])) continue;
    const std::size_t end = after_character(text, at);
    return fail_repository(written, part(written, at, end),
                           "it may not hold `" + text.substr(at, end - at) + "`", form, sink);
  }
  const auto parts = split(text, '/');
  const bool has_empty = std::ranges::any_of(
      parts, [](std::string_view name) { return name.empty() || name == "." || name == ".."; });
  if (parts.size() < 2 || has_empty)
    return fail_repository(written, written.span, "it has no owner and name", form, sink);
  if (parts.size() > 2 && !groups)
    return fail_repository(written, written.span, "it has " + std::to_string(parts.size()) + " parts", form,
                           sink);
  return true;
}

}  // namespace penstock::model
