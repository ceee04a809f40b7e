// What a build runs. Derived jobs call the scripts of .penstock; jobs of the author run their own commands.
//
// All commands of a buildspec share one shell and each list item is one exit code. So what must not leak is put in parentheses, and
// `exit` and `set -e` never stand outside of them.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/names.h"

namespace penstock::targets::codepipeline {
namespace {

using plan::JobId;

PENSTOCK_MESSAGE(NotExpressible, "{}", std::string);

constexpr std::string_view kOut = "penstock-out";

void refuse(const Context& context, Span span, std::string what, std::string help) {
  diag::build(*context.sink, span, kNotExpressible, std::move(what)).help(std::move(help)).emit();
}

// --- derived jobs

/// Runs a script whose 3 is a good end too. One list item is one exit code.
std::string folded(std::string_view meaning, std::string_view command) {
  return fmt::format("# {}\nrc=0\n{} || rc=$?\n[ \"$rc\" -eq 0 ] || [ \"$rc\" -eq 3 ]\n", meaning, command);
}

constexpr std::string_view kPair = R"("$PENSTOCK_STACK" "$PENSTOCK_ENVIRONMENT")";

void take_role(Phase& phase, const plan::Job& job,
               std::string_view environment = "\"$PENSTOCK_ENVIRONMENT\"") {
  if (!job.access) return;
  phase.commands.push_back(fmt::format("sh .penstock/identity.sh {} {}", environment,
                                       job.access->role == plan::Role::Plan ? "plan" : "apply"));
  phase.commands.push_back(". ./penstock-out/identity.env");
}

void keep(Buildspec& spec, Texts files, std::string_view folder) {
  spec.artifacts.files = std::move(files);
  spec.artifacts.base = folder.empty() ? std::string(kOut) : fmt::format("{}/{}", kOut, folder);
}

void report_gates(Buildspec& spec) {
  put(spec.reports, "gates", ReportFiles{{"**/junit.xml"}, fmt::format("{}/gate", kOut), "JUNITXML"});
}

Buildspec source_gate(const Draft& draft) {
  Buildspec spec;
  if (draft.event == model::EventKind::PullRequest) {
    spec.phases.build.commands.push_back(
        "# Only the commits of this request; where it began cannot be told: the whole history.\n"
        "PENSTOCK_BASE=$(git merge-base \"origin/$PENSTOCK_TARGET\" HEAD) || PENSTOCK_BASE=\n"
        "export PENSTOCK_BASE\n");
  }
  spec.phases.build.commands.emplace_back("sh .penstock/gate.sh \"$PENSTOCK_GATE\"");
  keep(spec, {"**/*"}, "gate");
  return spec;
}

Buildspec request_plan(const plan::Plan& plan, const plan::Job& job, const plan::PlanStack& work) {
  Buildspec spec;
  Phase& build = spec.phases.build;
  take_role(build, job);
  build.commands.push_back(folded("0: changes, 3: none, or the layer below has to be applied first.",
                                  fmt::format("PENSTOCK_SPECULATIVE=true sh .penstock/plan.sh {}", kPair)));
  for (const plan::GateId gate : work.gates) {
    build.commands.push_back(
        folded("3: what cannot be planned yet has no plan to judge.",
               fmt::format("sh .penstock/gate.sh {} {}", plan.project->gates[gate].name, kPair)));
  }
  keep(spec, {"plan/**/*.md", "plan/**/result.json"}, "");
  if (work.gates.empty()) return spec;
  spec.artifacts.files.emplace_back("gate/**/*");
  report_gates(spec);
  return spec;
}

Buildspec delivery_plan(const plan::Plan& plan, const plan::Job& job, const plan::PlanStack& work) {
  Buildspec spec;
  Phase& build = spec.phases.build;
  spec.env.exported = {"CHANGES", "DIGEST", "SUMMARY"};
  take_role(build, job);
  build.commands.push_back(
      folded("0: changes, 3: nothing to do.", fmt::format("sh .penstock/plan.sh {}", kPair)));
  for (const plan::GateId gate : work.gates) {
    build.commands.push_back(
        fmt::format("sh .penstock/gate.sh {} {}", plan.project->gates[gate].name, kPair));
  }
  build.commands.emplace_back(
      "# All commands share one shell, so these reach the end of the build and the next actions.\n"
      "here=\"penstock-out/plan/$PENSTOCK_ENVIRONMENT/$PENSTOCK_STACK\"\n"
      "CHANGES=$(jq -r .changes \"$here/meta.json\") &&\n"
      "  DIGEST=$(jq -r .plan_sha256 \"$here/meta.json\") &&\n"
      "  SUMMARY=$(sed -n '1s/.*: //p' \"$here/summary.md\") &&\n"
      "  export CHANGES DIGEST SUMMARY\n");
  keep(spec, {"plan/**/*"}, "");
  if (work.gates.empty()) return spec;
  spec.artifacts.files.emplace_back("gate/**/*");
  report_gates(spec);
  return spec;
}

Buildspec apply(const plan::Job& job) {
  Buildspec spec;
  spec.phases.pre_build.on_failure = spec.phases.build.on_failure = "ABORT";
  spec.phases.pre_build.commands = {"sh .penstock/collect.sh \"$PENSTOCK_ARTIFACT\""};
  take_role(spec.phases.build, job);
  spec.phases.build.commands.push_back(
      folded("0: applied, 3: the plan was empty.", fmt::format("sh .penstock/apply.sh {}", kPair)));
  keep(spec, {"**/*"}, "apply");
  return spec;
}

bool has_report(const Draft& draft) {
  return std::ranges::any_of(draft.source->jobs, [](const plan::Job& job) {
    return std::holds_alternative<plan::ReportDrift>(job.work);
  });
}

Buildspec detect(const Draft& draft, const plan::Job& job) {
  Buildspec spec;
  Phase& build = spec.phases.build;
  if (!has_report(draft)) {
    take_role(build, job);
    build.commands.push_back(fmt::format(
        "# 0: clean, 2: drift, 3: never applied. Drift is no failure; not being able to look is.\nrc=0\n"
        "sh .penstock/drift.sh {} || rc=$?\n[ \"$rc\" -eq 0 ] || [ \"$rc\" -eq 2 ] || [ \"$rc\" -eq 3 ]\n",
        kPair));
  } else {
    const std::string role = job.access ? "sh .penstock/identity.sh \"$PENSTOCK_ENVIRONMENT\" plan && . "
                                          "./penstock-out/identity.env &&\n    "
                                        : "";
    build.commands.push_back(fmt::format(
        "# Succeeds whatever the answer: nothing runs after a failed action, and the report reads the "
        "answers.\n"
        "( {}sh .penstock/drift.sh {} ) || echo \"ended with $?\"\n"
        "# A detector that could not even begin leaves something too, and the report misses its result.\n"
        "mkdir -p penstock-out/drift && echo \"$CODEBUILD_BUILD_ID\" >penstock-out/drift/build\n",
        role, kPair));
  }
  keep(spec, {"drift/**/*"}, "");
  return spec;
}

Buildspec drift_report() {
  Buildspec spec;
  const std::string words = "# shellcheck disable=SC2086  # a list of names\n";
  spec.phases.build.commands = {words + "sh .penstock/collect.sh $PENSTOCK_ARTIFACTS\n",
                                words + "sh .penstock/report.sh aws $PENSTOCK_PAIRS\n"};
  keep(spec, {"**/*"}, "report");
  return spec;
}

Buildspec preview(const plan::Plan& plan, const plan::Job& job, const plan::Preview& work) {
  Buildspec spec;
  for (const plan::StackId stack : work.stacks)
    spec.env.exported.push_back(delivers_variable(stack_name(plan, stack)));
  if (job.access)
    spec.phases.build.commands.emplace_back("sh .penstock/identity.sh \"$PENSTOCK_ENVIRONMENT\" plan");
  spec.phases.build.commands.emplace_back("sh .penstock/preview.sh \"$PENSTOCK_ENVIRONMENT\"");
  spec.phases.build.commands.emplace_back(". ./penstock-out/preview.env");
  keep(spec, {"preview.*"}, "");
  return spec;
}

/// `'^(src/.*)$'` for the shell. Patterns hold no single quote that is not written so.
std::string shell_quoted(std::string_view text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

/// One expression for all patterns of a set that include, or for all that exclude; empty when there is none.
std::string any_of(const plan::DetectChanges::Set& set, bool excludes) {
  std::vector<std::string> all;
  for (const model::Glob& glob : set.globs) {
    if (glob.excludes == excludes) all.push_back(model::regular_expression(glob));
  }
  return join(all, "|");
}

Buildspec detect_changes(const plan::DetectChanges& work) {
  Buildspec spec;
  Phase& build = spec.phases.build;
  build.commands.emplace_back(
      "# Both paths of a rename; between them a NUL, which no path can hold.\n"
      "base=$(git merge-base \"origin/$PENSTOCK_TARGET\" HEAD) && git diff -z --name-only --no-renames "
      "\"$base\" HEAD >\"$HOME/changed\"\n");
  for (const plan::DetectChanges::Set& set : work.sets) {
    const std::string includes = any_of(set, false), excludes = any_of(set, true),
                      name = changed_variable(set.name);
    const std::string some = fmt::format("grep -zqP {}", shell_quoted(includes.empty() ? "." : includes));
    const std::string test =
        excludes.empty() ? fmt::format("{} \"$HOME/changed\"", some)
                         : fmt::format("grep -zvP {} \"$HOME/changed\" | {}", shell_quoted(excludes), some);
    build.commands.push_back(fmt::format("{0}=false\nif {1}; then {0}=true; fi\nexport {0}\n", name, test));
    spec.env.exported.push_back(name);
  }
  return spec;
}

// --- jobs of the author

constexpr std::array kLeaking = {".",      "alias",    "cd",     "eval",   "exec",  "exit",
                                 "export", "readonly", "return", "set",    "shift", "trap",
                                 "umask",  "unset",    "source", "ulimit", "wait",  "times"};

/// One command of plain words: nothing in it depends on the shell, and it leaves nothing behind in it.
bool is_plain(std::string_view script) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view(" ./:=@%+,_-").find(c) != std::string_view::npos;
  };
  if (script.empty() || !std::ranges::all_of(script, plain)) return false;
  const std::string_view first = script.substr(0, script.find(' '));
  return first.find('=') == std::string_view::npos && std::ranges::find(kLeaking, first) == kLeaking.end();
}

/// Whether a variable of a step has, under the same name, the value that the whole build has anyway.
bool is_given(const std::string& name, const model::Text& text) {
  if (text.parts.size() != 1) return false;
  if (const auto* fact = std::get_if<model::FactRef>(&text.parts.front()))
    return variable_name(fact->name) == name;
  const auto* variable = std::get_if<model::VariableRef>(&text.parts.front());
  return variable != nullptr && variable->name == name;
}

std::string shell_text(const model::Text& text) {
  std::string out;
  for (const auto& part : text.parts) {
    out += std::visit(
        Overloaded{
            [](const std::string& literal) { return shell_quoted(literal); },
            [](const model::FactRef& fact) { return fmt::format("\"${}\"", variable_name(fact.name)); },
            [](const model::VariableRef& variable) { return fmt::format("\"${}\"", variable.name); }},
        part);
  }
  return out.empty() ? "''" : out;
}

std::string command(const model::Run& run) {
  const std::string script(trimmed(run.script));
  std::string head;
  for (const auto& [name, text] : run.env) {
    if (!is_given(name, text)) head += fmt::format("export {}={}\n", name, shell_text(text));
  }
  const std::string title = run.name.empty() ? "" : fmt::format("# {}\n", replaced(run.name, "\n", " "));
  if (head.empty() && is_plain(script)) return title.empty() ? script : title + script + "\n";
  return fmt::format("{}( set -{}\n{}{}\n)\n", title, run.shell == model::Shell::Bash ? "euo pipefail" : "eu",
                     head, script);
}

class Steps {
 public:
  Steps(const plan::Plan& plan, const Draft& draft, JobId id, const Context& context)
      : plan_(plan), draft_(draft), id_(id), job_(draft.job(id)), context_(context) {}

