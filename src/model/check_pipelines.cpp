// Pipelines that the author wrote: triggers, jobs, steps, artifacts.
#include <algorithm>

#include "base/text.h"
#include "model/building.h"
#include "model/graph.h"
#include "model/values.h"

namespace penstock::model {
namespace {

PENSTOCK_MESSAGE(ReservedName, "`{}` is the name of a pipeline that penstock makes itself", std::string);
PENSTOCK_MESSAGE(NothingToDo, "{} without {}", std::string, std::string);
PENSTOCK_MESSAGE(DuplicateName, "`{}` is {} twice", std::string, std::string);
PENSTOCK_MESSAGE(ArtifactNotNeeded, "`{}` does not come from a job that this one needs", std::string);

constexpr std::array<std::string_view, 3> kDerived = {"request", "delivery", "drift"};
constexpr std::array<std::string_view, 2> kShells = {"sh", "bash"};
constexpr std::chrono::minutes kDefaultTimeout{30};

using WrittenJobs = Named<syntax::Job>;

std::optional<Trigger> trigger(EventKind kind, Span span, const std::vector<Name>& branches,
                               const std::vector<Name>& paths, diag::Sink& sink) {
  Trigger result;
  result.kind = kind;
  result.span = span;
  result.branches = globs(branches, sink);
  result.paths = globs(paths, sink);
  return result;
}

std::vector<Trigger> triggers(const Located<syntax::Triggers>& written, diag::Sink& sink) {
  std::vector<Trigger> all;
  const syntax::Triggers& on = written.value;
  if (on.push)
    all.push_back(
        *trigger(EventKind::Push, on.push->span, on.push->value.branches, on.push->value.paths, sink));
  if (on.tag) {
    Trigger tag;
    tag.kind = EventKind::Tag;
    tag.span = on.tag->span;
    tag.tags = globs(on.tag->value.names, sink);
    all.push_back(std::move(tag));
  }
  if (on.pull_request) {
    const auto& request = on.pull_request->value;
    all.push_back(
        *trigger(EventKind::PullRequest, on.pull_request->span, request.branches, request.paths, sink));
  }
  for (const auto& one : on.schedule.all) {
    Trigger timed;
    timed.kind = EventKind::Schedule;
    timed.span = one.span;
    timed.schedule = schedule(one.value, one.span, sink);
    if (timed.schedule) all.push_back(std::move(timed));
  }
  if (on.manual) all.push_back({EventKind::Manual, on.manual->span, {}, {}, {}, {}});
  return all;
}

/// One job as it was written, with the defaults around it: those of its pipeline are nearer than those of the project.
class JobReader {
 public:
  JobReader(Building& building, const syntax::Pipeline& pipeline, const Name& name,
            const syntax::Job& written)
      : building_(building), sink_(building.sink), pipeline_(pipeline), name_(name), written_(written) {}

  Job read() {
    Job job;
    job.name = name_.value;
    job.span = name_.span;
    check_name(name_, sink_);
    read_needs(job);
    if (written_.when && !is_empty(*written_.when)) {
      job.when_span = written_.when->node.span;
      job.when = resolve_condition(written_.when->node, building_.sources, sink_);
    }
    read_machine(job);
    read_rights(job);
    if (is_written(written_.environment)) {
      job.environment_span = written_.environment.span;
      if (const auto found =
              find_name(building_.written.environments, "environment", written_.environment, sink_)) {
        job.environment = EnvironmentId{static_cast<std::uint32_t>(*found)};
      }
    }
    read_env(job);
    read_steps(job);
    return job;
  }

 private:
  const Name& nearest_of(const Name& own, Name syntax::Defaults::*member) const {
    if (is_written(own)) return own;
    const Name& near = pipeline_.defaults.*member;
    return is_written(near) ? near : building_.written.defaults.*member;
  }

  void read_needs(Job& job) {
    for (const Name& need : written_.needs) {
      const auto found = find_name(pipeline_.jobs, "job", need, sink_);
      if (!found) continue;
      const JobId id{static_cast<std::uint32_t>(*found)};
      if (std::ranges::find(job.needs, id) != job.needs.end()) {
        diag::report(sink_, need.span, kDuplicateName, need.value, "needed");
      } else {
        job.needs.push_back(id);
      }
    }
  }

  void read_machine(Job& job) {
    const Name& runs_on = nearest_of(written_.runs_on, &syntax::Defaults::runs_on);
    if (is_written(runs_on)) {
      check_catalog(building_, "runs_on", runs_on);
      job.runs_on = runs_on.value;
    } else {
      job.runs_on = "linux";
    }
    job.image = image(written_.image             ? written_.image
                      : pipeline_.defaults.image ? pipeline_.defaults.image
                                                 : building_.written.defaults.image,
                      building_);
    const Name& timeout = nearest_of(written_.timeout, &syntax::Defaults::timeout);
    job.timeout =
        is_written(timeout) ? parse_duration(timeout, sink_).value_or(kDefaultTimeout) : kDefaultTimeout;
  }

