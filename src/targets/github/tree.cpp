#include "targets/github/tree.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "yaml/reader.h"

namespace penstock::targets::github {
namespace {

using codec::Decoder;
using codec::kOmitEmpty;
using codec::kRequired;
using codec::rest;
using codec::Row;
using codec::row;
using yaml::Node;

/// A mapping whose only entry has this key is written as that entry's value.
Node shortened(Node mapping, std::string_view key) {
  if (mapping.entries.size() == 1 && mapping.entries.front().key.text == key)
    return std::move(mapping.entries.front().value);
  return mapping;
}

Node flow(const std::vector<std::string>& texts) {
  Node node = yaml::sequence({}, true);
  for (const std::string& text : texts) node.items.push_back(yaml::string(text));
  return node;
}

bool is_text_sequence(const Node& node) {
  return node.is_sequence() &&
         std::ranges::all_of(node.items, [](const Node& item) { return item.is_scalar(); });
}

bool is_text_mapping(const Node& node) {
  return node.is_mapping() &&
         std::ranges::all_of(node.entries, [](const yaml::Entry& entry) { return entry.value.is_scalar(); });
}

}  // namespace

// --- text and values

void decode_value(const Node& node, Text& value, Decoder& decoder) {
  if (!node.is_scalar() && !node.is_null()) return decoder.wrong(node, "text");
  std::string_view left = node.text;
  while (!left.empty()) {
    const std::size_t open = left.find("${{");
    const std::size_t close = open == std::string_view::npos ? open : left.find("}}", open);
    if (close == std::string_view::npos) break;
    auto expression = parse_expression(left.substr(open + 3, close - open - 3));
    if (!expression) {  // a `}}` in a string, or what we do not know
      value = Text(node.text);
      return;
    }
    if (open > 0) value.parts.emplace_back(std::string(left.substr(0, open)));
    value.parts.emplace_back(std::move(*expression));
    left.remove_prefix(close + 2);
  }
  if (!left.empty()) value.parts.emplace_back(std::string(left));
}

Node encode_value(const Text& value) {
  std::string text;
  for (const auto& part : value.parts) {
    text += std::visit(
        Overloaded{[](const std::string& literal) { return literal; },
                   [](const Expression& expression) { return "${{ " + print(expression) + " }}"; }},
        part);
  }
  return codec::encode_value(text);
}

bool is_empty(const Text& value) { return value.parts.empty(); }

void decode_value(const Node& node, Value& value, Decoder& decoder) {
  const auto flag = yaml::is_plain(node) ? yaml::as_bool(node) : std::nullopt;
  const auto number = yaml::is_plain(node) ? yaml::as_integer(node) : std::nullopt;
  if (flag) {
    value = Value(*flag);
  } else if (number) {
    value = Value(*number);
  } else {
    decode_value(node, value.is.emplace<Text>(), decoder);
  }
}

Node encode_value(const Value& value) {
  return std::visit(Overloaded{[](const Text& text) { return encode_value(text); },
                               [](long number) { return yaml::number(number); },
                               [](bool flag) { return yaml::boolean(flag); }},
                    value.is);
}

bool is_empty(const Value&) { return false; }

void decode_value(const Node& node, Condition& value, Decoder& decoder) {
  if (!node.is_scalar()) return decoder.wrong(node, "a condition");
  // Anything around `${{ }}`, and be it a line's end, makes the whole a text: it is kept as it is.
  std::string_view text = node.text;
  if (text.starts_with("${{") && text.ends_with("}}")) text = text.substr(3, text.size() - 5);
  if (auto expression = parse_expression(text)) {
    value.is = std::move(*expression);
  } else {
    value.is = node.text;
  }
}

Node encode_value(const Condition& value) {
  if (const auto* text = std::get_if<std::string>(&value.is)) return codec::encode_value(*text);
  const std::string text = print(std::get<Expression>(value.is));
  return yaml::string(text.starts_with('!') ? "${{ " + text + " }}" : text);  // a leading `!` would be a tag
}

bool is_empty(const Condition&) { return false; }

void decode_value(const Node& node, Names& value, Decoder& decoder) {
  if (node.is_scalar()) {
    value.all = {node.text};
  } else {
    codec::Kind<std::vector<std::string>>::decode(node, value.all, decoder);
  }
}
Node encode_value(const Names& value) { return flow(value.all); }
bool is_empty(const Names& value) { return value.all.empty(); }

void decode_value(const Node& node, Reference& value, Decoder& decoder) {
  codec::decode_value(node, value.to, decoder);
  if (node.trivia) value.version = node.trivia->trail;
}
Node encode_value(const Reference& value) {
  Node node = yaml::string(value.to);
  return value.version.empty() ? node : yaml::with_trail(std::move(node), value.version);
}
bool is_empty(const Reference& value) { return value.to.empty(); }

void decode_value(const Node& node, Permissions& value, Decoder& decoder) {
  if (node.is_scalar()) {
    value.all = node.text;
    return;
  }
  if (!codec::expect_mapping(node, decoder)) return;
  for (const yaml::Entry& entry : node.entries) {
    value.grants.push_back(
        {entry.key.text, entry.value.text, entry.value.trivia ? entry.value.trivia->trail : ""});
  }
}
Node encode_value(const Permissions& value) {
  if (!value.all.empty()) return yaml::string(value.all);
  Node node = yaml::mapping();
  for (const Permissions::Grant& grant : value.grants) {
    Node level = yaml::string(grant.level);
    yaml::add(node, grant.scope, grant.why.empty() ? level : yaml::with_trail(level, grant.why));
  }
  return node;
}

namespace {

constexpr std::array kConcurrencyRows = {
    row<&Concurrency::group>("group", kRequired, "one run or job of a group at a time"),
    row<&Concurrency::cancel_in_progress>("cancel-in-progress", kOmitEmpty,
                                          "a new one cancels the one that runs"),
    row<&Concurrency::queue>("queue", kOmitEmpty,
                             "`single`: a newer one takes the place of the one that waits; `max`: all wait"),
    rest<&Concurrency::others>(),
};

}  // namespace

void decode_value(const Node& node, Concurrency& value, Decoder& decoder) {
  if (node.is_scalar()) return decode_value(node, value.group, decoder);
  codec::decode_record(node, kConcurrencyRows, &value, decoder);
}
Node encode_value(const Concurrency& value) {
  Node node = codec::encode_record(kConcurrencyRows, &value);
  return value.comment.empty() ? node : yaml::with_lead(std::move(node), value.comment);
}

std::span<const Row> rows(const RunDefaults*) {
  static constexpr std::array kRows = {
      row<&RunDefaults::shell>("shell", kOmitEmpty, "what runs scripts"),
      rest<&RunDefaults::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const Defaults*) {
  static constexpr std::array kRows = {row<&Defaults::run>("run", kOmitEmpty, "of steps that run scripts")};
  return kRows;
}

// --- triggers

std::span<const Row> rows(const Push*) {
  static constexpr std::array kRows = {
      row<&Push::branches>("branches", kOmitEmpty, "patterns; without them and with `tags`, no branch"),
      row<&Push::tags>("tags", kOmitEmpty, "patterns; without them and with `branches`, no tag"),
      row<&Push::paths>("paths", kOmitEmpty, "patterns of changed files; tags ignore them"),
      rest<&Push::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const PullRequest*) {
  static constexpr std::array kRows = {
      row<&PullRequest::branches>("branches", kOmitEmpty, "patterns of the branch it goes to"),
      row<&PullRequest::paths>("paths", kOmitEmpty, "patterns of changed files"),
      rest<&PullRequest::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const Schedule*) {
  static constexpr std::array kRows = {
      row<&Schedule::cron>("cron", kRequired, "five fields"),
      row<&Schedule::timezone>("timezone", kOmitEmpty, "IANA name; UTC without it"),
      rest<&Schedule::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const CallSecret*) {
  static constexpr std::array kRows = {
      row<&CallSecret::required>("required", kOmitEmpty, "the caller must give it"),
      rest<&CallSecret::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const WorkflowCall*) {
  static constexpr std::array kRows = {
      row<&WorkflowCall::secrets>("secrets", kOmitEmpty, "what the caller hands over"),
      rest<&WorkflowCall::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const Dispatch*) {
  static constexpr std::array kRows = {rest<&Dispatch::others>()};
  return kRows;
}

namespace {

/// A bare `push`, `push: {}` and `push: null` are all a trigger without filters: an optional that is there and empty.
constexpr std::array kTriggerRows = {
    row<&Triggers::push>("push", kOmitEmpty, "a push of branches or tags"),
    row<&Triggers::pull_request>("pull_request", kOmitEmpty, "a pull request"),
    row<&Triggers::schedule>("schedule", kOmitEmpty, "a cron"),
    row<&Triggers::workflow_dispatch>("workflow_dispatch", kOmitEmpty, "a person"),
    row<&Triggers::workflow_call>("workflow_call", kOmitEmpty, "another workflow"),
    rest<&Triggers::others>(),
};

/// `on: push` and `on: [push, pull_request]` as the mapping they stand for.
Node as_mapping(const Node& node) {
  Node mapping = yaml::mapping();
  mapping.span = node.span;
  const auto add = [&](const Node& name) { mapping.entries.push_back({name, Node{}}); };
  if (node.is_scalar()) add(node);
  for (const Node& item : node.items) add(item);
  return mapping;
}

}  // namespace

void decode_value(const Node& node, Triggers& value, Decoder& decoder) {
  if (node.is_scalar() || is_text_sequence(node)) return decode_value(as_mapping(node), value, decoder);
  codec::decode_record(node, kTriggerRows, &value, decoder);
}
Node encode_value(const Triggers& value) { return codec::encode_record(kTriggerRows, &value); }
bool is_empty(const Triggers&) { return false; }

// --- jobs

std::span<const Row> rows(const Step*) {
  static constexpr std::array kRows = {
      row<&Step::name>("name", kOmitEmpty, "shown to people"),
      row<&Step::id>("id", kOmitEmpty, "for others to read its outputs"),
      row<&Step::condition>("if", kOmitEmpty, "`success()` without it"),
      row<&Step::uses>("uses", kOmitEmpty, "an action"),
      row<&Step::with>("with", kOmitEmpty, "inputs of the action"),
      row<&Step::shell>("shell", kOmitEmpty, "what runs the script"),
      row<&Step::env>("env", kOmitEmpty, "environment variables"),
      row<&Step::run>("run", kOmitEmpty, "a script"),
      rest<&Step::others>(),
  };
  return kRows;
}

namespace {

constexpr std::array kEnvironmentRows = {
    row<&Environment::name>("name", kRequired, "its protection applies"),
    rest<&Environment::others>(),
};
constexpr std::array kContainerRows = {
    row<&Container::image>("image", kRequired, "in which the steps run"),
    rest<&Container::others>(),
};

}  // namespace

void decode_value(const Node& node, Environment& value, Decoder& decoder) {
  if (node.is_scalar()) return decode_value(node, value.name, decoder);
  codec::decode_record(node, kEnvironmentRows, &value, decoder);
}
Node encode_value(const Environment& value) {
  return shortened(codec::encode_record(kEnvironmentRows, &value), "name");
}

void decode_value(const Node& node, Container& value, Decoder& decoder) {
  if (node.is_scalar()) return decode_value(node, value.image, decoder);
  codec::decode_record(node, kContainerRows, &value, decoder);
}
Node encode_value(const Container& value) {
  return shortened(codec::encode_record(kContainerRows, &value), "image");
}

namespace {

bool is_matrix_of_texts(const Node& node) {
  return node.is_mapping() && std::ranges::all_of(node.entries, [](const yaml::Entry& entry) {
           if (entry.key.text == "include")
             return entry.value.is_sequence() && std::ranges::all_of(entry.value.items, is_text_mapping);
           return entry.key.text != "exclude" && is_text_sequence(entry.value);
         });
}

void decode_include(const Node& node, Matrix& value) {
  for (const Node& item : node.items) {
    Matrix::Entry& entry = value.include.emplace_back();
    for (const yaml::Entry& pair : item.entries) entry.emplace_back(pair.key.text, pair.value.text);
  }
}

}  // namespace

void decode_value(const Node& node, Matrix& value, Decoder&) {
  if (!is_matrix_of_texts(node)) {
    value.other = node;
    return;
  }
  for (const yaml::Entry& entry : node.entries) {
    if (entry.key.text == "include") {
      decode_include(entry.value, value);
      continue;
    }
    auto& axis = value.axes.emplace_back(entry.key.text, std::vector<std::string>{});
    for (const Node& item : entry.value.items) axis.second.push_back(item.text);
  }
}

Node encode_value(const Matrix& value) {
  if (!value.other.is_null()) return value.other;
  Node node = yaml::mapping();
  for (const auto& [name, texts] : value.axes) yaml::add(node, name, flow(texts));
  if (value.include.empty()) return node;
  Node include = yaml::sequence();
  for (const Matrix::Entry& entry : value.include) {
    Node& item = include.items.emplace_back(yaml::mapping());
    for (const auto& [key, text] : entry) yaml::add(item, key, yaml::string(text));
  }
  yaml::add(node, "include", std::move(include));
  return node;
}

bool is_empty(const Matrix& value) {
  return value.axes.empty() && value.include.empty() && value.other.is_null();
}

std::span<const Row> rows(const Strategy*) {
  static constexpr std::array kRows = {
      row<&Strategy::fail_fast>("fail-fast", kOmitEmpty, "one failure cancels the others; true without it"),
      row<&Strategy::matrix>("matrix", kOmitEmpty, "one job for each combination"),
      rest<&Strategy::others>(),
  };
  return kRows;
}

std::span<const Row> rows(const Job*) {
  static constexpr std::array kRows = {
      row<&Job::name>("name", kOmitEmpty, "shown to people, and the name of its check"),
      row<&Job::needs>("needs", kOmitEmpty, "jobs before it"),
      row<&Job::condition>("if", kOmitEmpty, "`success()` without it"),
      row<&Job::uses>("uses", kOmitEmpty, "a reusable workflow"),
      row<&Job::runs_on>("runs-on", kOmitEmpty, "the runner's labels"),
      row<&Job::timeout_minutes>("timeout-minutes", kOmitEmpty, "360 without it"),
      row<&Job::environment>("environment", kOmitEmpty, "where it deploys"),
      row<&Job::concurrency>("concurrency", kOmitEmpty, "its turn"),
      row<&Job::permissions>("permissions", kOmitEmpty, "of its token"),
      row<&Job::strategy>("strategy", kOmitEmpty, "many jobs of one definition"),
      row<&Job::outputs>("outputs", kOmitEmpty, "texts for the jobs behind it"),
      row<&Job::env>("env", kOmitEmpty, "environment variables of all its steps"),
      row<&Job::defaults>("defaults", kOmitEmpty, "of its steps"),
      row<&Job::container>("container", kOmitEmpty, "in which its steps run"),
      row<&Job::steps>("steps", kOmitEmpty, "what it does, in order"),
      row<&Job::with>("with", kOmitEmpty, "inputs of the workflow"),
      row<&Job::secrets>("secrets", kOmitEmpty, "handed to the workflow"),
      rest<&Job::others>(),
  };
  return kRows;
}

std::span<const Row> rows(const Workflow*) {
  static constexpr std::array kRows = {
      row<&Workflow::name>("name", kOmitEmpty, "shown to people"),
      row<&Workflow::run_name>("run-name", kOmitEmpty, "of one run"),
      row<&Workflow::on>("on", kRequired, "what starts it", true),
      row<&Workflow::permissions>("permissions", kOmitEmpty, "of jobs that do not say theirs"),
      row<&Workflow::env>("env", kOmitEmpty, "environment variables of all jobs"),
      row<&Workflow::concurrency>("concurrency", kOmitEmpty, "of whole runs"),
      row<&Workflow::defaults>("defaults", kOmitEmpty, "of all jobs"),
      row<&Workflow::jobs>("jobs", kRequired, "what it does"),
      rest<&Workflow::others>(),
  };
  return kRows;
}

// --- composite actions

std::span<const Row> rows(const Input*) {
  static constexpr std::array kRows = {
      row<&Input::description>("description", kOmitEmpty, "for people"),
      row<&Input::required>("required", kOmitEmpty, "must be given"),
      row<&Input::initial>("default", kOmitEmpty, "without it"),
      rest<&Input::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const Output*) {
  static constexpr std::array kRows = {
      row<&Output::description>("description", kOmitEmpty, "for people"),
      row<&Output::value>("value", kOmitEmpty, "what it is"),
      rest<&Output::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const Runs*) {
  static constexpr std::array kRows = {
      row<&Runs::kind>("using", kRequired, "`composite`"),
      row<&Runs::steps>("steps", kOmitEmpty, "what it does, in order"),
      rest<&Runs::others>(),
  };
  return kRows;
}
std::span<const Row> rows(const Action*) {
  static constexpr std::array kRows = {
      row<&Action::name>("name", kOmitEmpty, "shown to people"),
      row<&Action::description>("description", kOmitEmpty, "for people"),
      row<&Action::inputs>("inputs", kOmitEmpty, "what it is told"),
      row<&Action::outputs>("outputs", kOmitEmpty, "what it tells"),
      row<&Action::runs>("runs", kRequired, "what it does"),
      rest<&Action::others>(),
  };
  return kRows;
}

}  // namespace penstock::targets::github
