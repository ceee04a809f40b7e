#pragma once
#include <span>
#include <string_view>
#include <vector>

namespace penstock {

/// A data file (`targets/*.yaml`, the catalog) as it is embedded at build time: one row for each scalar, in the order of the file,
/// with its path (`limits.stages`; sequence items are numbers: `triggers.0`). A mapping or sequence is the set of rows below its path.
struct Row {
  std::string_view path;
  std::string_view value;
};

/// A text file as it is embedded at build time.
struct EmbeddedText {
  std::string_view name;  // without its folder
  std::string_view text;
};

class Table {
 public:
  constexpr Table() = default;
  constexpr explicit Table(std::span<const Row> rows) : rows_(rows) {}
  /// The value at a path; empty when there is none.
  std::string_view get(std::string_view path) const;
  bool has(std::string_view path) const;
  /// A number at a path; stops the program if it is none: a data file of ours is wrong.
  long number(std::string_view path) const;
  /// The keys directly below a path, in the order of the file.
  std::vector<std::string_view> keys(std::string_view path) const;
  /// The values of a sequence at a path.
  std::vector<std::string_view> list(std::string_view path) const;

 private:
  std::span<const Row> rows_;
};

}  // namespace penstock
