// What the fidelity report says of this target, and the checklist of what must be set up outside the files.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "cel/ast.h"
#include "targets/codepipeline/cron.h"
#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/names.h"

namespace penstock::targets::codepipeline {
namespace {

using model::EventKind;
using plan::JobId;

const std::string kName = "codepipeline";

class Reporting {
 public:
  Reporting(const plan::Plan& plan, const std::vector<Draft>& drafts, const Builds& builds,
            const Shared& shared, const Context& context)
      : plan_(plan),
        project_(*plan.project),
        drafts_(drafts),
        builds_(builds),
        shared_(shared),
        context_(context),
        report_(*context.report) {}

  void all() {
    environments();
    nouns();
    for (const Draft& draft : drafts_) pipeline(draft);
    checklist();
  }

 private:
  void exact(std::string construct, Span span) { report_.exact(kName, std::move(construct), span); }
  void after_setup(std::string construct, Span span, std::string how) {
    report_.after_setup(kName, std::move(construct), span, std::move(how));
  }
  void approximated(std::string construct, Span span, std::string how) {
    report_.approximated(kName, std::move(construct), span, std::move(how));
  }
  void setup(std::string title, std::vector<std::string> values) {
    report_.setup(kName, std::move(title), std::move(values));
  }

  // --- environments

  std::string approver_policy(const std::string& environment) const {
    return bounded(fmt::format("{}-approve-{}", project_.name, environment), limit(context_, "policy_name"));
  }

  void environments() {
    for (const model::Environment& environment : project_.environments) {
      const std::string path = "environments." + environment.name;
      exact(path, environment.span);
      if (!environment.after.empty()) exact(path + ".after", environment.span);
      if (!environment.branches.empty()) exact(path + ".branches", environment.span);
      if (environment.approvals) {
        approvals(path + ".approvals", environment);
        if (std::ranges::count_if(project_.stacks, [&](const model::Stack& stack) {
              return std::ranges::find(stack.placements, environment.name,
                                       [&](const model::Placement& placement) {
                                         return project_.environments[placement.environment].name;
                                       }) != stack.placements.end();
            }) > 1)
          approximated(path, environment.span,
                       "a run holds the turn layer by layer: while it waits in a higher layer, a newer one "
                       "may deliver a "
                       "lower one; a plan that this makes stale is refused");
      } else if (!project_.stacks.empty()) {
        approximated(path, environment.span,
                     "an apply with an empty plan runs and does nothing; it is not shown as skipped");
      }
    }
  }

  void approvals(const std::string& path, const model::Environment& environment) {
    const model::Approvals& approvals = *environment.approvals;
    const std::string policy = approver_policy(environment.name);
    after_setup(path, approvals.span, fmt::format("whoever holds the policy `{}` may approve", policy));
    if (approvals.count > 1)
      approximated(path + ".count", approvals.span,
                   fmt::format("{} approvals, one after the other; nothing keeps one person from giving all",
                               approvals.count));
    if (!approvals.from.empty()) {
      approximated(
          path + ".from", approvals.from_span,
          fmt::format(
              "CodePipeline knows no reviewers: whoever holds the policy `{}` may approve; attach it to {}",
              policy, join(approvals.from, ", ")));
    }
    if (!approvals.self)
      approximated(path + ".self", approvals.self_span,
                   "CodePipeline cannot tell the approver from the author: nobody stops an author who holds "
                   "the policy");
  }

  // --- stacks, gates, delivery, drift

  void nouns() {
    for (const model::Identity& identity : project_.identities) {
      after_setup("identities." + identity.name, identity.span,
                  "the roles must trust the roles of these builds");
    }
    for (const model::Stack& stack : project_.stacks)
      after_setup("stacks." + stack.name, stack.span, "the image of the builds must hold its tool");
    for (const model::Gate& gate : project_.gates) exact("gates." + gate.name, gate.span);
    if (!project_.stacks.empty()) delivery(project_.delivery ? *project_.delivery : unsaid());
    if (project_.drift) drift(*project_.drift);
  }

  /// What is delivered without a word about it.
  model::Delivery unsaid() const {
    model::Delivery delivery;
    delivery.span = delivery.comment_span = delivery.keep_span = project_.stacks.begin()->span;
    return delivery;
  }

  void delivery(const model::Delivery& delivery) {
    if (delivery.comment) {
      approximated("delivery.plan.comment", delivery.comment_span,
                   "no comment on the pull request: the summary is an artifact of the build, the gates are a "
                   "report of CodeBuild");
    }
    if (std::chrono::ceil<std::chrono::days>(delivery.keep).count() == shared_.keep_days) {
      exact("delivery.plan.keep", delivery.keep_span);
    } else {
      approximated(
          "delivery.plan.keep", delivery.keep_span,
          fmt::format("kept {} days: one lifecycle for the bucket, and a plan must outlive its approval",
                      shared_.keep_days));
    }
    exact("delivery.apply", delivery.span);
  }

