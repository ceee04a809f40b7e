#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/table.h"
#include "cel/ast.h"
#include "diag/sink.h"
#include "targets/gitlab/condition.h"
#include "targets/gitlab/events.h"

namespace penstock::targets::gitlab {

/// One entry of `rules` before it is written: the first whose condition holds, and whose patterns a changed path matches, decides.
struct Selection {
  Condition condition;
  std::vector<std::string> changes;  // GitLab's patterns; none: whatever changed
  bool selected = true;              // or `when: never`
  friend bool operator==(const Selection&, const Selection&) = default;
};

/// When a job is in the pipelines of one event: exactly when the event happens and `when` holds. What GitLab cannot say is reported
/// at the author's expression, and gives nothing.
std::optional<std::vector<Selection>> select(const Event& event, const cel::Expr* when, bool excludes_forks,
                                             const Table& facts, diag::Sink& sink);

/// Whether the job is in every pipeline of the event.
bool always_selected(const std::vector<Selection>& selections, const Event& event);

/// GitLab's spelling of a pattern for paths: `src/**` is `src/**/*`.
std::string pattern(const model::Glob& glob);

}  // namespace penstock::targets::gitlab