  Buildspec spec() && {
    variables();
    Phase& build = spec_.phases.build;
    build.on_failure = "ABORT";
    if (job_.access) take_role(build, job_, environment_name(plan_, job_.access->environment));
    for (const model::Step& step : std::get<plan::Steps>(job_.work).steps) {
      std::visit(Overloaded{
                     [&](const model::Run& run) { add(run); },
                     [&](const model::Setup& setup) { add(setup, step.span); },
                     [](const model::Checkout&) {},  // every build begins with one
                     [&](const model::Upload& upload) { add(upload, step.span); },
                     [&](const model::Download& download) { add(download); },
                 },
                 step.action);
    }
    artifacts();
    return std::move(spec_);
  }

 private:
  void variables() {
    for (const auto& [name, text] : job_.env) {
      if (text.is_constant()) put(spec_.env.variables, name, text.constant());
    }
    for (const auto& [name, secret] : job_.secrets)
      put(spec_.env.secrets, name, fmt::format("{}/{}", plan_.project->name, secret));
  }

  void add(const model::Run& run) {
    if (run.shell == model::Shell::Bash) spec_.env.shell = "bash";
    spec_.phases.build.commands.push_back(command(run));
  }

  void add(const model::Setup& setup, Span span) {
    const std::string path = fmt::format("setup.{}.codepipeline", setup.tool);
    const std::string_view runtime = context_.catalog->get(path + ".runtime");
    if (runtime.empty()) {
      return refuse(context_, span, fmt::format("CodeBuild cannot set up `{}`", setup.tool),
                    "give the job an `image` that has it");
    }
    if (job_.image) {
      return refuse(context_, span, "CodeBuild sets up tools only in its own images",
                    "take an `image` that has the tool, or no `image`");
    }
    const std::string_view image =
        context_.catalog->get(fmt::format("runs_on.{}.codepipeline.image", job_.runs_on));
    const std::string version = std::string(context_.catalog->get(path + ".prefix")) + setup.version;
    const auto known = context_.facts->list(fmt::format("images.{}.{}", image, runtime));
    if (std::ranges::find(known, version) == known.end()) {
      return refuse(context_, span, fmt::format("CodeBuild has no `{}` {}", setup.tool, setup.version),
                    fmt::format("its image has {}; or give the job an `image`", join(known, ", ")));
    }
    put(spec_.phases.install.runtimes, std::string(runtime), version);
  }

