// Simulates workflows alone, one path a line, for a comparison with GitHub's own parser and evaluator (tests/judges/github/simulated.mjs).
// For each event that starts the workflow, a line: {"file": …, "event": …, "github": {…}, "failing": …, "jobs": [{"id", "state", "reason"}]}.
// Every job succeeds, except in lines with `failing`: there the first one fails.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "diag/render.h"
#include "targets/github/simulate.h"
#include "targets/github/simulate_level.h"
#include "targets/github/target.h"
#include "yaml/reader.h"

using namespace penstock;
using namespace penstock::targets;
using nlohmann::ordered_json;

namespace {

class Outside : public run::World {
 public:
  std::string failing;
  std::string first;

  run::Result work(std::size_t, const run::Job& job) override {
    if (first.empty()) first = job.address;
    return {job.address == failing ? 1 : 0, {}};
  }
  run::Answer approve(std::size_t, const run::Job&, std::string_view) override { return {}; }
  std::string setting(std::string_view, std::string_view) override { return {}; }
};

constexpr const char* kPath = ".github/workflows/one.yml";

std::any read(const std::string& file, diag::Sink& sink) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  SourceManager sources;
  auto document = yaml::read(sources, sources.add(kPath, text.str()), sink);
  if (!document) return {};
  const targets::InputFile inputs[] = {{kPath, std::move(*document)}};
  std::any tree = github::read(inputs, sink);
  return sink.has_errors() ? std::any() : tree;
}

/// What happened, and the jobs of the run by their ids; the rows of a matrix are one job.
ordered_json told(const run::Run& run) {
  ordered_json jobs = ordered_json::array();
  for (const run::Job& job : run.jobs) {
    if (job.inside != std::size_t{0}) continue;
    std::string id = job.address.substr(std::string("one/").size());
    id = id.substr(0, id.find(" ("));
    jobs.push_back({{"id", id}, {"state", run::name(job.state)}, {"reason", job.reason}});
  }
  return jobs;
}

void simulate(const std::string& file) {
  diag::Sink sink;
  const std::any tree = read(file, sink);
  if (!tree.has_value()) {
    std::cout << ordered_json{{"file", file}, {"unread", true}}.dump() << '\n';
    return;
  }
  std::vector<std::pair<std::string, run::Arrival>> events = {
      {"push", {plan::push("main")}},
      {"other", {plan::push("topic/one")}},
      {"tag", {plan::tag("v1.2.3")}},
      {"request", {plan::pull_request("topic", "main")}},
      {"fork", {plan::pull_request_from_fork("topic", "main")}}};
  for (const run::Entry& entry : github::entries(tree)) {
    const bool schedule = entry.kind == model::EventKind::Schedule;
    events.push_back({schedule ? "schedule" : "manual",
                      {schedule ? plan::schedule("", "main") : plan::manual("", "main"), entry.name}});
  }
  const auto& workflow = std::any_cast<const github::Tree&>(tree).workflows.front().second;
  for (const auto& [name, arrival] : events) {
    Outside outside;
    for (const bool fails : {false, true}) {
      if (fails && outside.first.empty()) continue;
      outside.failing = fails ? outside.first : "";
      const run::Run run = github::simulate(tree, std::span(&arrival, 1), outside).front();
      if (run.jobs.empty()) {
        if (!fails)
          std::cout << ordered_json{{"file", file}, {"event", name}, {"idle", run.idle.front().second}}.dump()
                    << '\n';
        continue;
      }
      const auto known = github::github_context(arrival, kPath, workflow, "1001");
      std::cout << ordered_json{{"file", file},
                                {"event", name},
                                {"failing", outside.failing},
                                {"github", ordered_json::parse(github::to_json(github::Data(known)))},
                                {"jobs", told(run)}}
                       .dump()
                << '\n';
    }
  }
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) simulate(line);
  }
}
