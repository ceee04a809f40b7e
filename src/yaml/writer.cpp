#include "yaml/writer.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "yaml/quote.h"

namespace penstock::yaml {
namespace {

constexpr std::size_t kWidth = 120;       // a flow collection that is wider becomes a block
constexpr std::size_t kSimpleKey = 1000;  // readers look 1024 characters ahead for the `:` of a key
constexpr std::size_t kStep = 2;

const Trivia& trivia_of(const Node& node) {
  static const Trivia kNone;
  return node.trivia ? *node.trivia : kNone;
}

bool is_collection(const Node& node) { return node.is_sequence() || node.is_mapping(); }
bool is_empty(const Node& node) { return node.items.empty() && node.entries.empty(); }

std::string scalar_text(const Node& node, Context context) {
  if (node.style == Style::Literal) return node.text;
  const bool plain = node.style != Style::Quoted && is_safe_plain(node.text, context.flow);
  return plain ? node.text : quoted_text(node.text);
}

/// Writes a collection on one line, as far as that is possible.
class FlowWriter {
 public:
  explicit FlowWriter(std::size_t width) : width_(width) {}

  /// The text without the node's own tag, or nothing: it is too wide, or a comment inside needs a line of its own.
  std::string write(const Node& node) {
    put_untagged(node);
    return fits_ ? std::move(out_) : std::string();
  }

 private:
  void put(const Node& node) {
    if (!node.tag.empty()) (out_ += node.tag) += ' ';
    put_untagged(node);
  }

  void put_untagged(const Node& node) {
    switch (node.kind) {
      case Kind::Null: put_null(node); break;
      case Kind::Scalar: out_ += scalar_text(node, {.flow = true}); break;
      case Kind::Sequence: put_items(node); break;
      case Kind::Mapping: put_entries(node); break;
    }
    fits_ = fits_ && out_.size() <= width_;
  }

  void put_null(const Node& node) {
    if (node.tag.empty()) out_ += "null";
    if (!node.tag.empty()) fits_ = false;  // `[!Tag, a]`: readers differ on where the tag ends
  }

  void put_child(const Node& node) {
    const Trivia& trivia = trivia_of(node);
    fits_ = fits_ && trivia.lead.empty() && trivia.trail.empty() && !trivia.blank_before;
    if (fits_) put(node);
  }

  void put_items(const Node& node) {
    out_ += '[';
    for (const Node& item : node.items) {
      if (&item != node.items.data()) out_ += ", ";
      put_child(item);
      if (!fits_) return;
    }
    out_ += ']';
  }

  void put_entries(const Node& node) {
    out_ += node.entries.empty() ? "{" : "{ ";
    for (const Entry& entry : node.entries) {
      if (&entry != node.entries.data()) out_ += ", ";
      out_ += scalar_text(entry.key, {.flow = true, .key = true});
      out_ += ": ";
      put_child(entry.value);
      if (!fits_) return;
    }
    out_ += node.entries.empty() ? "}" : " }";
  }

  std::size_t width_;
  bool fits_ = true;
  std::string out_;
};

/// Writes block style. `indent` is the column of the keys or dashes of a collection.
class BlockWriter {
 public:
  std::string write(const Node& document, const std::vector<std::string>& header) {
    for (const std::string& line : header) put_comment(line, 0);
    put_lead(document, 0, !header.empty());
    put_document(document);
    return std::move(out_);
  }

 private:
  void put_document(const Node& node) {
    if (put_tag(node)) {
      if (is_block(node, column() + 1))
        return end_line(trivia_of(node).trail), put_collection(node, 0, false);
      if (!node.is_null()) out_ += ' ';
    } else if (is_block(node, 0)) {
      if (!trivia_of(node).trail.empty()) put_comment(trivia_of(node).trail, 0);
      return put_collection(node, 0, false);
    }
    put_inline(node, 0, true);
  }

  // Lines.

  void put_indent(std::size_t indent) { out_.append(indent, ' '); }

  void end_line(const std::string& comment) {
    if (!comment.empty()) {
      if (!out_.empty() && out_.back() != '\n') out_ += ' ';
      out_ += trimmed("# " + replaced(comment_text(comment), "\n", " "));
    }
    out_ += '\n';
    kept_ = false;
  }

  void put_comment(const std::string& comment, std::size_t indent) {
    const std::string text = comment_text(comment);
    for (const std::string_view line : split(text, '\n')) {
      put_indent(indent);
      out_ += '#';
      const std::size_t end = line.find_last_not_of(" \t");
      if (end != std::string_view::npos) (out_ += ' ') += line.substr(0, end + 1);
      out_ += '\n';
    }
  }

  /// An empty line and the comments above an entry or item. Behind a block that keeps its line ends an empty line would be its own.
  void put_lead(const Node& node, std::size_t indent, bool may_blank) {
    const Trivia& trivia = trivia_of(node);
    if (trivia.blank_before && may_blank && !kept_) out_ += '\n';
    for (const std::string& line : trivia.lead) put_comment(line, indent);
  }

  bool put_tag(const Node& node) {
    out_ += node.tag;
    return !node.tag.empty();
  }

  // Collections.

  std::size_t column() const {
    const std::size_t line = out_.rfind('\n');
    return out_.size() - (line == std::string::npos ? 0 : line + 1);
  }

