#include "driver/eval.h"

#include <charconv>

#include "cel/check.h"
#include "cel/eval.h"
#include "cel/parse.h"
#include "yaml/reader.h"

namespace penstock::driver {
namespace {

PENSTOCK_MESSAGE(BadCondition, "the expression has no value: {}", std::string);
PENSTOCK_MESSAGE(WrongType, "the data is not a mapping");

/// A number with a point or an exponent.
std::optional<double> as_double(const yaml::Node& node) {
  if (!yaml::is_plain(node) || node.text.find_first_not_of("+-.0123456789eE") != std::string::npos)
    return std::nullopt;
  double value = 0;
  const char* const end = node.text.data() + node.text.size();
  const char* const begin = node.text.data() + (node.text.starts_with('+') ? 1 : 0);
  const auto result = std::from_chars(begin, end, value);
  return result.ec == std::errc{} && result.ptr == end ? std::optional(value) : std::nullopt;
}

/// As the YAML 1.2 core schema reads it. Keys are strings.
cel::Value value_of(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::Kind::Null: return {cel::Null{}};
    case yaml::Kind::Scalar:
      if (const auto flag = yaml::as_bool(node)) return {*flag};
      if (const auto number = yaml::as_integer(node)) return {std::int64_t{*number}};
      if (const auto number = as_double(node)) return {*number};
      return {node.text};
    case yaml::Kind::Sequence: {
      cel::Values items;
      for (const yaml::Node& item : node.items) items.push_back(value_of(item));
      return {std::move(items)};
    }
    case yaml::Kind::Mapping: {
      cel::Entries entries;
      for (const yaml::Entry& entry : node.entries)
        entries.push_back({{entry.key.text}, value_of(entry.value)});
      return {std::move(entries)};
    }
  }
  return {cel::Null{}};
}

std::optional<cel::Bindings> bindings_of(const SourceManager& sources, FileId data, diag::Sink& sink) {
  const auto document = yaml::read(sources, data, sink);
  if (!document) return std::nullopt;
  if (!document->is_mapping()) {
    diag::report(sink, document->span, kWrongType);
    return std::nullopt;
  }
  cel::Bindings bindings;
  for (const yaml::Entry& entry : document->entries) bindings[entry.key.text] = value_of(entry.value);
  return bindings;
}

}  // namespace

std::optional<std::string> evaluate(SourceManager& sources, FileId expression, std::optional<FileId> data,
                                    diag::Sink& sink) {
  const auto bindings = data ? bindings_of(sources, *data, sink) : cel::Bindings();
  if (!bindings) return std::nullopt;
  cel::Environment environment;
  for (const auto& [name, value] : *bindings) environment.variables.push_back({name, cel::types::kDyn});
  auto parsed = cel::parse(sources.text(expression), cel::verbatim(expression), sink);
  if (!parsed) return std::nullopt;
  const auto typed = cel::check(std::move(*parsed), environment, sink);
  if (!typed) return std::nullopt;
  const cel::Value value = cel::evaluate(typed->expr, cel::facts(*bindings));
  if (const auto* error = value.get<cel::Error>()) {
    diag::report(sink, error->span, kBadCondition, error->message);
    return std::nullopt;
  }
  return cel::print(value);
}

}  // namespace penstock::driver
