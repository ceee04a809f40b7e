#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"

namespace penstock::plan {

/// Something that happens to a repository and may start pipelines.
struct Event {
  struct PullRequest {
    std::string number;
    std::string source;
    std::string target;
    bool fork = false;
  };

  model::EventKind kind = model::EventKind::Push;
  std::string branch;  // that was pushed; of a schedule and a start by hand, the one they run on
  std::string tag;
  PullRequest pull_request;
  std::string pipeline;  // whose schedule it is, or that is started by hand: it starts this one and no other
  std::optional<std::vector<std::string>>
      changed;  // of a rename both paths; nothing: the base is not known, so anything may have
};

Event push(std::string branch, std::optional<std::vector<std::string>> changed = std::nullopt);
Event tag(std::string name);
Event pull_request(std::string source, std::string target,
                   std::optional<std::vector<std::string>> changed = std::nullopt);
Event pull_request_from_fork(std::string source, std::string target,
                             std::optional<std::vector<std::string>> changed = std::nullopt);
Event schedule(std::string pipeline, std::string branch);
Event manual(std::string pipeline, std::string branch);

/// What a person would call it: "push to `main`, changing `a`, `b`".
std::string to_text(const Event& event);

/// What a job has come to when nothing more happens.
enum class State : unsigned char {
  NotSelected,
  Skipped,  // had nothing to do, known only when it was its turn: an empty plan. Not a failure
  Succeeded,
  Failed,
  Refused,   // its approval was
  HeldBack,  // something it needs failed, was refused, or was held back
  Asking,    // for an approval
  Waiting,   // for something that asks, or for a turn
};
std::string_view name(State state);

/// What a job must pass besides its needs.
struct Passage {
  enum class Kind : unsigned char { Turn, Approval };
  Kind kind;
  std::string environment;
  friend auto operator<=>(const Passage&, const Passage&) = default;
};

struct JobTrace {
  std::string name;
  State state = State::NotSelected;
  std::string reason;  // why it is not selected, held back, skipped or waiting; for people, not compared
  std::vector<std::string> after;  // the selected jobs that it starts after, in the order of the needs
  std::vector<Passage> behind;     // what it passed or waits for, in that order

  bool selected() const { return state != State::NotSelected; }
  bool ran() const { return state == State::Succeeded || state == State::Failed; }
};

struct PipelineTrace {
  std::string name;
  bool active = false;
  std::string reason;  // why it is not
  std::vector<JobTrace> jobs;
};

/// What an event makes of a plan, or of a target's files. By names, so that both can be compared.
struct Trace {
  std::vector<PipelineTrace> pipelines;

  const PipelineTrace* find(std::string_view pipeline) const;
  const JobTrace* find(std::string_view pipeline, std::string_view job) const;
};

/// Whether one job of a pipeline can only start after another has ended, directly or not.
bool precedes(const PipelineTrace& pipeline, std::string_view earlier, std::string_view later);

/// For a review: one line for each job.
std::string to_text(const Trace& trace);

}  // namespace penstock::plan