  /// Whether the node takes lines of its own. If not, and it is a collection, `flow_` is its text on one line.
  bool is_block(const Node& node, std::size_t column) {
    if (!is_collection(node) || is_empty(node)) return false;
    if (!trivia_of(node).flow || column >= kWidth) return true;
    flow_ = FlowWriter(kWidth - column).write(node);
    return flow_.empty();
  }

  void put_collection(const Node& node, std::size_t indent, bool begun) {
    return node.is_mapping() ? put_entries(node, indent, begun) : put_items(node, indent, begun);
  }

  /// `begun`: the first entry continues a line, behind a dash.
  void put_entries(const Node& node, std::size_t indent, bool begun) {
    for (const Entry& entry : node.entries) {
      const bool first = &entry == node.entries.data();
      if (!(first && begun)) {
        put_lead(entry.value, indent, !first);
        put_indent(indent);
      }
      put_key(entry.key, indent);
      put_value(entry.value, indent);
    }
  }

  void put_key(const Node& key, std::size_t indent) {
    PENSTOCK_CHECK(key.is_scalar());
    const std::string text = scalar_text(key, {.key = true});
    if (text.size() > kSimpleKey) {
      out_ += "? " + text + "\n";
      put_indent(indent);
    } else {
      out_ += text;
    }
    out_ += ':';
  }

  /// What stands behind a key.
  void put_value(const Node& node, std::size_t indent) {
    if (node.is_null() && node.tag.empty()) return end_line(trivia_of(node).trail);
    out_ += ' ';
    const bool tagged = put_tag(node);
    if (tagged && !node.is_null()) out_ += ' ';
    if (is_block(node, column())) {
      out_.pop_back();
      end_line(trivia_of(node).trail);
      return put_collection(node, indent + kStep, false);
    }
    put_inline(node, indent, false);
  }

  void put_items(const Node& node, std::size_t indent, bool begun) {
    for (const Node& item : node.items) {
      const bool first = &item == node.items.data();
      if (!(first && begun)) {
        put_item_lead(item, indent, indent, !first);
        put_indent(indent);
      }
      out_ += "- ";
      put_item(item, indent);
    }
  }

  /// What begins behind a dash, in column `dash`, has its comments above the line of the outermost dash, at `indent`.
  void put_item_lead(const Node& item, std::size_t dash, std::size_t indent, bool may_blank) {
    put_lead(item, indent, may_blank);
    if (!begins_on_dash(item, dash)) return;
    if (!trivia_of(item).trail.empty()) put_comment(trivia_of(item).trail, indent);
    if (item.is_mapping()) put_lead(item.entries.front().value, indent, false);
    if (item.is_sequence()) put_item_lead(item.items.front(), dash + kStep, indent, false);
  }

  bool begins_on_dash(const Node& item, std::size_t dash) {
    return item.tag.empty() && is_block(item, dash + kStep);
  }

  void put_item(const Node& item, std::size_t indent) {
    if (begins_on_dash(item, indent)) return put_collection(item, indent + kStep, true);
    const bool tagged = put_tag(item);
    if (tagged && !item.is_null()) out_ += ' ';
    if (is_block(item, column())) {
      out_.pop_back();
      end_line(trivia_of(item).trail);
      return put_collection(item, indent + kStep, false);
    }
    put_inline(item, indent, false);
  }

  // What begins in the line of its key or dash.

  void put_inline(const Node& node, std::size_t indent, bool root) {
    const std::string& trail = trivia_of(node).trail;
    if (node.is_scalar()) return put_scalar(node, indent, root);
    if (node.is_null()) {
      if (node.tag.empty()) out_ += "null";
    } else if (is_empty(node)) {
      out_ += node.is_mapping() ? "{}" : "[]";
    } else {
      out_ += flow_;
    }
    end_line(trail);
  }

  void put_scalar(const Node& node, std::size_t indent, bool root) {
    const bool string = node.style == Style::Plain || node.style == Style::Block;
    if (string && form_of(node.text, {.root = root}) == Form::Block) return put_block(node, indent + kStep);
    PENSTOCK_CHECK(node.style != Style::Literal || node.text.find('\n') == std::string::npos);
    out_ += scalar_text(node, {});
    if (node.style == Style::Literal && node.text.empty() && !out_.empty() && out_.back() == ' ')
      out_.pop_back();
    end_line(trivia_of(node).trail);
  }

  void put_block(const Node& node, std::size_t indent) {
    const std::string_view text = node.text;
    const std::size_t end = text.find_last_not_of('\n') + 1;
    const std::size_t breaks = text.size() - end;
    out_ += '|';
    if (needs_indicator(text)) out_ += static_cast<char>('0' + kStep);
    if (breaks != 1) out_ += breaks == 0 ? '-' : '+';
    end_line(trivia_of(node).trail);
    for (const std::string_view line : split(text.substr(0, end), '\n')) {
      if (!line.empty()) put_indent(indent);
      out_ += line;
      out_ += '\n';
    }
    if (breaks > 1) out_.append(breaks - 1, '\n');
    kept_ = breaks > 1;
  }

  std::string out_;
  std::string flow_;   // the collection `is_block` was last asked about, on one line
  bool kept_ = false;  // the last line belongs to a block that keeps its line ends
};

}  // namespace

std::string write(const Node& document, const std::vector<std::string>& header) {
  return BlockWriter().write(document, header);
}

}  // namespace penstock::yaml
