#include "support/file_test.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>

#include "base/text.h"
#include "diag/render.h"

namespace penstock::test {
namespace {

/// A place as people count it: characters, not bytes. `last` is 0 when only the beginning matters.
struct Where {
  std::size_t line = 0;
  std::size_t column = 0;
  std::size_t last = 0;
};

struct Mark {
  Where where;
  std::string severity, slug, message;
  std::vector<std::string> helps;
};

struct LabelMark {
  Where where;
  std::string text;
};

struct Marks {
  std::vector<Mark> marks;
  std::vector<LabelMark> labels;
};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The columns below which a run of carets or dashes stands. `lead` is what is before it, with its `#`.
Where below(std::size_t line, const std::string& lead, std::size_t length) {
  const bool from_hash = lead == "#";
  const std::size_t before = from_hash ? 0 : characters(lead);
  return {line, before + 1, before + length + (from_hash ? 1 : 0)};
}

std::size_t number(const std::string& digits) { return static_cast<std::size_t>(std::stoul(digits)); }

Marks read_marks(const std::string& text) {
  static const std::regex kCarets(R"((\s*#\s*)(\^+) (error|warning|note)\[([a-z0-9-]+)\]: (.*))");
  static const std::regex kFigures(
      R"(\s*# (error|warning|note)\[([a-z0-9-]+)\] (\d+):(\d+)(?:-(\d+))?: (.*))");
  static const std::regex kDashes(R"((\s*#\s*)(-+) label: (.*))");
  static const std::regex kHelp(R"(\s*#\s*help: (.*))");
  Marks marks;
  std::size_t number_of_line = 0;
  std::size_t marked = 0;  // the nearest line above that is no mark
  for (std::string_view view : split(text, '\n')) {
    ++number_of_line;
    if (view.ends_with('\r')) view.remove_suffix(1);
    const std::string line(view);
    std::smatch found;
    if (std::regex_match(line, found, kCarets)) {
      marks.marks.push_back(
          {below(marked, found[1], found[2].str().size()), found[3], found[4], found[5], {}});
    } else if (std::regex_match(line, found, kFigures)) {
      const Where where{number(found[3]), number(found[4]), found[5].matched ? number(found[5]) : 0};
      marks.marks.push_back({where, found[1], found[2], found[6], {}});
    } else if (std::regex_match(line, found, kDashes)) {
      marks.labels.push_back({below(marked, found[1], found[2].str().size()), found[3]});
    } else if (!marks.marks.empty() && std::regex_match(line, found, kHelp)) {
      marks.marks.back().helps.push_back(found[1]);
    } else {
      marked = number_of_line;
    }
  }
  return marks;
}

Where where_of(const SourceManager& sources, Span span) {
  const Place begin = sources.place(span.file, span.begin);
  const std::string_view line = sources.line(span.file, span.begin);
  const std::size_t from = std::min<std::size_t>(begin.column - 1, line.size());
  const std::size_t length = std::max<std::size_t>(span.end - span.begin, 1);
  const std::size_t column = characters(line.substr(0, from)) + 1;
  return {begin.line, column, column + std::max<std::size_t>(characters(line.substr(from, length)), 1) - 1};
}

bool same(const Where& marked, const Where& reported) {
  return marked.line == reported.line && marked.column == reported.column &&
         (marked.last == 0 || marked.last == reported.last);
}

std::string name_of(diag::Severity severity) {
  switch (severity) {
    case diag::Severity::Note: return "note";
    case diag::Severity::Warning: return "warning";
    case diag::Severity::Error: return "error";
  }
  return {};
}

std::string show(const Where& where) {
  return where.last == 0 ? fmt::format("{}:{}", where.line, where.column)
                         : fmt::format("{}:{}-{}", where.line, where.column, where.last);
}

std::string show(const Mark& mark) {
  return fmt::format("{}[{}] {}: {}", mark.severity, mark.slug, show(mark.where), mark.message);
}

/// Compares, and collects what differs.
class Comparison {
 public:
  Comparison(const SourceManager& sources, FileId file, std::vector<diag::Diagnostic> reported)
      : sources_(sources), file_(file), reported_(std::move(reported)), seen_(reported_.size()) {}

  std::string compare(const Marks& marks) {
    for (const Mark& mark : marks.marks) find(mark);
    for (const LabelMark& label : marks.labels) find(label);
    for (std::size_t i = 0; i < reported_.size(); ++i) {
      if (!seen_[i])
        problem("reported, but not marked:\n" + diag::render_text({reported_[i]}, sources_, false));
    }
    return std::move(problems_);
  }

  void problem(const std::string& text) { problems_ += text + "\n"; }

 private:
  void find(const Mark& mark) {
    for (std::size_t i = 0; i < reported_.size(); ++i) {
      if (seen_[i] || !matches(mark, reported_[i])) continue;
      seen_[i] = true;
      for (const std::string& help : mark.helps) {
        if (std::ranges::find(reported_[i].helps, help) == reported_[i].helps.end())
          problem(fmt::format("no help \"{}\" at {}", help, show(mark)));
      }
      return;
    }
    problem("marked, but not reported: " + show(mark));
  }

  bool matches(const Mark& mark, const diag::Diagnostic& diagnostic) const {
    return diagnostic.span.file == file_ && name_of(diagnostic.severity) == mark.severity &&
           diag::slug(diagnostic.kind) == mark.slug && diagnostic.message == mark.message &&
           same(mark.where, where_of(sources_, diagnostic.span));
  }

  void find(const LabelMark& mark) {
    for (const diag::Diagnostic& diagnostic : reported_) {
      for (const diag::Label& label : diagnostic.labels) {
        if (label.text == mark.text && label.span.file == file_ &&
            same(mark.where, where_of(sources_, label.span)))
          return;
      }
    }
    problem(fmt::format("marked, but not reported: label \"{}\" at {}", mark.text, show(mark.where)));
  }

  const SourceManager& sources_;
  FileId file_;
  std::vector<diag::Diagnostic> reported_;
  std::vector<bool> seen_;
  std::string problems_;
};

}  // namespace

std::string problems_of_text(const std::string& name, const std::string& text, const Check& check) {
  SourceManager sources;
  const FileId file = sources.add(name, text);
  diag::Sink sink;
  check(sources, file, sink);
  const Marks marks = read_marks(text);
  Comparison comparison(sources, file, sink.diagnostics());
  const bool marks_error =
      std::ranges::any_of(marks.marks, [](const Mark& mark) { return mark.severity == "error"; });
  if (name.starts_with("fail_") && !marks_error)
    comparison.problem("the name says that it fails, but no error is marked");
  return comparison.compare(marks);
}

std::string problems_of(const std::filesystem::path& file, const Check& check) {
  return problems_of_text(file.filename().string(), read_file(file), check);
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, std::string_view prefix) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().filename().string().starts_with(prefix))
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return text.str();
}

}  // namespace penstock::test
