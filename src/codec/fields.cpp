#include "codec/fields.h"

#include <algorithm>

#include "base/text.h"
#include "yaml/reader.h"

namespace penstock::codec {
namespace {

using diag::build;

PENSTOCK_MESSAGE(UnknownKey, "there is no key `{}` here", std::string);
PENSTOCK_MESSAGE(NotYet, "`{}` is not in the language yet", std::string);
PENSTOCK_MESSAGE(MissingKey, "the key `{}` is missing", std::string);
PENSTOCK_MESSAGE(WrongType, "expected {}, found {}", std::string, std::string);
PENSTOCK_MESSAGE(UnknownValue, "`{}` is not one of the values of this key", std::string);

std::string found(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::Kind::Null: return "nothing";
    case yaml::Kind::Scalar: return fmt::format("`{}`", node.text.substr(0, 60));
    case yaml::Kind::Sequence: return "a list";
    case yaml::Kind::Mapping: return "a mapping";
  }
  return {};
}

std::vector<std::string_view> keys(std::span<const Row> rows) {
  std::vector<std::string_view> all;
  for (const Row& row : rows) {
    if (!row.key.empty() && row.presence != Presence::Later) all.push_back(row.key);
  }
  return all;
}

/// "did you mean `x`?", or the alternatives when they are few.
std::string advice(std::string_view written, std::span<const std::string_view> alternatives) {
  const std::string_view near = nearest(written, alternatives);
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  if (alternatives.empty() || alternatives.size() > 16) return {};
  return fmt::format("expected one of {}", join(alternatives, ", "));
}

/// What a span should be when a key is missing: the first character of a mapping, not all of it.
Span head(const yaml::Node& node) {
  return {node.span.file, node.span.begin, std::min(node.span.end, node.span.begin + 1)};
}

}  // namespace

void Decoder::wrong(const yaml::Node& node, std::string_view expected) {
  const Span span = node.is_scalar() || node.is_null() ? node.span : head(node);
  build(sink_, span, kWrongType, std::string(expected), found(node)).emit();
}

bool expect_mapping(const yaml::Node& node, Decoder& decoder) {
  if (node.is_mapping() || node.is_null()) return true;
  decoder.wrong(node, "a mapping");
  return false;
}

bool expect_sequence(const yaml::Node& node, std::string_view of, Decoder& decoder) {
  if (node.is_sequence() || node.is_null()) return true;
  decoder.wrong(node, of.empty() ? "a list" : fmt::format("a list of {}", of));
  return false;
}

void decode_record(const yaml::Node& node, std::span<const Row> rows, void* record, Decoder& decoder) {
  if (!expect_mapping(node, decoder)) return;
  const auto keeps = std::ranges::find(rows, std::string_view{}, &Row::key);
  for (const yaml::Entry& entry : node.entries) {
    const auto row = std::ranges::find(rows, std::string_view(entry.key.text), &Row::key);
    if (row != rows.end() && row->presence == Presence::Later) {
      build(decoder.sink(), entry.key.span, kNotYet, entry.key.text)
          .help(fmt::format("`{}` ({}) is planned; leave it out for now", row->key, row->doc))
          .emit();
    } else if (row != rows.end() && row != keeps) {
      row->operations->decode(entry.value, row->reach(record), decoder);
    } else if (keeps != rows.end()) {
      static_cast<Others*>(keeps->reach(record))->push_back(entry);
    } else {
      build(decoder.sink(), entry.key.span, kUnknownKey, entry.key.text)
          .help(advice(entry.key.text, keys(rows)))
          .emit();
    }
  }
  for (const Row& row : rows) {
    if (row.presence == kRequired && !row.key.empty() && node.find(row.key) == nullptr) {
      build(decoder.sink(), head(node), kMissingKey, std::string(row.key))
          .help(row.doc.empty() ? std::string{} : fmt::format("`{}`: {}", row.key, row.doc))
          .emit();
    }
  }
}

yaml::Node encode_record(std::span<const Row> rows, const void* record) {
  yaml::Node node = yaml::mapping();
  for (const Row& row : rows) {
    if (row.presence == Presence::Later) continue;
    const void* value = row.reach(const_cast<void*>(record));
    if (row.presence == kOmitEmpty && row.operations->empty(value)) continue;
    yaml::Node encoded = row.operations->encode(value);
    if (row.key.empty()) {
      for (yaml::Entry& entry : encoded.entries) node.entries.push_back(std::move(entry));
      continue;
    }
    yaml::add(node, std::string(row.key), std::move(encoded));
    if (row.literal_key) node.entries.back().key.style = yaml::Style::Literal;
  }
  return node;
}

void decode_value(const yaml::Node& node, std::string& value, Decoder& decoder) {
  if (node.is_scalar()) {
    value = node.text;
  } else {
    decoder.wrong(node, "text");
  }
}
yaml::Node encode_value(const std::string& value) {
  return value.find('\n') == std::string::npos ? yaml::string(value) : yaml::block(value);
}
bool is_empty(const std::string& value) { return value.empty(); }

void decode_value(const yaml::Node& node, bool& value, Decoder& decoder) {
  if (const auto parsed = yaml::as_bool(node)) {
    value = *parsed;
  } else {
    decoder.wrong(node, "`true` or `false`");
  }
}
yaml::Node encode_value(const bool& value) { return yaml::boolean(value); }
bool is_empty(const bool& value) { return !value; }

void decode_value(const yaml::Node& node, long& value, Decoder& decoder) {
  if (const auto parsed = yaml::as_integer(node)) {
    value = *parsed;
  } else {
    decoder.wrong(node, "a whole number");
  }
}
yaml::Node encode_value(const long& value) { return yaml::number(value); }
bool is_empty(const long&) { return false; }

void decode_value(const yaml::Node& node, yaml::Node& value, Decoder&) { value = node; }
yaml::Node encode_value(const yaml::Node& value) { return value; }
bool is_empty(const yaml::Node& value) { return value.is_null(); }

yaml::Node Kind<std::vector<yaml::Entry>>::encode(const Others& value) {
  yaml::Node node = yaml::mapping();
  node.entries = value;
  return node;
}

void decode_choice(const yaml::Node& node, std::span<const std::string_view> names, std::size_t& index,
                   Decoder& decoder) {
  if (!node.is_scalar()) return decoder.wrong(node, fmt::format("one of {}", join(names, ", ")));
  const auto found = std::ranges::find(names, std::string_view(node.text));
  if (found == names.end()) {
    build(decoder.sink(), node.span, kUnknownValue, node.text).help(advice(node.text, names)).emit();
    return;
  }
  index = static_cast<std::size_t>(found - names.begin());
}

}  // namespace penstock::codec
