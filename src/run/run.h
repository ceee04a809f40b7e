#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/event.h"

/// What a platform makes of events, in its own words: targets simulate their files with it, and `verify` compares it with the reference.
namespace penstock::run {

/// A start that no event of the repository makes: a clock, or a person. What names it is the platform's matter; targets/<name>/simulate.h
/// says how (a cron with its time zone, a workflow's file, variables, a pipeline's name).
struct Entry {
  model::EventKind kind = model::EventKind::Schedule;
  std::string name;
  friend bool operator==(const Entry&, const Entry&) = default;
};

/// Something happens.
struct Arrival {
  plan::Event event;       // its `pipeline` says nothing to a platform
  std::string entry = {};  // of a schedule and a start by hand: the entry's name
  std::size_t round = 0;   // when; a job takes one round
};

enum class State : unsigned char {
  Waiting,    // for a job, a queue, or what holds it
  Asking,     // for an approval
  Skipped,    // it is not to run, by a condition, a failure before it, or because what holds it was skipped
  Refused,    // its approval was
  Succeeded,  // also when it failed and is allowed to
  Failed,
  Cancelled,
};
std::string_view name(State state);
bool has_ended(State state);

/// What stands between a job and its start besides other jobs.
struct Gate {
  enum class Kind : unsigned char { Queue, Approval };
  Kind kind = Kind::Queue;
  std::string name;  // of the group, of the environment
  friend auto operator<=>(const Gate&, const Gate&) = default;
};

/// What a job can read and use, for the event at hand.
struct Reach {
  std::vector<std::string> rights =
      {};                 // `contents: read`, `s3:GetObject on arn:…`: the platform's words, sorted
  std::string role = {};  // the cloud role it may take; empty: none
  std::vector<std::pair<std::string, std::string>> variables =
      {};  // what its scripts see, and its value as far as the platform knows it
  std::vector<std::pair<std::string, std::string>> secrets = {};  // the variable, and the secret's name
  std::vector<std::string> artifacts_from = {};                   // addresses of the jobs whose files it gets
  std::vector<std::string> commands = {};  // its steps in order: scripts, and the actions it uses
};

/// One job of a run. Addresses are what the platform shows to people, made unique: see targets/<name>/simulate.h.
struct Job {
  std::string address;
  State state = State::Waiting;
  std::string reason = {};              // why it was skipped, or what it waits for
  std::vector<std::size_t> after = {};  // jobs of this run that have ended when it starts; not closed
  std::optional<std::size_t> inside =
      {};  // the job that holds this one: it starts first, and ends when all that it holds have ended
  bool works = true;             // else it only holds others, or asks
  std::vector<Gate> gates = {};  // in this order, those of what holds it first
  Reach reach = {};
  std::size_t started = 0;  // rounds
  std::size_t ended = 0;
};

/// What one arrival starts.
struct Run {
  std::vector<Job> jobs;
  std::vector<std::pair<std::string, std::string>>
      idle;  // workflows and pipelines that it does not start, and why

  const Job* find(std::string_view address) const;
};

/// Which jobs of a run can only start when others have ended, directly or not.
class Order {
 public:
  explicit Order(const Run& run);
  bool precedes(std::size_t earlier, std::size_t later) const;

 private:
  std::vector<std::vector<bool>> ended_before_;  // by the later one
};

/// What comes out of a job: the platform sees an exit code and what the job hands on.
struct Result {
  int code = 0;
  std::map<std::string, std::string> outputs = {};
};

struct Answer {
  enum class Kind : unsigned char { Given, Refused, Never };
  Kind kind = Kind::Given;
  std::size_t after = 1;  // rounds
};

/// Everything that is not in the files: what jobs come to, what people answer, what is set up.
class World {
 public:
  virtual ~World() = default;
  /// A job starts; asked once for each.
  virtual Result work(std::size_t arrival, const Job& job) = 0;
  /// A job asks for an approval; asked once for each.
  virtual Answer approve(std::size_t arrival, const Job& job, std::string_view gate) = 0;
  /// A setting outside the files: `asks` of an environment (GitHub; `true`), `process_mode` of a resource group (GitLab).
  virtual std::string setting(std::string_view what, std::string_view of) = 0;
};

}  // namespace penstock::run
