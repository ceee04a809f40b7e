#include <algorithm>

#include "targets/github/simulate_level.h"

/// What goes into a reusable workflow, and what comes out of it:
/// https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
namespace penstock::targets::github {

const yaml::Node* kept(const codec::Others& others, std::string_view key) {
  const auto found =
      std::ranges::find_if(others, [&](const yaml::Entry& one) { return one.key.text == key; });
  return found == others.end() ? nullptr : &found->value;
}

Text as_text(const std::string& written) {
  diag::Sink sink;
  codec::Decoder decoder(sink);
  Text text;
  decode_value(yaml::string(written), text, decoder);
  return text;
}

const std::pair<std::string, Workflow>* called(const Tree& tree, const Job& job) {
  if (!job.uses.to.starts_with("./") && !job.uses.to.starts_with("$/")) return nullptr;
  const auto found =
      std::ranges::find(tree.workflows, job.uses.to.substr(2), &std::pair<std::string, Workflow>::first);
  return found == tree.workflows.end() || !found->second.on.workflow_call ? nullptr : &*found;
}

namespace {

bool cancels(const Concurrency& concurrency) {
  const auto& value = concurrency.cancel_in_progress;
  const bool* flag = value ? std::get_if<bool>(&value->is) : nullptr;
  return flag != nullptr && *flag;
}

bool contradicts(const std::optional<Concurrency>& concurrency) {
  return concurrency && concurrency->queue == "max" && cancels(*concurrency);
}

/// A called job that asks for more than its caller was granted keeps the whole run from starting.
std::optional<std::string> refused(const Tree& tree, const Workflow& workflow,
                                   const std::optional<Rights>& most, int depth) {
  if (contradicts(workflow.concurrency)) return "`queue: max` and `cancel-in-progress` exclude each other";
  for (const auto& [id, job] : workflow.jobs) {
    for (const std::string& need : job.needs.all) {
      if (std::ranges::none_of(workflow.jobs,
                               [&](const auto& one) { return same_ignoring_case(one.first.value, need); }))
        return "`" + id.value + "` needs `" + need + "`, which is not there";
    }
    if (contradicts(job.concurrency))
      return "`" + id.value + "`: `queue: max` and `cancel-in-progress` exclude each other";
    const Rights wanted = asked(workflow, job, most);
    if (most && !most->cover(wanted)) return "`" + id.value + "` asks for more rights than its caller has";
    constexpr int kMostLevels = 10;
    const auto* file = called(tree, job);
    if (file == nullptr || depth >= kMostLevels) continue;
    if (auto reason = refused(tree, file->second, wanted, depth + 1)) return reason;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> refused(const Tree& tree, const Workflow& workflow) {
  return refused(tree, workflow, std::nullopt, 1);
}

/// A value where an expression may stand, as it is.
Data value_of(const Value& value, const Scope& scope) {
  if (const auto* flag = std::get_if<bool>(&value.is)) return *flag;
  if (const auto* number = std::get_if<long>(&value.is)) return static_cast<double>(*number);
  const Text& text = std::get<Text>(value.is);
  if (text.parts.size() == 1) {
    if (const auto* expression = std::get_if<Expression>(&text.parts.front()))
      return evaluate(*expression, scope);
  }
  Evaluated made = evaluate(text, scope);
  return made.known ? Data(std::move(made.text)) : Data(Unknown{std::move(made.why)});
}

Object declared_inputs(const codec::Others* others) {
  Object made;
  const yaml::Node* all = others != nullptr ? kept(*others, "inputs") : nullptr;
  if (all == nullptr) return made;
  for (const yaml::Entry& entry : all->entries) {
    const yaml::Node* initial = entry.value.find("default");
    const yaml::Node* type = entry.value.find("type");
    const std::string kind = type != nullptr ? type->text : "string";
    Data value = initial != nullptr  ? data(*initial)
                 : kind == "boolean" ? Data(false)
                 : kind == "number"  ? Data(0.0)
                                     : Data("");
    if (kind == "string") value = to_text(value);
    made.set(entry.key.text, std::move(value));
  }
  return made;
}

Object given_inputs(const Workflow& workflow, const Job& job, const Scope& scope) {
  Object made = declared_inputs(&workflow.on.workflow_call->others);
  for (const auto& [name, value] : job.with) made.set(name.value, value_of(value, scope));
  return made;
}

std::map<std::string, std::string> called_outputs(const Level& level, const run::Graph& graph) {
  std::map<std::string, std::string> outputs;
  const yaml::Node* declared = kept(level.workflow->on.workflow_call->others, "outputs");
  if (declared == nullptr) return outputs;
  Scope scope = static_scope(level, nullptr);
  Object jobs;
  for (const Level::Placed& placed : level.jobs) {
    Job all;
    all.needs.all = {placed.id};
    jobs.set(placed.id, *needs_context(level, all, graph).find(placed.id));
  }
  scope.contexts.set("jobs", std::move(jobs));
  for (const yaml::Entry& entry : declared->entries) {
    if (const yaml::Node* value = entry.value.find("value"))
      outputs[entry.key.text] = evaluate(as_text(value->text), scope).text;
  }
  return outputs;
}

}  // namespace penstock::targets::github