  void drift(const model::Drift& drift) {
    if (drift.issue) {
      approximated(
          "drift.report", drift.report_span,
          fmt::format("an OpsItem in OpsCenter for each stack and environment, and a message to `{}-notices`",
                      project_.name));
    }
  }

  // --- pipelines

  std::string written_name(const Draft& draft) const {
    const Span span = plan::span_of(plan_, draft.source->origin);
    const auto found = std::ranges::find(project_.pipelines, span, &model::Pipeline::span);
    return found == project_.pipelines.end() ? draft.source->name : found->name;
  }

  std::string trigger_path(const Draft& draft, EventKind kind) const {
    switch (draft.source->role) {
      case plan::PipelineRole::Written:
        return fmt::format("pipelines.{}.on.{}", written_name(draft), model::name(kind));
      case plan::PipelineRole::Request: return "delivery.plan";
      case plan::PipelineRole::Delivery: return "delivery";
      case plan::PipelineRole::Drift: return "drift.schedule";
    }
    return {};
  }

  void pipeline(const Draft& draft) {
    for (const model::Trigger& trigger : draft.source->triggers) triggered(draft, trigger);
    for (const StageDraft& stage : draft.stages) {
      for (const Placed& placed : stage.jobs) {
        ordered(draft, placed.job);
        const plan::Job& job = draft.job(placed.job);
        if (const auto* work = std::get_if<plan::Steps>(&job.work)) steps(draft, job, *work);
      }
    }
  }

  void triggered(const Draft& draft, const model::Trigger& trigger) {
    const std::string path = trigger_path(draft, trigger.kind);
    if (trigger.kind == EventKind::PullRequest) {
      approximated(path, trigger.span,
                   "no status on the commit, so it cannot be a required check; the head of the request is "
                   "built, not its merge");
      const bool secret = std::ranges::any_of(draft.source->jobs, &plan::Job::excludes_forks);
      if (secret)
        approximated(path, trigger.span,
                     "a request from a fork cannot be told from others: keep forks from this repository, or "
                     "give requests no rights");
    }
    if (trigger.kind == EventKind::Push && !trigger.paths.empty()) {
      approximated(
          path + ".paths", trigger.span,
          "the first push of a new branch starts nothing: there is no commit before it to compare with");
    }
    if (trigger.schedule && schedule_expressions(trigger.schedule->cron).size() > 1) {
      approximated(path, trigger.span,
                   "day and weekday are alternatives: two schedules, and both fire on a day that both match");
    }
    exact(path, trigger.span);
  }

  /// What runs before a job without being needed, directly or not.
  std::vector<std::string> unneeded(const Draft& draft, JobId id) const {
    std::set<JobId> needed;
    std::vector<JobId> open = draft.job(id).needs;
    while (!open.empty()) {
      const JobId next = open.back();
      open.pop_back();
      if (!needed.insert(next).second) continue;
      const auto& more = draft.job(next).needs;
      open.insert(open.end(), more.begin(), more.end());
    }
    std::vector<std::string> names;
    for (const StageDraft& stage : draft.stages) {
      const bool here = &stage == &draft.stage_of(id);
      for (const Placed& other : stage.jobs) {
        const bool before = !here || other.order < draft.placed(id).order;
        if (before && other.job != id && !needed.contains(other.job))
          names.push_back(draft.job(other.job).name);
      }
      if (here) break;
    }
    return names;
  }

  void ordered(const Draft& draft, JobId id) {
    const std::vector<std::string> names = unneeded(draft, id);
    const plan::Job& job = draft.job(id);
    if (names.empty() || std::holds_alternative<plan::ReportDrift>(job.work))
      return;  // detections never fail
    if (draft.source->role == plan::PipelineRole::Written) {
      std::vector<std::string> quoted;
      for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 3); ++i)
        quoted.push_back("`" + names[i] + "`");
      if (names.size() > quoted.size())
        quoted.push_back(fmt::format("{} more", names.size() - quoted.size()));
      approximated(fmt::format("pipelines.{}.jobs.{}.needs", written_name(draft), job.name),
                   plan::span_of(plan_, job.origin),
                   fmt::format("waits also for {}, and does not run when that fails", join(quoted, ", ")));
    } else if (draft.event == EventKind::PullRequest) {
      approximated("delivery.plan", draft.source->triggers.front().span,
                   "plans wait for the gates on the source, and beyond five of them for each other; they are "
                   "not made when those fail");
    } else if (draft.source->role == plan::PipelineRole::Delivery) {
      approximated(
          "delivery.apply", draft.source->triggers.front().span,
          "stacks that do not need each other wait for each other, and are not delivered when one fails");
    }
  }

