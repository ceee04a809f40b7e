#include "yaml/reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <istream>
#include <streambuf>
#include <unordered_set>

#include "yaml/encoding.h"
#include "yaml/explain.h"
#include "yaml/reduce.h"
#include "yaml/scan.h"

namespace penstock::yaml {
namespace {

using Offset = std::uint32_t;

/// Ends the reading of a file after its error was reported. Never leaves this file.
struct Stop {};

enum class Form : unsigned char { BlockSequence, BlockMapping, FlowSequence, FlowMapping, CompactMapping };

bool is_flow(Form form) { return form != Form::BlockSequence && form != Form::BlockMapping; }
bool is_sequence(Form form) { return form == Form::BlockSequence || form == Form::FlowSequence; }

/// What `<<` takes in, and before which entry.
struct Merge {
  std::size_t before;
  std::vector<Entry> entries;
};

/// A collection that is being read.
struct Frame {
  Form form;
  Node node;
  Offset begin;
  int column;              // of a block collection
  std::size_t anchor;      // 0: none
  std::size_t first;       // the number of its node
  std::size_t height = 1;  // of the tree below, aliases expanded
  bool has_key = false;
  bool good_key = true;
  Node key;
  std::vector<Merge> merges;
};

struct Anchor {
  bool complete = false;
  Node node;
  std::size_t nodes = 0;
  std::size_t height = 0;
};

struct Properties {
  std::string_view tag;
  bool any = false;
};

PENSTOCK_MESSAGE(DuplicateKey, "key `{}` is written twice", std::string_view);
PENSTOCK_MESSAGE(TooDeep, "values are nested more than {} deep", std::size_t);
PENSTOCK_MESSAGE(TooLarge, "the document has more than {} values, aliases counted as what they stand for",
                 std::size_t);
PENSTOCK_MESSAGE(UnexpectedTag, "tag `{}` means nothing here", std::string_view);
PENSTOCK_MESSAGE(ManyDocuments, "a second document begins here");
PENSTOCK_MESSAGE(EmptyItem, "nothing stands before this `{}`", char);
PENSTOCK_MESSAGE(ComplexKey, "a key must be one word or text, not {}", std::string_view);
PENSTOCK_MESSAGE(MergeKey, "`<<` takes nothing in here");
const diag::Message<> kMissingKey{diag::Kind::ComplexKey, "a key is missing before this `:`"};
const diag::Message<std::string_view> kOwnAlias{diag::Kind::UnknownAnchor,
                                                "alias `{}` stands inside what it names"};
const diag::Message<> kMergeNoMapping{diag::Kind::MergeKey, "`<<` takes in mappings only"};
const diag::Message<> kTagDirective{diag::Kind::UnexpectedTag, "`%TAG` changes what tags mean"};
const diag::Message<> kNulInText{diag::Kind::InvalidCharacter, "the escaped text holds a NUL byte"};

/// Builds the tree from yaml-cpp's events, and goes through the text beside them: it finds where each value ends, and refuses what
/// the parser let pass. `at_` is the place up to which the text is understood.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const Reduced& reduced, FileId file, const ReadOptions& options,
              diag::Sink& sink)
      : text_(text),
        reduced_(reduced),
        file_(file),
        options_(options),
        sink_(sink),
        start_(static_cast<Offset>(mark_length(text))),
        at_(start_) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    anchors_.clear();
    pass_between_documents(std::max(offset(mark), at_));
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Offset begin = offset(mark);
    if (anchor != 0 || begins_block(begin) || is_last_tag(begin)) return add_empty(begin, anchor);
    if (const Offset length = null_length(begin); begin >= at_ && length > 0 && is_deeper(begin)) {
      pass(begin);
      return add_null(begin, length, anchor);
    }
    Node node;
    node.span = empty_value(std::max(begin, at_));
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t id) override {
    pass(offset(mark));
    check_indent();
    const Offset begin = at_;
    at_ = name_end(begin);
    Anchor& anchor = anchor_at(id);
    if (!anchor.complete) {
      diag::report(sink_, span(begin, at_), kOwnAlias, text_.substr(begin, at_ - begin));
      throw Stop{};
    }
    check_depth(anchor.height, span(begin, at_));
    count(anchor.nodes, span(begin, at_));
    Node node = anchor.node;
    node.span = span(begin, at_);
    add_counted(std::move(node), 0, anchor.height, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    pass(offset(mark));
    check_indent();
    const bool tagged = tag != "?" && (tag != "!" || text_.substr(at_, 1) == "!" || anchor != 0);
    const Properties properties = take_properties(tagged, anchor != 0);
    const Offset begin = properties.any ? skip_blank(text_, at_) : at_;
    Node node;
    node.kind = Kind::Scalar;
    if (value.empty() && !begins_empty_text(begin, properties.any)) {
      node.kind = Kind::Null;  // a tag alone
      node.span = span(at_, at_);
    } else {
      read_scalar(node, begin, value);
    }
    apply_tag(node, properties.tag);
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style == YAML::EmitterStyle::Flow ? Form::FlowSequence : Form::BlockSequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, style == YAML::EmitterStyle::Block ? Form::BlockMapping : Form::FlowMapping);
  }
  void OnMapEnd() override { close(); }

  /// What follows the last document.
  void finish() { pass_between_documents(static_cast<Offset>(text_.size())); }

  [[noreturn]] void fail(Offset mark, Trouble trouble) {
    Wreck wreck{text_,   file_, at_, std::min(std::max(mark, at_), static_cast<Offset>(text_.size())),
                trouble, {}};
    for (const Frame& frame : frames_) {
      if (frame.form == Form::FlowSequence || frame.form == Form::FlowMapping)
        wreck.open.push_back(frame.begin);
    }
    explain(wreck, sink_);
    throw Stop{};
  }

  Offset offset(const YAML::Mark& mark) const {
    return mark.pos < 0 ? at_ : reduced_.original(start_ + static_cast<Offset>(mark.pos));
  }
  std::vector<Node> take() { return std::move(documents_); }

 private:
  Span span(std::size_t begin, std::size_t end) const {
    return {file_, static_cast<Offset>(begin), static_cast<Offset>(end)};
  }
  bool in_flow() const { return !frames_.empty() && is_flow(frames_.back().form); }

  /// The column of a place in a block context, where lines are short.
  int column(Offset at) const {
    const std::size_t end = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
    return static_cast<int>(at - (end == std::string_view::npos ? start_ : end + 1));
  }

  /// Whether what stands here can belong to the collection being read: a value that is not there is reported at the next one.
  bool is_deeper(Offset at) const {
    if (frames_.empty() || in_flow()) return true;
    const Frame& frame = frames_.back();
    const bool is_key = frame.form == Form::BlockMapping && !frame.has_key;
    return column(at) > frame.column || (is_key && column(at) == frame.column);
  }

  /// The parser takes a line for the value of the key above although it stands in the key's column.
  void check_indent() {
    if (!is_deeper(at_)) fail(at_, Trouble::Entries);
  }

  Offset name_end(Offset at) const {
    const std::size_t end = text_.find_first_of(" \t\r\n,[]{}", at);
    return static_cast<Offset>(std::min(end, text_.size()));
  }

  Offset null_length(Offset at) const {
    static constexpr std::array<std::string_view, 4> kNulls = {"~", "null", "Null", "NULL"};
    for (const std::string_view null : kNulls) {
      if (text_.substr(at).starts_with(null)) return static_cast<Offset>(null.size());
    }
    return 0;
  }

  // The text between two values.

  /// Goes on to `target`, over blanks, comments and indicators, and nothing else.
  void pass(Offset target) {
    const bool flow = in_flow();
    while (at_ < target) {
      const char c = text_[at_];
      if (c == ' ' || c == '\n' || c == '\r' || c == '-' || c == ':' || c == '?') {
        ++at_;
      } else if (c == '\t') {
        pass_tab(flow);
      } else if (c == '#' && (at_ == start_ || is_blank(text_[at_ - 1]) || is_break(text_[at_ - 1]))) {
        at_ = std::min(line_end(at_), target);
      } else if (c == ',' && flow) {
        ++at_;
      } else {
        fail(at_, Trouble::Unknown);
      }
    }
    if (at_ > target) fail(at_, Trouble::Unknown);
  }

  Offset line_end(Offset at) const {
    return static_cast<Offset>(std::min(text_.find('\n', at), text_.size()));
  }

  /// A tab may separate, but not indent.
  void pass_tab(bool flow) {
    Offset begin = at_;
    while (begin > start_ && is_blank(text_[begin - 1])) --begin;
    const Offset tab = at_;
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    const bool indents = begin == start_ || text_[begin - 1] == '\n';
    const bool harmless = at_ == text_.size() || is_break(text_[at_]) || text_[at_] == '#';
    if (flow || !indents || harmless) return;
    report_tab(span(tab, at_), sink_);
    throw Stop{};
  }

  bool marker_at(Offset at, std::string_view marker) const {
    return text_.substr(at).starts_with(marker) &&
           (at + 3 >= text_.size() || is_blank(text_[at + 3]) || is_break(text_[at + 3]));
  }

  /// Goes on to `target` over document markers and directives.
  void pass_between_documents(Offset target) {
    bool marked = documents_.empty();
    const auto begins_line = [&] { return at_ == start_ || text_[at_ - 1] == '\n'; };
    while (at_ < target || (at_ == target && begins_line() && marker_at(at_, "---"))) {
      const bool line_begins = begins_line();
      if (line_begins && (marker_at(at_, "---") || marker_at(at_, "..."))) {
        marked = true;
        if (text_[at_] == '-') begin_document(at_);
        at_ += 3;
      } else if (line_begins && text_[at_] == '%') {
        if (text_.substr(at_).starts_with("%TAG"))
          diag::report(sink_, span(at_, line_end(at_)), kTagDirective), throw Stop{};
        at_ = line_end(at_);
      } else if (is_blank(text_[at_]) || is_break(text_[at_]) || text_[at_] == '#') {
        pass(std::min(target, text_[at_] == '#' ? line_end(at_) : at_ + 1));
      } else {
        fail(at_, after_document());
      }
    }
    if (target < text_.size() && !marked) fail(at_, after_document());
  }

  /// Something follows the document without a `---`.
  Trouble after_document() const {
    return !documents_.empty() && documents_.back().is_sequence() ? Trouble::Items : Trouble::Entries;
  }

  void begin_document(Offset marker) {
    if (documents_.empty() || options_.many_documents) return;
    diag::build(sink_, span(marker, marker + 3), kManyDocuments).help("put it into a file of its own").emit();
    throw Stop{};
  }

  /// Tag and anchor before a value, in either order.
  Properties take_properties(bool tag, bool anchor) {
    Properties properties;
    for (Offset at = at_; (tag || anchor) && at < text_.size(); at = skip_blank(text_, at_)) {
      const bool is_tag = text_[at] == '!';
      if (!(is_tag ? tag : anchor && text_[at] == '&')) break;
      at_ = is_tag ? tag_end(at) : name_end(at);
      if (is_tag) properties.tag = text_.substr(at, at_ - at);
      (is_tag ? tag : anchor) = false;
      properties.any = true;
      const bool ends = at_ == text_.size() || is_blank(text_[at_]) || is_break(text_[at_]) ||
                        std::string_view(",]}").find(text_[at_]) != std::string_view::npos;
      if (!ends) fail(at_, Trouble::Unknown);
    }
    return properties;
  }

  Offset tag_end(Offset at) const {
    if (text_.substr(at, 2) != "!<") return name_end(at);
    return static_cast<Offset>(std::min(text_.find('>', at) + 1, text_.size()));
  }

  // Values.

  /// The parser tells nothing of a tag with nothing behind it at the end of the file.
  bool is_last_tag(Offset at) const {
    return at >= at_ && at < text_.size() && text_[at] == '!' && is_deeper(at) &&
           skip_blank(text_, tag_end(at)) == text_.size();
  }

  /// What has an anchor or a tag, and is null or nothing for the parser.
  void add_empty(Offset begin, std::size_t anchor) {
    pass(begin);
    take_properties(false, anchor != 0);
    const Properties properties = take_properties(is_last_tag(skip_blank(text_, at_)), false);
    const Offset value = skip_blank(text_, at_);
    if (begins_block(value)) return add_block(value, anchor);
    if (const Offset length = null_length(value); length > 0 && is_deeper(value))
      return add_null(value, length, anchor);
    Node node;
    node.span = span(at_, at_);
    apply_tag(node, properties.tag);
    add(std::move(node), anchor);
  }

  /// Blocks are hidden from the parser.
  bool begins_block(Offset at) const {
    return at < text_.size() && (text_[at] == '|' || text_[at] == '>') && !in_flow() && is_deeper(at);
  }

  void add_block(Offset begin, std::size_t anchor) {
    Node node;
    node.kind = Kind::Scalar;
    read_scalar(node, begin, {});
    add(std::move(node), anchor);
  }

  void add_null(Offset begin, Offset length, std::size_t anchor) {
    at_ = begin + length;
    Node node;
    node.span = span(begin, at_);
    add(std::move(node), anchor);
  }

  /// The place of a value that is not there: behind the `:` or `-` that announced it. `next` is what the parser saw instead.
  Span empty_value(Offset next) {
    if (frames_.empty()) return span(at_, at_);
    const Frame& frame = frames_.back();
    if (frame.form == Form::FlowSequence) fail_empty_item(next);
    if (!is_sequence(frame.form) && !frame.has_key) {
      if (next < text_.size() && text_[next] == ',') fail_empty_item(next);
      diag::report(sink_, span(next, std::min<std::size_t>(next + 1, text_.size())), kMissingKey);
      throw Stop{};
    }
    const Offset indicator = skip_blank(text_, at_);
    const char expected = frame.form == Form::BlockSequence ? '-' : ':';
    if (indicator < text_.size() && text_[indicator] == expected) {
      pass(indicator + 1);
    } else if (frame.form == Form::BlockMapping) {
      check_explicit(frame.key.span);
    }
    return span(at_, at_);
  }

  /// At the end of a file the parser takes a line without `:` for a key. Only behind a `?` it is one.
  void check_explicit(Span key) {
    Offset before = key.begin;
    while (before > start_ && (is_blank(text_[before - 1]) || is_break(text_[before - 1]))) --before;
    if (before > start_ && text_[before - 1] == '?') return;
    report_missing_colon(text_, key, sink_);
    throw Stop{};
  }

  [[noreturn]] void fail_empty_item(Offset at) {
    const char found = at < text_.size() ? text_[at] : ',';
    diag::build(sink_, span(at, std::min<std::size_t>(at + 1, text_.size())), kEmptyItem, found)
        .help("delete the comma, or write the missing value")
        .emit();
    throw Stop{};
  }

  /// Whether an empty text is written here, rather than nothing.
  bool begins_empty_text(Offset at, bool after_properties) const {
    if (at >= text_.size() || std::string_view("\"'|>").find(text_[at]) == std::string_view::npos)
      return false;
    return !after_properties || is_deeper(at);
  }

  void read_scalar(Node& node, Offset begin, const std::string& value) {
    const char first = text_[begin];
    if (first == '"' || first == '\'') {
      node.style = Style::Quoted;
      QuoteError error{};
      const auto end = scan_quoted(text_, begin, Collector(node.text), error);
      if (!end) report_quote(text_, file_, begin, error, sink_), throw Stop{};
      at_ = *end;
      refuse_nul(node.text, begin);
    } else if ((first == '|' || first == '>') && !in_flow()) {
      node.style = Style::Block;
      const std::size_t rest = text_.find_first_not_of("+-123456789", begin + 1);
      if (rest < text_.size() && !is_blank(text_[rest]) && !is_break(text_[rest])) {
        fail(static_cast<Offset>(rest), Trouble::BlockHeader);
      }
      at_ = scan_block(text_, begin, frames_.empty() ? -1 : frames_.back().column, std::nullopt,
                       Collector(node.text));
    } else {
      const auto end = scan_plain(text_, begin, value, Collector(node.text));
      if (!end) fail(begin, Trouble::Unknown);
      at_ = *end;
    }
    node.span = span(begin, at_);
  }

  void refuse_nul(const std::string& value, Offset begin) {
    if (value.find('\0') == std::string::npos) return;
    diag::build(sink_, span(begin, at_), kNulInText)
        .help("no program takes a NUL in its texts: leave it out")
        .emit();
    throw Stop{};
  }

  void apply_tag(Node& node, std::string_view tag) {
    if (tag.empty()) return;
    if (tag == "!" || tag == "!!str") {
      node.kind = Kind::Scalar;
      node.style = node.style == Style::Plain ? Style::Quoted : node.style;
      return;
    }
    if (!options_.tags) {
      const auto begin = static_cast<std::size_t>(tag.data() - text_.data());
      diag::build(sink_, span(begin, begin + tag.size()), kUnexpectedTag, tag)
          .help("quote the value if it begins with `!`")
          .emit();
      return;
    }
    node.tag = tag;
  }

  // Collections.

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Form form) {
    pass(offset(mark));
    if (form != Form::BlockSequence) check_indent();
    const Properties properties = take_properties(tag != "?", anchor != 0);
    if (properties.any) pass(skip_blank(text_, at_));
    if (form == Form::FlowMapping && text_.substr(at_, 1) != "{") form = Form::CompactMapping;
    Frame frame{form, {}, at_, is_flow(form) ? 0 : column(at_), anchor, nodes_, 1, false, true, {}, {}};
    frame.node.kind = is_sequence(form) ? Kind::Sequence : Kind::Mapping;
    apply_tag(frame.node, properties.tag);
    if (form == Form::FlowSequence || form == Form::FlowMapping) ++at_;
    frames_.push_back(std::move(frame));
    check_depth(0, span(frames_.back().begin, frames_.back().begin + 1));
    count(1, span(frames_.back().begin, frames_.back().begin + 1));
    remember(anchor);
  }

  void close() {
    Frame& top = frames_.back();
    if (top.form == Form::FlowSequence || top.form == Form::FlowMapping)
      pass_bracket(top.form == Form::FlowSequence ? ']' : '}');
    top.node.span = span(top.begin, at_);
    if (options_.unique_keys && top.node.entries.size() > 1) refuse_twins(top.node.entries);
    if (!top.merges.empty()) merge(top);
    Frame frame = std::move(top);
    frames_.pop_back();
    add_counted(std::move(frame.node), frame.anchor, frame.height, nodes_ - frame.first);
  }

  void pass_bracket(char bracket) {
    Offset end = at_;
    while (end < text_.size() && text_[end] != bracket) {
      const Offset next = skip_blank(text_, end);
      if (next == end && std::string_view(",:?").find(text_[end]) == std::string_view::npos)
        fail(end, Trouble::Flow);
      end = std::max(next, end + (next == end ? 1 : 0));
    }
    pass(end);
    if (end == text_.size()) fail(end, Trouble::Flow);
    ++at_;
  }

  void add(Node node, std::size_t anchor) {
    count(1, node.span);
    remember(anchor);
    add_counted(std::move(node), anchor, 0, 1);
  }

  void remember(std::size_t anchor) {
    if (anchor >= anchors_.size()) anchors_.resize(anchor + 1);
  }

  Anchor& anchor_at(std::size_t id) {
    remember(id);
    return anchors_[id];
  }

  /// Puts a complete node where it belongs.
  void add_counted(Node node, std::size_t anchor, std::size_t height, std::size_t nodes) {
    if (anchor != 0) {
      count(nodes, node.span);  // the copy that aliases will be made of
      anchor_at(anchor) = {true, node, nodes, height};
    }
    if (frames_.empty()) {
      documents_.push_back(std::move(node));
      return;
    }
    Frame& frame = frames_.back();
    frame.height = std::max(frame.height, height + 1);
    if (is_sequence(frame.form)) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      frame.good_key = make_key(node);
      frame.key = std::move(node);
      frame.has_key = true;
    } else {
      frame.has_key = false;
      add_entry(frame, std::move(node));
    }
  }

  /// Keys are texts: `null` and `~` too.
  bool make_key(Node& key) {
    if (key.is_null()) {
      key.kind = Kind::Scalar;
      key.text = text_.substr(key.span.begin, key.span.end - key.span.begin);
      if (!key.text.empty()) return true;
      diag::report(sink_, key.span, kComplexKey, "nothing");
      return false;
    }
    if (key.is_scalar()) return true;
    const bool template_like =
        text_.substr(key.span.begin, 1) == "{" && key.span.begin > 0 && text_[key.span.begin - 1] == '{';
    diag::build(sink_, key.span, kComplexKey, key.is_mapping() ? "a mapping" : "a list")
        .help(template_like ? "quote a text that begins with `{{`" : "")
        .emit();
    return false;
  }

  void add_entry(Frame& frame, Node value) {
    if (!frame.good_key) return;
    const bool merges = frame.key.style == Style::Plain && frame.key.text == "<<";
    if (!merges) {
      frame.node.entries.push_back({std::move(frame.key), std::move(value)});
    } else if (!options_.merge_keys) {
      diag::build(sink_, frame.key.span, kMergeKey)
          .help("write the entries out, or quote the key: `\"<<\"`")
          .emit();
    } else {
      frame.merges.push_back({frame.node.entries.size(), {}});
      gather(value, frame.merges.back().entries);
    }
  }

  void gather(Node& value, std::vector<Entry>& entries) {
    if (value.is_mapping()) {
      std::move(value.entries.begin(), value.entries.end(), std::back_inserter(entries));
    } else if (value.is_sequence() && std::ranges::all_of(value.items, &Node::is_mapping)) {
      for (Node& item : value.items) gather(item, entries);
    } else {
      diag::report(sink_, value.span, kMergeNoMapping);
    }
  }

  /// What stands in the mapping itself wins, then what was taken in first.
  static void merge(Frame& frame) {
    std::unordered_set<std::string> seen;
    for (const Entry& entry : frame.node.entries) seen.insert(entry.key.text);
    std::vector<Entry> own = std::exchange(frame.node.entries, {});
    auto next = frame.merges.begin();
    for (std::size_t i = 0; i <= own.size(); ++i) {
      for (; next != frame.merges.end() && next->before == i; ++next) {
        for (Entry& entry : next->entries) {
          if (seen.insert(entry.key.text).second) frame.node.entries.push_back(std::move(entry));
        }
      }
      if (i < own.size()) frame.node.entries.push_back(std::move(own[i]));
    }
  }

  /// Reports keys that stand twice, and keeps the first.
  void refuse_twins(std::vector<Entry>& entries) {
    std::vector<std::size_t> order(entries.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto text = [&](std::size_t i) -> std::string_view { return entries[i].key.text; };
    std::ranges::sort(
        order, [&](std::size_t a, std::size_t b) { return std::pair(text(a), a) < std::pair(text(b), b); });
    std::vector<bool> twin(entries.size());
    bool any = false;
    std::size_t first = order[0];
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (text(order[i]) != text(first)) {
        first = order[i];
        continue;
      }
      twin[order[i]] = any = true;
      diag::build(sink_, entries[order[i]].key.span, kDuplicateKey, text(first))
          .label(entries[first].key.span, "first written here")
          .emit();
    }
    if (!any) return;
    std::size_t at = 0;
    std::erase_if(entries, [&](const Entry&) { return twin[at++]; });
  }

  // Bounds.

  void check_depth(std::size_t more, Span where) {
    if (frames_.size() + more <= options_.depth) return;
    diag::report(sink_, where, kTooDeep, options_.depth);
    throw Stop{};
  }

  void count(std::size_t nodes, Span where) {
    nodes_ += nodes;
    if (nodes_ <= options_.nodes) return;
    diag::report(sink_, where, kTooLarge, options_.nodes);
    throw Stop{};
  }

  std::string_view text_;
  const Reduced& reduced_;
  FileId file_;
  const ReadOptions& options_;
  diag::Sink& sink_;
  Offset start_;
  Offset at_;
  std::vector<Frame> frames_;
  std::vector<Anchor> anchors_;
  std::vector<Node> documents_;
  std::size_t nodes_ = 0;
};

