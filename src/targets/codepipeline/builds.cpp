// Build projects: one for each set of rights, image and machine within a pipeline.
#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/text.h"
#include "plan/runtime.h"
#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/names.h"
#include "yaml/writer.h"

namespace penstock::targets::codepipeline {
namespace {

using plan::JobId;

PENSTOCK_MESSAGE(NotExpressible, "CodeBuild has no machine for `{}`", std::string);

/// What a job does, for the name of its project, and one sentence about it.
struct Kind {
  std::string verb;
  std::string purpose;
  std::optional<plan::EnvironmentId> environment;
};

bool has_variables(const model::NamedTexts& texts) {
  return std::ranges::any_of(texts, [](const auto& entry) {
    return std::ranges::any_of(entry.second.parts, [](const auto& part) {
      return std::holds_alternative<model::VariableRef>(part);
    });
  });
}

bool has_facts(const model::Text& text) {
  return std::ranges::any_of(text.parts,
                             [](const auto& part) { return std::holds_alternative<model::FactRef>(part); });
}

const plan::Steps* steps_of(const plan::Job& job) { return std::get_if<plan::Steps>(&job.work); }

/// Whether a job of the author has nothing that another one must not have.
bool is_common(const plan::Job& job) {
  if (job.access || !job.secrets.empty() || job.image || has_variables(job.env)) return false;
  return std::ranges::none_of(steps_of(job)->steps, [](const model::Step& step) {
    const auto* run = std::get_if<model::Run>(&step.action);
    return run != nullptr && has_variables(run->env);
  });
}

Kind steps_kind(const plan::Job& job) {
  if (!is_common(job)) return {job.name, "the job `" + job.name + "`, with rights of its own", std::nullopt};
  std::string name = "jobs";
  if (job.runs_on != "linux") name += "-" + job.runs_on;
  if (job.timeout != std::chrono::minutes(30)) name += fmt::format("-{}m", job.timeout.count());
  return {name, "jobs without rights of their own", std::nullopt};
}

Kind kind_of(const plan::Plan& plan, const Draft& draft, const plan::Job& job) {
  // Where code that nobody has reviewed plans, environments of equal rights share a project; a delivery keeps them apart.
  const auto in = [&](const char* verb, const char* purpose, plan::EnvironmentId environment,
                      const char* but = "") {
    if (draft.source->role != plan::PipelineRole::Delivery && !job.access)
      return Kind{verb, std::string(purpose) + but, std::nullopt};
    return Kind{verb, fmt::format("{} in {}{}", purpose, environment_name(plan, environment), but),
                environment};
  };
  return std::visit(
      Overloaded{
          [&](const plan::Steps&) { return steps_kind(job); },
          [](const plan::SourceGate&) {
            return Kind{"gate", "judges the source; no rights but its artifacts", std::nullopt};
          },
          [&](const plan::PlanStack& work) {
            if (work.speculative)
              return in("plan", "plans and judges unreviewed code", work.environment, "; reads only");
            return in("plan", "plans and judges", work.environment, "; reads only");
          },
          [&](const plan::ApplyStack& work) { return in("apply", "applies saved plans", work.environment); },
          [&](const plan::DetectDrift& work) {
            return in("detect", "looks for drift", work.environment, "; reads only, never applies");
          },
          [](const plan::ReportDrift&) {
            return Kind{"report", "tells about drift; no access to the stacks", std::nullopt};
          },
          [](const plan::DetectChanges&) {
            return Kind{"changes", "compares with the target branch", std::nullopt};
          },
          [&](const plan::Preview& work) {
            return in("plan", "plans and judges", work.environment, "; reads only");
          },
          [](const plan::CommentPlans&) { return Kind{}; },
          [](const plan::RequiredCheck&) { return Kind{}; },
      },
      job.work);
}

void add_once(std::vector<std::string>& all, const std::string& one) {
  if (std::ranges::find(all, one) == all.end()) all.push_back(one);
}

void add_variable(std::vector<BuildVariable>& all, std::string name, Value value) {
  if (std::ranges::find(all, name, &BuildVariable::name) == all.end())
    all.push_back({std::move(name), std::move(value)});
}

/// `vars` that a text reads, each under its own name: scripts and steps put texts together themselves.
void add_variables(std::vector<BuildVariable>& all, const model::Text& text) {
  for (const auto& part : text.parts) {
    if (const auto* variable = std::get_if<model::VariableRef>(&part))
      add_variable(all, variable->name, Ref{parameter_of(variable->name)});
  }
}

std::vector<BuildVariable> variables(const plan::Job& job) {
  std::vector<BuildVariable> all;
  if (job.access) {
    add_variable(all, "PENSTOCK_ROLE_ARN", job.access->role_arn);
    add_variable(all, "PENSTOCK_AWS_REGION", job.access->region);
  }
  if (std::holds_alternative<plan::ReportDrift>(job.work))
    add_variable(all, "PENSTOCK_TOPIC_ARN", Ref{"NoticesTopic"});
  for (const std::string& name : job.variables) add_variable(all, name, Ref{parameter_of(name)});
  for (const auto& [name, text] : job.env) {
    if (!text.is_constant() && !has_facts(text)) add_variable(all, name, value_of(text));
  }
  if (const plan::Steps* work = steps_of(job)) {
    for (const model::Step& step : work->steps) {
      const auto* run = std::get_if<model::Run>(&step.action);
      if (run == nullptr) continue;
      for (const auto& [name, text] : run->env) add_variables(all, text);
    }
  }
  return all;
}

/// The calls that the scripts of a build declare.
std::vector<std::string> calls(const Buildspec& spec) {
  std::vector<std::string_view> commands;
  for (const Phase* phase : {&spec.phases.install, &spec.phases.pre_build, &spec.phases.build}) {
    commands.insert(commands.end(), phase->commands.begin(), phase->commands.end());
  }
  std::vector<std::string> all;
  for (const std::string_view script : plan::called_scripts(commands)) {
    for (const std::string& call : plan::aws_calls(script)) add_once(all, call);
  }
  std::ranges::sort(all);
  return all;
}

class Grouping {
 public:
  Grouping(const plan::Plan& plan, const Context& context) : plan_(plan), context_(context) {}

