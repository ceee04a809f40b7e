#include "driver/commands.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "diag/render.h"
#include "driver/bootstrap.h"
#include "driver/compile.h"
#include "driver/diff.h"
#include "driver/eval.h"
#include "driver/graph.h"
#include "driver/meaning.h"
#include "driver/prove.h"
#include "driver/store.h"

namespace penstock::driver {

std::span<const EmbeddedText> diagnostic_pages();  // generated at build time from docs/diagnostics

namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string folder = ".";
  std::string format = "text";
  std::string color = "auto";
  bool quiet = false;
  // generate
  std::vector<std::string> targets;
  std::string out;
  bool check = false;
  bool dry_run = false;
  bool strict = false;
  bool force = false;
  bool verify = false;
  // simulate
  std::string event;
  std::string branch;
  std::string base;
  std::string tag;
  std::string pipeline;
  std::vector<std::string> changed;
  bool fork = false;
  // eval
  std::string expression;
  std::string data;
  // explain, graph
  std::string code;
  std::string as = "mermaid";
};

void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void complain(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

Exit refuse(const Failure& failure) {
  complain(fmt::format("penstock: {}\n", failure.message));
  return Exit::Refused;
}

bool wants_color(const Options& options) {
  if (options.color != "auto") return options.color == "always";
  const char* never = std::getenv("NO_COLOR");
  return (never == nullptr || *never == '\0') && ::isatty(STDERR_FILENO) == 1;
}

/// What the compiler has to say, in the format that was asked for. JSON goes with the result, text and annotations by themselves.
void show(const Compilation& compilation, const Options& options) {
  const auto diagnostics = compilation.sink.diagnostics();
  if (options.format == "github") {
    say(diag::render_github(diagnostics, compilation.sources));
  } else if (options.format == "text") {
    complain(diag::render_text(diagnostics, compilation.sources, wants_color(options)));
    if (compilation.sink.errors() > 0)
      complain(
          fmt::format("{} error{}\n", compilation.sink.errors(), compilation.sink.errors() == 1 ? "" : "s"));
  }
}

/// The one JSON document of a command (docs/commands.md).
void show_json(const Compilation& compilation, Exit exit, const Json& changes) {
  Json json = {
      {"penstock", "result/v1"},
      {"exit", static_cast<int>(exit)},
      {"diagnostics", Json::parse(diag::render_json(compilation.sink.diagnostics(), compilation.sources))},
      {"files", changes}};
  json.update(Json::parse(fidelity_json(compilation.report, compilation.sources)));
  json["penstock"] = "result/v1";
  say(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string_view word(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::Create: return "create";
    case Change::Kind::Update: return "update";
    case Change::Kind::Remove: return "remove";
  }
  return {};
}

Json to_json(const Difference& difference) {
  Json all = Json::array();
  for (const Change& change : difference.changes)
    all.push_back({{"path", change.path}, {"change", word(change.kind)}});
  return all;
}

/// What was generated before and is not any more, where somebody should know.
void tell_what_went(const std::optional<Manifest>& before, const Manifest& now) {
  if (!before) return;
  for (const std::string& stack : before->stacks) {
    if (std::ranges::find(now.stacks, stack) != now.stacks.end()) continue;
    complain(
        fmt::format("note: the stack {} is no longer in the model: nothing of it is destroyed, and nothing "
                    "looks after it any more\n",
                    stack));
  }
  for (const std::string& check : before->checks) {
    if (std::ranges::find(now.checks, check) != now.checks.end()) continue;
    complain(fmt::format(
        "note: the check {} is gone: if a branch rule requires it, requests will wait for it for ever\n",
        check));
  }
}

void tell_conflicts(const Difference& difference, bool force) {
  for (const Conflict& conflict : difference.conflicts) {
    const std::string_view what =
        conflict.foreign ? "was not made by penstock" : "was changed by hand since penstock wrote it";
    const std::string_view then = force ? conflict.obsolete ? "removed (--force)" : "overwritten (--force)"
                                        : "left as it is; --force overwrites it";
    complain(fmt::format("{}: {} {}: {}\n", force ? "note" : "error", conflict.path, what, then));
  }
}

struct Place {
  FileDisk project;
  FileDisk output;
};

Place place_of(const Options& options) {
  const std::string out = options.out.empty() ? options.folder : options.out;
  if (!options.out.empty()) std::filesystem::create_directories(options.out);
  return {FileDisk(options.folder), FileDisk(out)};
}

/// The difference without a root `.gitattributes` of somebody else's: the lines to add are said instead.
void leave_attributes(Difference& difference, const Options& options, bool force) {
  const auto foreign = std::ranges::find_if(difference.conflicts, [](const Conflict& conflict) {
    return conflict.path == ".gitattributes" && conflict.foreign;
  });
  if (force || foreign == difference.conflicts.end()) return;
  difference.conflicts.erase(foreign);
  std::erase_if(difference.changes, [](const Change& change) { return change.path == ".gitattributes"; });
  if (options.format == "text" && !options.quiet) {
    complain(
        "note: .gitattributes is yours and stays: add `linguist-generated=true` for the generated files to "
        "fold them in reviews\n");
  }
}

/// With `-t`, files that the manifest lists and this run does not make stay ours: they are another target's.
void keep_others(Compilation& compilation, const std::optional<Manifest>& before) {
  if (!before) return;
  for (const Manifest::Entry& entry : before->files) {
    if (compilation.manifest.find(entry.path) == nullptr) compilation.manifest.files.push_back(entry);
  }
  std::erase_if(compilation.files, [](const OutputFile& file) { return file.path == ".gitattributes"; });
  std::vector<OutputFile> all;
  for (const Manifest::Entry& entry : compilation.manifest.files) {
    if (entry.path != ".gitattributes") all.push_back({entry.path, {}});
  }
  add_attributes(all);
  compilation.files.push_back(all.back());
  std::ranges::sort(compilation.files, {}, &OutputFile::path);
  std::ranges::sort(compilation.manifest.files, {}, &Manifest::Entry::path);
  std::ranges::find(compilation.manifest.files, ".gitattributes", &Manifest::Entry::path)->digest =
      sha256(all.back().text);
}

Exit check_up_to_date(const Compilation& compilation, const Difference& difference, Interrupted state,
                      const Options& options) {
  const bool clean = difference.changes.empty() && state == Interrupted::No;
  const Exit exit = clean ? Exit::Ok : Exit::OutOfDate;
  if (options.format == "json") {
    show_json(compilation, exit, to_json(difference));
    return exit;
  }
  if (state != Interrupted::No)
    complain("an interrupted run left the files between old and new: `penstock generate` finishes it\n");
  for (const Conflict& conflict : difference.conflicts) {
    complain(fmt::format("{} {}\n", conflict.path,
                         conflict.foreign ? "was not made by penstock" : "was changed by hand"));
  }
  for (const Change& change : difference.changes) say(unified_diff(change.path, change.before, change.after));
  if (!clean)
    complain(fmt::format("{} file{} not up to date: run `penstock generate`\n", difference.changes.size(),
                         difference.changes.size() == 1 ? " is" : "s are"));
  return exit;
}

void tell_result(const Compilation& compilation, const Difference& difference, const Options& options) {
  if (options.quiet || options.format != "text") return;
  for (const Change& change : difference.changes) say(fmt::format("{} {}\n", word(change.kind), change.path));
  say(fmt::format("{} files, {} changed{}\n\n", compilation.files.size() + 1, difference.changes.size(),
                  options.dry_run ? " (dry run: nothing was written)" : ""));
  say(fidelity_text(compilation.report, compilation.sources));
  if (!compilation.report.items().empty())
    say("\nWhat must be set up outside the files: bootstrap/README.md\n");
}

/// Whether what was made means what the model says. A mismatch is a mistake of ours, and nothing is written then.
bool holds(const std::vector<verify::Proof>& proofs, const Compilation& compilation, const Options& options) {
  const bool wrong =
      std::ranges::any_of(proofs, [](const verify::Proof& proof) { return !proof.mismatches.empty(); });
  if (!wrong) return true;
  if (options.format == "json")
    say(proofs_json(proofs, compilation.sources));
  else
    complain(proofs_text(proofs, compilation.sources));
  complain(
      "penstock: what was made does not mean what the model says: this is a mistake in penstock; nothing was "
      "written\n");
  return false;
}

Exit generate(const Options& options, targets::Registry registry) {
  Place place = place_of(options);
  const Interrupted state = interrupted(place.output);
  if (!options.check && !options.dry_run) {
    if (const auto recovered = recover(place.output); !recovered) return refuse(recovered.error());
  }
  auto compiled = compile(place.project, registry, {options.targets, options.strict});
  if (!compiled) return refuse(compiled.error());
  Compilation& compilation = **compiled;
  show(compilation, options);
  if (compilation.sink.has_errors()) {
    if (options.format == "json") show_json(compilation, Exit::Invalid, Json::array());
    return Exit::Invalid;
  }
  if (options.verify && !holds(prove(compilation), compilation, options)) return Exit::Bug;
  const auto manifest = read_manifest(place.output);
  if (!manifest && !options.force) return refuse(manifest.error());
  const std::optional<Manifest> before = manifest ? *manifest : std::nullopt;
  const bool partial = !options.targets.empty();
  if (partial) keep_others(compilation, before);
  auto difference = compare(place.output, compilation.files, before, partial);
  if (!difference) return refuse(difference.error());
  leave_attributes(*difference, options, options.force);
  if (options.check) return check_up_to_date(compilation, *difference, state, options);
  if (!difference->conflicts.empty()) {
    tell_conflicts(*difference, options.force);
    if (!options.force) return Exit::Findings;
  }
  const bool stale = !before || driver::to_json(*before) != driver::to_json(compilation.manifest);
  if (!options.dry_run && (stale || !difference->changes.empty())) {
    if (const auto done = apply(place.output, difference->changes, compilation.manifest); !done)
      return refuse(done.error());
  }
  if (options.format == "json") show_json(compilation, Exit::Ok, to_json(*difference));
  if (options.format == "text") tell_what_went(before, compilation.manifest);
  tell_result(compilation, *difference, options);
  return Exit::Ok;
}

Exit check(const Options& options, targets::Registry registry) {
  const FileDisk disk(options.folder);
  const auto compiled = compile(disk, registry, {options.targets, options.strict});
  if (!compiled) return refuse(compiled.error());
  const Compilation& compilation = **compiled;
  const Exit exit = compilation.sink.has_errors() ? Exit::Invalid : Exit::Ok;
  show(compilation, options);
  if (options.format == "json") {
    show_json(compilation, exit, Json::array());
  } else if (exit == Exit::Ok && options.format == "text" && !options.quiet) {
    say(fidelity_text(compilation.report, compilation.sources));
  }
  return exit;
}

/// The bytes of a file that somebody names; `-` is what comes in.
Result<std::string> bytes_of(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  const std::filesystem::path file(path);
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  auto bytes = FileDisk(folder.string()).read(file.filename().string());
  if (!bytes) return bytes.error();
  if (!*bytes) return Failure{fmt::format("{}: there is no such file", path)};
  return std::move(**bytes);
}

Exit eval(const Options& options) {
  SourceManager sources;
  diag::Sink sink;
  const FileId expression = sources.add("expression", options.expression);
  std::optional<FileId> data;
  if (!options.data.empty()) {
    auto bytes = bytes_of(options.data);
    if (!bytes) return refuse(bytes.error());
    data = sources.add(options.data, std::move(*bytes));
  }
  const auto value = evaluate(sources, expression, data, sink);
  complain(diag::render_text(sink.diagnostics(), sources, wants_color(options)));
  if (!value) return Exit::Invalid;
  say(*value + "\n");
  return Exit::Ok;
}

Exit explain(const Options& options) {
  std::vector<std::string_view> codes;
  for (const EmbeddedText& page : diagnostic_pages()) {
    if (page.name == "README.md") continue;
    const std::string_view code = page.name.substr(0, page.name.size() - 3);
    if (code == options.code) {
      say(page.text);
      return Exit::Ok;
    }
    codes.push_back(code);
  }
  const std::string_view near = nearest(options.code, codes);
  complain(fmt::format("penstock: there is no code `{}`\n{}", options.code,
                       near.empty() ? "" : fmt::format("help: did you mean `{}`?\n", near)));
  return Exit::Usage;
}

Exit graph(const Options& options, targets::Registry registry) {
  const FileDisk disk(options.folder);
  const auto compiled = compile(disk, registry, {});
  if (!compiled) return refuse(compiled.error());
  show(**compiled, options);
  if ((*compiled)->sink.has_errors()) return Exit::Invalid;
  say(mermaid((*compiled)->plan));
  return Exit::Ok;
}

Exit verify(const Options& options, targets::Registry registry) {
  const FileDisk disk(options.folder);
  const auto compiled = compile(disk, registry, {options.targets, options.strict});
  if (!compiled) return refuse(compiled.error());
  show(**compiled, options);
  if ((*compiled)->sink.has_errors()) return Exit::Invalid;
  const auto proofs = prove(**compiled);
  if (options.format == "json")
    say(proofs_json(proofs, (*compiled)->sources));
  else
    say(proofs_text(proofs, (*compiled)->sources));
  const bool holds =
      std::ranges::all_of(proofs, [](const verify::Proof& proof) { return proof.mismatches.empty(); });
  return holds ? Exit::Ok : Exit::Bug;
}

/// The event that the options describe.
Result<plan::Event> event_of(const Options& options, const plan::Plan& plan) {
  const auto kind = model::event_kind(options.event);
  if (!kind) return Failure{fmt::format("there is no event `{}`", options.event)};
  const std::string branch = options.branch.empty() ? plan.project->default_branch : options.branch;
  const auto changed =
      options.changed.empty() ? std::optional<std::vector<std::string>>{} : std::optional(options.changed);
  switch (*kind) {
    case model::EventKind::Push: return plan::push(branch, changed);
    case model::EventKind::Tag:
      if (options.tag.empty()) return Failure{"--event tag needs --tag"};
      return plan::tag(options.tag);
    case model::EventKind::PullRequest: {
      const std::string source = options.branch.empty() ? "topic" : options.branch;
      const std::string base = options.base.empty() ? plan.project->default_branch : options.base;
      return options.fork ? plan::pull_request_from_fork(source, base, changed)
                          : plan::pull_request(source, base, changed);
    }
    case model::EventKind::Schedule:
    case model::EventKind::Manual: break;
  }
  std::vector<std::string_view> names;
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    if (std::ranges::any_of(pipeline.triggers,
                            [&](const model::Trigger& trigger) { return trigger.kind == *kind; }))
      names.push_back(pipeline.name);
  }
  std::string name = options.pipeline;
  if (name.empty() && names.size() == 1) name = names.front();
  if (std::ranges::find(names, name) == names.end())
    return Failure{names.empty() ? fmt::format("no pipeline is started by {}", options.event)
                                 : fmt::format("--event {} needs --pipeline, one of {}", options.event,
                                               join(names, ", "))};
  return *kind == model::EventKind::Schedule ? plan::schedule(name, branch) : plan::manual(name, branch);
}

Exit simulate(const Options& options, targets::Registry registry) {
  const FileDisk disk(options.folder);
  std::vector<std::string> targets = options.targets;
  if (targets == std::vector<std::string>{"all"}) targets.clear();
  const auto compiled = compile(disk, registry, {targets, options.strict});
  if (!compiled) return refuse(compiled.error());
  show(**compiled, options);
  if ((*compiled)->sink.has_errors()) return Exit::Invalid;
  const auto event = event_of(options, (*compiled)->plan);
  if (!event) {
    complain(fmt::format("penstock: {}\n", event.error().message));
    return Exit::Usage;
  }
  const ReadBack read(**compiled);
  const auto table = verify::side_by_side((*compiled)->plan, read.subjects(), *event);
  say(options.format == "json" ? simulation_json(table, *event) : simulation_text(table, *event));
  return Exit::Ok;
}

void add_common(CLI::App& app, Options& options) {
  app.add_option("-C,--directory", options.folder, "The folder of penstock.yaml")
      ->check(CLI::ExistingDirectory);
  app.add_option("--format", options.format, "How findings and results are shown")
      ->check(CLI::IsMember({"text", "json", "github"}));
  app.add_option("--color", options.color, "Colours on a terminal")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("-q,--quiet", options.quiet, "Only findings");
}

void add_model(CLI::App& app, Options& options) {
  app.add_option("-t,--target", options.targets, "Only this target (may stand several times)");
  app.add_flag("--strict", options.strict, "An approximation is an error");
}

}  // namespace