  void add(const model::Download& download) {
    spec_.phases.build.commands.push_back(
        fmt::format("cp -R \"$CODEBUILD_SRC_DIR_{}/.\" .", draft_.kept_by(download.from, download.artifact)));
  }

  void add(const model::Upload& upload, Span span) {
    SecondaryFiles files;
    for (const std::string& path : upload.paths) {
      if (path.starts_with('!')) {
        if (!files.exclude.empty())
          refuse(context_, span, "an artifact of CodeBuild leaves out one pattern, not several",
                 "put what belongs together into one folder");
        files.exclude = everything_below(path.substr(1));
      } else {
        files.files.push_back(everything_below(path));
      }
      if (path.find_first_of("?[{") != std::string::npos) {
        refuse(context_, span, fmt::format("a pattern of CodeBuild's artifacts cannot say `{}`", path),
               "it has `*` and `**`; name each");
      }
    }
    uploads_.emplace_back(draft_.kept_by(id_, upload.artifact), std::move(files));
  }

  static std::string everything_below(const std::string& pattern) {
    return pattern.ends_with("**") ? pattern + "/*" : pattern;
  }

  /// A single artifact is the build's own; several go by their names.
  void artifacts() {
    if (uploads_.size() == 1) {
      spec_.artifacts.files = uploads_.front().second.files;
      spec_.artifacts.exclude = uploads_.front().second.exclude;
      return;
    }
    if (!uploads_.empty())
      spec_.artifacts.files = uploads_.front().second.files;  // the grammar demands them beside the others
    for (auto& [name, files] : uploads_) put(spec_.artifacts.secondary, name, std::move(files));
  }