/// Gives the parser the text without a copy of it.
class TextBuffer final : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only ever read
    setg(begin, begin, begin + text.size());
  }
};

Trouble trouble_of(std::string_view message) {
  namespace Said = YAML::ErrorMsg;
  static const std::array<std::pair<std::string_view, Trouble>, 14> kTroubles = {{
      {Said::TAB_IN_INDENTATION, Trouble::Tab},
      {Said::MAP_VALUE, Trouble::Colon},
      {Said::MAP_KEY, Trouble::Colon},
      {Said::END_OF_MAP, Trouble::Entries},
      {Said::END_OF_SEQ, Trouble::Items},
      {Said::END_OF_MAP_FLOW, Trouble::Flow},
      {Said::END_OF_SEQ_FLOW, Trouble::Flow},
      {Said::FLOW_END, Trouble::Bracket},
      {Said::BLOCK_ENTRY, Trouble::Dash},
      {Said::UNKNOWN_TOKEN, Trouble::Character},
      {Said::UNKNOWN_ANCHOR, Trouble::Anchor},
      {Said::CHAR_IN_BLOCK, Trouble::BlockHeader},
      {Said::MULTIPLE_TAGS, Trouble::TwoTags},
      {Said::MULTIPLE_ANCHORS, Trouble::TwoAnchors},
  }};
  const auto* found = std::ranges::find(kTroubles, message, &std::pair<std::string_view, Trouble>::first);
  return found == kTroubles.end() ? Trouble::Unknown : found->second;
}

