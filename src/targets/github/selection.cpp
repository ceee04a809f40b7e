// When a job starts. The model's rules 1 and 2: a need that is not selected does not hold a job back, one that failed does. GitHub's
// `success()` looks at all ancestors and takes a skipped one for a reason to skip; `!failure()` does not see a job that ran out of time
// (its result is `cancelled`) and lets what is behind it run. So where an ancestor may be skipped, the results are asked for by name.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

using plan::JobId;

Expression result_is(const std::string& id, std::string result) {
  return equal(path(fmt::format("needs.{}.result", id)), literal(std::move(result)));
}
Expression changes_are(const std::string& id, std::string changes) {
  return equal(path(fmt::format("needs.{}.outputs.changes", id)), literal(std::move(changes)));
}

/// A job that another waits for: a unit of the same file, or the caller of a turn.
struct Need {
  std::string id;
  std::optional<JobId> node;  // not of a caller
  friend bool operator==(const Need&, const Need&) = default;
};

class Selection {
 public:
  Selection(const Layout& layout, const Events& events) : layout_(layout), events_(events) {}

  Start of(const Unit& unit) {
    const plan::Job& job = layout_.first(unit);
    const Asking asking =
        unit.turn ? anyone() : Asking(events_.kinds(job), events_.selected(job, events_.kinds()));
    std::vector<Expression> own = {asking.selected};
    if (const auto* apply = std::get_if<plan::ApplyStack>(&job.work))
      own.push_back(changes_are(layout_.at(apply->plan).id, "true"));
    if (job.after_failure) return runs_anyway(job, asking, needs_of(unit));
    return started(needs_of(unit), asking, std::move(own), waits_for_layers(job));
  }

  Start of(const Turn& turn) { return started(needs_of(turn), anyone(), {}, false); }

 private:
  /// What is known when a job asks for its needs: it is itself selected.
  struct Asking {
    Asking(Kinds possible, Expression condition)
        : kinds(possible),
          selected(std::move(condition)),
          key(fmt::format("{} {}", kinds.bits(), print(selected))) {}
    Kinds kinds;
    Expression selected;
    std::string key;
  };

  /// A job of a turn, which no event leaves out.
  Asking anyone() const { return {events_.kinds(), literal(true)}; }

  // --- needs

  void add_need(std::vector<Need>& needs, JobId node, std::optional<std::size_t> turn) const {
    const Unit& unit = layout_.at(node);
    Need need{unit.id, node};
    if (unit.turn != turn) {
      if (turn) return;  // the caller of the turn waits
      need = {layout_.turns[*unit.turn].caller, std::nullopt};
    }
    if (std::ranges::find(needs, need.id, &Need::id) == needs.end()) needs.push_back(std::move(need));
  }

  std::vector<Need> needs_of(const Unit& unit) const {
    std::vector<Need> needs;
    for (const JobId need : layout_.first(unit).needs) add_need(needs, need, unit.turn);
    return needs;
  }

  std::vector<Need> needs_of(const Turn& turn) const {
    std::vector<Need> needs;
    for (const Unit& unit : layout_.units) {
      if (!unit.turn || &layout_.turns[*unit.turn] != &turn) continue;
      for (const JobId need : layout_.first(unit).needs) {
        if (layout_.at(need).turn != unit.turn) add_need(needs, need, std::nullopt);
      }
    }
    return needs;
  }

  const Turn& called(const std::string& caller) const {
    const auto found = std::ranges::find(layout_.turns, caller, &Turn::caller);
    PENSTOCK_CHECK(found != layout_.turns.end());
    return *found;
  }

  // --- who may be skipped

  static std::vector<Expression> conjuncts(const Expression& expression) {
    const auto* both = std::get_if<Operation>(&expression.node);
    return both != nullptr && both->op == Operator::And ? both->operands : std::vector{expression};
  }

  /// Whether the other is selected whenever the asking job is.
  bool is_surely_selected(const plan::Job& other, const Asking& asking) const {
    if (constant(events_.selected(other, asking.kinds)) == true) return true;
    const std::vector<Expression> known = conjuncts(asking.selected);
    return std::ranges::all_of(
        conjuncts(events_.selected(other, events_.kinds())),
        [&](const Expression& one) { return std::ranges::find(known, one) != known.end(); });
  }

  bool may_be_skipped(const Need& need, const Asking& asking) const {
    if (!need.node) return false;
    const plan::Job& job = layout_.pipeline->jobs[*need.node];
    return std::holds_alternative<plan::ApplyStack>(job.work) || !is_surely_selected(job, asking);
  }

