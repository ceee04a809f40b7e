#include "driver/compile.h"

#include <algorithm>

#include "base/text.h"
#include "driver/bootstrap.h"
#include "lower/lower.h"
#include "model/check.h"
#include "plan/elaborate.h"
#include "plan/runtime.h"
#include "syntax/project.h"
#include "yaml/reader.h"

namespace penstock::driver {

Table catalog();  // generated at build time from templates/catalog.yaml

namespace {

PENSTOCK_MESSAGE(TargetNotListed, "`{}` is not a target of this model", std::string);
PENSTOCK_MESSAGE(Approximation, "{} on {}: {}", std::string, std::string, std::string);

std::vector<model::KnownTarget> known(targets::Registry registry) {
  std::vector<model::KnownTarget> all;
  for (const targets::Target* target : registry) all.push_back({target->name, target->facts});
  return all;
}

/// The targets to generate, in the order of the program.
std::vector<const targets::Target*> chosen(Compilation& compilation, targets::Registry registry,
                                           const CompileOptions& options) {
  const auto listed = [&](std::string_view name) {
    return std::ranges::find(compilation.project.targets, name, &model::TargetSettings::target) !=
           compilation.project.targets.end();
  };
  for (const std::string& name : options.targets) {
    if (listed(name)) continue;
    std::vector<std::string> names;
    for (const auto& settings : compilation.project.targets) names.push_back(settings.target);
    diag::build(compilation.sink, compilation.project.span, kTargetNotListed, name)
        .help(fmt::format("the model lists {}", join(names, ", ")))
        .emit();
  }
  std::vector<const targets::Target*> all;
  for (const targets::Target* target : registry) {
    const bool wanted =
        options.targets.empty() || std::ranges::find(options.targets, target->name) != options.targets.end();
    if (wanted && listed(target->name)) all.push_back(target);
  }
  return all;
}

void emit(Compilation& compilation, const targets::Target& target) {
  const Table tools = catalog();
  const auto settings =
      std::ranges::find(compilation.project.targets, target.name, &model::TargetSettings::target);
  Compilation::Output output{&target, lower::lower(compilation.plan, target.facts, compilation.sink), {}, {}};
  const targets::Context context{&target.facts,     &tools,        &*settings, &compilation.report,
                                 &compilation.sink, &output.claims};
  const std::any tree = target.shape(output.lowered, context);
  if (compilation.sink.has_errors()) return;
  for (OutputFile& file : target.print(tree)) {
    output.files.push_back(file.path);
    compilation.files.push_back(std::move(file));
  }
  compilation.outputs.push_back(std::move(output));
}

/// The scripts that the emitted files call, and what the model says to them.
void add_scripts(Compilation& compilation) {
  std::vector<std::string_view> texts;
  for (const OutputFile& file : compilation.files) texts.push_back(file.text);
  const auto names = plan::called_scripts(texts);
  if (names.empty()) return;
  for (const EmbeddedText& script : plan::scripts()) {
    if (std::ranges::find(names, script.name) == names.end()) continue;
    compilation.files.push_back({fmt::format(".penstock/{}", script.name), std::string(script.text)});
  }
  compilation.files.push_back({".penstock/model.json", plan::runtime_model(compilation.plan, catalog())});
}

void add_strict(Compilation& compilation) {
  for (const plan::Fidelity& entry : compilation.report.fidelity()) {
    if (entry.grade == plan::Grade::Approximated)
      diag::report(compilation.sink, entry.span, kApproximation, entry.construct, entry.target, entry.how);
  }
}

/// What must not disappear without a word: stacks in environments, and checks that branch rules may require.
void fill_manifest(Compilation& compilation) {
  Manifest& manifest = compilation.manifest;
  const model::Project& project = compilation.project;
  manifest.version = PENSTOCK_VERSION;
  manifest.model = sha256(compilation.sources.text(FileId{0}));
  for (const model::Stack& stack : project.stacks) {
    for (const model::Placement& placement : stack.placements) {
      manifest.stacks.push_back(
          fmt::format("{}/{}", project.environments[placement.environment].name, stack.name));
    }
  }
  for (const plan::Pipeline& pipeline : compilation.plan.pipelines) {
    const bool on_requests = std::ranges::any_of(pipeline.triggers, [](const model::Trigger& trigger) {
      return trigger.kind == model::EventKind::PullRequest;
    });
    if (!on_requests) continue;
    for (const plan::Job& job : pipeline.jobs)
      manifest.checks.push_back(fmt::format("{}/{}", pipeline.name, job.name));
  }
  for (const OutputFile& file : compilation.files) manifest.files.push_back({file.path, sha256(file.text)});
}

void run(Compilation& compilation, FileId file, targets::Registry registry, const CompileOptions& options) {
  const auto document = yaml::read(compilation.sources, file, compilation.sink);
  if (!document) return;
  const auto written = syntax::decode_project(*document, compilation.sink);
  if (written.kind.value.empty()) return;
  const auto targets = known(registry);
  compilation.project = model::check(written, {targets, catalog()}, compilation.sources, compilation.sink);
  if (compilation.sink.has_errors()) return;
  const auto outputs = chosen(compilation, registry, options);
  if (compilation.sink.has_errors()) return;
  compilation.plan = plan::elaborate(compilation.project);
  for (const targets::Target* target : outputs) emit(compilation, *target);
  if (options.strict) add_strict(compilation);
  if (compilation.sink.has_errors()) {
    compilation.files.clear();
    return;
  }
  add_scripts(compilation);
  add_bootstrap(compilation.project, compilation.report, compilation.files);
  add_attributes(compilation.files);
  std::ranges::sort(compilation.files, {}, &OutputFile::path);
  fill_manifest(compilation);
}

}  // namespace

std::unique_ptr<Compilation> compile_text(std::string name, std::string text, targets::Registry registry,
                                          const CompileOptions& options) {
  auto compilation = std::make_unique<Compilation>();
  const FileId file = compilation->sources.add(std::move(name), std::move(text));
  run(*compilation, file, registry, options);
  return compilation;
}

Result<std::unique_ptr<Compilation>> compile(const Disk& disk, targets::Registry registry,
                                             const CompileOptions& options) {
  auto text = disk.read(std::string(kModelFile));
  if (!text) return text.error();
  if (!*text) return Failure{fmt::format("there is no {} here", kModelFile)};
  return compile_text(std::string(kModelFile), std::move(**text), registry, options);
}

}  // namespace penstock::driver
