// The steps of a hand-written job as lines of `script`.
//
// GitLab runs all lines in one shell, bash where the image has it. In the model each step is a shell of its own, and a step that does
// not ask for bash is for sh. A step whose lines leave no trace in their shell, and mean the same in sh and bash, is written plainly.
// One that may leave a trace stands in parentheses. One that may mean something else in bash is handed to the shell it is for.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "targets/gitlab/shape.h"

namespace penstock::targets::gitlab {
namespace {

using model::Run;

/// Commands that change the shell itself, and words with which more than one command begins.
constexpr std::array kTraces = std::to_array<std::string_view>(
    {".",      "alias",   "break",    "cd",     "case", "continue", "do",   "done", "elif",
     "else",   "esac",    "eval",     "exec",   "exit", "export",   "fi",   "for",  "if",
     "local",  "read",    "readonly", "return", "set",  "shift",    "then", "trap", "umask",
     "ulimit", "unalias", "unset",    "until",  "wait", "while",    "!"});
/// What bash reads otherwise than sh, or sh does not know: found anywhere, it is left to the shell that was meant.
constexpr std::array kDialect = std::to_array<std::string_view>(
    {"\\",     "[[",    "((",      "$'",        "$\"",      "&>",       "<(",     ">(",
     "<<<",    "|&",    "source ", "function ", "declare ", "typeset ", "echo -", "printf -",
     "read -", "type ", "let ",    "==",        "$RANDOM",  "~+",       "~-",     "!("});

/// `{` that is not of `${`: a brace expansion of bash, or a group.
bool has_brace(std::string_view text) {
  for (std::size_t i = text.find('{'); i != std::string_view::npos; i = text.find('{', i + 1)) {
    if (i == 0 || text[i - 1] != '$') return true;
  }
  return false;
}

bool means_the_same(const Run& run) {
  if (run.shell == model::Shell::Bash) return false;
  const std::string_view script = run.script;
  return !has_brace(script) && std::ranges::none_of(kDialect, [&](std::string_view sign) {
    return script.find(sign) != std::string_view::npos;
  });
}

/// One simple command, with its quotes closed on its line, that runs a program and nothing else.
bool is_simple(std::string_view line) {
  const std::string_view command = line.substr(0, line.find_first_of(" \t"));
  if (command.empty() || command.find('=') != std::string_view::npos ||
      std::ranges::find(kTraces, command) != kTraces.end())
    return false;
  if (std::ranges::count(line, '"') % 2 != 0 || std::ranges::count(line, '\'') % 2 != 0) return false;
  return line.find_first_of(";&|()<>`") == std::string_view::npos &&
         line.find("${") == std::string_view::npos && line.find(":=") == std::string_view::npos;
}

bool leaves_no_trace(const std::vector<std::string_view>& lines) {
  return std::ranges::all_of(lines,
                             [](std::string_view line) { return trimmed(line) == line && is_simple(line); });
}

std::string_view without_end(std::string_view script) {
  while (!script.empty() && (script.back() == '\n' || script.back() == ' ')) script.remove_suffix(1);
  return script;
}

/// A word that no line of the script is.
std::string delimiter(const std::vector<std::string_view>& lines) {
  std::string word = "STEP";
  while (std::ranges::find(lines, std::string_view(word)) != lines.end()) word += "_";
  return word;
}

/// The script as the argument of its shell: its standard input stays free, and nothing in it is expanded before it runs.
std::string handed_over(const Run& run, std::string_view script, const std::vector<std::string_view>& lines,
                        std::string_view assignments) {
  const std::string_view shell = run.shell == model::Shell::Bash ? "bash -euo pipefail -c" : "sh -euc";
  const std::string word = delimiter(lines);
  return fmt::format("{}{} \"$(cat <<'{}'\n{}\n{}\n)\"\n", assignments, shell, word, script, word);
}

/// The environment of one step. What another step of the job, or the job, has under the same name gets a name of its own.
class StepEnv {
 public:
  explicit StepEnv(const model::NamedTexts& job_env) : job_env_(job_env) {}

  /// `NAME="$NAME_2" `, for names that are taken.
  std::string add(const Run& run, std::size_t step) {
    std::string assignments;
    for (const auto& [name, text] : run.env) {
      const model::Text* known = find(job_env_, name);
      if (known == nullptr) known = find(env_, name);
      if (known == nullptr) {
        env_.emplace_back(name, text);
      } else if (known->parts != text.parts) {
        const std::string own = fmt::format("{}_{}", name, step);
        env_.emplace_back(own, text);
        assignments += fmt::format("{}=\"${}\" ", name, own);
      }
    }
    return assignments;
  }
  model::NamedTexts take() { return std::move(env_); }

 private:
  static const model::Text* find(const model::NamedTexts& texts, std::string_view name) {
    const auto found =
        std::ranges::find(texts, name, [](const auto& entry) { return std::string_view(entry.first); });
    return found == texts.end() ? nullptr : &found->second;
  }

  const model::NamedTexts& job_env_;
  model::NamedTexts env_;
};

void add_lines(const Run& run, bool alone, std::string_view assignments, std::vector<std::string>& out) {
  const std::string_view script = without_end(run.script);
  const std::vector<std::string_view> lines = split(script, '\n');
  if (!means_the_same(run) || !assignments.empty()) {
    out.push_back(handed_over(run, script, lines, assignments));
  } else if (leaves_no_trace(lines)) {
    for (const std::string_view line : lines) out.emplace_back(line);
  } else if (alone) {
    out.push_back(lines.size() == 1 ? std::string(script) : fmt::format("{}\n", script));
  } else if (lines.size() == 1 && script.find_first_of("#<") == std::string_view::npos) {
    out.push_back(fmt::format("({})", script));
  } else {
    out.push_back(fmt::format("(\n{}\n)\n", script));
  }
}

}  // namespace

Script script_of(const std::vector<model::Step>& steps, const model::NamedTexts& job_env) {
  Script script;
  StepEnv env(job_env);
  const auto is_run = [](const model::Step& step) { return std::holds_alternative<Run>(step.action); };
  const bool alone = std::ranges::count_if(steps, is_run) == 1;
  std::size_t number = 0;
  for (const model::Step& step : steps) {
    const auto* run = std::get_if<Run>(&step.action);
    if (run == nullptr) continue;
    const std::string assignments = env.add(*run, ++number);
    add_lines(*run, alone, assignments, script.lines);
  }
  script.env = env.take();
  return script;
}

}  // namespace penstock::targets::gitlab
