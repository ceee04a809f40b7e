// Which GitLab pipelines the triggers of a model's pipeline stand for.
#include "targets/gitlab/events.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace penstock::targets::gitlab {
namespace {

using model::EventKind;
using model::Glob;

constexpr std::size_t kFewAlternatives = 3;  // more are shorter as one expression

Condition equals(std::string_view variable, std::string_view text) {
  return {Compare{Name{std::string(variable)}, true, std::string(text)}};
}

std::string key(const model::Trigger& trigger, std::string_view what) {
  return fmt::format("events.{}.{}", model::name(trigger.kind), what);
}

/// One expression for all of the patterns; `^main$` for a single one.
std::string expression(const std::vector<Glob>& globs) {
  std::vector<std::string> all;
  for (const Glob& glob : globs) all.push_back(gitlab::expression(glob));
  return all.size() == 1 ? fmt::format("^{}$", all.front()) : fmt::format("^(?:{})$", join(all, "|"));
}

/// The variable matches the patterns. It may be undefined or empty in other events, which must not match.
Condition matches(const Name& variable, const std::vector<Glob>& globs, bool may_be_undefined) {
  std::vector<Glob> included, excluded;
  for (const Glob& glob : globs) (glob.excludes ? excluded : included).push_back(glob);
  const auto empty_matches = [](const Glob& glob) { return glob.matches(""); };
  std::vector<Condition> all;
  if (may_be_undefined && (included.empty() || std::ranges::any_of(included, empty_matches)))
    all.push_back({Defined{variable}});
  if (std::ranges::all_of(included, &Glob::is_literal) && included.size() <= kFewAlternatives &&
      !included.empty()) {
    std::vector<Condition> any;
    for (const Glob& glob : included) any.push_back(equals(variable.text, glob.text));
    all.push_back(any_of(std::move(any)));
  } else if (!included.empty() &&
             std::ranges::none_of(included, [](const Glob& glob) { return glob.text == "**"; })) {
    all.push_back({Match{variable, true, expression(included)}});
  }
  if (!excluded.empty()) {
    all.push_back(excluded.size() == 1 && excluded.front().is_literal()
                      ? Condition{Compare{variable, false, excluded.front().text}}
                      : Condition{Match{variable, false, expression(excluded)}});
  }
  return all_of(std::move(all));
}

Condition sources(const model::Trigger& trigger, const Table& facts) {
  std::vector<Condition> any;
  for (const std::string_view source : facts.list(key(trigger, "sources")))
    any.push_back(equals("CI_PIPELINE_SOURCE", source));
  return any_of(std::move(any));
}

/// The condition on the ref: the branch or tag that is pushed, the target of a request.
Condition ref(const model::Trigger& trigger, const Table& facts) {
  switch (trigger.kind) {
    case EventKind::Push:
    case EventKind::Tag: {
      const Name variable{std::string(facts.get(key(trigger, "defined")))};
      return matches(variable, trigger.kind == EventKind::Push ? trigger.branches : trigger.tags, true);
    }
    case EventKind::PullRequest: {
      const Name target{std::string(facts.get(key(trigger, "facts.pull_request.target")))};
      return trigger.branches.empty() ? constant(true) : matches(target, trigger.branches, false);
    }
    case EventKind::Schedule:
    case EventKind::Manual: return constant(true);
  }
  return constant(true);
}

/// The pipeline's own name, where GitLab starts one file for all schedules and all buttons.
Condition chosen(const std::string& pipeline, const model::Trigger& trigger, const Table& facts,
                 bool choose_run) {
  if (trigger.kind == EventKind::Schedule) return equals(facts.get("variables.schedule"), pipeline);
  if (trigger.kind == EventKind::Manual && choose_run) return equals(facts.get("variables.run"), pipeline);
  return constant(true);
}

std::optional<std::string> only(const std::vector<Glob>& globs) {
  if (globs.size() != 1 || !globs.front().is_literal() || globs.front().excludes) return std::nullopt;
  return globs.front().text;
}

/// The fact that the patterns of a trigger are about.
std::string_view fact_of_ref(EventKind kind) {
  switch (kind) {
    case EventKind::Push: return "ref.branch";
    case EventKind::Tag: return "ref.tag";
    case EventKind::PullRequest: return "pull_request.target";
    case EventKind::Schedule:
    case EventKind::Manual: return {};
  }
  return {};
}

}  // namespace

std::vector<Event> events_of(const std::string& pipeline, const std::vector<model::Trigger>& triggers,
                             const Table& facts, bool choose_run) {
  std::vector<Event> events;
  for (const model::Trigger& trigger : triggers) {
    Event event;
    event.kind = trigger.kind;
    event.span = trigger.span;
    event.guard =
        all_of({sources(trigger, facts), ref(trigger, facts), chosen(pipeline, trigger, facts, choose_run)});
    event.paths = trigger.paths;
    event.refs = trigger.kind == EventKind::Tag ? trigger.tags : trigger.branches;
    event.ref = only(event.refs);
    const auto same = [&](const Event& other) {
      return other.guard == event.guard && other.paths.empty() && event.paths.empty();
    };
    if (std::ranges::none_of(events, same))
      events.push_back(std::move(event));  // several schedules are one event
  }
  return events;
}

std::optional<Value> value_of(std::string_view fact, const Event& event, const Table& facts) {
  const std::string_view kind = model::name(event.kind);
  if (fact == "event.kind") return std::string(kind);
  if (event.ref && fact == fact_of_ref(event.kind)) return *event.ref;
  const std::string_view always = facts.get(fmt::format("facts.{}", fact));
  if (!always.empty()) return Name{std::string(always)};
  const std::string_view here = facts.get(fmt::format("events.{}.facts.{}", kind, fact));
  if (!here.empty()) return Name{std::string(here)};
  for (const std::string_view other : facts.keys("events")) {
    if (!facts.get(fmt::format("events.{}.facts.{}", other, fact)).empty()) return std::string();
  }
  return std::nullopt;
}

Condition from_fork(const Table& facts) {
  return {Compare{Name{std::string(facts.get("fork.source"))}, false,
                  Name{std::string(facts.get("fork.target"))}}};
}

std::string expression(const Glob& glob) {
  const std::string anchored = model::regular_expression(glob);
  return anchored.substr(1, anchored.size() - 2);
}

}  // namespace penstock::targets::gitlab