  void read_rights(Job& job) {
    const auto& near = written_.permissions             ? written_.permissions
                       : pipeline_.defaults.permissions ? pipeline_.defaults.permissions
                                                        : building_.written.defaults.permissions;
    job.permissions = near ? permissions(*near, sink_) : Permissions{{Permission::Contents, Level::Read}};
    for (const auto& [variable, secret] : written_.secrets) {
      check_variable(variable, sink_);
      if (is_written(secret)) check_secret(secret, sink_);
      job.secrets.emplace_back(variable.value, secret.value);
    }
  }

  Scope scope(const Job& job) const {
    Scope names;
    names.sources = &building_.sources;
    names.facts = names.variables = true;
    names.constants.emplace_back("project.name", building_.project.name);
    if (job.environment) {
      const Environment& environment = building_.project.environments[*job.environment];
      names.constants.emplace_back("environment.name", environment.name);
      names.constants.emplace_back("environment.account", environment.account);
      names.constants.emplace_back("environment.region", environment.region);
      names.constants.emplace_back("environment.tier", std::string(name(environment.tier)));
    }
    return names;
  }

  /// `env` merges, the nearest wins; a name that is a secret too would hide it.
  void read_env(Job& job) {
    const Scope names = scope(job);
    for (const Named<syntax::Scalar>* level :
         {&building_.written.defaults.env, &pipeline_.defaults.env, &written_.env}) {
      for (const auto& [key, value] : *level) check_variable(key, sink_);
      for (auto& [key, text] : texts(*level, names, sink_)) {
        const auto found = std::ranges::find(job.env, key, &std::pair<std::string, Text>::first);
        if (found != job.env.end()) {
          found->second = std::move(text);
        } else {
          job.env.emplace_back(key, std::move(text));
        }
      }
    }
    for (const auto& [key, secret] : written_.secrets) {
      if (std::ranges::find(job.env, key.value, &std::pair<std::string, Text>::first) != job.env.end()) {
        diag::report(sink_, key.span, kDuplicateName, key.value,
                     "set, as a variable and as a secret: it is defined");
      }
    }
  }

  void read_steps(Job& job) {
    if (written_.steps.empty()) {
      if (is_written(name_))
        diag::build(sink_, name_.span, kNothingToDo, "a job", "steps")
            .help("write `steps:` with at least one step")
            .emit();
      return;
    }
    const bool begins_with_checkout = written_.steps.front().checkout.has_value();
    if (!begins_with_checkout) job.steps.push_back({Checkout{}, name_.span});
    for (const syntax::Step& step : written_.steps) read_step(job, step);
    for (const auto& [name, artifact] : written_.artifacts)
      add_upload(job, name, artifact.paths, artifact.keep);
  }

  void read_step(Job& job, const syntax::Step& step) {
    if (step.run) return read_run(job, *step.run, step.span);
    if (step.setup) {
      for (const auto& [tool, version] : step.setup->tools) {
        check_catalog(building_, "setup", tool);
        if (is_written(version)) check_release(version, sink_);
        job.steps.push_back({Setup{tool.value, version.value}, tool.span});
      }
    } else if (step.checkout) {
      const auto& history = step.checkout->history;
      job.steps.push_back({Checkout{history && history->value}, step.span});
    } else if (step.upload) {
      if (is_written(step.upload->artifact))
        add_upload(job, step.upload->artifact, step.upload->paths, step.upload->keep);
    } else if (step.download && is_written(step.download->artifact)) {
      add_download(job, step.download->artifact);
    }
  }

  void read_run(Job& job, const syntax::Run& written, Span span) {
    if (is_empty(written.script)) return;
    if (trimmed(written.script.node.text).empty()) {
      diag::report(sink_, written.script.node.span, kNothingToDo, "a `run`", "a command");
      return;
    }
    const Scope names = scope(job);
    Run run;
    run.name = written.name.value;
    run.shell = static_cast<Shell>(choose(sink_, "shell", written.shell, kShells, 0));
    auto script = resolve_script(written.script.node, names, sink_);
    if (!script) return;
    run.script = std::move(script->text);
    run.env = std::move(script->env);
    for (const auto& [key, value] : written.env) check_variable(key, sink_);
    for (auto& [key, text] : texts(written.env, names, sink_)) run.env.emplace_back(key, std::move(text));
    job.steps.push_back({std::move(run), span});
  }

