#include "targets/github/events.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace penstock::targets::github {

using model::EventKind;

namespace {

constexpr std::array kAllKinds = {EventKind::Push, EventKind::Tag, EventKind::PullRequest,
                                  EventKind::Schedule, EventKind::Manual};

Expression event_is(std::string_view name) {
  return equal(path("github.event_name"), literal(std::string(name)));
}

Expression ref_type_is(std::string name) { return equal(path("github.ref_type"), literal(std::move(name))); }

Expression ref_starts_with(std::string prefix) {
  return call("startsWith", {path("github.ref"), literal(std::move(prefix))});
}

/// `condition && value || ''`: the value is never empty where the condition holds.
Expression value_if(Expression condition, Expression value) {
  if (constant(condition) == true) return value;
  return any_of({all_of({std::move(condition), std::move(value)}), literal(std::string())});
}

}  // namespace

bool Kinds::within(std::initializer_list<EventKind> kinds) const {
  unsigned allowed = 0;
  for (const EventKind kind : kinds) allowed |= bit(kind);
  return (bits_ & ~allowed) == 0;
}

std::vector<EventKind> Kinds::all() const {
  std::vector<EventKind> kinds;
  for (const EventKind kind : kAllKinds) {
    if (has(kind)) kinds.push_back(kind);
  }
  return kinds;
}

Events::Events(const plan::Pipeline& pipeline, const model::Project& project, const Table& facts)
    : pipeline_(pipeline), project_(project), facts_(facts) {
  for (const model::Trigger& trigger : pipeline.triggers) kinds_.add(trigger.kind);
  for (const plan::Job& job : pipeline.jobs) {
    if (std::holds_alternative<plan::DetectChanges>(job.work)) changes_ = job.name;
  }
}

const model::Trigger* Events::trigger(EventKind kind) const {
  const auto found = std::ranges::find(pipeline_.triggers, kind, &model::Trigger::kind);
  return found == pipeline_.triggers.end() ? nullptr : &*found;
}

Expression Events::value(std::string_view fact) const {
  const std::string_view where = facts_.get(fmt::format("facts.{}.value", fact));
  PENSTOCK_CHECK(!where.empty());
  return path(where);
}

std::string Events::ref(std::string_view fact) const {
  return std::string(facts_.get(fmt::format("facts.{}.ref", fact)));
}

/// GitHub calls tags pushes, and says of a request that its ref is a branch.
Expression Events::is(EventKind kind, Kinds kinds) const {
  if (!kinds.has(kind)) return literal(false);
  if (kinds.only(kind)) return literal(true);
  const Expression event = event_is(facts_.get(fmt::format("events.{}", name(kind))));
  const bool both = kinds.has(EventKind::Push) && kinds.has(EventKind::Tag);
  if (!both || (kind != EventKind::Push && kind != EventKind::Tag)) return event;
  const Expression type = ref_type_is(kind == EventKind::Push ? "branch" : "tag");
  const bool type_is_enough = kinds.within({EventKind::Push, EventKind::Tag}) ||
                              (kind == EventKind::Tag && !kinds.has(EventKind::Manual));
  return type_is_enough ? type : all_of({event, type});
}

Expression Events::not_fork(Kinds kinds) const {
  Expression own = equal(path("github.event.pull_request.head.repo.full_name"), path("github.repository"));
  return any_of({negation(is(EventKind::PullRequest, kinds)), std::move(own)});
}

Text Events::event_kind(Kinds kinds) const {
  const auto all = kinds.all();
  if (all.size() == 1) return {std::string(name(all.front()))};
  std::vector<Expression> any;
  for (const EventKind kind : {EventKind::Tag, EventKind::Manual}) {  // the two that GitHub calls otherwise
    if (kinds.has(kind)) any.push_back(all_of({is(kind, kinds), literal(std::string(name(kind)))}));
  }
  any.push_back(path("github.event_name"));
  return {any_of(std::move(any))};
}

Text Events::fact(std::string_view name, Kinds kinds) const {
  if (name == "event.kind") return event_kind(kinds);
  const std::string prefix = ref(name);
  if (prefix.empty()) return {value(name)};
  const EventKind pushed = name == "ref.tag" ? EventKind::Tag : EventKind::Push;
  const bool always = name == "ref.tag" ? kinds.only(pushed) : kinds.within({pushed, EventKind::Schedule});
  const bool never = name == "ref.tag" ? !kinds.has(pushed) && !kinds.has(EventKind::Manual)
                                       : kinds.within({EventKind::Tag, EventKind::PullRequest});
  if (never) return {std::string()};
  return {value_if(always ? literal(true) : ref_starts_with(prefix), value(name))};
}

Text Events::text(const model::Text& text, Kinds kinds) const {
  Text made;
  for (const auto& part : text.parts) {
    Text one = std::visit(
        Overloaded{[](const std::string& constant) { return Text(constant); },
                   [](const model::VariableRef& variable) { return Text(path("vars." + variable.name)); },
                   [&](const model::FactRef& reference) { return fact(reference.name, kinds); }},
        part);
    std::ranges::move(one.parts, std::back_inserter(made.parts));
  }
  return made;
}

}  // namespace penstock::targets::github
