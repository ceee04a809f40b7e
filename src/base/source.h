#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"

namespace penstock {

using FileId = Id<struct FileTag>;

/// A half-open range of bytes of one source text.
struct Span {
  FileId file;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend auto operator<=>(const Span&, const Span&) = default;
};

/// A value and where it was written.
template <class T>
struct Located {
  T value{};
  Span span{};
};

/// One-based line and column; columns count bytes.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// Owns the text of every file that was read, to the end of the run: spans and views stay valid.
class SourceManager {
 public:
  FileId add(std::string name, std::string text);
  std::string_view name(FileId file) const { return files_.at(file.index).name; }
  std::string_view text(FileId file) const { return files_.at(file.index).text; }
  std::string_view text(Span span) const { return text(span.file).substr(span.begin, span.end - span.begin); }
  Place place(FileId file, std::uint32_t offset) const;
  /// The line (without its end) that holds the offset.
  std::string_view line(FileId file, std::uint32_t offset) const;
  std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<std::uint32_t> lines;  // offset of the first byte of each line
  };
  std::deque<File> files_;
};

}  // namespace penstock
