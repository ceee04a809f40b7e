#include "plan/runtime.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/check.h"
#include "base/text.h"

namespace penstock::plan {

std::span<const EmbeddedText> embedded_scripts();  // generated at build time from templates/scripts

namespace {

using Json = nlohmann::ordered_json;

Json segments(const model::Text& text) {
  Json all = Json::array();
  for (const auto& part : text.parts) {
    std::visit(Overloaded{[&](const std::string& constant) { all.push_back(constant); },
                          [&](const model::VariableRef& variable) {
                            all.push_back({{"env", variable.name}});
                          },
                          [&](const model::FactRef& fact) {
                            all.push_back({{"env", variable_name(fact.name)}});
                          }},
               part);
  }
  return all;
}

Json named(const model::NamedTexts& texts) {
  Json all = Json::object();
  for (const auto& [name, text] : texts) all[name] = segments(text);
  return all;
}

Json stack_json(const model::Project& project, const model::Stack& stack) {
  Json needs = Json::array();
  for (const StackId need : stack.needs) needs.push_back(project.stacks[need].name);
  Json environments = Json::object();
  for (const model::Placement& placement : stack.placements) {
    environments[project.environments[placement.environment].name] = {
        {"backend", {{"type", placement.backend_type}, {"config", named(placement.backend)}}},
        {"vars", named(placement.vars)}};
  }
  return {{"tool", name(stack.tool)},
          {"version", stack.version},
          {"path", stack.path},
          {"needs", needs},
          {"environments", environments}};
}

Json gate_json(const model::Gate& gate, const Table& catalog) {
  const std::string_view tool = gate.tool == model::GateTool::Conftest ? "conftest" : "gitleaks";
  Json json = {{"tool", tool},
               {"at", gate.at == model::GateAt::Plan ? "plan" : "source"},
               {"enforce", gate.enforce == model::Enforce::Block ? "block" : "warn"},
               {"version", catalog.get(fmt::format("tools.{}.version", tool))}};
  if (!gate.rules.empty()) json["rules"] = gate.rules;
  return json;
}

/// The script that a path at the end of `text` names. A script is called by its path, or sourced by its name behind a folder.
const EmbeddedText* named_at_end(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return nullptr;
  const auto script = std::ranges::find(scripts(), text.substr(slash + 1), &EmbeddedText::name);
  return script == scripts().end() ? nullptr : &*script;
}

/// The scripts that a text calls. Comments call nothing. One walk over the text for all scripts: texts are many.
std::vector<const EmbeddedText*> calls(std::string_view text) {
  constexpr std::string_view kEnd = ".sh";
  std::vector<const EmbeddedText*> all;
  for (std::size_t at = 0; (at = text.find(kEnd, at)) != std::string_view::npos;) {
    at += kEnd.size();
    const std::size_t line = text.rfind('\n', at - 1) + 1;  // npos + 1 is the beginning
    const std::string_view before = text.substr(line, at - line);
    const EmbeddedText* script = named_at_end(before);
    if (script != nullptr && !trimmed(before).starts_with('#')) all.push_back(script);
  }
  return all;
}

/// `report.sh github` in an emitted file calls `tracker-github.sh`: what such a call looks like, for a script that is a tracker.
std::optional<std::string> report_to(std::string_view script) {
  constexpr std::string_view kTracker = "tracker-", kEnd = ".sh";
  if (!script.starts_with(kTracker)) return std::nullopt;
  return fmt::format("report.sh {}",
                     script.substr(kTracker.size(), script.size() - kTracker.size() - kEnd.size()));
}

}  // namespace

std::span<const EmbeddedText> scripts() { return embedded_scripts(); }

std::vector<std::string_view> called_scripts(std::span<const std::string_view> texts) {
  std::vector<std::string_view> open(texts.begin(), texts.end());
  std::vector<std::string_view> names;
  for (const EmbeddedText& script : scripts()) {
    const auto call = report_to(script.name);
    if (!call || std::ranges::none_of(texts, [&](std::string_view text) {
          return text.find(*call) != std::string_view::npos;
        }))
      continue;
    names.push_back(script.name);
    open.push_back(script.text);
  }
  while (!open.empty()) {
    const std::string_view text = open.back();
    open.pop_back();
    for (const EmbeddedText* script : calls(text)) {
      if (std::ranges::find(names, script->name) != names.end()) continue;
      names.push_back(script->name);
      open.push_back(script->text);
    }
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> aws_calls(std::string_view script) {
  std::vector<std::string> rights;
  const auto add = [&](std::string_view text) {
    const std::size_t at = text.find("# aws:");
    if (at == std::string_view::npos) return;
    const std::string_view line = text.substr(at + 6, text.find('\n', at) - at - 6);
    for (const std::string_view word : split(trimmed(line), ' ')) {
      const bool is_action = word.find(':') != std::string_view::npos;
      if (is_action && std::ranges::find(rights, word) == rights.end()) rights.emplace_back(word);
    }
  };
  const std::string self = fmt::format("/{}", script);
  const std::string_view text = self;
  for (const std::string_view name : called_scripts({&text, 1})) {
    add(std::ranges::find(scripts(), name, &EmbeddedText::name)->text);
  }
  return rights;
}

std::string runtime_model(const Plan& plan, const Table& catalog) {
  const model::Project& project = *plan.project;
  Json json = {{"penstock", "model/v1"},
               {"project", project.name},
               {"stacks", Json::object()},
               {"environments", Json::array()},
               {"gates", Json::object()}};
  for (const model::Stack& stack : project.stacks) json["stacks"][stack.name] = stack_json(project, stack);
  for (const model::Environment& environment : project.environments)
    json["environments"].push_back(environment.name);
  for (const model::Gate& gate : project.gates) json["gates"][gate.name] = gate_json(gate, catalog);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace penstock::plan
