#include "model/check.h"

#include <algorithm>

#include "base/text.h"
#include "model/building.h"
#include "model/values.h"

namespace penstock::model {
namespace {

PENSTOCK_MESSAGE(UnknownName, "there is no {} `{}`", std::string, std::string);
PENSTOCK_MESSAGE(UnknownValue, "`{}` is not a value of `{}`", std::string, std::string);
PENSTOCK_MESSAGE(NothingToDo, "this project has neither pipelines nor stacks: there is nothing to generate");
PENSTOCK_MESSAGE(MissingFact, "the target `{}` needs `{}`", std::string, std::string);
PENSTOCK_MESSAGE(TargetLeftOut, "`{}` is not generated: it needs {}", std::string, std::string);
PENSTOCK_MESSAGE(UnknownKey, "the target `{}` has no setting `{}`", std::string, std::string);
PENSTOCK_MESSAGE(WrongType, "expected {}, found {}", std::string, std::string);

constexpr std::array<std::string_view, 3> kLevels = {"none", "read", "write"};
constexpr std::array kPermissions = {
    Permission::Checks,         Permission::Contents, Permission::Deployments, Permission::IdToken,
    Permission::Issues,         Permission::Packages, Permission::Pages,       Permission::PullRequests,
    Permission::SecurityEvents, Permission::Statuses};

std::string alternatives(std::string_view near, std::span<const std::string_view> known) {
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  if (known.empty() || known.size() > 16) return {};
  return fmt::format("expected one of {}", join(known, ", "));
}

/// A setting of a target against its type in the target's data file. A wrong one is reported.
void check_setting(std::string_view type, const Table& facts, std::string_view key, const Name& value,
                   diag::Sink& sink) {
  const std::string path = fmt::format("settings.{}.values", key);
  if (type == "choice") {
    const auto values = facts.list(path);
    choose(sink, key, value, values, 0);
  } else if (type == "account") {
    check_account(value, sink);
  } else if (type == "region") {
    check_region(value, sink);
  } else if (type == "connection") {
    check_connection_arn(value, sink);
  } else if (type == "release") {
    check_release(value, sink);
  }
}

std::vector<std::string_view> missing_settings(const KnownTarget& target, const TargetSettings& settings) {
  std::vector<std::string_view> missing;
  for (const std::string_view key : target.facts.keys("settings")) {
    if (target.facts.get(fmt::format("settings.{}.required", key)) == "true" && settings.get(key).empty())
      missing.push_back(key);
  }
  return missing;
}

TargetSettings settings_of(const KnownTarget& target, const Name& name, const yaml::Node& node,
                           diag::Sink& sink) {
  TargetSettings settings{name.value, name.span, {}};
  const auto known = target.facts.keys("settings");
  if (!node.is_mapping() && !node.is_null()) {
    diag::report(sink, node.span, kWrongType, "a mapping", fmt::format("`{}`", node.text));
    return settings;
  }
  for (const yaml::Entry& entry : node.entries) {
    if (std::ranges::find(known, std::string_view(entry.key.text)) == known.end()) {
      diag::build(sink, entry.key.span, kUnknownKey, name.value, entry.key.text)
          .help(alternatives(nearest(entry.key.text, known), known))
          .emit();
    } else if (!entry.value.is_scalar()) {
      diag::report(sink, entry.value.is_null() ? entry.key.span : entry.value.span, kWrongType, "text",
                   entry.value.is_null() ? "nothing" : "something else");
    } else {
      const Name value{entry.value.text, entry.value.span};
      check_setting(target.facts.get(fmt::format("settings.{}.type", entry.key.text)), target.facts,
                    entry.key.text, value, sink);
      settings.values.emplace_back(entry.key.text, value);
    }
  }
  return settings;
}

/// Without `targets` every target is generated whose facts are complete; the others are named with what they lack.
void complete_targets(Building& building) {
  for (const KnownTarget& target : building.knowledge.targets) {
    TargetSettings settings{std::string(target.name), building.project.span, {}};
    const auto missing = missing_settings(target, settings);
    if (missing.empty()) {
      building.project.targets.push_back(std::move(settings));
    } else {
      diag::build(building.sink, building.written.name.span, kTargetLeftOut, std::string(target.name),
                  join(missing, ", "))
          .help(fmt::format("to generate it, write `targets: {{ {}: {{ {}: … }} }}`", target.name,
                            missing.front()))
          .emit();
    }
  }
}

}  // namespace

void unknown_name(diag::Sink& sink, std::string_view kind, const Name& name,
                  std::span<const std::string_view> known) {
  std::string help = known.empty() ? fmt::format("there is no {} at all here", kind)
                                   : alternatives(nearest(name.value, known), known);
  diag::build(sink, name.span, kUnknownName, std::string(kind), name.value).help(std::move(help)).emit();
}

std::size_t choose(diag::Sink& sink, std::string_view key, const Name& word,
                   std::span<const std::string_view> words, std::size_t fallback) {
  if (!is_written(word)) return fallback;
  const auto found = std::ranges::find(words, std::string_view(word.value));
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  diag::build(sink, word.span, kUnknownValue, word.value, std::string(key))
      .help(alternatives(nearest(word.value, words), words))
      .emit();
  return fallback;
}

std::vector<Glob> globs(const std::vector<Name>& patterns, diag::Sink& sink) {
  std::vector<Glob> all;
  for (const Name& pattern : patterns) {
    if (auto glob = parse_glob(pattern, sink)) all.push_back(std::move(*glob));
  }
  return all;
}

std::optional<Schedule> schedule(const syntax::Schedule& written, Span span, diag::Sink& sink) {
  Schedule result{{}, "UTC", span};
  if (is_written(written.timezone)) {
    check_timezone(written.timezone, sink);
    result.timezone = written.timezone.value;
  }
  if (!is_written(written.cron)) return std::nullopt;  // reported as a missing key
  auto cron = parse_cron(written.cron, sink);
  if (!cron) return std::nullopt;
  result.cron = std::move(*cron);
  return result;
}

Permissions permissions(const Named<Name>& written, diag::Sink& sink) {
  std::vector<std::string_view> names;
  for (const Permission permission : kPermissions) names.push_back(name(permission));
  Permissions result;
  for (const auto& [key, level] : written) {
    const auto found = std::ranges::find(names, std::string_view(key.value));
    if (found == names.end()) {
      unknown_name(sink, "permission", key, names);
      continue;
    }
    const std::size_t chosen = choose(sink, key.value, level, kLevels, 0);
    if (chosen != 0)
      result.emplace_back(kPermissions.at(static_cast<std::size_t>(found - names.begin())),
                          static_cast<Level>(chosen));
  }
  std::ranges::sort(result);
  return result;
}

NamedTexts texts(const Named<syntax::Scalar>& written, const Scope& scope, diag::Sink& sink) {
  NamedTexts all;
  for (const auto& [key, value] : written) {
    if (is_empty(value)) continue;  // reported while decoding
    if (auto text = resolve(value.node, scope, sink)) all.emplace_back(key.value, std::move(*text));
  }
  return all;
}

std::optional<Text> image(const std::optional<syntax::Scalar>& written, const Building& building) {
  if (!written || is_empty(*written)) return std::nullopt;
  auto text = resolve(written->node, Scope{&building.sources, {}, false, true}, building.sink);
  if (text && text->is_constant()) check_image({text->constant(), text->span}, building.sink);
  return text;
}

void check_catalog(const Building& building, std::string_view section, const Name& name) {
  const auto known = building.knowledge.catalog.keys(section);
  if (std::ranges::find(known, std::string_view(name.value)) != known.end()) return;
  unknown_name(building.sink, section == "runs_on" ? "machine" : "tool", name, known);
}

void check_repository(Building& building) {
  const syntax::Project& written = building.written;
  Project& project = building.project;
  project.span = written.name.span;
  project.name = written.name.value;
  if (is_written(written.name)) check_project_name(written.name, building.sink);
  const syntax::Repository& repository = written.repository;
  if (is_written(repository.default_branch)) {
    check_branch(repository.default_branch, building.sink);
    project.default_branch = repository.default_branch.value;
  }
  if (is_written(repository.github)) check_repository_name(repository.github, building.sink, false);
  if (is_written(repository.gitlab)) check_repository_name(repository.gitlab, building.sink);
  project.github = repository.github.value;
  project.gitlab = repository.gitlab.value;
  if (is_written(written.defaults.runs_on)) {
    check_catalog(building, "runs_on", written.defaults.runs_on);
    project.runs_on = written.defaults.runs_on.value;
  }
  project.image = image(written.defaults.image, building);
}

void check_targets(Building& building) {
  if (building.written.targets.empty()) return complete_targets(building);
  std::vector<std::string_view> known;
  for (const KnownTarget& target : building.knowledge.targets) known.push_back(target.name);
  for (const auto& [name, node] : building.written.targets) {
    const auto target =
        std::ranges::find(building.knowledge.targets, std::string_view(name.value), &KnownTarget::name);
    if (target == building.knowledge.targets.end()) {
      unknown_name(building.sink, "target", name, known);
      continue;
    }
    TargetSettings settings = settings_of(*target, name, node, building.sink);
    for (const std::string_view key : missing_settings(*target, settings)) {
      if (node.find(key) != nullptr) continue;
      diag::build(building.sink, name.span, kMissingFact, name.value, std::string(key))
          .help(fmt::format("`{}`: {}", key, target->facts.get(fmt::format("settings.{}.doc", key))))
          .emit();
    }
    building.project.targets.push_back(std::move(settings));
  }
}

Project check(const syntax::Project& written, const Knowledge& knowledge, const SourceManager& sources,
              diag::Sink& sink) {
  Building building{written, knowledge, sources, sink, {}};
  check_repository(building);
  check_targets(building);
  check_identities(building);
  check_environments(building);
  check_stacks(building);
  check_gates(building);
  check_delivery(building);
  check_pipelines(building);
  if (written.pipelines.empty() && written.stacks.empty() && !sink.has_errors())
    diag::report(sink, written.name.span, kNothingToDo);
  return std::move(building.project);
}

}  // namespace penstock::model
