#include "targets/github/simulated.h"

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "support/file_test.h"
#include "targets/github/simulate.h"
#include "targets/github/target.h"
#include "yaml/reader.h"

namespace penstock::test {

run::Result Outside::work(std::size_t, const run::Job& job) {
  done.push_back(job.address);
  const auto said = outputs.find(job.address);
  return {failing.contains(job.address) ? 1 : 0,
          said != outputs.end() ? said->second : std::map<std::string, std::string>{{"changes", "true"}}};
}

run::Answer Outside::approve(std::size_t, const run::Job&, std::string_view) { return answer; }

std::string Outside::setting(std::string_view what, std::string_view of) {
  return what == "asks" && asking.contains(std::string(of)) ? "true" : "";
}

std::any read_back(const std::vector<File>& files) {
  SourceManager sources;
  diag::Sink sink;
  std::vector<targets::InputFile> inputs;
  for (const File& file : files) {
    auto document = yaml::read(sources, sources.add(file.path, file.text), sink);
    REQUIRE(document);
    inputs.push_back({file.path, std::move(*document)});
  }
  std::any tree = targets::github::read(inputs, sink);
  REQUIRE(!sink.has_errors());
  return tree;
}

std::any workflow(std::string text) { return read_back({{".github/workflows/ci.yml", std::move(text)}}); }

std::any sample(const std::string& name) {
  const std::filesystem::path root = fmt::format("{}/samples/{}/.github", PENSTOCK_SOURCE_DIR, name);
  std::vector<File> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = std::filesystem::relative(entry.path(), root).string();
    files.push_back({".github/" + path, read_file(entry.path())});
  }
  std::ranges::sort(files, {}, &File::path);
  return read_back(files);
}

run::Run simulated(const std::any& tree, run::Arrival arrival, Outside& outside) {
  const run::Arrival arrivals[] = {std::move(arrival)};
  return targets::github::simulate(tree, arrivals, outside).front();
}

run::Run simulated(const std::any& tree, run::Arrival arrival) {
  Outside outside;
  return simulated(tree, std::move(arrival), outside);
}

std::string told(const run::Run& run) {
  std::vector<const run::Job*> jobs;
  for (const run::Job& job : run.jobs) {
    if (job.works) jobs.push_back(&job);
  }
  const auto ran = [](const run::Job* job) {
    return job->state == run::State::Succeeded || job->state == run::State::Failed;
  };
  std::ranges::stable_sort(jobs, {}, [&](const run::Job* job) {
    return ran(job) ? job->started : std::numeric_limits<std::size_t>::max();
  });
  std::string text;
  for (const run::Job* job : jobs) text += fmt::format("{}: {}\n", job->address, run::name(job->state));
  return text;
}

}  // namespace penstock::test