  // --- jobs of the author

  void steps(const Draft& draft, const plan::Job& job, const plan::Steps& work) {
    const std::string path = fmt::format("pipelines.{}.jobs.{}", written_name(draft), job.name);
    const Span span = plan::span_of(plan_, job.origin);
    exact(path, span);
    condition(path + ".when", draft, job);
    if (job.timeout.count() < static_cast<long>(limit(context_, "build_minutes_least")))
      approximated(path + ".timeout", span, "five minutes, the shortest there is");
    if (job.timeout.count() > static_cast<long>(limit(context_, "build_minutes_most")))
      approximated(path + ".timeout", span, "36 hours, the longest there is");
    for (const auto& [permission, level] : job.permissions) {
      const bool has = permission == model::Permission::IdToken ||
                       (permission == model::Permission::Contents && level == model::Level::Read);
      if (!has) {
        approximated(fmt::format("{}.permissions.{}", path, model::name(permission)), span,
                     "a build has no token of the repository's host: a script that needs one must bring it "
                     "as a secret");
      }
    }
    if (job.environment) {
      approximated(
          path + ".environment", span,
          "its turn is the stage of this pipeline: other pipelines that deploy there do not wait for it");
    }
    image(path + ".image", job, span);
    if (!job.secrets.empty()) {
      Texts names;
      for (const auto& [variable, secret] : job.secrets)
        names.push_back(fmt::format("{}/{}", project_.name, secret));
      after_setup(path + ".secrets", span, "secrets of Secrets Manager: " + join(names, ", "));
      setup("Secrets of Secrets Manager", names);
    }
    artifacts(path, work, span);
  }

  void condition(const std::string& path, const Draft& draft, const plan::Job& job) {
    const model::Job* written = written_job(draft, job);
    if (written == nullptr || !written->when) return;
    int asked = 0;
    cel::for_each(*written->when, [&](const cel::Expr& expr) {
      const auto* call = std::get_if<cel::Call>(&expr.node);
      asked += call != nullptr && call->function == "changed" ? 1 : 0;
    });
    // One test that all jobs have may have become the trigger's: then the trigger has paths that the author did not give it.
    const bool moved =
        std::ranges::any_of(draft.source->triggers,
                            [](const model::Trigger& trigger) { return !trigger.paths.empty(); }) &&
        !written_paths(draft);
    if (draft.event == EventKind::Push && asked > (moved ? 1 : 0)) {
      approximated(path, written->when_span,
                   "on a push the commit before it is not known, so everything counts as changed");
    }
    exact(path, written->when_span);
  }

  bool written_paths(const Draft& draft) const {
    const auto pipeline = std::ranges::find(project_.pipelines, written_name(draft), &model::Pipeline::name);
    return std::ranges::any_of(pipeline->triggers, [](const model::Trigger& trigger) {
      return trigger.kind == EventKind::Push && !trigger.paths.empty();
    });
  }

  const model::Job* written_job(const Draft& draft, const plan::Job& job) const {
    const std::string name = written_name(draft);
    const auto pipeline = std::ranges::find(project_.pipelines, name, &model::Pipeline::name);
    if (pipeline == project_.pipelines.end()) return nullptr;
    const auto found = std::ranges::find(pipeline->jobs, job.name, &model::Job::name);
    return found == pipeline->jobs.end() ? nullptr : &*found;
  }

  void image(const std::string& path, const plan::Job& job, Span span) {
    if (!job.image) return;
    if (job.image->is_constant() && job.image->constant().find("@sha256:") == std::string::npos) {
      after_setup(path, span,
                  fmt::format("the image `{}` is named by a version; its digest comes with `penstock lock`",
                              job.image->constant()));
    } else {
      exact(path, span);
    }
  }

  void artifacts(const std::string& path, const plan::Steps& work, Span span) {
    bool later = false;
    for (auto step = work.steps.rbegin(); step != work.steps.rend(); ++step) {
      const auto* upload = std::get_if<model::Upload>(&step->action);
      later = later || std::holds_alternative<model::Run>(step->action);
      if (upload == nullptr) continue;
      const std::string name = fmt::format("{}.artifacts.{}", path, upload->artifact);
      if (later)
        approximated(name, step->span, "kept as it is when the build ends, not at the step that says so");
      if (std::chrono::ceil<std::chrono::days>(upload->keep).count() != shared_.keep_days) {
        approximated(name + ".keep", span,
                     fmt::format("kept {} days: one lifecycle for the bucket", shared_.keep_days));
      }
      exact(name, step->span);
    }
  }

