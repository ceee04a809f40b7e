#include "targets/gitlab/simulated.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "targets/gitlab/simulate.h"
#include "yaml/reader.h"

namespace penstock::test {

run::Result World::work(std::size_t arrival, const run::Job& job) {
  worked.emplace_back(arrival, job.address);
  const auto code = codes.find(job.address);
  return {code == codes.end() ? 0 : code->second};
}

run::Answer World::approve(std::size_t, const run::Job& job, std::string_view) {
  const auto answer = answers.find(job.address);
  return answer == answers.end() ? run::Answer{} : answer->second;
}

std::string World::setting(std::string_view what, std::string_view of) {
  const auto found = settings.find({std::string(what), std::string(of)});
  return found == settings.end() ? std::string() : found->second;
}

std::string Played::rounds() const {
  std::map<std::size_t, std::string> all;
  for (const run::Job& job : run.jobs) {
    if (job.state != run::State::Succeeded && job.state != run::State::Failed) continue;
    std::string& round = all[job.started];
    round += (round.empty() ? "" : " ") + job.address;
  }
  std::string text;
  for (const auto& [round, jobs] : all) text += (text.empty() ? "" : ", ") + jobs;
  return text;
}

std::vector<std::string> Played::names() const {
  std::vector<std::string> all;
  for (const run::Job& job : run.jobs) all.push_back(job.address);
  return all;
}

std::string Played::state(std::string_view job) const {
  const run::Job* found = run.find(job);
  return found == nullptr ? "absent" : std::string(run::name(found->state));
}

std::string Played::why(std::string_view name) const {
  for (const auto& [what, why] : run.idle) {
    if (what == name) return why;
  }
  const run::Job* found = run.find(name);
  return found == nullptr ? std::string() : found->reason;
}

std::string Played::text() const {
  std::string text;
  for (const run::Job& job : run.jobs) {
    text += fmt::format("{} {} {}", job.started, job.address, run::name(job.state));
    for (const run::Gate& gate : job.gates)
      text += fmt::format(" [{} {}]", gate.kind == run::Gate::Kind::Queue ? "queue" : "button", gate.name);
    if (!job.reason.empty()) text += fmt::format(" ({})", job.reason);
    text += "\n";
  }
  for (const auto& [what, why] : run.idle) text += fmt::format("- {}: {}\n", what, why);
  return text;
}

Simulated::Simulated(std::string text, std::vector<std::pair<std::string, std::string>> more) {
  SourceManager sources;
  diag::Sink sink;
  std::vector<targets::InputFile> files;
  const auto add = [&](const std::string& path, std::string of) {
    auto document = yaml::read(sources, sources.add(path, std::move(of)), sink,
                               {.tags = true, .unique_keys = false, .merge_keys = true});
    PENSTOCK_CHECK(document);
    files.push_back({path, *std::move(document)});
  };
  add(".gitlab-ci.yml", std::move(text));
  for (auto& [path, of] : more) add(path, std::move(of));
  tree_ = targets::gitlab::read(files, sink);
}

Played Simulated::play(plan::Event event, std::string entry, World world) const {
  return play_all({{std::move(event), std::move(entry), 0}}, world).front();
}

std::vector<Played> Simulated::play_all(std::vector<run::Arrival> arrivals, World& world) const {
  std::vector<Played> all;
  for (run::Run& run : targets::gitlab::simulate(tree_, arrivals, world)) all.push_back({std::move(run)});
  return all;
}

}  // namespace penstock::test
