// Models of this folder and the samples, and exactly what they become: the files, the report and the checklist. `PENSTOCK_UPDATE=1`
// rewrites the expected outputs; the difference is read before it is committed.
#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "diag/render.h"
#include "driver/compile.h"
#include "lower/lower.h"
#include "support/file_test.h"
#include "targets/github/target.h"
#include "targets/github/tree.h"
#include "yaml/reader.h"
#include "yaml/writer.h"

namespace penstock::driver {
Table catalog();  // generated at build time from templates/catalog.yaml
}

using namespace penstock;

namespace {

constexpr const char* kFolder = PENSTOCK_SOURCE_DIR "/tests/targets/github";

/// A sample is for all targets; what it says of the others is left out.
std::string for_github(const std::string& text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("  gitlab:") || line.starts_with("  codepipeline:")) continue;
    out += line;
    out += '\n';
  }
  return out;
}

std::unique_ptr<driver::Compilation> compiled(const std::filesystem::path& file) {
  static const targets::Target* const kTargets[] = {&targets::github::kTarget};
  return driver::compile_text("penstock.yaml", for_github(test::read_file(file)), kTargets, {});
}

bool is_ours(const targets::OutputFile& file) { return file.path.starts_with(".github"); }

std::string output(const driver::Compilation& compilation) {
  std::string out;
  for (const targets::OutputFile& file : compilation.files) {
    if (is_ours(file)) out += fmt::format("=== {}\n{}", file.path, file.text);
  }
  out += "=== fidelity\n";
  for (const plan::Fidelity& entry : compilation.report.fidelity()) {
    out += fmt::format("{}: {}{}{}\n", entry.construct, plan::name(entry.grade),
                       entry.how.empty() ? "" : ": ", entry.how);
  }
  out += "=== set-up\n";
  for (const plan::SetupItem& item : compilation.report.items()) {
    out += item.title + "\n";
    for (const std::string& value : item.values) out += "  " + value + "\n";
  }
  return out;
}

/// Each model with the file that holds what it becomes.
std::vector<std::pair<std::filesystem::path, std::filesystem::path>> models() {
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> all;
  for (const auto& file : test::files_in(kFolder)) {
    if (file.extension() != ".yaml" || file.filename().string().starts_with("fail_")) continue;
    all.emplace_back(file, std::filesystem::path(file).replace_extension(".out"));
  }
  for (const char* sample : {"walking-skeleton", "node-service", "live-infra"}) {
    all.emplace_back(fmt::format("{}/samples/{}/penstock.yaml", PENSTOCK_SOURCE_DIR, sample),
                     fmt::format("{}/sample-{}.out", kFolder, sample));
  }
  return all;
}

void expect(const std::filesystem::path& file, const std::string& actual) {
  if (std::getenv("PENSTOCK_UPDATE") != nullptr) std::ofstream(file, std::ios::binary) << actual;
  REQUIRE(std::filesystem::exists(file));
  CHECK(actual == test::read_file(file));
}

/// The nodes of a document without what only readers see.
std::string without_comments(yaml::Node node) {
  const auto strip = [](yaml::Node& one, const auto& again) -> void {
    if (one.trivia) {
      yaml::Trivia left;
      left.flow = one.trivia->flow;
      one.trivia = std::make_shared<const yaml::Trivia>(left);
    }
    for (yaml::Node& item : one.items) again(item, again);
    for (yaml::Entry& entry : one.entries) again(entry.value, again);
  };
  strip(node, strip);
  return yaml::write(node);
}

std::string without_comments(const targets::github::Tree& tree) {
  std::string all;
  for (const auto& [path, workflow] : tree.workflows)
    all += path + "\n" + without_comments(codec::encode(workflow));
  for (const auto& [path, action] : tree.actions)
    all += path + "\n" + without_comments(codec::encode(action));
  return all;
}

/// The tree itself, of a model that was compiled.
std::any shaped(const driver::Compilation& compilation) {
  const targets::Target& target = targets::github::kTarget;
  const Table catalog = driver::catalog();
  plan::Report report;
  diag::Sink sink;
  const targets::Context context{&target.facts, &catalog, nullptr, &report, &sink};
  std::any tree = target.shape(lower::lower(compilation.plan, target.facts, sink), context);
  REQUIRE_FALSE(sink.has_errors());
  return tree;
}

targets::github::Tree read_back(const std::vector<targets::OutputFile>& files) {
  SourceManager sources;
  diag::Sink sink;
  std::vector<targets::InputFile> read;
  for (const targets::OutputFile& file : files) {
    auto document = yaml::read(sources, sources.add(file.path, file.text), sink);
    REQUIRE(document.has_value());
    read.push_back({file.path, std::move(*document)});
  }
  const std::any tree = targets::github::read(read, sink);
  CHECK(sink.empty());
  return std::any_cast<targets::github::Tree>(tree);
}

}  // namespace

TEST_CASE("models become exactly these files") {
  for (const auto& [model, expected] : models()) {
    INFO(model);
    const auto compilation = compiled(model);
    INFO(diag::render_text(compilation->sink.diagnostics(), compilation->sources, false));
    REQUIRE_FALSE(compilation->sink.has_errors());
    expect(expected, output(*compilation));
  }
}

