#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "plan/plan.h"
#include "targets/github/expression.h"
#include "targets/github/tree.h"

namespace penstock::targets::github {

/// A set of kinds of events.
class Kinds {
 public:
  void add(model::EventKind kind) { bits_ |= bit(kind); }
  void remove(model::EventKind kind) { bits_ &= ~bit(kind); }
  bool has(model::EventKind kind) const { return (bits_ & bit(kind)) != 0; }
  bool only(model::EventKind kind) const { return bits_ == bit(kind); }
  bool empty() const { return bits_ == 0; }
  /// Whether every kind is one of these.
  bool within(std::initializer_list<model::EventKind> kinds) const;
  std::vector<model::EventKind> all() const;
  unsigned bits() const { return bits_; }

 private:
  static unsigned bit(model::EventKind kind) { return 1U << static_cast<unsigned>(kind); }
  unsigned bits_ = 0;
};

/// Where GitHub's answer may differ from the model's, or where it has none.
struct Doubt {
  Span span;
  std::string how;
  bool refused = false;
};

/// The events of one pipeline, and what its conditions and texts say about them in GitHub's words.
///
/// GitHub compares texts without regard to case, and a request's ref is `refs/pull/7/merge`; the model compares exactly, and facts are
/// empty where they do not apply. What the triggers let through is taken into account: behind `branches: [main]` no `Main` can come.
class Events {
 public:
  Events(const plan::Pipeline& pipeline, const model::Project& project, const Table& facts);

  Kinds kinds() const { return kinds_; }
  /// The kinds of events for which a job can be selected.
  Kinds kinds(const plan::Job& job) const;
  /// Whether a job is selected, when the event is one of these: its condition, and that no fork asks.
  Expression selected(const plan::Job& job, Kinds kinds) const;
  /// Where `selected` is not exact, at the author's places.
  std::vector<Doubt> doubts(const plan::Job& job) const;
  /// Text of the model; facts as they are for these kinds of events.
  Text text(const model::Text& text, Kinds kinds) const;

 private:
  friend class Conditions;
  Expression is(model::EventKind kind, Kinds kinds) const;
  Expression not_fork(Kinds kinds) const;
  Expression value(std::string_view fact) const;
  std::string ref(std::string_view fact) const;
  Text fact(std::string_view name, Kinds kinds) const;
  Text event_kind(Kinds kinds) const;
  const model::Trigger* trigger(model::EventKind kind) const;

  const plan::Pipeline& pipeline_;
  const model::Project& project_;
  Table facts_;
  Kinds kinds_;
  std::string changes_;  // the job that knows what has changed
};

}  // namespace penstock::targets::github
