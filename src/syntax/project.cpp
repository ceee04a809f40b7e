#include "syntax/project.h"

#include <algorithm>

#include "base/text.h"

namespace penstock::syntax {
namespace {

using codec::kOmitEmpty;
using codec::kRequired;
using codec::later;
using codec::Row;
using codec::row;

PENSTOCK_MESSAGE(UnknownDocument, "this is not a document that penstock reads");
PENSTOCK_MESSAGE(StepVerb, "a step does exactly one thing: {}", std::string);
PENSTOCK_MESSAGE(WrongType, "expected {}, found {}", std::string, std::string);

constexpr std::array<std::string_view, 5> kVerbs = {"run", "setup", "checkout", "upload", "download"};

Span start_of(const yaml::Node& node) {
  return {node.span.file, node.span.begin, std::min(node.span.end, node.span.begin + 1)};
}

}  // namespace

// --- field tables ----------------------------------------------------------------------------------------------------
// Found by argument-dependent lookup from codec; the order is the order in which a project is written.

static std::span<const Row> rows(const Repository*) {
  static constexpr std::array kRows = {
      row<&Repository::default_branch>("default_branch", kOmitEmpty,
                                       "the branch that is delivered, `main` if not said"),
      row<&Repository::github>("github", kOmitEmpty, "owner/name on GitHub"),
      row<&Repository::gitlab>("gitlab", kOmitEmpty, "group/name on GitLab"),
  };
  return kRows;
}

static std::span<const Row> rows(const StackDefaults*) {
  static constexpr std::array kRows = {
      row<&StackDefaults::version>("version", kOmitEmpty, "exact version of the tool"),
      row<&StackDefaults::backend>("backend", kOmitEmpty, "where the state lives"),
      row<&StackDefaults::vars>("vars", kOmitEmpty, "input variables"),
  };
  return kRows;
}

static std::span<const Row> rows(const Defaults*) {
  static constexpr std::array kRows = {
      row<&Defaults::runs_on>("runs_on", kOmitEmpty, "the kind of machine"),
      row<&Defaults::image>("image", kOmitEmpty, "the container image"),
      row<&Defaults::env>("env", kOmitEmpty, "environment variables"),
      row<&Defaults::permissions>("permissions", kOmitEmpty, "what the job's token may do"),
      row<&Defaults::timeout>("timeout", kOmitEmpty, "when a job is stopped"),
      row<&Defaults::stacks>("stacks", kOmitEmpty, "defaults of all stacks"),
  };
  return kRows;
}

static std::span<const Row> rows(const Identity*) {
  static constexpr std::array kRows = {
      row<&Identity::cloud>("cloud", kRequired, "`aws`"),
      row<&Identity::region>("region", kOmitEmpty, "the region where nothing nearer says one"),
      row<&Identity::plan>("plan", kOmitEmpty,
                           "the role that reads; derived from project and environment if not said"),
      row<&Identity::apply>("apply", kOmitEmpty,
                            "the role that writes; derived from project and environment if not said"),
  };
  return kRows;
}

static std::span<const Row> rows(const Approvals*) {
  static constexpr std::array kRows = {
      row<&Approvals::count>("count", kOmitEmpty, "how many people must approve"),
      row<&Approvals::from>("from", kOmitEmpty, "teams or people who may approve"),
      row<&Approvals::self>("self", kOmitEmpty, "whether who started the run may approve it"),
  };
  return kRows;
}

static std::span<const Row> rows(const Environment*) {
  static constexpr std::array kRows = {
      row<&Environment::tier>("tier", kOmitEmpty, "production, staging, testing, development or other"),
      row<&Environment::account>("account", kOmitEmpty, "the AWS account, twelve digits in quotes"),
      row<&Environment::region>("region", kOmitEmpty, "the AWS region"),
      row<&Environment::identity>("identity", kOmitEmpty, "a name of `identities`"),
      row<&Environment::after>("after", kOmitEmpty, "environments that come first"),
      row<&Environment::approvals>("approvals", kOmitEmpty, "who must agree before something is applied"),
      row<&Environment::branches>("branches", kOmitEmpty, "branches that may deploy"),
      later("window", "the hours in which it may be deployed to"),
      later("url", "where the environment can be seen"),
  };
  return kRows;
}

static std::span<const Row> rows(const StackEnvironment*) {
  static constexpr std::array kRows = {
      row<&StackEnvironment::backend>("backend", kOmitEmpty, "where the state lives"),
      row<&StackEnvironment::vars>("vars", kOmitEmpty, "input variables"),
  };
  return kRows;
}

static std::span<const Row> rows(const Stack*) {
  static constexpr std::array kRows = {
      row<&Stack::tool>("tool", kRequired, "opentofu or terraform"),
      row<&Stack::version>("version", kOmitEmpty, "exact version of the tool"),
      row<&Stack::path>("path", kRequired, "the folder with the stack's code"),
      row<&Stack::needs>("needs", kOmitEmpty, "stacks of the layers below"),
      row<&Stack::backend>("backend", kOmitEmpty, "where the state lives"),
      row<&Stack::vars>("vars", kOmitEmpty, "input variables"),
      row<&Stack::environments>("environments", kOmitEmpty, "the environments it has, every one if not said"),
      later("modules", "folders it is made of"),
      later("owner", "who looks after it"),
  };
  return kRows;
}

static std::span<const Row> rows(const Gate*) {
  static constexpr std::array kRows = {
      row<&Gate::kind>("kind", kRequired, "policy or secrets"),
      row<&Gate::tool>("tool", kRequired, "conftest or gitleaks"),
      row<&Gate::at>("at", kRequired, "plan or source"),
      row<&Gate::rules>("rules", kOmitEmpty, "the folder of the rules"),
      row<&Gate::enforce>("enforce", kOmitEmpty, "block or warn"),
  };
  return kRows;
}

static std::span<const Row> rows(const DeliveryPlan*) {
  static constexpr std::array kRows = {
      row<&DeliveryPlan::comment>("comment", kOmitEmpty, "show the plans on the pull request"),
      row<&DeliveryPlan::keep>("keep", kOmitEmpty, "how long saved plans are kept"),
  };
  return kRows;
}

static std::span<const Row> rows(const Delivery*) {
  static constexpr std::array kRows = {
      row<&Delivery::plan>("plan", kOmitEmpty, "what happens with plans"),
      row<&Delivery::apply>("apply", kOmitEmpty, "`saved`: exactly the plan that was judged"),
      later("only", "deliver only what changed"),
  };
  return kRows;
}

static std::span<const Row> rows(const Schedule*) {
  static constexpr std::array kRows = {
      row<&Schedule::cron>("cron", kRequired, "five fields: minute hour day month weekday"),
      row<&Schedule::timezone>("timezone", kOmitEmpty, "a name like Europe/Berlin, UTC if not said"),
  };
  return kRows;
}

static std::span<const Row> rows(const Drift*) {
  static constexpr std::array kRows = {
      row<&Drift::schedule>("schedule", kRequired, "when to look"),
      row<&Drift::report>("report", kOmitEmpty, "`[issue]`: one issue for each stack and environment"),
      row<&Drift::reconcile>("reconcile", kOmitEmpty, "`none`: a drift run never applies"),
      later("check", "what to compare"),
      later("on_drift", "what to do besides reporting"),
  };
  return kRows;
}

static std::span<const Row> rows(const PushTrigger*) {
  static constexpr std::array kRows = {
      row<&PushTrigger::branches>("branches", kOmitEmpty, "globs of branch names"),
      row<&PushTrigger::paths>("paths", kOmitEmpty, "globs of changed files"),
  };
  return kRows;
}

static std::span<const Row> rows(const TagTrigger*) {
  static constexpr std::array kRows = {row<&TagTrigger::names>("names", kOmitEmpty, "globs of tag names")};
  return kRows;
}

static std::span<const Row> rows(const PullRequestTrigger*) {
  static constexpr std::array kRows = {
      row<&PullRequestTrigger::branches>("branches", kOmitEmpty, "globs of target branches"),
      row<&PullRequestTrigger::paths>("paths", kOmitEmpty, "globs of changed files"),
      later("types", "opened, updated, closed"),
  };
  return kRows;
}

static std::span<const Row> rows(const ManualTrigger*) {
  static constexpr std::array kRows = {later("inputs", "typed inputs")};
  return kRows;
}

static std::span<const Row> rows(const Triggers*) {
  static constexpr std::array kRows = {
      row<&Triggers::push>("push", kOmitEmpty, "a push to a branch"),
      row<&Triggers::tag>("tag", kOmitEmpty, "a new tag"),
      row<&Triggers::pull_request>("pull_request", kOmitEmpty, "a pull request, opened or updated"),
      row<&Triggers::schedule>("schedule", kOmitEmpty, "cron and timezone"),
      row<&Triggers::manual>("manual", kOmitEmpty, "started by a person"),
      later("call", "called by another pipeline"),
      later("release", "a published release"),
      later("pipeline", "after another pipeline"),
  };
  return kRows;
}

static std::span<const Row> rows(const Artifact*) {
  static constexpr std::array kRows = {
      row<&Artifact::paths>("paths", kRequired, "globs of files"),
      row<&Artifact::keep>("keep", kOmitEmpty, "how long, `7d` if not said"),
  };
  return kRows;
}

static std::span<const Row> rows(const Checkout*) {
  static constexpr std::array kRows = {
      row<&Checkout::history>("history", kOmitEmpty, "all commits and tags")};
  return kRows;
}

static std::span<const Row> rows(const Upload*) {
  static constexpr std::array kRows = {
      row<&Upload::artifact>("name", kRequired, "the artifact's name"),
      row<&Upload::paths>("paths", kRequired, "globs of files"),
      row<&Upload::keep>("keep", kOmitEmpty, "how long, `7d` if not said"),
  };
  return kRows;
}

static std::span<const Row> rows(const Run*) {
  static constexpr std::array kRows = {
      row<&Run::script>("run", kRequired, "a script"),
      row<&Run::name>("name", kOmitEmpty, "what people see"),
      row<&Run::shell>("shell", kOmitEmpty, "sh or bash"),
      row<&Run::env>("env", kOmitEmpty, "environment variables of this step"),
  };
  return kRows;
}

static std::span<const Row> rows(const Job*) {
  static constexpr std::array kRows = {
      row<&Job::needs>("needs", kOmitEmpty, "jobs that come first"),
      row<&Job::when>("when", kOmitEmpty, "a condition over the event"),
      row<&Job::runs_on>("runs_on", kOmitEmpty, "the kind of machine"),
      row<&Job::image>("image", kOmitEmpty, "the container image"),
      row<&Job::env>("env", kOmitEmpty, "environment variables"),
      row<&Job::secrets>("secrets", kOmitEmpty, "environment variable: name of the secret"),
      row<&Job::permissions>("permissions", kOmitEmpty, "what the job's token may do"),
      row<&Job::environment>("environment", kOmitEmpty, "the environment it deploys to"),
      row<&Job::timeout>("timeout", kOmitEmpty, "when it is stopped"),
      row<&Job::steps>("steps", kRequired, "what it does, in order"),
      row<&Job::artifacts>("artifacts", kOmitEmpty, "files that are kept when it succeeded"),
      later("services", "containers beside the job"),
      later("matrix", "many jobs from one"),
      later("outputs", "values for later jobs"),
      later("cache", "files kept between runs"),
      later("concurrency", "how many at once"),
      later("retry", "repeat before failing"),
      later("allow_failure", "its failure holds nothing back"),
      later("kind", "what sort of job it is"),
      later("provides", "capabilities for standards"),
      later("native", "one target's own keys"),
  };
  return kRows;
}

static std::span<const Row> rows(const Pipeline*) {
  static constexpr std::array kRows = {
      row<&Pipeline::on>("on", kRequired, "what starts it"),
      row<&Pipeline::defaults>("defaults", kOmitEmpty, "defaults of its jobs"),
      row<&Pipeline::jobs>("jobs", kRequired, "its jobs by name"),
      later("concurrency", "how many at once"),
      later("native", "one target's own keys"),
  };
  return kRows;
}

static std::span<const Row> rows(const Project*) {
  static constexpr std::array kRows = {
      row<&Project::kind>("penstock", kRequired, "`project/v1`"),
      row<&Project::name>("name", kRequired, "the project's name"),
      row<&Project::repository>("repository", kOmitEmpty, "where the repository is"),
      row<&Project::targets>("targets", kOmitEmpty, "the CI systems to generate for"),
      row<&Project::defaults>("defaults", kOmitEmpty, "defaults of all pipelines and stacks"),
      row<&Project::identities>("identities", kOmitEmpty, "who jobs are in the cloud"),
      row<&Project::environments>("environments", kOmitEmpty, "where things are deployed"),
      row<&Project::stacks>("stacks", kOmitEmpty, "infrastructure as code"),
      row<&Project::gates>("gates", kOmitEmpty, "what judges a change"),
      row<&Project::delivery>("delivery", kOmitEmpty, "how changes of stacks are delivered"),
      row<&Project::drift>("drift", kOmitEmpty, "looking for changes made by hand"),
      row<&Project::pipelines>("pipelines", kOmitEmpty, "what is written by hand"),
      later("standard", "the organization's standard"),
      later("modules", "reusable infrastructure code"),
      later("artifacts", "images, archives, charts"),
      later("configs", "feature flags and configuration"),
      later("deploy", "rollout of artifacts"),
      later("review", "ephemeral environments"),
      later("release", "versions and notes"),
      later("rehearsal", "rebuild from zero"),
      later("break_glass", "the emergency road"),
  };
  return kRows;
}

// --- types with their own way of decoding ------------------------------------------------------------------------------

void decode_value(const yaml::Node& node, Scalar& value, codec::Decoder& decoder) {
  if (!node.is_scalar()) return decoder.wrong(node, "text");
  value.node = node;
}
yaml::Node encode_value(const Scalar& value) { return value.node; }
bool is_empty(const Scalar& value) { return value.node.is_null(); }

void decode_value(const yaml::Node& node, Schedules& value, codec::Decoder& decoder) {
  using One = codec::Kind<Located<Schedule>>;
  if (!node.is_sequence()) return One::decode(node, value.all.emplace_back(), decoder);
  for (const yaml::Node& item : node.items) One::decode(item, value.all.emplace_back(), decoder);
}
yaml::Node encode_value(const Schedules& value) { return codec::encode(value.all); }
bool is_empty(const Schedules& value) { return value.all.empty(); }

/// `download: dist` or `download: {name: dist}` would be two spellings of one thing: a download has only a name.
static void decode_verb(const yaml::Node& step, std::string_view verb, const yaml::Node& argument,
                        Step& value, codec::Decoder& decoder) {
  if (verb == "run") {
    codec::Kind<Run>::decode(step, value.run.emplace(), decoder);
  } else if (verb == "setup") {
    codec::Kind<Named<Name>>::decode(argument, value.setup.emplace().tools, decoder);
  } else if (verb == "checkout") {
    codec::Kind<Checkout>::decode(argument, value.checkout.emplace(), decoder);
  } else if (verb == "upload") {
    codec::Kind<Upload>::decode(argument, value.upload.emplace(), decoder);
  } else {
    codec::Kind<Name>::decode(argument, value.download.emplace().artifact, decoder);
  }
}

void decode_value(const yaml::Node& node, Step& value, codec::Decoder& decoder) {
  static constexpr std::array kLater = {later("cache", "files kept between runs"),
                                        later("use", "a component of the catalog"),
                                        later("native", "one target's own step")};
  value.span = node.span;
  if (!node.is_mapping()) return decoder.wrong(node, "a step");
  std::vector<const yaml::Entry*> verbs;
  yaml::Node others = yaml::mapping();
  for (const yaml::Entry& entry : node.entries) {
    if (std::ranges::find(kVerbs, std::string_view(entry.key.text)) != kVerbs.end()) {
      verbs.push_back(&entry);
    } else {
      others.entries.push_back(entry);
    }
  }
  const std::string all = join(kVerbs, ", ");
  if (verbs.empty()) {
    const bool planned =
        std::ranges::any_of(kLater, [&](const Row& row) { return node.find(row.key) != nullptr; });
    if (planned) {
      others.span = node.span;
      return codec::decode_record(others, kLater, nullptr, decoder);
    }
    diag::build(decoder.sink(), node.entries.empty() ? start_of(node) : node.entries.front().key.span,
                kStepVerb, "one of " + all)
        .emit();
    return;
  }
  if (verbs.size() > 1) {
    diag::build(decoder.sink(), verbs[1]->key.span, kStepVerb, "one of " + all)
        .label(verbs[0]->key.span, "the step already does this")
        .help("begin a new step with `-`")
        .emit();
    return;
  }
  const std::string_view verb = verbs[0]->key.text;
  decode_verb(node, verb, verbs[0]->value, value, decoder);
  if (verb != "run") {
    others.span = node.span;
    codec::decode_record(others, {}, nullptr, decoder);
  }
}

yaml::Node encode_value(const Step& value) {
  if (value.run) return codec::encode(*value.run);
  if (value.setup) return yaml::mapping({{"setup", codec::encode(value.setup->tools)}});
  if (value.checkout) return yaml::mapping({{"checkout", codec::encode(*value.checkout)}});
  if (value.upload) return yaml::mapping({{"upload", codec::encode(*value.upload)}});
  return yaml::mapping({{"download", codec::encode(value.download->artifact)}});
}
bool is_empty(const Step&) { return false; }

Project decode_project(const yaml::Node& document, diag::Sink& sink) {
  const yaml::Node* kind = document.find("penstock");
  if (kind != nullptr && kind->text != "project/v1") {
    diag::build(sink, kind->span, kUnknownDocument)
        .help("a project begins with `penstock: project/v1`")
        .emit();
    return {};
  }
  auto project = codec::decode<Project>(document, sink);
  project.span = document.span;
  return project;
}

}  // namespace penstock::syntax
