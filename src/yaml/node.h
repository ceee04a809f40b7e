#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source.h"

namespace penstock::yaml {

enum class Kind : unsigned char { Null, Scalar, Sequence, Mapping };

/// How a scalar was written, or is to be written. `Plain` on writing means "a string: quote it if some reader could take it for
/// something else"; `Literal` means "write these characters as they are": numbers, booleans, and `on` as a key.
enum class Style : unsigned char { Plain, Quoted, Block, Literal };

/// What only a writer looks at.
struct Trivia {
  std::vector<std::string> lead;  // comment lines above, without `#`
  std::string trail;              // comment behind the value, without `#`
  bool blank_before = false;      // an empty line above
  bool flow = false;              // a sequence or mapping on one line
};

struct Entry;

/// A node of a document that was read (each with its span) or is to be written. Order is kept.
struct Node {
  Kind kind = Kind::Null;
  Style style = Style::Plain;
  Span span;
  std::string tag;   // `!Sub`, or empty
  std::string text;  // of a scalar
  std::vector<Node> items;
  std::vector<Entry> entries;
  std::shared_ptr<const Trivia> trivia;

  bool is_null() const { return kind == Kind::Null; }
  bool is_scalar() const { return kind == Kind::Scalar; }
  bool is_sequence() const { return kind == Kind::Sequence; }
  bool is_mapping() const { return kind == Kind::Mapping; }
  /// The value of a key of a mapping, or null.
  const Node* find(std::string_view key) const;
};

struct Entry {
  Node key;
  Node value;
};

// Nodes to be written.
Node string(std::string text);   // quoted where a reader could mistake it
Node quoted(std::string text);   // always quoted
Node block(std::string text);    // a `|` block when it has several lines
Node literal(std::string text);  // `true`, `7`, as it is
Node number(long value);
Node boolean(bool value);
Node sequence(std::vector<Node> items = {}, bool flow = false);
Node mapping(std::vector<std::pair<std::string, Node>> entries = {}, bool flow = false);
Node tagged(std::string tag, Node node);
/// The node with a comment behind it, or lines of comment above it.
Node with_trail(Node node, std::string comment);
Node with_lead(Node node, std::vector<std::string> lines);
Node with_blank(Node node);
Node with_flow(Node node);
void add(Node& mapping, std::string key, Node value);

}  // namespace penstock::yaml