  bool some_ancestor_may_be_skipped(const std::vector<Need>& needs, const Asking& asking) {
    return std::ranges::any_of(needs, [&](const Need& need) {
      const auto [known, is_new] = skipped_.try_emplace({need.id, asking.key}, false);
      if (!is_new) return known->second;
      const bool some = may_be_skipped(need, asking) ||
                        some_ancestor_may_be_skipped(
                            need.node ? needs_of(layout_.at(*need.node)) : needs_of(called(need.id)), asking);
      skipped_[{need.id, asking.key}] = some;
      return some;
    });
  }

  // --- conditions

  /// The need succeeded, or was rightly not run.
  Expression does_not_hold_back(const Need& need, const Asking& asking) const {
    Expression succeeded = result_is(need.id, "success");
    if (!need.node) return succeeded;
    const plan::Job& job = layout_.pipeline->jobs[*need.node];
    std::vector<Expression> any = {std::move(succeeded)};
    if (!is_surely_selected(job, asking)) any.push_back(negation(events_.selected(job, asking.kinds)));
    if (const auto* apply = std::get_if<plan::ApplyStack>(&job.work)) {
      const std::string& planned = layout_.at(apply->plan).id;
      any.push_back(all_of({result_is(planned, "success"), changes_are(planned, "false")}));
    }
    return any_of(std::move(any));
  }

  bool is_never_selected(const Need& need, const Asking& asking) const {
    return need.node && constant(events_.selected(layout_.pipeline->jobs[*need.node], asking.kinds)) == false;
  }

  /// Everybody that is waited for or read, in the order of the file.
  std::vector<std::string> names(const std::vector<Need>& needs, const Expression& condition) const {
    std::vector<std::string> all = needed_jobs(condition);
    for (const Need& need : needs) {
      if (std::ranges::find(all, need.id) == all.end()) all.push_back(need.id);
    }
    std::ranges::stable_sort(all, {}, [&](const std::string& id) { return position(id); });
    return all;
  }

  std::size_t position(const std::string& id) const {
    const auto unit = std::ranges::find_if(layout_.units, [&](const Unit& one) {
      return one.id == id || (one.turn && layout_.turns[*one.turn].caller == id);
    });
    return static_cast<std::size_t>(unit - layout_.units.begin());
  }

  Start made(const std::vector<Need>& needs, Expression condition, bool speaks_of_layers) const {
    Start start;
    start.needs = names(needs, condition);
    if (constant(condition) == true) return start;
    start.condition = Condition{std::move(condition)};
    if (speaks_of_layers) start.comment = {"What it builds on was applied, or had nothing to apply."};
    return start;
  }

  /// Needs that are never selected together with the job are none.
  std::vector<Need> real(std::vector<Need> needs, const Asking& asking) const {
    std::erase_if(needs, [&](const Need& need) { return is_never_selected(need, asking); });
    return needs;
  }

  Start started(const std::vector<Need>& all_needs, const Asking& asking, std::vector<Expression> own,
                bool waits_for_layers) {
    const std::vector<Need> needs = real(all_needs, asking);
    if (!some_ancestor_may_be_skipped(needs, asking)) return made(needs, all_of(std::move(own)), false);
    std::vector<Expression> all = {negation(call("cancelled"))};
    for (const Need& need : needs) all.push_back(does_not_hold_back(need, asking));
    all.insert(all.end(), own.begin(), own.end());
    return made(needs, all_of(std::move(all)), waits_for_layers);
  }

  Start runs_anyway(const plan::Job& job, const Asking& asking, const std::vector<Need>& needs) const {
    // A required check that was skipped counts as passed: it runs even when the run is cancelled, and is red then.
    const bool always = std::holds_alternative<plan::RequiredCheck>(job.work);
    Expression status = always ? call("always") : negation(call("cancelled"));
    return made(real(needs, asking), all_of({std::move(status), asking.selected}), false);
  }

  bool waits_for_layers(const plan::Job& job) const {
    return std::ranges::any_of(job.needs, [&](JobId need) {
      return std::holds_alternative<plan::ApplyStack>(layout_.pipeline->jobs[need].work);
    });
  }

  const Layout& layout_;
  const Events& events_;
  std::map<std::pair<std::string, std::string>, bool>
      skipped_;  // whether the job or one before it may be, by the kinds of events
};

}  // namespace

Starts starts(const Layout& layout, const Events& events) {
  Selection selection(layout, events);
  Starts all;
  for (const Unit& unit : layout.units) all.units.push_back(selection.of(unit));
  for (const Turn& turn : layout.turns) all.turns.push_back(selection.of(turn));
  return all;
}

}  // namespace penstock::targets::github
