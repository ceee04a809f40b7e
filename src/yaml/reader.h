#pragma once
#include <optional>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "yaml/node.h"
#include "yaml/scan.h"

namespace penstock::yaml {

struct ReadOptions {
  bool tags = false;            // keep `!Sub` and its kind; otherwise a tag is an error
  bool many_documents = false;  // a file may hold several documents (`read_all`)
  bool unique_keys = true;
  bool merge_keys =
      false;  // `<<: *defaults` takes in the entries of another mapping; otherwise it is an error
  std::size_t depth = 64;       // nesting; aliases count as what they stand for
  std::size_t nodes = 250'000;  // after the expansion of aliases; what has an anchor counts once more
  std::size_t bytes = std::size_t{64} << 20U;
};

/// Reads the one document of a file. A syntax error is reported and gives nothing; an empty file gives a null node.
/// Spans cover the text as written, quotes included; a mapping's or sequence's span ends behind its last value.
std::optional<Node> read(const SourceManager& sources, FileId file, diag::Sink& sink,
                         const ReadOptions& options = {});
std::vector<Node> read_all(const SourceManager& sources, FileId file, diag::Sink& sink,
                           const ReadOptions& options);

/// A scalar's value, character by character, back to the file: for many questions about one scalar.
class Positions {
 public:
  Positions(const SourceManager& sources, const Node& scalar);
  /// Where these characters of the value were written. Of an alias it is the alias.
  Span span(std::size_t begin, std::size_t end) const;

 private:
  Span whole_;
  std::vector<Piece> pieces_;
};

/// Where a character of a scalar's value stands in the file: positions inside quoted and block scalars, for expressions in them.
Span span_within(const SourceManager& sources, const Node& scalar, std::size_t begin, std::size_t end);

/// The scalar as the YAML 1.2 core schema takes it.
bool is_plain(const Node& node);
std::optional<bool> as_bool(const Node& node);
std::optional<long> as_integer(const Node& node);

/// A tree that was read, to be written again with the same meaning: plain numbers, booleans and nulls stay what they are
/// instead of becoming strings.
Node preserved(Node node);

}  // namespace penstock::yaml
