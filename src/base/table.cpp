#include "base/table.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/check.h"

namespace penstock {

std::string_view Table::get(std::string_view path) const {
  const auto row = std::ranges::find(rows_, path, &Row::path);
  return row == rows_.end() ? std::string_view{} : row->value;
}

bool Table::has(std::string_view path) const {
  return std::ranges::any_of(rows_, [&](const Row& row) {
    return row.path.starts_with(path) && (row.path.size() == path.size() || row.path[path.size()] == '.');
  });
}

long Table::number(std::string_view path) const {
  const std::string_view text = get(path);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    check_failed(std::string(path).c_str(), "a data file has no number here", 0);
  return value;
}

std::vector<std::string_view> Table::keys(std::string_view path) const {
  std::vector<std::string_view> keys;
  for (const Row& row : rows_) {
    std::string_view rest = row.path;
    if (!path.empty()) {
      if (!rest.starts_with(path) || rest.size() <= path.size() || rest[path.size()] != '.') continue;
      rest.remove_prefix(path.size() + 1);
    }
    rest = rest.substr(0, rest.find('.'));
    if (keys.empty() || keys.back() != rest) keys.push_back(rest);
  }
  return keys;
}

std::vector<std::string_view> Table::list(std::string_view path) const {
  std::vector<std::string_view> values;
  for (const Row& row : rows_) {
    if (row.path.size() > path.size() && row.path.starts_with(path) && row.path[path.size()] == '.' &&
        row.path.find('.', path.size() + 1) == std::string_view::npos) {
      values.push_back(row.value);
    }
  }
  return values;
}

}  // namespace penstock
