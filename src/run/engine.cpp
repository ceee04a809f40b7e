#include "run/engine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace penstock::run {

std::size_t Graph::add(Node node) {
  for (const std::size_t before : node.job.after) PENSTOCK_CHECK(before < nodes_.size());
  PENSTOCK_CHECK(!node.job.inside || *node.job.inside < nodes_.size());
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

std::optional<std::size_t> Graph::find(std::string_view address) const {
  const auto found =
      std::ranges::find_if(nodes_, [&](const Node& node) { return node.job.address == address; });
  if (found == nodes_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - nodes_.begin());
}

namespace {

constexpr std::size_t kMostRounds = 100'000;  // a simulator whose jobs never end is wrong

struct Place {
  std::size_t arrival;
  std::size_t node;
  friend bool operator==(Place, Place) = default;
};

struct Queue {
  Policy policy = Policy::Fifo;
  std::optional<Place> holder;
  std::vector<Place> waiting;  // in the order in which they asked
};

/// How far a node has come.
struct Progress {
  bool decided = false;          // to start
  std::size_t passed = 0;        // passages
  bool in_line = false;          // asked the queue of the next passage
  std::optional<Answer> answer;  // to the question of the next passage
  std::size_t asked = 0;         // the round
  bool started = false;
};

class Play {
 public:
  Play(std::span<const Arrival> arrivals, const Start& start, World& world)
      : arrivals_(arrivals),
        start_(start),
        world_(world),
        graphs_(arrivals.size()),
        progress_(arrivals.size()) {}

  std::vector<Run> all() {
    for (round_ = 0; round_ < kMostRounds; ++round_) {
      arrive();
      end_work();
      while (step()) {
      }
      if (!will_continue()) break;
    }
    PENSTOCK_CHECK(round_ < kMostRounds);
    std::vector<Run> runs;
    for (auto& graph : graphs_) {
      Run& run = runs.emplace_back();
      if (!graph) continue;
      run.idle = std::move(graph->idle);
      for (std::size_t i = 0; i < graph->size(); ++i) run.jobs.push_back(std::move((*graph)[i].job));
    }
    return runs;
  }

 private:
  Node& node(Place at) { return (*graphs_[at.arrival])[at.node]; }
  Progress& progress(Place at) { return progress_[at.arrival][at.node]; }

  void arrive() {
    for (std::size_t i = 0; i < arrivals_.size(); ++i) {
      if (arrivals_[i].round != round_ || graphs_[i]) continue;
      graphs_[i] = start_(arrivals_[i], i);
      progress_[i].resize(graphs_[i]->size());
      for (std::size_t n = 0; n < graphs_[i]->size(); ++n) {
        Node& made = (*graphs_[i])[n];
        if (made.job.inside) made.job.gates = (*graphs_[i])[*made.job.inside].job.gates;
        for (const Passage& passage : made.passages) made.job.gates.push_back(passage.gate);
      }
      if (!graphs_[i]->replaces.empty()) replace_older(i);
    }
  }

  void replace_older(std::size_t newer) {
    for (std::size_t older = 0; older < graphs_.size(); ++older) {
      if (older == newer || !graphs_[older] || graphs_[older]->line != graphs_[newer]->replaces) continue;
      const Graph& graph = *graphs_[older];
      std::vector<std::size_t> leaving;
      for (std::size_t n = 0; n < graph.size(); ++n) {
        if (graph[n].gives_way && graph[n].gives_way(graph)) leaving.push_back(n);
      }
      for (const std::size_t n : leaving) cancel({older, n}, "a newer run took its place");
    }
  }

  void end_work() {
    for_each([&](Place at) {
      Node& ends = node(at);
      if (!progress(at).started || !ends.job.works || has_ended(ends.job.state) || ends.job.started >= round_)
        return;
      const auto result = results_.extract({at.arrival, at.node});
      const int code = result.mapped().code;
      const bool failed = ends.fails ? ends.fails(code) : code != 0;
      ends.outputs = std::move(result.mapped().outputs);
      end(at, failed ? State::Failed : State::Succeeded, {});
    });
  }

  void end(Place at, State state, std::string reason) {
    node(at).job.state = state;
    node(at).job.reason = std::move(reason);
    node(at).job.ended = round_;
    if (state == State::Failed && !node(at).cancels_when_failed.empty()) failed_.push_back(at);
    for (auto& [name, queue] : queues_) {
      if (queue.holder == at) queue.holder.reset();
      std::erase(queue.waiting, at);
    }
  }

  /// Whether anything happened that lets more happen in the same round.
  bool step() {
    bool changed = false;
    cancel_others();
    for_each([&](Place at) { changed = advance(at) || changed; });
    return serve() || changed;
  }

  void cancel_others() {
    for (const Place at : std::exchange(failed_, {})) {
      for (const std::size_t other : node(at).cancels_when_failed)
        cancel({at.arrival, other}, "`" + node(at).job.address + "` has failed");
    }
  }

  bool advance(Place at) {
    Node& next = node(at);
    if (has_ended(next.job.state)) return false;
    if (progress(at).started) return !next.job.works && conclude(at);
    if (next.job.inside) {
      const Place holder{at.arrival, *next.job.inside};
      if (has_ended(node(holder).job.state)) {
        end(at, State::Skipped,
            "`" + node(holder).job.address + "` was " + std::string(name(node(holder).job.state)));
        return true;
      }
      if (!progress(holder).started) return false;
    }
    return progress(at).decided ? pass(at) : decide(at);
  }

  bool decide(Place at) {
    Node& next = node(at);
    const Graph& graph = *graphs_[at.arrival];
    const auto to_come = [&](std::size_t before) { return !has_ended(graph[before].job.state); };
    const auto first = std::ranges::find_if(next.job.after, to_come);
    if (first != next.job.after.end() && !(next.early && next.early(graph))) {
      next.job.reason =
          "`" + graph[*first].job.address + "` is " + std::string(name(graph[*first].job.state));
      return false;
    }
    const Decision decision = next.decide ? next.decide(graph) : Decision{};
    switch (decision.kind) {
      case Decision::Kind::Start:
        std::erase_if(next.job.after, to_come);
        progress(at).decided = true;
        next.job.reason.clear();
        return true;
      case Decision::Kind::Skip: end(at, State::Skipped, decision.reason); return true;
      case Decision::Kind::Fail: end(at, State::Failed, decision.reason); return true;
      case Decision::Kind::Wait: next.job.reason = decision.reason; return false;
    }
    return false;
  }

  /// The next passage, or the start behind the last one.
  bool pass(Place at) {
    Node& next = node(at);
    Progress& far = progress(at);
    if (far.passed == next.passages.size()) return begin(at);
    const Passage& passage = next.passages[far.passed];
    if (passage.gate.kind == Gate::Kind::Queue) {
      if (far.in_line) return false;
      far.in_line = true;
      next.job.reason = "the queue `" + passage.gate.name + "`";
      Queue& queue = queues_[passage.gate.name];
      queue.policy = passage.policy;
      if (passage.policy == Policy::LatestOnly || passage.policy == Policy::NewestAtOnce) {
        serve(passage.gate.name, queue);  // who asked before has its turn, if it is free
        const std::vector<Place> displaced = queue.waiting;
        for (const Place other : displaced) cancel(other, "a newer run took its place in the queue");
        if (passage.policy == Policy::NewestAtOnce && queue.holder)
          cancel(*queue.holder, "a newer run took its place");
      }
      queue.waiting.push_back(at);
      return true;
    }
    if (!far.answer) {
      far.answer = world_.approve(at.arrival, next.job, passage.gate.name);
      far.asked = round_;
      next.job.state = State::Asking;
      next.job.reason = "an approval for `" + passage.gate.name + "`";
    }
    if (far.answer->kind == Answer::Kind::Never || round_ < far.asked + far.answer->after) return false;
    if (far.answer->kind == Answer::Kind::Refused) {
      end(at, State::Refused, {});
      return true;
    }
    next.job.state = State::Waiting;
    next.job.reason.clear();
    far.answer.reset();
    ++far.passed;
    return true;
  }

  bool begin(Place at) {
    Node& next = node(at);
    progress(at).started = true;
    next.started = true;
    next.job.started = round_;
    if (next.job.works) results_.insert_or_assign({at.arrival, at.node}, world_.work(at.arrival, next.job));
    return true;
  }

  bool conclude(Place at) {
    const Graph& graph = *graphs_[at.arrival];
    bool all_well = true;
    for (std::size_t i = at.node + 1; i < graph.size(); ++i) {
      if (graph[i].job.inside != at.node) continue;
      const State state = graph[i].job.state;
      if (!has_ended(state)) return false;
      all_well = all_well && (state == State::Succeeded || state == State::Skipped);
    }
    Node& holder = node(at);
    std::map<std::string, std::string> outputs;
    const State state =
        holder.conclude ? holder.conclude(graph, outputs) : (all_well ? State::Succeeded : State::Failed);
    holder.outputs = std::move(outputs);
    end(at, state, {});
    return true;
  }

  bool serve() {
    bool served = false;
    for (auto& [name, queue] : queues_) served = serve(name, queue) || served;
    return served;
  }

  bool serve(const std::string& name, Queue& queue) {
    if (queue.holder || queue.waiting.empty()) return false;
    const auto next = choose(name, queue);
    if (!next) return false;
    queue.holder = *next;
    std::erase(queue.waiting, *next);
    progress(*next).in_line = false;
    ++progress(*next).passed;
    node(*next).job.reason.clear();
    return true;
  }

  /// Ends what was decided and does not insist on running; the rest is asked when its time comes.
  void cancel(Place at, const std::string& reason) {
    Node& stops = node(at);
    if (has_ended(stops.job.state)) return;
    stops.cancelled = true;
    if (progress(at).decided && (stops.job.works || !progress(at).started)) {
      const bool insists = stops.decide && stops.decide(*graphs_[at.arrival]).kind == Decision::Kind::Start;
      if (!insists) {
        results_.erase({at.arrival, at.node});
        end(at, State::Cancelled, reason);
      }
    }
    const std::size_t nodes = graphs_[at.arrival]->size();
    for (std::size_t i = 0; i < nodes; ++i) {
      if (node({at.arrival, i}).job.inside == at.node) cancel({at.arrival, i}, reason);
    }
  }

  std::optional<Place> choose(const std::string& name, const Queue& queue) {
    switch (queue.policy) {
      case Policy::Fifo:
      case Policy::LatestOnly:
      case Policy::NewestAtOnce: return queue.waiting.front();
      case Policy::Any: return *std::ranges::max_element(queue.waiting, {}, &Place::arrival);
      case Policy::OldestFirst: {
        const Place oldest = *std::ranges::min_element(queue.waiting, {}, &Place::arrival);
        for (std::size_t older = 0; older < oldest.arrival; ++older) {
          if (is_to_come(older, name)) return std::nullopt;
        }
        return oldest;
      }
      case Policy::NewestFirst: break;
    }
    const Place newest = *std::ranges::max_element(queue.waiting, {}, &Place::arrival);
    for (std::size_t newer = newest.arrival + 1; newer < graphs_.size(); ++newer) {
      if (is_to_come(newer, name)) return std::nullopt;
    }
    return newest;
  }

  /// Whether a job of an arrival will ask the queue, as far as anybody knows: one that asks for an approval may never do.
  bool is_to_come(std::size_t arrival, const std::string& queue) {
    if (!graphs_[arrival]) return false;
    for (std::size_t i = 0; i < graphs_[arrival]->size(); ++i) {
      const Node& other = (*graphs_[arrival])[i];
      const bool wants = std::ranges::any_of(other.passages, [&](const Passage& passage) {
        return passage.gate == Gate{Gate::Kind::Queue, queue};
      });
      if (wants && other.job.state == State::Waiting) return true;
    }
    return false;
  }

  bool will_continue() {
    bool more =
        std::ranges::any_of(arrivals_, [&](const Arrival& arrival) { return arrival.round > round_; });
    for_each([&](Place at) {
      if (has_ended(node(at).job.state)) return;
      const Progress& far = progress(at);
      more = more || (far.started && node(at).job.works);
      more = more || (far.answer && far.answer->kind != Answer::Kind::Never);
    });
    return more;
  }

  template <class F>
  void for_each(F visit) {
    for (std::size_t a = 0; a < graphs_.size(); ++a) {
      if (!graphs_[a]) continue;
      for (std::size_t n = 0; n < graphs_[a]->size(); ++n) visit(Place{a, n});
    }
  }

  std::span<const Arrival> arrivals_;
  const Start& start_;
  World& world_;
  std::vector<std::optional<Graph>> graphs_;
  std::vector<std::vector<Progress>> progress_;
  std::map<std::string, Queue> queues_;
  std::map<std::pair<std::size_t, std::size_t>, Result> results_;
  std::vector<Place> failed_;  // what they cancel has yet to be
  std::size_t round_ = 0;
};

}  // namespace

std::vector<Run> play(std::span<const Arrival> arrivals, const Start& start, World& world) {
  return Play(arrivals, start, world).all();
}

}  // namespace penstock::run
