#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/table.h"
#include "model/model.h"
#include "targets/gitlab/condition.h"

namespace penstock::targets::gitlab {

/// One kind of event that starts a pipeline of the model, in GitLab's words.
struct Event {
  model::EventKind kind = model::EventKind::Push;
  Span span;                       // the trigger
  Condition guard;                 // holds in the pipelines of this event, and in no other event's
  std::vector<model::Glob> paths;  // of the trigger
  std::vector<model::Glob> refs;   // of the trigger: branches that are pushed, targets of requests, tags
  std::optional<std::string> ref;  // the only one there can be
};

/// The events that start one pipeline. `choose_run` names the pipeline where a person starts one by hand: there are several to choose from.
std::vector<Event> events_of(const std::string& pipeline, const std::vector<model::Trigger>& triggers,
                             const Table& facts, bool choose_run);

/// What a fact is in the pipelines of an event: a text that is known now, or a variable that is always defined there.
using Value = std::variant<std::string, Name>;
std::optional<Value> value_of(std::string_view fact, const Event& event, const Table& facts);

/// The request comes from another project than the one it is made to.
Condition from_fork(const Table& facts);

/// An RE2 expression without anchors that matches exactly the texts a pattern matches.
std::string expression(const model::Glob& glob);

}  // namespace penstock::targets::gitlab
