#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "run/run.h"

/// The clockwork that simulators share: jobs that wait for jobs, queues that hand out turns, people who are asked. It knows no platform:
/// what is decided, and how a queue serves, is told by the simulator.
namespace penstock::run {

/// How a queue chooses whom to serve next.
enum class Policy : unsigned char {
  Fifo,  // in the order in which they asked
  OldestFirst,  // the oldest arrival that still has a job of this queue to come; one that asks for an approval is not to come
  LatestOnly,    // one may wait; who asks while another waits takes its place, and that one is cancelled
  NewestAtOnce,  // who asks cancels those who wait and the one that is served
  NewestFirst,   // the newest arrival, likewise
  Any,           // no promise: the worst case, which is the newest arrival that waits
};

class Graph;

struct Decision {
  /// Fail: it ends as failed and never ran (what it needs to begin cannot be had). Wait: nobody can tell what would happen, and so it
  /// stays where it is, with the reason.
  enum class Kind : unsigned char { Start, Skip, Fail, Wait };
  Kind kind = Kind::Start;
  std::string reason = {};
};

/// A step on the way to a job's start, in order.
struct Passage {
  Gate gate;
  Policy policy = Policy::Fifo;  // of a queue
};

struct Node {
  Job job;  // address, after, inside, works, reach are the simulator's; the rest is the engine's
  std::vector<Passage> passages = {};  // taken one after the other when the decision is to start
  /// Whether a job whose code is not 0 has failed all the same. Absent: it has.
  std::function<bool(int code)> fails = {};
  /// Asked when all of `job.after` have ended, and of what has been decided once more when it is cancelled. Absent: start, and be
  /// cancelled when it comes to that.
  std::function<Decision(const Graph&)> decide = {};
  /// Whether it is asked before that. When it starts, those that have not ended are no longer in `job.after`.
  std::function<bool(const Graph&)> early = {};
  /// What a node that holds others has come to, when they have ended. Absent: Failed if one of them was not skipped and has not
  /// succeeded, else Succeeded.
  std::function<State(const Graph&, std::map<std::string, std::string>& outputs)> conclude = {};
  std::vector<std::size_t> cancels_when_failed = {};  // these, if they have not ended
  std::map<std::string, std::string> outputs = {};    // what it handed on, when it has ended
  /// Whether it is cancelled when an arrival `replaces` the line of its own. Absent: it is not.
  std::function<bool(const Graph&)> gives_way = {};
  bool started = false;    // the engine's
  bool cancelled = false;  // or what holds it was: it ends, unless `decide` says start all the same
};

/// What one arrival starts.
class Graph {
 public:
  /// Positions are stable. `job.after` and `inside` refer to nodes that exist.
  std::size_t add(Node node);
  const Node& operator[](std::size_t at) const { return nodes_[at]; }
  Node& operator[](std::size_t at) { return nodes_[at]; }
  std::size_t size() const { return nodes_.size(); }
  std::optional<std::size_t> find(std::string_view address) const;
  std::vector<std::pair<std::string, std::string>> idle;
  std::string line;      // what it belongs to: a branch, a request
  std::string replaces;  // the line whose older runs give way to it

 private:
  std::vector<Node> nodes_;
};

/// Makes the graph of an arrival. Called when it happens.
using Start = std::function<Graph(const Arrival&, std::size_t position)>;

/// Lets everything happen until nothing more can. One run for each arrival, in their order.
std::vector<Run> play(std::span<const Arrival> arrivals, const Start& start, World& world);

}  // namespace penstock::run
