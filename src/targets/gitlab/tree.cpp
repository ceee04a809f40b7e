#include "targets/gitlab/tree.h"

#include <algorithm>
#include <array>

namespace penstock::targets::gitlab {
namespace {

using codec::decode;
using codec::Decoder;
using codec::kOmitEmpty;
using codec::kRequired;
using codec::rest;
using codec::row;
using codec::Row;

constexpr std::array kRuleRows = {
    row<&Rule::condition>("if", kOmitEmpty, "an expression over variables"),
    row<&Rule::changes>("changes", kOmitEmpty, "patterns of paths, one of which a changed path matches"),
    row<&Rule::when>("when", kOmitEmpty, "never, or when the job starts"),
    row<&Rule::allow_failure>("allow_failure", kOmitEmpty, "whether a failure counts"),
    row<&Rule::variables>("variables", kOmitEmpty, "variables of the job in this case"),
    rest<&Rule::others>(),
};
constexpr std::array kAutoCancelRows = {
    row<&AutoCancel::on_new_commit>("on_new_commit", kOmitEmpty, "what a newer commit cancels"),
    rest<&AutoCancel::others>(),
};
constexpr std::array kWorkflowRows = {
    row<&Workflow::name>("name", kOmitEmpty, "the pipeline's name for people"),
    row<&Workflow::auto_cancel>("auto_cancel", kOmitEmpty, "what is cancelled"),
    row<&Workflow::rules>("rules", kOmitEmpty, "which events start a pipeline"),
    rest<&Workflow::others>(),
};
constexpr std::array kEnvironmentRows = {
    row<&Environment::name>("name", kOmitEmpty, "what is deployed to"),
    row<&Environment::url>("url", kOmitEmpty, "where it is to be seen"),
    row<&Environment::action>("action", kOmitEmpty, "what the job does with it"),
    row<&Environment::deployment_tier>("deployment_tier", kOmitEmpty, "production, staging, …"),
    rest<&Environment::others>(),
};
constexpr std::array kIdTokenRows = {
    row<&IdToken::audience>("aud", kRequired, "for whom the token is"),
    rest<&IdToken::others>(),
};
constexpr std::array kReportsRows = {
    row<&Reports::junit>("junit", kOmitEmpty, "test cases"),
    row<&Reports::terraform>("terraform", kOmitEmpty, "counts of a plan, for the merge request"),
    rest<&Reports::others>(),
};
constexpr std::array kArtifactsRows = {
    row<&Artifacts::name>("name", kOmitEmpty, "of the archive"),
    row<&Artifacts::when>("when", kOmitEmpty, "on_success, on_failure, always"),
    row<&Artifacts::access>("access", kOmitEmpty, "who may download it"),
    row<&Artifacts::expire_in>("expire_in", kOmitEmpty, "when it is deleted"),
    row<&Artifacts::paths>("paths", kOmitEmpty, "what is kept"),
    row<&Artifacts::exclude>("exclude", kOmitEmpty, "what is not"),
    row<&Artifacts::reports>("reports", kOmitEmpty, "what GitLab reads itself"),
    rest<&Artifacts::others>(),
};
constexpr std::array kJobRows = {
    row<&Job::extends>("extends", kOmitEmpty, "the templates"),
    row<&Job::stage>("stage", kOmitEmpty, "its column"),
    row<&Job::image>("image", kOmitEmpty, "the container's image"),
    row<&Job::tags>("tags", kOmitEmpty, "of the runner"),
    row<&Job::needs>("needs", kOmitEmpty, "the jobs before it"),
    row<&Job::timeout>("timeout", kOmitEmpty, "how long it may take"),
    row<&Job::interruptible>("interruptible", kOmitEmpty, "whether a newer commit may cancel it"),
    row<&Job::resource_group>("resource_group", kOmitEmpty, "one job at a time"),
    row<&Job::environment>("environment", kOmitEmpty, "what it deploys to"),
    row<&Job::manual_confirmation>("manual_confirmation", kOmitEmpty,
                                   "what is asked when its button is pressed"),
    row<&Job::id_tokens>("id_tokens", kOmitEmpty, "tokens that say who the job is"),
    row<&Job::variables>("variables", kOmitEmpty, "its environment"),
    row<&Job::before_script>("before_script", kOmitEmpty, "lines before the script"),
    row<&Job::script>("script", kOmitEmpty, "what it does"),
    row<&Job::after_script>("after_script", kOmitEmpty, "lines after it, whatever happened"),
    row<&Job::artifacts>("artifacts", kOmitEmpty, "what it keeps"),
    row<&Job::allow_failure>("allow_failure", kOmitEmpty, "which failures do not count"),
    row<&Job::when>("when", kOmitEmpty, "when it starts"),
    row<&Job::rules>("rules", kOmitEmpty, "in which pipelines it is"),
    rest<&Job::others>(),
};
constexpr std::array kDefaultRows = {
    row<&Default::image>("image", kOmitEmpty, "the container's image"),
    row<&Default::interruptible>("interruptible", kOmitEmpty, "whether a newer commit may cancel it"),
    row<&Default::before_script>("before_script", kOmitEmpty, "lines before each script"),
    rest<&Default::others>(),
};
constexpr std::array kIncludeRows = {
    row<&Include::local>("local", kOmitEmpty, "a file of this repository"),
    rest<&Include::others>(),
};

/// The keys of a file that are no jobs.
constexpr std::array<std::string_view, 14> kReserved = {
    "spec",  "include",  "stages",        "types",        "variables", "workflow", "default",
    "image", "services", "before_script", "after_script", "cache",     "pages",    "true"};

bool is_job(const yaml::Entry& entry) {
  return entry.value.is_mapping() &&
         std::ranges::find(kReserved, std::string_view(entry.key.text)) == kReserved.end();
}

std::vector<std::string> texts(const yaml::Node& node, Decoder& decoder) {
  std::vector<std::string> all;
  if (node.is_scalar()) {
    all.push_back(node.text);
  } else if (codec::expect_sequence(node, "texts", decoder)) {
    for (const yaml::Node& item : node.items) codec::decode_value(item, all.emplace_back(), decoder);
  }
  return all;
}

/// A job that is written in a way our structs cannot hold (`!reference`, nested scripts) is kept as it is.
std::optional<Job> job(const yaml::Node& node) {
  diag::Sink doubts;
  Job decoded = decode<Job>(node, doubts);
  if (doubts.has_errors()) return std::nullopt;
  return decoded;
}

constexpr std::array kNeedRows = {
    row<&Need::job>("job", kRequired, "its name"),
    rest<&Need::others>(),
};
constexpr std::array kImageRows = {
    row<&Image::name>("name", kRequired, "its name"),
    rest<&Image::others>(),
};

std::optional<yaml::Node> take(Others& others, std::string_view key) {
  const auto found = std::ranges::find(
      others, key, [](const yaml::Entry& entry) { return std::string_view(entry.key.text); });
  if (found == others.end()) return std::nullopt;
  yaml::Node value = found->value;
  others.erase(found);
  return value;
}

yaml::Node text_list(const std::vector<std::string>& all) { return codec::encode(all); }

}  // namespace

std::span<const Row> rows(const Rule*) { return kRuleRows; }
std::span<const Row> rows(const AutoCancel*) { return kAutoCancelRows; }
std::span<const Row> rows(const Workflow*) { return kWorkflowRows; }
std::span<const Row> rows(const Environment*) { return kEnvironmentRows; }
std::span<const Row> rows(const IdToken*) { return kIdTokenRows; }
std::span<const Row> rows(const Reports*) { return kReportsRows; }
std::span<const Row> rows(const Artifacts*) { return kArtifactsRows; }
std::span<const Row> rows(const Job*) { return kJobRows; }
std::span<const Row> rows(const Default*) { return kDefaultRows; }
std::span<const Row> rows(const Include*) { return kIncludeRows; }

void decode_value(const yaml::Node& node, Variable& value, Decoder& decoder) {
  if (!node.is_mapping()) return codec::decode_value(node, value.value, decoder);
  for (const yaml::Entry& entry : node.entries) {
    if (entry.key.text == "value") {
      codec::decode_value(entry.value, value.value, decoder);
    } else if (entry.key.text == "description") {
      codec::decode_value(entry.value, value.description, decoder);
    } else if (entry.key.text == "options") {
      value.options = texts(entry.value, decoder);
    } else if (entry.key.text == "expand") {
      codec::decode_value(entry.value, value.expand, decoder);
    } else {
      decoder.wrong(entry.value, "a key of a variable");
    }
  }
}

yaml::Node encode_value(const Variable& value) {
  yaml::Node text = codec::encode(value.value);
  if (value.expand && value.description.empty() && value.options.empty()) return text;
  yaml::Node node = yaml::mapping();
  yaml::add(node, "value", std::move(text));
  if (!value.description.empty()) yaml::add(node, "description", yaml::string(value.description));
  if (!value.options.empty()) yaml::add(node, "options", text_list(value.options));
  if (!value.expand) yaml::add(node, "expand", yaml::boolean(false));
  return node;
}
bool is_empty(const Variable&) { return false; }

void decode_value(const yaml::Node& node, Texts& value, Decoder& decoder) {
  value.all = texts(node, decoder);
}
yaml::Node encode_value(const Texts& value) {
  return value.all.size() == 1 ? yaml::string(value.all.front()) : text_list(value.all);
}
bool is_empty(const Texts& value) { return value.all.empty(); }

void decode_value(const yaml::Node& node, Need& value, Decoder& decoder) {
  if (node.is_scalar()) {
    value.job = node.text;
    return;
  }
  codec::decode_record(node, kNeedRows, &value, decoder);
  if (const auto artifacts = take(value.others, "artifacts"))
    codec::decode_value(*artifacts, value.artifacts, decoder);
  if (const auto optional = take(value.others, "optional"))
    codec::decode_value(*optional, value.optional, decoder);
}

yaml::Node encode_value(const Need& value) {
  if (value.artifacts && !value.optional && value.others.empty()) return yaml::string(value.job);
  yaml::Node node = yaml::mapping();
  yaml::add(node, "job", yaml::string(value.job));
  if (!value.artifacts) yaml::add(node, "artifacts", yaml::boolean(false));
  if (value.optional) yaml::add(node, "optional", yaml::boolean(true));
  for (const yaml::Entry& entry : value.others) node.entries.push_back(entry);
  return node;
}
bool is_empty(const Need&) { return false; }

void decode_value(const yaml::Node& node, Image& value, Decoder& decoder) {
  if (node.is_scalar()) {
    value.name = node.text;
    return;
  }
  codec::decode_record(node, kImageRows, &value, decoder);
  if (const auto entrypoint = take(value.others, "entrypoint")) {
    value.entrypoint = texts(*entrypoint, decoder);
    value.has_entrypoint = true;
  }
}

yaml::Node encode_value(const Image& value) {
  if (!value.has_entrypoint && value.others.empty()) return yaml::string(value.name);
  yaml::Node node = yaml::mapping();
  yaml::add(node, "name", yaml::string(value.name));
  if (value.has_entrypoint) yaml::add(node, "entrypoint", yaml::with_flow(text_list(value.entrypoint)));
  for (const yaml::Entry& entry : value.others) node.entries.push_back(entry);
  return node;
}
bool is_empty(const Image& value) { return value.name.empty() && value.others.empty(); }

void decode_value(const yaml::Node& node, AllowFailure& value, Decoder& decoder) {
  if (!node.is_mapping()) return codec::decode_value(node, value.always.emplace(), decoder);
  const yaml::Node* codes = node.find("exit_codes");
  if (codes == nullptr || node.entries.size() != 1) return decoder.wrong(node, "`exit_codes`");
  if (codes->is_scalar()) return codec::decode_value(*codes, value.exit_codes.emplace_back(), decoder);
  for (const yaml::Node& code : codes->items)
    codec::decode_value(code, value.exit_codes.emplace_back(), decoder);
}

yaml::Node encode_value(const AllowFailure& value) {
  if (value.always) return yaml::boolean(*value.always);
  yaml::Node node = yaml::mapping();
  yaml::add(node, "exit_codes", yaml::with_flow(codec::encode(value.exit_codes)));
  return node;
}
bool is_empty(const AllowFailure& value) { return !value.always && value.exit_codes.empty(); }

void decode_value(const yaml::Node& node, Root& value, Decoder& decoder) {
  if (!codec::expect_mapping(node, decoder)) return;
  for (const yaml::Entry& entry : node.entries) {
    if (entry.key.text == "workflow") {
      value.workflow = decode<Workflow>(entry.value, decoder.sink());
    } else if (entry.key.text == "stages") {
      value.stages = texts(entry.value, decoder);
    } else if (entry.key.text == "variables") {
      value.variables = decode<Variables>(entry.value, decoder.sink());
    } else if (entry.key.text == "default") {
      value.defaults = decode<Default>(entry.value, decoder.sink());
    } else if (entry.key.text == "include" && entry.value.is_sequence()) {
      for (const yaml::Node& item : entry.value.items) {
        value.include.push_back(item.is_scalar() ? Include{item.text, {}}
                                                 : decode<Include>(item, decoder.sink()));
      }
    } else if (std::optional<Job> typed = is_job(entry) ? job(entry.value) : std::nullopt) {
      value.jobs.push_back({{entry.key.text, entry.key.span}, *std::move(typed)});
    } else {
      value.others.push_back(entry);
    }
  }
}

yaml::Node encode_value(const Root& value) {
  yaml::Node node = yaml::mapping();
  const auto add = [&](std::string_view key, const auto& member, bool empty) {
    if (!empty) yaml::add(node, std::string(key), codec::encode(member));
  };
  add("workflow", value.workflow, codec::Kind<Workflow>::empty(value.workflow));
  add("stages", value.stages, value.stages.empty());
  if (!value.stages.empty()) node.entries.back().value = yaml::with_flow(node.entries.back().value);
  add("variables", value.variables, value.variables.empty());
  add("default", value.defaults, codec::Kind<Default>::empty(value.defaults));
  add("include", value.include, value.include.empty());
  for (const yaml::Entry& entry : value.others) node.entries.push_back(entry);
  for (const auto& [name, job] : value.jobs) yaml::add(node, name.value, codec::encode(job));
  return node;
}
bool is_empty(const Root& value) { return encode_value(value).entries.empty(); }

}  // namespace penstock::targets::gitlab
