// What our simulator of GitLab makes of expressions, globs and files, one question a line, for tests/judges/gitlab/simulate.mjs.
//   {"expression": "…", "variables": {…}}              gives {"holds": true} or {"error": "…"}
//   {"pattern": "…", "path": "…"}                      gives {"matches": true}
//   {"files": [["path", "text"], …]}                   is remembered, and gives {"read": true} or {"read": false}
//   {"event": "push|tag|mr|schedule|web", "ref": "…", "target": "…", "changed": null or […], "settings": {"what of": "…"}, "variables": {…}}
//                                                      gives {"jobs": [{"name", "when", "needs"}], "idle": [[…]]}
#include <fmt/core.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "targets/gitlab/simulate.h"
#include "targets/gitlab/simulate_expression.h"
#include "targets/gitlab/simulate_glob.h"
#include "targets/gitlab/target.h"
#include "yaml/reader.h"

using namespace penstock;
using nlohmann::ordered_json;

namespace {

struct World : run::World {
  std::map<std::string, std::string> settings;
  run::Result work(std::size_t, const run::Job&) override { return {}; }
  run::Answer approve(std::size_t, const run::Job&, std::string_view) override { return {}; }
  std::string setting(std::string_view what, std::string_view of) override {
    const auto found = settings.find(fmt::format("{} {}", what, of));
    return found == settings.end() ? std::string() : found->second;
  }
};

ordered_json held(const ordered_json& question) {
  const auto expression =
      targets::gitlab::simulation::Expression::parse(question["expression"].get<std::string>());
  if (!expression) return {{"error", expression.error().message}};
  const auto variables = question["variables"].get<std::map<std::string, std::string, std::less<>>>();
  return {{"holds", expression->holds([&](std::string_view name) {
             const auto found = variables.find(name);
             return found == variables.end() ? nullptr : &found->second;
           })}};
}

std::optional<std::any> read(const ordered_json& question) {
  SourceManager sources;
  diag::Sink sink;
  std::vector<targets::InputFile> files;
  for (const auto& file : question["files"]) {
    const auto path = file[0].get<std::string>();
    auto documents =
        yaml::read_all(sources, sources.add(path, file[1].get<std::string>()), sink,
                       {.tags = true, .many_documents = true, .unique_keys = false, .merge_keys = true});
    if (documents.empty() || sink.has_errors()) return std::nullopt;
    files.push_back({path, std::move(documents.back())});
  }
  return targets::gitlab::prepare(targets::gitlab::read(files, sink));
}

plan::Event event_of(const ordered_json& question) {
  const auto kind = question["event"].get<std::string>();
  const auto ref = question["ref"].get<std::string>();
  if (kind == "tag") return plan::tag(ref);
  if (kind == "schedule") return plan::schedule({}, ref);
  if (kind == "web") return plan::manual({}, ref);
  std::optional<std::vector<std::string>> changed;
  if (!question["changed"].is_null()) changed = question["changed"].get<std::vector<std::string>>();
  if (kind == "push") return plan::push(ref, changed);
  plan::Event event = plan::pull_request(ref, question["target"].get<std::string>(), changed);
  event.pull_request.number = "1";
  return event;
}

ordered_json played(const ordered_json& question, const std::any& tree) {
  World world;
  world.settings = question["settings"].get<std::map<std::string, std::string>>();
  std::string entry;
  for (const auto& [name, value] : question["variables"].items())
    entry += fmt::format("{}={} ", name, value.get<std::string>());
  const run::Arrival arrival{event_of(question), entry, 0};
  const run::Run run = targets::gitlab::simulate(tree, {&arrival, 1}, world).front();
  ordered_json jobs = ordered_json::array();
  for (const run::Job& job : run.jobs) {
    std::vector<std::string> gates;
    for (const run::Gate& gate : job.gates)
      gates.push_back(gate.kind == run::Gate::Kind::Queue ? "queue" : "button");
    jobs.push_back(
        {{"name", job.address}, {"state", run::name(job.state)}, {"gates", gates}, {"reason", job.reason}});
  }
  return {{"jobs", jobs}, {"idle", run.idle}};
}

}  // namespace

int main() {
  std::optional<std::any> tree;
  for (std::string line; std::getline(std::cin, line);) {
    const auto question = ordered_json::parse(line);
    ordered_json answer;
    if (question.contains("expression")) {
      answer = held(question);
    } else if (question.contains("pattern")) {
      answer = {{"matches", targets::gitlab::simulation::matches_path(question["pattern"].get<std::string>(),
                                                                      question["path"].get<std::string>())}};
    } else if (question.contains("files")) {
      tree = read(question);
      answer = {{"read", tree.has_value()}};
    } else {
      answer = tree ? played(question, *tree) : ordered_json{{"read", false}};
    }
    std::cout << answer.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << '\n';
  }
}
