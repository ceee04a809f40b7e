#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "yaml/scan.h"

namespace penstock::yaml {

/// What yaml-cpp complained of, as far as it tells us where to look.
enum class Trouble : unsigned char {
  Unknown,
  Tab,          // a tab where an indentation is read
  Colon,        // a `: ` that follows no key
  Entries,      // something other than the next key of a mapping
  Items,        // something other than the next `- ` of a list
  Flow,         // something other than `,` or the closing bracket
  Bracket,      // a closing bracket that closes nothing
  Dash,         // a `- ` inside a line
  Character,    // a character that begins nothing
  Anchor,       // an alias of nothing
  BlockHeader,  // text behind `|`
  TwoTags,
  TwoAnchors,
};

/// Where reading ended, and what was known then.
struct Wreck {
  std::string_view text;
  FileId file;
  std::uint32_t understood = 0;  // everything before this place was read
  std::uint32_t mark = 0;        // where the parser stood
  Trouble trouble = Trouble::Unknown;
  std::vector<std::uint32_t> open;  // brackets that were read and not closed
};

/// Says in plain words why the text is no YAML: exactly one error.
void explain(const Wreck& wreck, diag::Sink& sink);

void report_quote(std::string_view text, FileId file, std::uint32_t begin, const QuoteError& error,
                  diag::Sink& sink);
/// A line that should be `key: value`, and is not.
void report_missing_colon(std::string_view text, Span line, diag::Sink& sink);
void report_tab(Span tabs, diag::Sink& sink);

}  // namespace penstock::yaml
