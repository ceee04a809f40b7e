#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/engine.h"
#include "run/run.h"
#include "targets/codepipeline/tree.h"

/// What the parts of the simulator share. Not for others.
namespace penstock::targets::codepipeline {

/// Unknown: the pages do not say, or say two things.
enum class Truth : unsigned char { No, Unknown, Yes };

inline Truth either(Truth a, Truth b) { return std::max(a, b); }
inline Truth both(Truth a, Truth b) { return std::min(a, b); }

struct Verdict {
  Truth truth = Truth::No;
  std::string reason = {};
};

/// A pattern of a trigger's filter against a branch, a tag or a path (user guide: syntax-glob). Unknown: it is malformed.
Truth glob_matches(std::string_view pattern, std::string_view text);

/// A regular expression of Java (user guide: rule-reference-VariableCheck). Unknown: it says something that we cannot follow, or it is
/// found in the text and is not all of it, for the page does not say which is asked.
Truth java_matches(const std::string& pattern, const std::string& text);

/// Why CodePipeline would not take a pipeline; empty when it would, as far as we check.
std::string refusal(const Pipeline& pipeline);

/// Whether an arrival starts a pipeline that CodePipeline takes.
Verdict starts(const Template& stack, const Pipeline& pipeline, const run::Arrival& arrival);

/// The name that an arrival must have to be this schedule's, and the pipeline that it starts, if that is in the template.
std::string entry_name(const Schedule& schedule);
const Pipeline* started_by(const Template& stack, const Schedule& schedule);

template <class T>
const T* resource(const Template& stack, std::string_view id) {
  for (const auto& [name, of] : stack.resources) {
    if (name.value == id) return std::get_if<T>(&of.properties);
  }
  return nullptr;
}

/// A value as text; what CloudFormation puts in stands as in `!Sub`: `${ArtifactKey.Arn}`.
std::string written(const Value& value);

bool is_source(const Action& action);
bool is_approval(const Action& action);
bool is_build(const Action& action);

/// The project and the buildspec of a build; null when they are not in the files.
const Project* project_of(const Template& stack, const Action& action);
const Buildspec* buildspec_of(const Tree& tree, const Action& action);

// --- variables

/// `#{namespace.key}` as an action would find it.
struct Found {
  enum class Kind : unsigned char { Missing, Unknown, Known };
  Kind kind = Kind::Missing;
  std::string value = {};
};

/// An output variable of a source action (user guide: reference-variables).
Found source_variable(const Action& source, const plan::Event& event, std::string_view key);

struct Reference {
  std::string space, key;
};
/// The text with every reference replaced by what `value_of` gives; those that it gives nothing for stay.
template <class F>
std::string with_references(std::string_view text, F value_of);

/// What a build can read and use, but for whose artifacts it takes.
run::Reach reach_of(const Tree& tree, const Action& action);

template <class F>
std::string with_references(std::string_view text, F value_of) {
  std::string out;
  for (;;) {
    const std::size_t open = text.find("#{");
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view inside = text.substr(open + 2, close - open - 2);
    const std::size_t dot = inside.find('.');
    out += text.substr(0, open);
    std::optional<std::string> value;
    if (dot != std::string_view::npos)
      value = value_of(Reference{std::string(inside.substr(0, dot)), std::string(inside.substr(dot + 1))});
    out += value ? *value : std::string(text.substr(open, close + 1 - open));
    text.remove_prefix(close + 1);
  }
  return out += text;
}

}  // namespace penstock::targets::codepipeline