  void add(const Draft& draft) {
    auto& of = builds_.of.emplace_back(draft.source->jobs.size());
    for (const StageDraft& stage : draft.stages) {
      for (const Placed& placed : stage.jobs) of[placed.job.index] = add(draft, placed.job);
    }
  }
  Builds take() {
    for (std::size_t i = 0; i < builds_.all.size(); ++i) builds_.all[i].buildspec = most_read(i);
    return std::move(builds_);
  }

 private:
  Job add(const Draft& draft, JobId id) {
    const plan::Job& job = draft.job(id);
    auto [name, spec] = buildspec(plan_, draft, id, context_);
    BuildDraft wanted = draft_of(draft, job, spec);
    const std::string path = file(draft, std::move(name), std::move(spec));
    const std::size_t build = project(std::move(wanted), id);
    return {build, path};
  }

  /// What most jobs of a project run stands in the project; the others say what they run instead.
  std::string most_read(std::size_t build) const {
    std::vector<std::pair<std::string, int>> counts;
    for (const std::vector<Job>& jobs : builds_.of) {
      for (const Job& job : jobs) {
        if (job.buildspec.empty() || job.build != build) continue;
        auto known = std::ranges::find(counts, job.buildspec, &std::pair<std::string, int>::first);
        if (known == counts.end()) known = counts.insert(counts.end(), {job.buildspec, 0});
        ++known->second;
      }
    }
    return std::ranges::max_element(counts, {}, &std::pair<std::string, int>::second)->first;
  }

  BuildDraft draft_of(const Draft& draft, const plan::Job& job, const Buildspec& spec) {
    const Kind kind = kind_of(plan_, draft, job);
    BuildDraft build;
    build.pipeline = &draft;
    build.name = fmt::format("{}-{}", draft.name, kind.verb);
    build.logical = draft.logical + pascal(kind.verb);
    if (kind.environment) {
      build.name += "-" + environment_name(plan_, *kind.environment);
      build.logical += pascal(environment_name(plan_, *kind.environment));
    }
    build.purpose = kind.purpose;
    build.minutes =
        std::clamp<long>(job.timeout.count(), limit("build_minutes_least"), limit("build_minutes_most"));
    build.reports = !spec.reports.empty();
    build.variables = variables(job);
    build.calls = calls(spec);
    if (job.access) build.roles = {job.access->role_arn};
    for (const auto& [variable, secret] : job.secrets)
      add_once(build.secrets, fmt::format("{}/{}", plan_.project->name, secret));
    set_machine(build, job);
    return build;
  }

