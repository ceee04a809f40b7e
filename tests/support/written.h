#pragma once
#include <string>
#include <string_view>

#include "base/source.h"
#include "base/text.h"
#include "diag/sink.h"

namespace penstock::test {

/// A value as an author wrote it, alone in a file, and what is said about it.
class Written {
 public:
  explicit Written(std::string value) : Written(value, value) {}
  /// `text` is how it stands in the file: with quotes, for instance.
  Written(std::string value, std::string text) {
    const auto end = static_cast<std::uint32_t>(text.size());
    value_ = {std::move(value), {sources_.add("penstock.yaml", std::move(text)), 0, end}};
  }
  const Located<std::string>& value() const { return value_; }
  diag::Sink& sink() { return sink_; }

  /// One line for each diagnostic: `slug: underlined text: message (help)`.
  std::string said() const {
    std::string out;
    for (const diag::Diagnostic& diagnostic : sink_.diagnostics()) {
      if (!out.empty()) out += '\n';
      out += std::string(diag::slug(diagnostic.kind)) + ": " + std::string(sources_.text(diagnostic.span)) +
             ": " + diagnostic.message;
      for (const std::string& help : diagnostic.helps) out += " (" + help + ")";
    }
    return out;
  }

 private:
  SourceManager sources_;
  Located<std::string> value_;
  diag::Sink sink_;
};

}  // namespace penstock::test