  // --- the checklist

  void checklist() {
    setup("Connection to the repository's host",
          {fmt::format("ARN: {}", context_.settings->get("connection")),
           "a person finishes its handshake in the console: Developer Tools, Settings, Connections",
           fmt::format("repository: {}", project_.github.empty() ? project_.gitlab : project_.github)});
    if (shared_.tools) setup("Image of the builds, in ECR by digest", tools());
    setup("Bucket for S3 access logs",
          {"parameter `AccessLogBucket`: a bucket of the account that takes access logs"});
    for (const std::string& name : shared_.variables)
      setup("Variables of the project",
            {fmt::format("parameter `{}`: what the model calls `vars.{}`", parameter_of(name), name)});
    deploy();
    people();
    trust();
  }

  std::vector<std::string> tools() const {
    std::vector<std::string> values = {fmt::format("repository: {}-tools", project_.name),
                                       "parameter `ToolsDigest`: sha256:…, as ECR shows it after the push",
                                       "it holds sh, git, jq and the AWS command line"};
    const auto add = [&](const std::string& value) {
      if (std::ranges::find(values, value) == values.end()) values.push_back(value);
    };
    for (const model::Stack& stack : project_.stacks)
      add(fmt::format("{} {}", model::name(stack.tool), stack.version));
    for (const model::Gate& gate : project_.gates) {
      const std::string tool = gate.tool == model::GateTool::Conftest ? "conftest" : "gitleaks";
      add(fmt::format("{} {}", tool, context_.catalog->get(fmt::format("tools.{}.version", tool))));
    }
    return values;
  }

  void deploy() {
    std::string parameters;
    if (shared_.tools) parameters += " ToolsDigest=$DIGEST";
    parameters += " AccessLogBucket=$LOGS";
    for (const std::string& name : shared_.variables)
      parameters += fmt::format(" {}=$VALUE", parameter_of(name));
    std::vector<std::string> values = {
        fmt::format(
            "aws cloudformation deploy --stack-name {0} --template-file codepipeline/{0}.template.yaml "
            "--s3-bucket $TEMPLATES --capabilities CAPABILITY_NAMED_IAM "
            "--parameter-overrides{1}",
            project_.name, parameters),
        "`--s3-bucket`: a template of more than 51,200 bytes is not taken inline",
        "CodePipeline starts every pipeline once when it is made"};
    for (const Draft& draft : drafts_) {
      if (draft.event == EventKind::Manual)
        values.push_back(fmt::format(
            "by hand: aws codepipeline start-pipeline-execution --name {} --variables name=REASON,value=…",
            draft.name));
    }
    setup("Deployment of the stack", std::move(values));
  }

  void people() {
    std::vector<std::string> topics = {fmt::format("topic `{}-notices`: the owners", project_.name)};
    if (shared_.approvals)
      topics.insert(topics.begin(), fmt::format("topic `{}-approvals`: the approvers", project_.name));
    setup("Subscriptions", std::move(topics));
    for (const model::Environment& environment : project_.environments) {
      if (!environment.approvals) continue;
      const Texts& from = environment.approvals->from;
      setup(fmt::format("Environment `{}`: who approves", environment.name),
            {fmt::format("policy: arn:aws:iam::{}:policy/{}", context_.settings->get("account"),
                         approver_policy(environment.name)),
             fmt::format("attach it to: {}", from.empty() ? "those who may approve" : join(from, ", "))});
    }
  }

  /// The roles in the target accounts trust exactly the roles of the builds that take them.
  void trust() {
    for (const BuildDraft& build : builds_.all) {
      for (const std::string& role : build.roles) {
        setup(fmt::format("Trust policy of the role `{}`", role),
              {"action: sts:AssumeRole", fmt::format("principal: arn:aws:iam::{}:role/{}",
                                                     context_.settings->get("account"), build.name)});
      }
    }
  }

  const plan::Plan& plan_;
  const model::Project& project_;
  const std::vector<Draft>& drafts_;
  const Builds& builds_;
  const Shared& shared_;
  const Context& context_;
  plan::Report& report_;
};

}  // namespace

void report(const plan::Plan& plan, const std::vector<Draft>& drafts, const Builds& builds,
            const Shared& shared, const Context& context) {
  Reporting(plan, drafts, builds, shared, context).all();
}

}  // namespace penstock::targets::codepipeline
