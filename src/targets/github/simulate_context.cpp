#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "targets/github/simulate_level.h"
#include "yaml/reader.h"

namespace penstock::targets::github {
namespace {

using model::EventKind;

// The repository's name stands in conditions about forks; which name it is makes no difference.
constexpr const char* kOwner = "octo-org";
constexpr const char* kRepository = "octo-org/octo-repo";
constexpr const char* kFork = "mona/octo-repo";

Object open(std::string why) {
  Object object;
  object.open = std::move(why);
  return object;
}

Data request_number(const std::string& number) {
  return is_digits(number) && number.size() < 16 ? Data(std::stod(number)) : Data(number);
}

Object request_event(const plan::Event::PullRequest& request) {
  Object repository = open("it is the event's");
  repository.set("full_name", request.fork ? kFork : kRepository);
  repository.set("fork", request.fork);
  Object head = open("it is the event's");
  head.set("ref", request.source);
  head.set("repo", std::move(repository));
  Object own = open("it is the event's");
  own.set("full_name", kRepository);
  own.set("fork", false);
  Object base = open("it is the event's");
  base.set("ref", request.target);
  base.set("repo", std::move(own));
  Object made = open("it is the event's");
  made.set("number", request_number(request.number));
  made.set("head", std::move(head));
  made.set("base", std::move(base));
  return made;
}

/// `github.event`. What other events have and this one has not is null; what a payload holds besides is not known.
Object event_payload(const run::Arrival& arrival, const std::string& ref) {
  const plan::Event& event = arrival.event;
  const bool pushed = event.kind == EventKind::Push || event.kind == EventKind::Tag;
  const bool requested = event.kind == EventKind::PullRequest;
  Object made = open("it is the event's");
  for (const char* name : {"schedule", "inputs", "issue", "release", "client_payload", "workflow_run",
                           "comment", "review", "label", "deployment", "merge_group", "discussion"})
    made.set(name, {});
  if (!pushed) {
    for (const char* name :
         {"before", "after", "commits", "head_commit", "created", "forced", "pusher", "compare", "deleted"})
      made.set(name, {});
  } else {
    made.set("ref", ref);
    made.set("deleted", false);
  }
  if (requested) {
    made.set("number", request_number(event.pull_request.number));
    made.set("pull_request", request_event(event.pull_request));
  } else {
    made.set("pull_request", {});
    made.set("number", {});
    made.set("action", {});
  }
  if (event.kind == EventKind::Schedule) {
    // The entry is the cron and a time zone; five fields are the cron.
    const auto fields = split(arrival.entry, ' ');
    std::vector<std::string_view> cron(
        fields.begin(), fields.begin() + static_cast<long>(std::min<std::size_t>(fields.size(), 5)));
    made.set("schedule", join(cron, " "));
  }
  if (event.kind == EventKind::Manual) made.set("inputs", open("the person who starts it gives it"));
  return made;
}

std::string event_name(EventKind kind) {
  switch (kind) {
    case EventKind::Push:
    case EventKind::Tag: return "push";
    case EventKind::PullRequest: return "pull_request";
    case EventKind::Schedule: return "schedule";
    case EventKind::Manual: return "workflow_dispatch";
  }
  return {};
}

}  // namespace

Object github_context(const run::Arrival& arrival, const std::string& file, const Workflow& workflow,
                      const std::string& run_id) {
  const plan::Event& event = arrival.event;
  const bool tag = event.kind == EventKind::Tag;
  const bool request = event.kind == EventKind::PullRequest;
  std::string name = tag ? event.tag : event.branch;
  if (request) name = event.pull_request.number + "/merge";
  const std::string ref = (tag ? "refs/tags/" : request ? "refs/pull/" : "refs/heads/") + name;

  Object made = open("it is not in the files");
  made.set("event_name", event_name(event.kind));
  made.set("ref", ref);
  made.set("ref_name", name);
  made.set("ref_type", tag ? "tag" : "branch");  // also of a pull request
  made.set("head_ref", request ? event.pull_request.source : "");
  made.set("base_ref", request ? event.pull_request.target : "");
  made.set("repository", kRepository);
  made.set("repository_owner", kOwner);
  made.set("workflow", workflow.name.empty() ? file : workflow.name);
  made.set("run_id", run_id);
  made.set("run_attempt", "1");
  made.set("server_url", "https://github.com");
  made.set("api_url", "https://api.github.com");
  made.set("event", event_payload(arrival, ref));
  return made;
}

Data data(const yaml::Node& node) {
  if (node.is_scalar()) {
    const auto flag = yaml::is_plain(node) ? yaml::as_bool(node) : std::nullopt;
    const auto number = yaml::is_plain(node) ? yaml::as_integer(node) : std::nullopt;
    if (flag) return *flag;
    if (number) return static_cast<double>(*number);
    return node.text;
  }
  if (node.is_sequence()) {
    Array array;
    for (const yaml::Node& item : node.items) array.items.push_back(data(item));
    return array;
  }
  if (node.is_mapping()) {
    Object object;
    for (const yaml::Entry& entry : node.entries) object.set(entry.key.text, data(entry.value));
    return object;
  }
  return {};
}

Scope static_scope(const Level& level, const Row* row) {
  Scope scope;
  scope.contexts.set("github", level.github);
  scope.contexts.set("inputs", level.inputs);
  scope.contexts.set("vars", open("it is set outside the files"));
  scope.contexts.set("needs", open("it is known when the job's turn has come"));
  scope.contexts.set("matrix", row != nullptr ? row->values : Object());
  scope.contexts.set("strategy", open("it is known when the job's turn has come"));
  return scope;
}

const Level::Placed* Level::find(std::string_view id) const {
  const auto found =
      std::ranges::find_if(jobs, [&](const Placed& one) { return same_ignoring_case(one.id, id); });
  return found == jobs.end() ? nullptr : &*found;
}

std::vector<const Level::Placed*> Level::ancestors(const Job& job) const {
  std::vector<const Placed*> all;
  const auto add = [&](const auto& self, const Job& below) -> void {
    for (const std::string& need : below.needs.all) {
      const Placed* placed = find(need);
      if (placed == nullptr || std::ranges::find(all, placed) != all.end()) continue;
      all.push_back(placed);
      self(self, *placed->job);
    }
  };
  add(add, job);
  return all;
}

std::string_view result(const Level::Placed& placed, const run::Graph& graph) {
  bool failed = false, cancelled = false, succeeded = false;
  for (const std::size_t node : placed.nodes) {
    switch (graph[node].job.state) {
      case run::State::Failed:
      case run::State::Refused: failed = true; break;  // a rejected job fails
      case run::State::Cancelled: cancelled = true; break;
      case run::State::Succeeded: succeeded = true; break;
      case run::State::Skipped:
      case run::State::Waiting:
      case run::State::Asking: break;
    }
  }
  if (failed) return "failure";
  if (cancelled) return "cancelled";
  return succeeded ? "success" : "skipped";
}

namespace {

bool has_output(const Tree& tree, const std::vector<Step>& steps, std::string_view step,
                std::string_view output);

/// Whether the steps that an output is read from are there, and say it. `steps.plan.outputs.digest`
bool is_said(const Tree& tree, const std::vector<Step>& steps, const Text& text) {
  return std::ranges::all_of(text.parts, [&](const auto& part) {
    const auto* expression = std::get_if<Expression>(&part);
    const auto* output = expression ? std::get_if<Member>(&expression->node) : nullptr;
    const auto* outputs = output ? std::get_if<Member>(&output->operand.front().node) : nullptr;
    const auto* step = outputs ? std::get_if<Member>(&outputs->operand.front().node) : nullptr;
    const auto* root = step ? std::get_if<Name>(&step->operand.front().node) : nullptr;
    if (root == nullptr || !same_ignoring_case(root->name, "steps") ||
        !same_ignoring_case(outputs->field, "outputs"))
      return true;
    return has_output(tree, steps, step->field, output->field);
  });
}

bool has_output(const Tree& tree, const std::vector<Step>& steps, std::string_view step,
                std::string_view output) {
  const auto found =
      std::ranges::find_if(steps, [&](const Step& one) { return same_ignoring_case(one.id, step); });
  if (found == steps.end()) return false;
  const Action* action = own_action(tree, found->uses.to);
  if (action == nullptr) return true;
  return std::ranges::any_of(action->outputs, [&](const auto& declared) {
    return same_ignoring_case(declared.first.value, output) &&
           is_said(tree, action->runs.steps, declared.second.value);
  });
}

/// A script may say much; only what its job declares, and reads from a step that is there, reaches others.
bool hands_on(const Level& level, const Job& job, std::string_view output) {
  if (!job.uses.to.empty()) return true;  // told by the workflow that it calls
  return std::ranges::any_of(job.outputs, [&](const auto& declared) {
    return same_ignoring_case(declared.first.value, output) &&
           is_said(*level.tree, job.steps, declared.second);
  });
}

}  // namespace

Object needs_context(const Level& level, const Job& job, const run::Graph& graph) {
  Object needs;
  for (const std::string& id : job.needs.all) {
    const Level::Placed* placed = level.find(id);
    if (placed == nullptr) continue;
    Object outputs;
    for (const std::size_t node : placed->nodes) {  // of a matrix, the last one that says something wins
      for (const auto& [name, text] : graph[node].outputs) {
        if (!hands_on(level, *placed->job, name)) continue;
        if (!text.empty() || outputs.find(name) == nullptr) outputs.set(name, text);
      }
    }
    Object need;
    need.set("result", std::string(result(*placed, graph)));
    need.set("outputs", std::move(outputs));
    needs.set(placed->id, std::move(need));
  }
  return needs;
}

Status status(const Level& level, const Job& job, const run::Graph& graph) {
  Status made;
  for (const Level::Placed* before : level.ancestors(job)) {
    const std::string_view came_to = result(*before, graph);
    made.success = made.success && came_to == "success";
    made.failure = made.failure || came_to == "failure";
  }
  return made;
}

}  // namespace penstock::targets::github