  const plan::Plan& plan_;
  const Draft& draft_;
  JobId id_;
  const plan::Job& job_;
  const Context& context_;
  Buildspec spec_;
  std::vector<std::pair<std::string, SecondaryFiles>> uploads_;
};

/// The pipeline as the author wrote it, before it was split by event.
std::string written_name(const plan::Plan& plan, const plan::Pipeline& pipeline) {
  const Span span = plan::span_of(plan, pipeline.origin);
  const auto& all = plan.project->pipelines;
  const auto found = std::ranges::find(all, span, &model::Pipeline::span);
  return found == all.end() ? pipeline.name : found->name;
}

}  // namespace

std::pair<std::string, Buildspec> buildspec(const plan::Plan& plan, const Draft& draft, JobId id,
                                            const Context& context) {
  const plan::Job& job = draft.job(id);
  using Named = std::pair<std::string, Buildspec>;
  const bool request = draft.event == model::EventKind::PullRequest;
  return std::visit(
      Overloaded{
          [&](const plan::Steps&) {
            return Named(fmt::format("{}-{}", written_name(plan, *draft.source), job.name),
                         Steps(plan, draft, id, context).spec());
          },
          [&](const plan::SourceGate&) {
            return Named(request ? "request-gate" : "gate", source_gate(draft));
          },
          [&](const plan::PlanStack& work) {
            if (work.speculative) return Named("request-plan", request_plan(plan, job, work));
            return Named("plan", delivery_plan(plan, job, work));
          },
          [&](const plan::ApplyStack&) { return Named("apply", apply(job)); },
          [&](const plan::DetectDrift&) { return Named("detect", detect(draft, job)); },
          [&](const plan::ReportDrift&) { return Named("report", drift_report()); },
          [&](const plan::DetectChanges& work) {
            return Named(fmt::format("{}-changes", written_name(plan, *draft.source)), detect_changes(work));
          },
          [&](const plan::Preview& work) {
            return Named("preview-" + environment_name(plan, work.environment), preview(plan, job, work));
          },
          [](const plan::CommentPlans&) { return Named(); },
          [](const plan::RequiredCheck&) { return Named(); },
      },
      job.work);
}

}  // namespace penstock::targets::codepipeline