TEST_CASE("what GitHub cannot say is refused at the author's line") {
  for (const auto& model : test::files_in(kFolder, "fail_")) {
    INFO(model);
    CHECK(test::problems_of(model, [&](SourceManager&, FileId, diag::Sink& sink) {
            for (const diag::Diagnostic& diagnostic : compiled(model)->sink.diagnostics())
              sink.add(diagnostic);
          }) == "");
  }
}

// Comments apart, which the reader does not keep.
TEST_CASE("what was written is read, and written again the same") {
  for (const auto& [model, expected] : models()) {
    INFO(model);
    std::vector<targets::OutputFile> ours;
    const auto compilation = compiled(model);
    for (const targets::OutputFile& file : compilation->files) {
      if (is_ours(file)) ours.push_back(file);
    }
    REQUIRE_FALSE(ours.empty());
    const targets::github::Tree once = read_back(ours);
    const targets::github::Tree twice = read_back(targets::github::print(once));
    CHECK(without_comments(twice) == without_comments(once));
    std::size_t lines = 0;  // nothing was lost on the way
    for (const targets::OutputFile& file : targets::github::print(once))
      lines += split(file.text, '\n').size();
    CHECK(lines > 10);
  }
}

namespace {

using targets::github::Job;
using targets::github::Step;
using targets::github::Workflow;

bool is_pinned(const std::string& action) {
  const std::size_t at = action.find('@');
  if (at == std::string::npos) return action.starts_with("$/.github/");
  const std::string_view commit = std::string_view(action).substr(at + 1);
  return commit.size() == 40 && commit.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void check_step(const Step& step) {
  INFO(step.name << step.uses.to << step.run);
  CHECK(step.uses.to.empty() != step.run.empty());
  if (!step.uses.to.empty()) CHECK(is_pinned(step.uses.to));
  CHECK(step.uses.version.empty() == (step.uses.to.find('@') == std::string::npos));
  CHECK(step.run.find("${{") == std::string::npos);  // nothing is pasted into a script
}

bool is_condition_on_needs_of(const Job& job) {
  if (!job.condition) return true;
  const auto& expression = std::get<targets::github::Expression>(job.condition->is);
  return std::ranges::all_of(targets::github::needed_jobs(expression), [&](const std::string& id) {
    return std::ranges::find(job.needs.all, id) != job.needs.all.end();
  });
}

void check_job(const Workflow& workflow, const std::string& id, const Job& job) {
  INFO(id);
  CHECK(job.permissions.has_value());
  CHECK_FALSE(job.name.parts.empty());
  for (const std::string& need : job.needs.all) {
    INFO(need);
    CHECK(std::ranges::count(workflow.jobs, need, [](const auto& one) { return one.first.value; }) == 1);
  }
  CHECK(is_condition_on_needs_of(job));
  CHECK(job.uses.to.empty() == job.timeout_minutes.has_value());
  CHECK(job.uses.to.empty() != job.steps.empty());
  for (const Step& step : job.steps) check_step(step);
  const bool deploys = job.environment.has_value() && workflow.on.workflow_call == std::nullopt;
  if (deploys) CHECK((job.concurrency && job.concurrency->queue == "max"));
}

}  // namespace

// What must be so in every file: defects of other generators.
TEST_CASE(
    "jobs are whole: needs exist, actions are pinned, rights and time are limited, nothing is pasted into "
    "scripts") {
  for (const auto& [model, expected] : models()) {
    INFO(model);
    const auto compilation = compiled(model);
    const auto tree = std::any_cast<targets::github::Tree>(shaped(*compilation));
    for (const auto& [path, workflow] : tree.workflows) {
      INFO(path);
      REQUIRE(workflow.permissions.has_value());
      CHECK(workflow.permissions->grants.empty());
      CHECK((workflow.concurrency.has_value() || workflow.on.workflow_call.has_value()));
      for (const auto& [id, job] : workflow.jobs) check_job(workflow, id.value, job);
    }
    for (const auto& [path, action] : tree.actions) {
      for (const Step& step : action.runs.steps) check_step(step);
    }
  }
}

TEST_CASE("what a schedule starts applies nothing and deploys nowhere") {
  for (const auto& [model, expected] : models()) {
    INFO(model);
    const auto compilation = compiled(model);
    const auto tree = std::any_cast<targets::github::Tree>(shaped(*compilation));
    for (const auto& [path, workflow] : tree.workflows) {
      if (!path.ends_with("/drift.yml")) continue;
      CHECK(workflow.on.schedule.size() == 1);
      CHECK_FALSE((workflow.on.push || workflow.on.pull_request || workflow.on.workflow_dispatch ||
                   workflow.on.workflow_call));
      for (const auto& [id, job] : workflow.jobs) {
        CHECK(job.uses.to.empty());
        CHECK_FALSE(job.environment.has_value());
        for (const Step& step : job.steps) CHECK(step.run.find("apply.sh") == std::string::npos);
      }
    }
  }
}