/// The parser keeps each bracket it has not seen the end of, and cannot be stopped before: too many are refused beforehand.
constexpr std::ptrdiff_t kBrackets = 10'000;

bool check_brackets(std::string_view text, FileId file, diag::Sink& sink, const ReadOptions& options) {
  std::ptrdiff_t open = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '{') ++open;
    if (text[i] == ']' || text[i] == '}') --open;
    if (open <= kBrackets) continue;
    diag::report(sink, {file, static_cast<Offset>(i), static_cast<Offset>(i + 1)}, kTooDeep, options.depth);
    return false;
  }
  return true;
}

const diag::Message<std::size_t> kTooManyBytes{diag::Kind::TooLarge, "the file has more than {} bytes"};

bool check_text(const SourceManager& sources, FileId file, diag::Sink& sink, const ReadOptions& options) {
  const std::string_view text = sources.text(file);
  if (text.size() > options.bytes) {
    diag::report(sink, {file, 0, 0}, kTooManyBytes, options.bytes);
    return false;
  }
  return check_encoding(sources, file, sink) && check_brackets(text, file, sink, options);
}

void run_parser(TreeBuilder& builder, std::string_view text) {
  TextBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    builder.finish();
  } catch (const YAML::Exception& error) {
    builder.fail(builder.offset(error.mark), trouble_of(error.msg));
  }
}