int run(int count, char** values, targets::Registry registry) {
  Options options;
  CLI::App app("Compiles one pipeline model to GitHub Actions, GitLab CI and AWS CodePipeline.", "penstock");
  app.set_version_flag("--version", fmt::format("penstock {}", PENSTOCK_VERSION));
  app.require_subcommand(1);
  app.fallthrough();  // common options may stand before or behind the command
  add_common(app, options);
  Exit exit = Exit::Ok;

  CLI::App* generating = app.add_subcommand("generate", "Write the native files");
  add_model(*generating, options);
  generating->add_option("--out", options.out, "Write below this folder instead of the model's");
  CLI::Option* checking = generating->add_flag(
      "--check", options.check, "Write nothing; exit 5 and a diff if the files are not up to date");
  generating->add_flag("--dry-run", options.dry_run, "Write nothing; say what would be written")
      ->excludes(checking);
  generating
      ->add_flag("--force", options.force,
                 "Overwrite files that penstock did not make or that somebody changed")
      ->excludes(checking);
  generating->add_flag("--verify", options.verify,
                       "First prove that the files mean what the model says (penstock verify)");
  generating->callback([&] { exit = generate(options, registry); });

  CLI::App* examining = app.add_subcommand("check", "Look at the model, and how each target takes it");
  add_model(*examining, options);
  examining->callback([&] { exit = check(options, registry); });

  CLI::App* verifying =
      app.add_subcommand("verify", "Prove that the files of each target mean what the model says");
  add_model(*verifying, options);
  verifying->callback([&] { exit = verify(options, registry); });

  CLI::App* simulating =
      app.add_subcommand("simulate", "What an event starts, in the model and on each target");
  simulating->add_option("--event", options.event, "What happens")
      ->required()
      ->check(CLI::IsMember({"push", "tag", "pull_request", "schedule", "manual"}));
  simulating->add_option("--branch", options.branch,
                         "The branch that is pushed, or that a request comes from");
  simulating->add_option("--base", options.base, "The branch that a request goes to");
  simulating->add_option("--tag", options.tag, "The tag that is pushed");
  simulating->add_option("--changed", options.changed,
                         "A path that changed (may stand several times); none: not known");
  simulating->add_flag("--fork", options.fork, "The request comes from a fork");
  simulating->add_option("--pipeline", options.pipeline, "Whose schedule it is, or that is started by hand");
  add_model(*simulating, options);
  simulating->callback([&] { exit = simulate(options, registry); });

  CLI::App* evaluating = app.add_subcommand("eval", "Print the value of an expression");
  evaluating->add_option("expression", options.expression, "An expression in CEL")->required();
  evaluating->add_option("--data", options.data,
                         "A YAML or JSON file whose keys are the variables; `-` reads what comes in");
  evaluating->callback([&] { exit = eval(options); });

  CLI::App* explaining = app.add_subcommand("explain", "Print the page of a diagnostic");
  explaining->add_option("code", options.code, "The code in brackets behind a message")->required();
  explaining->callback([&] { exit = explain(options); });

  CLI::App* drawing = app.add_subcommand("graph", "Draw the pipelines and their jobs");
  drawing->add_option("--as", options.as, "The language of the drawing")->check(CLI::IsMember({"mermaid"}));
  drawing->callback([&] { exit = graph(options, registry); });

  try {
    app.parse(count, values);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? static_cast<int>(Exit::Ok) : static_cast<int>(Exit::Usage);
  } catch (const std::filesystem::filesystem_error& error) {
    return static_cast<int>(refuse({error.what()}));
  }
  return static_cast<int>(exit);
}

}  // namespace penstock::driver