  void add_upload(Job& job, const Name& name, const std::vector<Name>& paths, const Name& keep) {
    check_name(name, sink_);
    const bool twice = std::ranges::any_of(job.steps, [&](const Step& step) {
      const auto* upload = std::get_if<Upload>(&step.action);
      return upload && upload->artifact == name.value;
    });
    if (twice) diag::report(sink_, name.span, kDuplicateName, name.value, "uploaded");
    Upload upload;
    upload.artifact = name.value;
    for (const Name& path : paths) {
      if (parse_glob(path, sink_)) upload.paths.push_back(path.value);
    }
    if (paths.empty()) diag::report(sink_, name.span, kNothingToDo, "an artifact", "paths");
    if (is_written(keep)) upload.keep = parse_duration(keep, sink_).value_or(upload.keep);
    job.steps.push_back({std::move(upload), name.span});
  }

  /// The nearest job on the road to this one that uploads the artifact: its own, or one it needs, directly or not.
  void add_download(Job& job, const Name& artifact) {
    std::vector<std::size_t> open;
    for (const JobId need : job.needs) open.push_back(need.index);
    std::vector<bool> seen(pipeline_.jobs.size());
    std::vector<std::string_view> known;
    for (std::size_t at = 0; at < open.size(); ++at) {
      if (seen[open[at]]) continue;
      seen[open[at]] = true;
      const syntax::Job& candidate = pipeline_.jobs[open[at]].second;
      for (const std::string_view uploaded : uploads(candidate)) {
        if (uploaded == artifact.value) {
          job.steps.push_back(
              {Download{artifact.value, JobId{static_cast<std::uint32_t>(open[at])}}, artifact.span});
          return;
        }
        known.push_back(uploaded);
      }
      for (const Name& need : candidate.needs) {
        const auto found =
            std::ranges::find(pipeline_.jobs, need.value, [](const auto& one) { return one.first.value; });
        if (found != pipeline_.jobs.end())
          open.push_back(static_cast<std::size_t>(found - pipeline_.jobs.begin()));
      }
    }
    explain_missing(artifact, known);
  }

  static std::vector<std::string_view> uploads(const syntax::Job& job) {
    std::vector<std::string_view> names;
    for (const auto& [name, artifact] : job.artifacts) names.push_back(name.value);
    for (const syntax::Step& step : job.steps) {
      if (step.upload) names.push_back(step.upload->artifact.value);
    }
    return names;
  }

  void explain_missing(const Name& artifact, std::span<const std::string_view> known) {
    for (const auto& [other, job] : pipeline_.jobs) {
      const auto made = uploads(job);
      if (std::ranges::find(made, std::string_view(artifact.value)) == made.end()) continue;
      diag::build(sink_, artifact.span, kArtifactNotNeeded, artifact.value)
          .label(other.span, "this job makes it")
          .help(fmt::format("add `{}` to `needs`", other.value))
          .emit();
      return;
    }
    unknown_name(sink_, "artifact", artifact, known);
  }

  Building& building_;
  diag::Sink& sink_;
  const syntax::Pipeline& pipeline_;
  const Name& name_;
  const syntax::Job& written_;
};

void check_needs(const WrittenJobs& jobs, diag::Sink& sink) {
  std::vector<GraphNode> nodes;
  for (const auto& [name, job] : jobs) {
    GraphNode node{name.value, {}};
    for (const Name& need : job.needs) {
      const auto found = std::ranges::find(jobs, need.value, [](const auto& one) { return one.first.value; });
      if (found != jobs.end()) node.needs.emplace_back(found - jobs.begin(), need.span);
    }
    nodes.push_back(std::move(node));
  }
  check_acyclic(nodes, "needs", sink);
}

}  // namespace

void check_pipelines(Building& building) {
  diag::Sink& sink = building.sink;
  for (const auto& [name, written] : building.written.pipelines) {
    Pipeline pipeline;
    pipeline.name = name.value;
    pipeline.span = name.span;
    check_name(name, sink);
    if (std::ranges::find(kDerived, std::string_view(name.value)) != kDerived.end()) {
      diag::build(sink, name.span, kReservedName, name.value)
          .help("the delivery of stacks makes it: choose another name")
          .emit();
    }
    pipeline.triggers = triggers(written.on, sink);
    if (pipeline.triggers.empty() && is_written({{}, written.on.span}) &&
        written.on.value.schedule.all.empty()) {
      diag::build(sink, name.span, kNothingToDo, "a pipeline", "a trigger")
          .help("write what starts it: `on: { push: { branches: [main] } }`")
          .emit();
    }
    for (const auto& [job_name, job] : written.jobs)
      pipeline.jobs.add(JobReader(building, written, job_name, job).read());
    if (written.jobs.empty()) diag::report(sink, name.span, kNothingToDo, "a pipeline", "jobs");
    check_needs(written.jobs, sink);
    building.project.pipelines.add(std::move(pipeline));
  }
}

}  // namespace penstock::model
