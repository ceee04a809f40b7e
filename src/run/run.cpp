#include "run/run.h"

#include <algorithm>

#include "base/check.h"

namespace penstock::run {

std::string_view name(State state) {
  switch (state) {
    case State::Waiting: return "waiting";
    case State::Asking: return "asking";
    case State::Skipped: return "skipped";
    case State::Refused: return "refused";
    case State::Succeeded: return "succeeded";
    case State::Failed: return "failed";
    case State::Cancelled: return "cancelled";
  }
  PENSTOCK_CHECK(false);
}

bool has_ended(State state) { return state != State::Waiting && state != State::Asking; }

const Job* Run::find(std::string_view address) const {
  const auto found = std::ranges::find(jobs, address, &Job::address);
  return found == jobs.end() ? nullptr : &*found;
}

Order::Order(const Run& run) : ended_before_(run.jobs.size()) {
  std::vector<std::vector<std::size_t>> members(run.jobs.size());
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    if (run.jobs[i].inside) members[*run.jobs[i].inside].push_back(i);
  }
  // What has ended when a job starts: what it waits for, what each job that holds it waits for, and all that had ended before those did.
  enum class Mark : unsigned char { New, Open, Done };
  std::vector<Mark> marks(run.jobs.size(), Mark::New);
  const auto merge = [&](std::size_t into, std::size_t from) {
    std::vector<bool>& set = ended_before_[into];
    for (std::size_t i = 0; i < set.size(); ++i) set[i] = set[i] || ended_before_[from][i];
  };
  const auto visit = [&](auto& self, std::size_t job) -> void {
    if (marks[job] != Mark::New) {
      PENSTOCK_CHECK(marks[job] == Mark::Done);  // jobs that wait for each other
      return;
    }
    marks[job] = Mark::Open;
    ended_before_[job].assign(run.jobs.size(), false);
    const auto end_of = [&](auto& again, std::size_t earlier) -> void {
      self(self, earlier);
      merge(job, earlier);
      ended_before_[job][earlier] = true;
      for (const std::size_t member : members[earlier]) again(again, member);
    };
    for (std::size_t at = job;; at = *run.jobs[at].inside) {
      for (const std::size_t earlier : run.jobs[at].after) end_of(end_of, earlier);
      if (!run.jobs[at].inside) break;
    }
    marks[job] = Mark::Done;
  };
  for (std::size_t i = 0; i < run.jobs.size(); ++i) visit(visit, i);
}

bool Order::precedes(std::size_t earlier, std::size_t later) const { return ended_before_[later][earlier]; }

}  // namespace penstock::run