  void set_machine(BuildDraft& build, const plan::Job& job) {
    const std::string path = fmt::format("runs_on.{}.codepipeline", job.runs_on);
    build.type = context_.catalog->get(path + ".type");
    build.compute = context_.catalog->get(path + ".compute");
    if (build.type.empty() || build.compute.empty()) {
      diag::build(*context_.sink, plan::span_of(plan_, job.origin), kNotExpressible, job.runs_on)
          .help("the catalog names a machine for `linux`")
          .emit();
    }
    if (job.image) {
      build.image = value_of(*job.image);
    } else if (steps_of(job) != nullptr || std::holds_alternative<plan::DetectChanges>(job.work)) {
      build.image = std::string(context_.catalog->get(path + ".image"));
      build.own_image = true;
    } else {
      build.image =
          Sub{"${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${ToolsRepository}@${ToolsDigest}"};
      build.tools_image = true;
    }
  }

  long limit(std::string_view name) const { return context_.facts->number(fmt::format("limits.{}", name)); }

  /// The file of a buildspec. The same name with other contents belongs to this pipeline only.
  std::string file(const Draft& draft, std::string name, Buildspec spec) {
    const std::string text = yaml::write(codec::encode(spec));
    for (const std::string& stem :
         {name, fmt::format("{}-{}", draft.source->name, name),
          fmt::format("{}-{}-{}", draft.source->name, name, builds_.buildspecs.size())}) {
      const auto [known, fresh] =
          texts_.try_emplace(fmt::format("codepipeline/buildspecs/{}.yml", stem), text);
      if (fresh) builds_.buildspecs.emplace_back(known->first, std::move(spec));
      if (known->second == text) return known->first;
    }
    PENSTOCK_CHECK(false);
    return {};
  }

  /// Variables are not rights: a project holds those of all its jobs.
  static bool same_rights(const BuildDraft& a, const BuildDraft& b) {
    return a.pipeline == b.pipeline && a.minutes == b.minutes && a.type == b.type && a.compute == b.compute &&
           a.image == b.image && a.roles == b.roles && a.secrets == b.secrets;
  }

  std::size_t project(BuildDraft wanted, JobId id) {
    for (std::size_t i = 0; i < builds_.all.size(); ++i) {
      BuildDraft& known = builds_.all[i];
      if (wishes_[i] != wanted.name || !same_rights(known, wanted)) continue;
      known.reports = known.reports || wanted.reports;
      for (const std::string& call : wanted.calls) add_once(known.calls, call);
      for (BuildVariable& variable : wanted.variables)
        add_variable(known.variables, variable.name, variable.value);
      known.jobs.push_back(id);
      return i;
    }
    wishes_.push_back(wanted.name);
    const std::string thing = std::to_string(builds_.all.size());
    wanted.name = bounded(names_.get(wanted.name, thing), static_cast<std::size_t>(limit("role_name")));
    wanted.logical = logical_.get(wanted.logical, thing);
    wanted.jobs = {id};
    builds_.all.push_back(std::move(wanted));
    return builds_.all.size() - 1;
  }

  const plan::Plan& plan_;
  const Context& context_;
  Builds builds_;
  std::map<std::string, std::string> texts_;  // of the buildspecs, by path
  std::vector<std::string> wishes_;           // by project
  Names names_{"-"};
  Names logical_;
};

}  // namespace

std::string parameter_of(std::string_view variable) {
  std::string words(variable);
  for (char& c : words) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return "Var" + pascal(words);
}

Value value_of(const model::Text& text) {
  if (text.is_constant()) return text.constant();
  if (text.parts.size() == 1) return Ref{parameter_of(std::get<model::VariableRef>(text.parts.front()).name)};
  std::string out;
  for (const auto& part : text.parts) {
    if (const auto* literal = std::get_if<std::string>(&part)) out += replaced(*literal, "${", "${!");
    if (const auto* variable = std::get_if<model::VariableRef>(&part))
      out += fmt::format("${{{}}}", parameter_of(variable->name));
  }
  return Sub{out};
}

Builds builds(const plan::Plan& plan, const std::vector<Draft>& drafts, const Context& context) {
  Grouping grouping(plan, context);
  for (const Draft& draft : drafts) grouping.add(draft);
  return grouping.take();
}

}  // namespace penstock::targets::codepipeline