using Documents = std::optional<std::vector<Node>>;

Documents parse_reduced(const SourceManager& sources, FileId file, diag::Sink& sink,
                        const ReadOptions& options, Reduced::Blocks blocks) {
  const std::string_view text = sources.text(file);
  const Reduced reduced(text, blocks);
  TreeBuilder builder(text, reduced, file, options, sink);
  try {
    run_parser(builder, reduced.text());
  } catch (const Stop&) {
    return std::nullopt;
  }
  return builder.take();
}

/// The documents of a file, or nothing when it is no YAML. What is wrong is looked for in the whole text.
Documents parse(const SourceManager& sources, FileId file, diag::Sink& sink, const ReadOptions& options) {
  if (!check_text(sources, file, sink, options)) return std::nullopt;
  diag::Sink first;
  Documents documents = parse_reduced(sources, file, first, options, Reduced::Blocks::All);
  if (!documents) return parse_reduced(sources, file, sink, options, Reduced::Blocks::OnlyTagged);
  for (diag::Diagnostic& diagnostic : first.diagnostics()) sink.add(std::move(diagnostic));
  return documents;
}

}  // namespace

std::optional<Node> read(const SourceManager& sources, FileId file, diag::Sink& sink,
                         const ReadOptions& options) {
  ReadOptions one = options;
  one.many_documents = false;
  auto documents = parse(sources, file, sink, one);
  if (!documents) return std::nullopt;
  if (!documents->empty()) return std::move(documents->front());
  Node nothing;
  const auto start = static_cast<Offset>(mark_length(sources.text(file)));
  nothing.span = {file, start, start};
  return nothing;
}

std::vector<Node> read_all(const SourceManager& sources, FileId file, diag::Sink& sink,
                           const ReadOptions& options) {
  return parse(sources, file, sink, options).value_or(std::vector<Node>{});
}

}  // namespace penstock::yaml
