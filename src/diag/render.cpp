#include "diag/render.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace penstock::diag {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::Note: return "note";
    case Severity::Warning: return "warning";
    case Severity::Error: return "error";
  }
  return {};
}

std::string_view paint(Severity severity) {
  switch (severity) {
    case Severity::Note: return "\033[1;36m";
    case Severity::Warning: return "\033[1;33m";
    case Severity::Error: return "\033[1;31m";
  }
  return {};
}

/// Writes one painted piece of text after another.
class Pen {
 public:
  explicit Pen(bool color) : color_(color) {}
  void put(std::string_view text, std::string_view paint = {}) {
    if (color_ && !paint.empty()) out_ += paint;
    out_ += text;
    if (color_ && !paint.empty()) out_ += "\033[0m";
  }
  std::string take() { return std::move(out_); }

 private:
  bool color_;
  std::string out_;
};

/// The characters of UTF-8 text: what a caret line has to be as wide as.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A source line as a terminal may see it: control characters would move the cursor, or worse.
std::string shown(std::string_view line) {
  std::string out(line);
  std::ranges::replace_if(
      out, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }, '?');
  return out;
}

/// The line of a span with carets below it; `text` follows the carets.
void quote(Pen& pen, const SourceManager& sources, Span span, char mark, std::string_view text,
           std::string_view paint) {
  const Place place = sources.place(span.file, span.begin);
  const std::string number = fmt::format("{}", place.line);
  const std::string_view line = sources.line(span.file, span.begin);
  const std::string_view before = line.substr(0, std::min<std::size_t>(place.column - 1, line.size()));
  const std::string_view marked = line.substr(before.size(), std::max<std::size_t>(1, span.end - span.begin));
  std::string gap;
  for (const char c : before) {
    if (c == '\t') {
      gap += c;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      gap += ' ';
    }
  }
  pen.put(fmt::format("{} | ", number), "\033[34m");
  pen.put(fmt::format("{}\n", shown(line)));
  pen.put(fmt::format("{:{}} | ", "", number.size()), "\033[34m");
  pen.put(gap);
  pen.put(std::string(std::max<std::size_t>(1, width(marked)), mark), paint);
  if (!text.empty()) pen.put(fmt::format(" {}", text), paint);
  pen.put("\n");
}

std::string where(const SourceManager& sources, Span span) {
  const Place place = sources.place(span.file, span.begin);
  return fmt::format("{}:{}:{}", sources.name(span.file), place.line, place.column);
}

Json place_json(const SourceManager& sources, Span span) {
  const Place begin = sources.place(span.file, span.begin);
  const Place end = sources.place(span.file, span.end);
  return {{"file", sources.name(span.file)},
          {"line", begin.line},
          {"column", begin.column},
          {"end_line", end.line},
          {"end_column", end.column}};
}

/// Workflow commands end at a line end, and their properties at a colon or comma.
std::string escaped(std::string_view text, bool property) {
  std::string out = replaced(replaced(replaced(text, "%", "%25"), "\r", "%0D"), "\n", "%0A");
  return property ? replaced(replaced(out, ":", "%3A"), ",", "%2C") : out;
}

}  // namespace

std::string render_text(const std::vector<Diagnostic>& diagnostics, const SourceManager& sources,
                        bool color) {
  Pen pen(color);
  for (const Diagnostic& diagnostic : diagnostics) {
    pen.put(fmt::format("{}: ", where(sources, diagnostic.span)), "\033[1m");
    pen.put(fmt::format("{}: ", word(diagnostic.severity)), paint(diagnostic.severity));
    pen.put(diagnostic.message, "\033[1m");
    pen.put(fmt::format(" [{}]\n", slug(diagnostic.kind)));
    quote(pen, sources, diagnostic.span, '^', {}, paint(diagnostic.severity));
    for (const Label& label : diagnostic.labels) {
      if (label.span.file != diagnostic.span.file) pen.put(fmt::format("{}:\n", where(sources, label.span)));
      quote(pen, sources, label.span, '-', label.text, "\033[34m");
    }
    for (const std::string& help : diagnostic.helps) {
      pen.put("help: ", "\033[1;32m");
      pen.put(fmt::format("{}\n", help));
    }
    pen.put("\n");
  }
  return pen.take();
}

std::string render_json(const std::vector<Diagnostic>& diagnostics, const SourceManager& sources) {
  Json all = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    Json one = {{"code", slug(diagnostic.kind)}, {"severity", word(diagnostic.severity)},
                {"message", diagnostic.message}, {"place", place_json(sources, diagnostic.span)},
                {"labels", Json::array()},       {"help", diagnostic.helps}};
    for (const Label& label : diagnostic.labels) {
      one["labels"].push_back({{"text", label.text}, {"place", place_json(sources, label.span)}});
    }
    all.push_back(std::move(one));
  }
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string render_github(const std::vector<Diagnostic>& diagnostics, const SourceManager& sources) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    const Place begin = sources.place(diagnostic.span.file, diagnostic.span.begin);
    const std::string_view command =
        diagnostic.severity == Severity::Note ? "notice" : word(diagnostic.severity);
    std::string message = diagnostic.message;
    for (const std::string& help : diagnostic.helps) message += "\nhelp: " + help;
    out += fmt::format("::{} file={},line={},col={},title={}::{}\n", command,
                       escaped(sources.name(diagnostic.span.file), true), begin.line, begin.column,
                       slug(diagnostic.kind), escaped(message, false));
  }
  return out;
}

}  // namespace penstock::diag
