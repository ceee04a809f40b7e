// What each pipeline has of its own: builds with their roles and logs, the pipeline, its schedules, its notifications. Rights are
// derived: from the artifacts, the source, the scripts' declarations of the calls they make; never listed by hand.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"
#include "targets/codepipeline/cron.h"
#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/names.h"
#include "targets/codepipeline/policy.h"

namespace penstock::targets::codepipeline {
namespace {

/// A role that one service may take, for this account's own resources. (Whether CodePipeline says whose they are is not documented.)
Role role(std::string name, const std::string& service, bool says_account,
          std::vector<Statement> statements) {
  Role made;
  made.name = std::move(name);
  Statement trust;
  trust.principal.service = service + ".amazonaws.com";
  trust.action = "sts:AssumeRole";
  if (says_account)
    trust.condition = condition("StringEquals", {{"aws:SourceAccount", Value(Ref{"AWS::AccountId"})}});
  made.trust.statement = {std::move(trust)};
  InlinePolicy own;
  own.document.statement = std::move(statements);
  made.policies = {std::move(own)};
  return made;
}

Statement artifacts(const Draft& draft) {
  return allow("Artifacts", {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"},
               Sub{fmt::format("${{ArtifactBucket.Arn}}/{}*", draft.prefix)});
}

// --- rights from declared calls

/// On what a call of a script is allowed. Calls with the same subject share a statement.
struct Subject {
  std::string_view call;
  std::string_view sid;
};
constexpr std::array kSubjects = {
    Subject{"codepipeline:ListPipelineExecutions", "Turn"},
    Subject{"sns:Publish", "Publish"},
    Subject{"ssm:CreateOpsItem", "OpsItems"},
    Subject{"ssm:UpdateOpsItem", "OpsItems"},
    Subject{"ssm:DescribeOpsItems", "FindOpsItems"},
    Subject{"sts:AssumeRole", "Identity"},
};

OneOrMore<Value> subject(std::string_view sid, const BuildDraft& build) {
  if (sid == "Turn") return Value(arn("codepipeline", build.pipeline->name));
  if (sid == "Publish") return Value(Ref{"NoticesTopic"});
  if (sid == "OpsItems") return Value(arn("ssm", "opsitem/*"));
  if (sid == "Identity") return std::vector<Value>(build.roles.begin(), build.roles.end());
  return Value("*");  // ssm:DescribeOpsItems has no resource-level form
}

void add_calls(std::vector<Statement>& statements, const BuildDraft& build) {
  for (const Subject& known : kSubjects) {
    if (std::ranges::find(build.calls, known.call) == build.calls.end()) continue;
    if (!statements.empty() && statements.back().sid == known.sid) {
      statements.back().action.all.emplace_back(known.call);
    } else {
      statements.push_back(allow(std::string(known.sid), std::string(known.call), subject(known.sid, build)));
    }
  }
  for (const std::string& call :
       build.calls) {  // a script that calls something new must be given a subject here
    PENSTOCK_CHECK(std::ranges::find(kSubjects, std::string_view(call), &Subject::call) != kSubjects.end());
  }
}

/// The ECR repository of an image, if it is in one: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools@sha256:…`.
std::optional<Value> registry(const Value& image) {
  const auto* text = std::get_if<std::string>(&image.of);
  if (text == nullptr) return std::nullopt;
  const auto slash = text->find('/');
  const auto parts = split(std::string_view(*text).substr(0, slash), '.');
  if (slash == std::string::npos || parts.size() < 6 || parts[1] != "dkr" || parts[2] != "ecr")
    return std::nullopt;
  const std::string repository = text->substr(slash + 1, text->find_first_of("@:", slash) - slash - 1);
  return Sub{fmt::format("arn:${{AWS::Partition}}:ecr:{}:{}:repository/{}", parts[3], parts[0], repository)};
}

std::vector<Statement> rights(const BuildDraft& build) {
  std::vector<Statement> all = {
      allow("Logs", {"logs:CreateLogStream", "logs:PutLogEvents"}, GetAtt{build.logical + "Logs", "Arn"}),
      artifacts(*build.pipeline)};
  if (build.reports) {
    all.push_back(allow("Reports",
                        {"codebuild:CreateReportGroup", "codebuild:CreateReport", "codebuild:UpdateReport",
                         "codebuild:BatchPutTestCases"},
                        arn("codebuild", fmt::format("report-group/{}-*", build.name))));
  }
  if (const auto repository = build.tools_image ? std::nullopt : registry(build.image)) {
    all.push_back(
        allow("Image", {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"},
              *repository));
    all.push_back(allow("ImageToken", "ecr:GetAuthorizationToken", "*"));
  }
  if (!build.secrets.empty()) {
    std::vector<Value> secrets;  // six characters of Secrets Manager's own end the name
    for (const std::string& secret : build.secrets)
      secrets.emplace_back(arn("secretsmanager", fmt::format("secret:{}-??????", secret)));
    all.push_back(allow("Secrets", "secretsmanager:GetSecretValue", std::move(secrets)));
  }
  add_calls(all, build);
  return all;
}

// --- builds

Project project(const BuildDraft& build) {
  Project made;
  made.name = build.name;
  made.description = fmt::format("{}: {}", build.pipeline->source->name, build.purpose);
  made.role = GetAtt{build.logical + "Role", "Arn"};
  made.key = GetAtt{"ArtifactKey", "Arn"};
  made.timeout = build.minutes;
  made.source.buildspec = build.buildspec;
  made.environment.type = build.type;
  made.environment.compute = build.compute;
  made.environment.image = build.image;
  made.environment.credentials = build.own_image ? "CODEBUILD" : "SERVICE_ROLE";
  made.environment.variables = build.variables;
  made.logs.logs.group = Ref{build.logical + "Logs"};
  return made;
}

void add_build(Template& stack, const BuildDraft& build) {
  add(stack, build.logical + "Logs",
      LogGroup{"/aws/codebuild/" + build.name, 365, GetAtt{"ArtifactKey", "Arn", true}}, true);
  Role made = role(build.name, "codebuild", true, rights(build));
  made.managed = {Ref{"BuildPolicy"}};
  if (build.tools_image) made.managed.emplace_back(Ref{"ToolsPolicy"});
  if (build.pipeline->clones) made.managed.emplace_back(Ref{"ClonePolicy"});
  add(stack, build.logical + "Role", std::move(made));
  add(stack, build.logical + "Project", project(build));
}

// --- pipelines

bool asks(const Draft& draft) {
  return std::ranges::any_of(draft.source->jobs,
                             [](const plan::Job& job) { return job.approval.has_value(); });
}

void add_role(Template& stack, const Builds& builds, const Draft& draft, const Context& context) {
  std::vector<Value> projects;
  for (const BuildDraft& build : builds.all) {
    if (build.pipeline == &draft) projects.emplace_back(GetAtt{build.logical + "Project", "Arn"});
  }
  std::vector<Statement> rights = {
      artifacts(draft),
      allow("Builds", {"codebuild:StartBuild", "codebuild:BatchGetBuilds"}, std::move(projects))};
  if (asks(draft)) rights.push_back(allow("Approval", "sns:Publish", Ref{"ApprovalTopic"}));
  Role made = role(bounded(draft.name + "-pipeline", limit(context, "role_name")), "codepipeline", false,
                   std::move(rights));
  made.managed = {Ref{"PipelinePolicy"}};
  add(stack, draft.logical + "PipelineRole", std::move(made));
}

Value pipeline_arn(const Draft& draft) {
  return arn("codepipeline", fmt::format("${{{}Pipeline}}", draft.logical));
}

}  // namespace

void add_builds(Template& stack, const plan::Plan&, const Builds& builds, const Draft& draft) {
  for (const BuildDraft& build : builds.all) {
    if (build.pipeline == &draft) add_build(stack, build);
  }
}

void add_pipeline(Template& stack, const plan::Plan& plan, const Builds& builds, const Draft& draft,
                  std::size_t index, const Context& context) {
  add_role(stack, builds, draft, context);
  Pipeline made;
  made.name = draft.name;
  made.mode = draft.event == model::EventKind::PullRequest ? "PARALLEL" : "QUEUED";
  made.role = GetAtt{draft.logical + "PipelineRole", "Arn"};
  made.store.location = Ref{"ArtifactBucket"};
  made.store.key.id = GetAtt{"ArtifactKey", "Arn"};
  if (draft.event == model::EventKind::Manual) {
    made.variables = {
        {"REASON",
         "why it was started; without a default, so that nothing but a person starts this pipeline"}};
  }
  made.triggers = triggers(draft, context);
  made.stages = stages(plan, draft, builds, index, context);
  add(stack, draft.logical + "Pipeline", std::move(made));
}

void add_schedules(Template& stack, const Draft& draft, const Context& context) {
  if (draft.event != model::EventKind::Schedule) return;
  const std::string id = draft.logical + "ScheduleRole";
  add(stack, id,
      role(bounded(draft.name + "-schedule", limit(context, "role_name")), "scheduler", true,
           {allow("Start", "codepipeline:StartPipelineExecution", pipeline_arn(draft)),
            allow("Key", "kms:Decrypt", GetAtt{"ArtifactKey", "Arn"})}));
  std::size_t number = 0;
  for (const model::Trigger& trigger : draft.source->triggers) {
    for (const std::string& expression : schedule_expressions(trigger.schedule->cron)) {
      const std::string suffix = ++number == 1 ? "" : std::to_string(number);
      Schedule made;
      made.name =
          bounded(suffix.empty() ? draft.name : draft.name + "-" + suffix, limit(context, "schedule_name"));
      made.description = fmt::format("{} {}", trigger.schedule->cron.text, trigger.schedule->timezone);
      made.expression = expression;
      made.timezone = trigger.schedule->timezone;
      made.key = GetAtt{"ArtifactKey", "Arn"};
      made.target.arn = pipeline_arn(draft);
      made.target.role = GetAtt{id, "Arn"};
      add(stack, draft.logical + "Schedule" + suffix, std::move(made));
    }
  }
}

void add_failures(Template& stack, const Draft& draft, const Context& context) {
  if (draft.event == model::EventKind::PullRequest) return;  // a request that fails is its author's news
  NotificationRule made;
  made.name = bounded(draft.name + "-failures", limit(context, "rule_name"));
  made.resource = pipeline_arn(draft);
  made.events = {"codepipeline-pipeline-pipeline-execution-failed"};
  made.targets = {{"SNS", Ref{"NoticesTopic"}}};
  add(stack, draft.logical + "Failures", std::move(made));
}

}  // namespace penstock::targets::codepipeline
