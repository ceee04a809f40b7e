#include "base/source.h"

#include <algorithm>

namespace penstock {

FileId SourceManager::add(std::string name, std::string text) {
  File file{std::move(name), std::move(text), {0}};
  if (file.text.starts_with("\xEF\xBB\xBF")) file.lines[0] = 3;  // editors do not count a byte order mark
  for (std::uint32_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i] == '\n') file.lines.push_back(i + 1);
  }
  files_.push_back(std::move(file));
  return FileId{static_cast<std::uint32_t>(files_.size() - 1)};
}

Place SourceManager::place(FileId file, std::uint32_t offset) const {
  const auto& lines = files_.at(file.index).lines;
  offset = std::max(offset, lines.front());
  const auto next = std::upper_bound(lines.begin(), lines.end(), offset);
  const auto line = static_cast<std::uint32_t>(next - lines.begin());
  return {line, offset - lines[line - 1] + 1};
}

std::string_view SourceManager::line(FileId file, std::uint32_t offset) const {
  const auto& all = files_.at(file.index);
  const std::uint32_t begin = all.lines[place(file, offset).line - 1];
  std::string_view rest = std::string_view(all.text).substr(begin);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

}  // namespace penstock
