#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::yaml {

/// How a string is written.
enum class Form : std::uint8_t {
  Plain,   // as it is
  Quoted,  // `"…"`, or `'…'` where that needs no escapes and double quotes would
  Block,   // `|`
};

struct Context {
  bool flow = false;  // inside `[…]` or `{…}`
  bool key = false;
  bool root = false;  // the document itself
};

/// The form a string takes so that YAML 1.1, YAML 1.2 and Ruby's reader all give back this string and nothing else.
Form form_of(std::string_view text, Context context);

/// Whether no reader takes this for anything but this string when it stands without quotes.
bool is_safe_plain(std::string_view text, bool flow);

/// Whether the first line with text begins with a blank: a block must say its indentation then.
bool needs_indicator(std::string_view text);

std::string quoted_text(std::string_view text);

/// The lines of a comment: what could end one is where it is split, and what YAML forbids becomes `?`.
std::string comment_text(std::string_view text);

}  // namespace penstock::yaml
