// Partial evaluation by the kind of event: what is known of it is computed, what is not selected goes.
#include <algorithm>
#include <utility>

#include "cel/eval.h"
#include "lower/jobs.h"
#include "lower/passes.h"

namespace penstock::lower {
namespace {

using model::EventKind;
using plan::JobId;

PENSTOCK_MESSAGE(NotExpressible, "`{}` downloads `{}` of `{}`, which is not selected when {}", std::string,
                 std::string, std::string, std::string);

std::vector<EventKind> kinds(const plan::Pipeline& pipeline) {
  std::vector<EventKind> found;
  for (const model::Trigger& trigger : pipeline.triggers) {
    if (std::ranges::find(found, trigger.kind) == found.end()) found.push_back(trigger.kind);
  }
  return found;
}

std::string_view suffix(EventKind kind) { return kind == EventKind::PullRequest ? "request" : name(kind); }

/// The one text that all globs of the triggers let through, if there is only one.
std::optional<std::string> only(const std::vector<model::Trigger>& triggers,
                                std::vector<model::Glob> model::Trigger::*globs) {
  std::optional<std::string> found;
  for (const model::Trigger& trigger : triggers) {
    const auto& list = trigger.*globs;
    if (list.size() != 1 || list.front().excludes || !list.front().is_literal()) return std::nullopt;
    if (found && *found != list.front().text) return std::nullopt;
    found = list.front().text;
  }
  return found;
}

/// What is known of every event of a kind. Facts that do not apply are empty; a schedule and a start by hand run on the default branch.
cel::Bindings known(EventKind kind, const std::vector<model::Trigger>& triggers,
                    const std::string& default_branch) {
  cel::Bindings facts;
  const auto set = [&](const char* fact, std::string value) { facts[fact] = cel::Value{std::move(value)}; };
  set("event.kind", std::string(name(kind)));
  if (kind != EventKind::Push)
    set("ref.branch", kind == EventKind::Schedule || kind == EventKind::Manual ? default_branch : "");
  if (kind != EventKind::Tag) set("ref.tag", "");
  if (kind != EventKind::PullRequest) {
    for (const char* fact : {"pull_request.number", "pull_request.source", "pull_request.target"})
      set(fact, "");
    facts["pull_request.fork"] = cel::Value{false};
  }
  const auto one = only(triggers, kind == EventKind::Tag ? &model::Trigger::tags : &model::Trigger::branches);
  if (one && kind == EventKind::Push) set("ref.branch", *one);
  if (one && kind == EventKind::Tag) set("ref.tag", *one);
  if (one && kind == EventKind::PullRequest) set("pull_request.target", *one);
  return facts;
}

/// Of these events no base is known, so everything counts as changed.
bool changes_everything(EventKind kind) { return kind != EventKind::Push && kind != EventKind::PullRequest; }

void resolve(model::Text& text, const cel::Bindings& known) {
  decltype(text.parts) parts;
  const auto add = [&](const std::string& literal) {
    if (literal.empty()) return;
    if (!parts.empty() && std::holds_alternative<std::string>(parts.back())) {
      std::get<std::string>(parts.back()) += literal;
    } else {
      parts.emplace_back(literal);
    }
  };
  for (const auto& part : text.parts) {
    const auto* fact = std::get_if<model::FactRef>(&part);
    const auto value = fact ? known.find(fact->name) : known.end();
    if (value != known.end()) {
      add(*value->second.get<std::string>());
    } else if (const auto* literal = std::get_if<std::string>(&part)) {
      add(*literal);
    } else {
      parts.push_back(part);
    }
  }
  text.parts = std::move(parts);
}

void resolve(plan::Job& job, const cel::Bindings& known) {
  if (job.image) resolve(*job.image, known);
  for (auto& [key, text] : job.env) resolve(text, known);
  auto* work = std::get_if<plan::Steps>(&job.work);
  if (work == nullptr) return;
  for (model::Step& step : work->steps) {
    auto* run = std::get_if<model::Run>(&step.action);
    if (run == nullptr) continue;
    for (auto& [key, text] : run->env) resolve(text, known);
  }
}

/// One pipeline as one kind of event sees it.
class Class {
 public:
  Class(const plan::Pipeline& whole, EventKind kind, const std::string& default_branch, diag::Sink& sink)
      : whole_(whole), kind_(kind), sink_(sink) {
    for (const model::Trigger& trigger : whole.triggers) {
      if (trigger.kind == kind) triggers_.push_back(trigger);
    }
    known_ = known(kind, triggers_, default_branch);
    facts_ = cel::facts(known_);
    if (changes_everything(kind)) {
      facts_.call = [](std::string_view function, std::span<const cel::Value>) -> std::optional<cel::Value> {
        if (function == "changed") return cel::Value{true};
        return std::nullopt;
      };
    }
  }

  plan::Pipeline pipeline(bool alone) && {
    plan::Pipeline part = whole_;
    if (!alone) part.name += "-" + std::string(suffix(kind_));
    part.triggers = triggers_;
    part.jobs = {};
    for (const plan::Job& job : whole_.jobs) moves_.push_back(add(part, job));
    return part;
  }

 private:
  std::optional<JobId> add(plan::Pipeline& part, plan::Job job) {
    if (job.when) {
      job.when = cel::fold(*job.when, facts_);
      if (const bool* holds = cel::literal<bool>(*job.when)) {
        if (!*holds) return std::nullopt;
        job.when.reset();
      }
    }
    if (!downloads_exist(job)) return std::nullopt;
    move_ids(job, moves_);
    resolve(job, known_);
    return part.jobs.add(std::move(job));
  }

  bool downloads_exist(const plan::Job& job) const {
    const auto* work = std::get_if<plan::Steps>(&job.work);
    if (work == nullptr) return true;
    bool exist = true;
    for (const model::Step& step : work->steps) {
      const auto* download = std::get_if<model::Download>(&step.action);
      if (download == nullptr || moves_.at(download->from.index)) continue;
      diag::build(sink_, step.span, kNotExpressible, job.name, download->artifact,
                  whole_.jobs[download->from].name, "`event.kind` is `" + std::string(name(kind_)) + "`")
          .help("give this job the same condition, or the other one none")
          .emit();
      exist = false;
    }
    return exist;
  }

  const plan::Pipeline& whole_;
  EventKind kind_;
  diag::Sink& sink_;
  std::vector<model::Trigger> triggers_;
  cel::Bindings known_;
  cel::Facts facts_;
  Moves moves_;
};

}  // namespace

plan::Plan trigger_classes(plan::Plan plan, const Table&, diag::Sink& sink) {
  decltype(plan.pipelines) classes;
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    const std::vector<EventKind> all = kinds(pipeline);
    for (const EventKind kind : all) {
      plan::Pipeline part =
          Class(pipeline, kind, plan.project->default_branch, sink).pipeline(all.size() == 1);
      if (!part.jobs.empty()) classes.add(std::move(part));
    }
  }
  plan.pipelines = std::move(classes);
  return plan;
}

}  // namespace penstock::lower
