#include "simulate_support.h"

#include <catch2/catch.hpp>

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "diag/render.h"
#include "support/file_test.h"
#include "targets/codepipeline/files.h"
#include "targets/codepipeline/simulate.h"
#include "targets/codepipeline/target.h"
#include "yaml/reader.h"

namespace penstock::test {

using targets::codepipeline::Ref;

Files compiled_text(const std::string& model) {
  static const targets::Target* const kTargets[] = {&targets::codepipeline::kTarget};
  Files files;
  files.compilation = driver::compile_text("penstock.yaml", model, kTargets, {});
  INFO(diag::render_text(files.compilation->sink.diagnostics(), files.compilation->sources, false));
  REQUIRE_FALSE(files.compilation->sink.has_errors());
  SourceManager sources;
  diag::Sink sink;
  std::vector<targets::InputFile> documents;
  yaml::ReadOptions reading;
  reading.tags = true;
  for (const targets::OutputFile& written : files.compilation->files) {
    if (!written.path.starts_with("codepipeline/") || written.path.ends_with(".json")) continue;
    documents.push_back(
        {written.path, *yaml::read(sources, sources.add(written.path, written.text), sink, reading)});
  }
  files.tree = targets::codepipeline::kTarget.read(documents, sink);
  REQUIRE(files.tree.has_value());
  return files;
}

Files compiled_sample(const std::string& name) {
  // This program knows one target; the lines of the others go.
  std::string model;
  const std::string text = read_file(std::string(PENSTOCK_SOURCE_DIR "/samples/") + name + "/penstock.yaml");
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("  github: {") || line.starts_with("  gitlab: {")) continue;
    model += std::string(line) + "\n";
  }
  return compiled_text(model);
}

Action source() {
  Action action;
  action.name = "Source";
  action.type = {"Source", "AWS", "CodeStarSourceConnection", "1"};
  action.space = "Source";
  action.configuration.branch = "main";
  action.configuration.detect_changes = "false";
  action.outputs = {{"Checkout"}};
  return action;
}

Action build(const std::string& name, long order) {
  Action action;
  action.name = name;
  action.type = {"Build", "AWS", "CodeBuild", "1"};
  action.order = order;
  action.configuration.project = Ref{"Build"};
  action.inputs = {{"Checkout"}};
  return action;
}

Action approval(const std::string& name, long order) {
  Action action;
  action.name = name;
  action.type = {"Approval", "AWS", "Manual", "1"};
  action.order = order;
  return action;
}

StageRule rule(const std::string& variable, const std::string& operation, const std::string& value) {
  StageRule made;
  made.name = "asks";
  made.configuration = {variable, operation, value};
  return made;
}

Pipeline pipeline(std::vector<Stage> stages, const std::string& mode) {
  Pipeline made;
  made.name = "p";
  made.mode = mode;
  made.stages = {{"Source", {}, {source()}}};
  for (Stage& stage : stages) made.stages.push_back(std::move(stage));
  return made;
}

Pipeline triggered(std::vector<PushFilter> push, std::vector<RequestFilter> requests) {
  Pipeline made = pipeline({{"Build", {}, {build("Build")}}});
  PipelineTrigger trigger;
  trigger.git.push = std::move(push);
  trigger.git.request = std::move(requests);
  made.triggers = {trigger};
  return made;
}

Tree tree_with(Pipeline pipeline, std::vector<std::string> exported) {
  Tree tree;
  targets::codepipeline::Project project;
  project.name = "build";
  project.source.buildspec = "codepipeline/buildspecs/build.yml";
  targets::codepipeline::Buildspec spec;
  spec.env.exported = std::move(exported);
  spec.phases.build.commands = {"make"};
  put(tree.stack.resources, "Pipeline", targets::codepipeline::Resource{false, std::move(pipeline)});
  put(tree.stack.resources, "Build", targets::codepipeline::Resource{false, std::move(project)});
  tree.buildspecs = {{"codepipeline/buildspecs/build.yml", spec}};
  return tree;
}

std::any given(Tree tree) {
  return std::shared_ptr<const targets::codepipeline::Tree>(
      std::make_shared<targets::codepipeline::Tree>(std::move(tree)));
}

run::Result TestWorld::work(std::size_t arrival, const run::Job& job) {
  if (works) return works(arrival, job);
  const auto found = results.find(job.address);
  return found == results.end() ? run::Result{} : found->second;
}

run::Answer TestWorld::approve(std::size_t, const run::Job&, std::string_view gate) {
  const auto found = answers.find(std::string(gate));
  return found == answers.end() ? run::Answer{} : found->second;
}

std::string story(const run::Run& run) {
  std::vector<const run::Job*> jobs;
  for (const run::Job& job : run.jobs) {
    const bool holds = std::ranges::any_of(
        run.jobs, [&](const run::Job& other) { return other.inside && &run.jobs[*other.inside] == &job; });
    if (!holds || job.state != run::State::Succeeded) jobs.push_back(&job);
  }
  std::ranges::stable_sort(jobs, {}, [](const run::Job* job) { return job->started; });
  std::string out;
  for (const run::Job* job : jobs) {
    out += fmt::format("{} {} {}{}\n", job->started, job->address, run::name(job->state),
                       job->reason.empty() ? "" : ": " + job->reason);
  }
  for (const auto& [name, reason] : run.idle) out += fmt::format("  {} idle: {}\n", name, reason);
  return out;
}

std::string fate(const Pipeline& pipeline, const run::Arrival& arrival) {
  TestWorld world;
  const auto runs = targets::codepipeline::simulate(given(tree_with(pipeline)), {&arrival, 1}, world);
  const run::Run& run = runs.front();
  if (!run.idle.empty()) return run.idle.front().second;
  if (const run::Job* whole = run.find(pipeline.name)) return whole->reason;
  return run.jobs.empty() ? "lost" : "starts";
}

std::string story(const std::any& tree, const run::Arrival& arrival, TestWorld world) {
  return story(targets::codepipeline::simulate(tree, {&arrival, 1}, world).front());
}

}  // namespace penstock::test
