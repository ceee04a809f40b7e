#include <fmt/core.h>

#include <algorithm>

#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

Defaults defaults() {
  RunDefaults run;
  run.shell = kShell;
  return {run};
}

Concurrency concurrency(Text group, bool cancel, std::vector<std::string> comment) {
  Concurrency made;
  made.group = std::move(group);
  made.cancel_in_progress = Value(cancel);
  made.comment = std::move(comment);
  return made;
}

Concurrency concurrency(const plan::Pipeline& pipeline) {
  const Text run = {{pipeline.name + "-", path("github.run_id")}};
  switch (pipeline.role) {
    case plan::PipelineRole::Request:
      return concurrency({{pipeline.name + "-", path("github.event.pull_request.number")}}, true,
                         {"A new commit makes the plans of the one before worthless."});
    case plan::PipelineRole::Delivery:
      return concurrency(run, false, {"No run waits as a whole: each environment has its own queue, below."});
    case plan::PipelineRole::Drift: return concurrency(Text(pipeline.name), false, {});
    case plan::PipelineRole::Written:
      return concurrency(run, false, {"Runs neither wait for each other nor cancel each other."});
  }
  return {};
}

Text run_name(const plan::Pipeline& pipeline) {
  switch (pipeline.role) {
    case plan::PipelineRole::Request:
      return {{pipeline.name + " #", path("github.event.pull_request.number")}};
    case plan::PipelineRole::Delivery: return {{pipeline.name + " of ", path("github.sha")}};
    case plan::PipelineRole::Drift:
    case plan::PipelineRole::Written: break;
  }
  return {};
}

bool same(const Named<Text>& a, const Named<Text>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first.value == y.first.value && encode_value(x.second).text == encode_value(y.second).text;
  });
}

/// What every job has in its environment stands once, above them.
void share_environment(Workflow& workflow) {
  if (workflow.jobs.size() < 2) return;
  const Named<Text>& first = workflow.jobs.front().second.env;
  const bool shared =
      std::ranges::all_of(workflow.jobs, [&](const auto& job) { return same(job.second.env, first); });
  if (!shared) return;
  workflow.env = first;
  for (auto& [id, job] : workflow.jobs) job.env.clear();
}

/// Makes the workflow of a pipeline, and one for each turn that it calls.
class Maker {
 public:
  Maker(const Shaping& shaping, const plan::Pipeline& pipeline)
      : shaping_(shaping),
        pipeline_(pipeline),
        events_(pipeline, shaping.project(), shaping.facts()),
        layout_(layout(shaping, pipeline, events_)),
        starts_(starts(layout_, events_)) {}

  void add_to(Tree& tree) {
    claim(shaping_, layout_);
    tree.workflows.emplace_back(workflow_file(pipeline_.name), main());
    for (std::size_t turn = 0; turn < layout_.turns.size(); ++turn)
      tree.workflows.emplace_back(workflow_file(layout_.turns[turn].file), called(turn));
    report_pipeline(shaping_, pipeline_, events_);
  }

 private:
  Workflow main() {
    Workflow made;
    made.name = pipeline_.name;
    made.run_name = run_name(pipeline_);
    made.on = triggers(shaping_, pipeline_);
    made.permissions.emplace();
    made.concurrency = concurrency(pipeline_);
    made.defaults = defaults();
    if (!pipeline_.purpose.empty()) made.comment = {pipeline_.purpose};
    std::vector<bool> called(layout_.turns.size());
    for (std::size_t i = 0; i < layout_.units.size(); ++i) {
      const Unit& unit = layout_.units[i];
      if (!unit.turn) {
        put(made.jobs, unit.id, job(shaping_, layout_, events_, unit, std::move(starts_.units[i])));
      } else if (!called[*unit.turn]) {
        called[*unit.turn] = true;
        put(made.jobs, layout_.turns[*unit.turn].caller,
            caller(shaping_, layout_, *unit.turn, std::move(starts_.turns[*unit.turn])));
      }
    }
    return made;
  }

  Workflow called(std::size_t turn) {
    const std::string& environment = shaping_.name(layout_.turns[turn].environment);
    Workflow made;
    made.name = layout_.turns[turn].file;
    made.on.workflow_call.emplace();
    made.permissions.emplace();
    made.defaults = defaults();
    made.comment = comment(environment);
    for (std::size_t i = 0; i < layout_.units.size(); ++i) {
      const Unit& unit = layout_.units[i];
      if (unit.turn != turn) continue;
      put(made.jobs, unit.id, job(shaping_, layout_, events_, unit, std::move(starts_.units[i])));
    }
    for (const auto& [name, secret] : caller(shaping_, layout_, turn, {}).secrets)
      put(made.on.workflow_call->secrets, name.value, CallSecret{true, {}});
    share_environment(made);
    return made;
  }

  std::vector<std::string> comment(const std::string& environment) const {
    if (pipeline_.role != plan::PipelineRole::Delivery)
      return {fmt::format("The jobs of {} in {}, in one turn.", pipeline_.name, environment)};
    return {fmt::format("The delivery to {}: its layers in order, each planned after the one below was "
                        "applied, judged, and applied from that",
                        environment),
            "saved plan, after approval where the environment asks for one. An empty plan skips its apply "
            "job: nobody approves nothing."};
  }

  const Shaping& shaping_;
  const plan::Pipeline& pipeline_;
  Events events_;
  Layout layout_;
  Starts starts_;
};

}  // namespace

std::string workflow_file(const std::string& name) { return fmt::format(".github/workflows/{}.yml", name); }

void add_workflows(const Shaping& shaping, const plan::Pipeline& pipeline, Tree& tree) {
  Maker(shaping, pipeline).add_to(tree);
}

}  // namespace penstock::targets::github
