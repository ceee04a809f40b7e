// What the pipelines of a project share: parameters, the store and its key, topics, rights that several roles have.
#include <algorithm>

#include "base/text.h"
#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/names.h"
#include "targets/codepipeline/policy.h"

namespace penstock::targets::codepipeline {
namespace {

const std::vector<std::string> kKeyUse = {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ReEncrypt*",
                                          "kms:GenerateDataKey*"};

Value full_arn(const char* resource) { return GetAtt{resource, "Arn", true}; }

// --- the store

PolicyDocument key_policy(const std::string& project) {
  Statement account = allow("Account", "kms:*", "*");
  account.principal.aws = Sub{"arn:${AWS::Partition}:iam::${AWS::AccountId}:root"};
  Statement grants;
  grants.sid = "GrantsToServicesOnly";
  grants.effect = "Deny";
  grants.principal.everyone = true;
  grants.action = "kms:CreateGrant";
  grants.resource = "*";
  grants.condition = condition(
      "BoolIfExists", {{"kms:GrantIsForAWSResource", "false"}, {"aws:PrincipalIsAWSService", "false"}});
  Statement logs =
      allow("Logs",
            {"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"}, "*");
  logs.principal.service = Sub{"logs.${AWS::Region}.${AWS::URLSuffix}"};
  logs.condition =
      condition("ArnLike", {{"kms:EncryptionContext:aws:logs:arn",
                             Value(arn("logs", fmt::format("log-group:/aws/codebuild/{}-*", project)))}});
  Statement notices = allow("Notifications", {"kms:GenerateDataKey*", "kms:Decrypt"}, "*");
  notices.principal.service = "codestar-notifications.amazonaws.com";
  notices.condition =
      condition("StringEquals", {{"aws:SourceAccount", Value(Ref{"AWS::AccountId"})},
                                 {"kms:ViaService", Value(Sub{"sns.${AWS::Region}.amazonaws.com"})}});
  return document({account, grants, logs, notices});
}

constexpr std::size_t kAccount = 12, kRegion = 14;  // characters; the longest regions have fourteen

Bucket bucket(const std::string& project, long keep_days, std::size_t longest) {
  Bucket made;
  const std::string suffix = "-${AWS::AccountId}-${AWS::Region}";
  made.name = Sub{bounded(project, longest - kAccount - kRegion - 2) + suffix};
  Encryption encryption;
  encryption.by_default.key = GetAtt{"ArtifactKey", "Arn"};
  made.encryption.all = {encryption};
  made.ownership.rules = {{}};
  made.log = {Ref{"AccessLogBucket"}, project + "/"};
  Lifecycle::Rule forget;
  forget.id = "forget";
  forget.days = keep_days;
  made.lifecycle.rules = {forget};
  return made;
}

PolicyDocument tls_only() {
  Statement deny;
  deny.sid = "TlsOnly";
  deny.effect = "Deny";
  deny.principal.everyone = true;
  deny.action = "s3:*";
  deny.resource = std::vector<Value>{full_arn("ArtifactBucket"),
                                     Join{{GetAtt{"ArtifactBucket", "Arn", true}, std::string("/*")}}};
  deny.condition = condition("Bool", {{"aws:SecureTransport", "false"}});
  return document({deny});
}

// --- people

/// The approvals of an environment, as the ARNs of their actions; a pipeline without any is left out.
struct Asking {
  std::vector<Value> pipelines;
  std::vector<Value> actions;
};

Asking asking(const plan::Plan&, const std::vector<Draft>& drafts, plan::EnvironmentId environment) {
  Asking found;
  for (const Draft& draft : drafts) {
    bool asks = false;
    for (const StageDraft& stage : draft.stages) {
      for (const Placed& placed : stage.jobs) {
        const plan::Job& job = draft.job(placed.job);
        if (!job.approval || job.environment != environment) continue;
        asks = true;
        for (long i = 1; i <= job.approval->count; ++i) {
          const std::string action = job.approval->count == 1 ? "Approve" : fmt::format("Approve{}", i);
          found.actions.emplace_back(
              arn("codepipeline", fmt::format("{}/{}/{}", draft.name, stage.name, action)));
        }
      }
    }
    if (asks) found.pipelines.emplace_back(arn("codepipeline", draft.name));
  }
  return found;
}

void add_approvers(Template& stack, const plan::Plan& plan, const std::vector<Draft>& drafts,
                   const Context& context) {
  for (std::uint32_t i = 0; i < plan.project->environments.size(); ++i) {
    const plan::EnvironmentId id{i};
    Asking found = asking(plan, drafts, id);
    if (found.actions.empty()) continue;
    const std::string name = environment_name(plan, id);
    ManagedPolicy policy;
    policy.name =
        bounded(fmt::format("{}-approve-{}", plan.project->name, name), limit(context, "policy_name"));
    policy.document = document({allow("Look",
                                      {"codepipeline:GetPipeline", "codepipeline:GetPipelineState",
                                       "codepipeline:GetPipelineExecution"},
                                      std::move(found.pipelines)),
                                allow("Decide", "codepipeline:PutApprovalResult", std::move(found.actions))});
    add(stack, "Approve" + pascal(name), std::move(policy));
    put(stack.outputs, "Approve" + pascal(name) + "Arn",
        Output{"attach it to the people who approve " + name, Ref{"Approve" + pascal(name)}});
  }
}

// --- rights that several roles share

ManagedPolicy managed(const plan::Plan& plan, const char* name, std::vector<Statement> statements,
                      const Context& context) {
  return {bounded(fmt::format("{}-{}", plan.project->name, name), limit(context, "policy_name")),
          document(std::move(statements))};
}

Statement use_connection(const char* sid, const std::string& service) {
  Statement made = allow(sid, service + ":UseConnection", Ref{"ConnectionArn"});
  made.condition = condition("StringEquals", {{service + ":FullRepositoryId", Value(Ref{"FullRepositoryId"})},
                                              {service + ":ProviderPermissionsRequired", "read_only"}});
  return made;
}

void add_parameter(Template& stack, std::string name, std::string description, std::string preset,
                   std::string pattern) {
  put(stack.parameters, std::move(name),
      Parameter{"String", std::move(description), std::move(preset), std::move(pattern)});
}

long days(std::chrono::minutes keep) { return std::chrono::ceil<std::chrono::days>(keep).count(); }

/// How long the store keeps what is in it: as long as anybody asked for, and as long as an approval may wait.
long longest_keep(const plan::Plan& plan, const std::vector<Draft>& drafts, const Shared& shared,
                  const Context& context) {
  long most = plan.project->delivery ? days(plan.project->delivery->keep) : 1;
  if (shared.approvals) most = std::max(most, context.facts->number("limits.approval_days"));
  for (const Draft& draft : drafts) {
    for (const plan::Job& job : draft.source->jobs) {
      const auto* work = std::get_if<plan::Steps>(&job.work);
      if (work == nullptr) continue;
      for (const model::Step& step : work->steps) {
        if (const auto* upload = std::get_if<model::Upload>(&step.action))
          most = std::max(most, days(upload->keep));
      }
    }
  }
  return most + 1;
}

}  // namespace

Shared shared(const plan::Plan& plan, const std::vector<Draft>& drafts, const Builds& builds,
              const Context& context) {
  Shared found;
  for (const Draft& draft : drafts) {
    found.clones = found.clones || draft.clones;
    for (const plan::Job& job : draft.source->jobs) {
      found.approvals = found.approvals || job.approval.has_value();
      for (const std::string& name : job.variables) {
        if (std::ranges::find(found.variables, name) == found.variables.end())
          found.variables.push_back(name);
      }
    }
  }
  const auto texts = [&](const model::Text& text) {
    for (const auto& part : text.parts) {
      const auto* variable = std::get_if<model::VariableRef>(&part);
      if (variable && std::ranges::find(found.variables, variable->name) == found.variables.end())
        found.variables.push_back(variable->name);
    }
  };
  for (const Draft& draft : drafts) {
    for (const plan::Job& job : draft.source->jobs) {
      if (job.image) texts(*job.image);
      for (const auto& [name, text] : job.env) texts(text);
      const auto* work = std::get_if<plan::Steps>(&job.work);
      if (work == nullptr) continue;
      for (const model::Step& step : work->steps) {
        const auto* run = std::get_if<model::Run>(&step.action);
        if (run == nullptr) continue;
        for (const auto& [name, text] : run->env) texts(text);
      }
    }
  }
  found.tools = std::ranges::any_of(builds.all, &BuildDraft::tools_image);
  found.keep_days = longest_keep(plan, drafts, found, context);
  return found;
}

void add_parameters(Template& stack, const plan::Plan& plan, const Shared& shared, const Context& context) {
  const std::string& name = plan.project->name;
  add_parameter(
      stack, "ConnectionArn",
      "a connection whose handshake is done; one made by CloudFormation stays PENDING and the first "
      "execution fails",
      std::string(context.settings->get("connection")),
      "^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]+$");
  add_parameter(stack, "FullRepositoryId", "owner/name as the host writes it; case counts",
                plan.project->github.empty() ? plan.project->gitlab : plan.project->github,
                "^[^/]+(/[^/]+)+$");
  if (shared.tools) {
    add_parameter(stack, "ToolsRepository",
                  "ECR repository of the image with git, jq, aws and the tools of the stacks and gates",
                  name + "-tools", "");
    add_parameter(stack, "ToolsDigest", "its digest", "", "^sha256:[0-9a-f]{64}$");
  }
  add_parameter(stack, "AccessLogBucket", "the account's bucket for S3 access logs", "",
                "^[a-z0-9.-]{3,63}$");
  for (const std::string& variable : shared.variables)
    add_parameter(stack, parameter_of(variable), fmt::format("what penstock.yaml calls vars.{}", variable),
                  "", "");
}

void add_store(Template& stack, const plan::Plan& plan, const Shared& shared, const Context& context) {
  const std::string& name = plan.project->name;
  add(stack, "ArtifactKey", Key{name + " artifacts, logs, topics and schedules", true, key_policy(name)},
      true);
  add(stack, "ArtifactKeyAlias", KeyAlias{"alias/" + name, Ref{"ArtifactKey"}});
  add(stack, "ArtifactBucket", bucket(name, shared.keep_days, limit(context, "bucket_name")), true);
  add(stack, "ArtifactBucketPolicy", BucketPolicy{Ref{"ArtifactBucket"}, tls_only()});
}

void add_people(Template& stack, const plan::Plan& plan, const std::vector<Draft>& drafts,
                const Shared& shared, const Context& context) {
  const std::string& name = plan.project->name;
  if (shared.approvals) {
    add(stack, "ApprovalTopic", Topic{name + "-approvals", Ref{"ArtifactKey"}});
    put(stack.outputs, "ApprovalTopicArn", Output{"subscribe the approvers", Ref{"ApprovalTopic"}});
  }
  add(stack, "NoticesTopic", Topic{name + "-notices", Ref{"ArtifactKey"}});
  put(stack.outputs, "NoticesTopicArn",
      Output{"subscribe the owners: drift, and executions that failed", Ref{"NoticesTopic"}});
  Statement failures = allow("Failures", "sns:Publish", Ref{"NoticesTopic"});
  failures.principal.service = "codestar-notifications.amazonaws.com";
  failures.condition = condition("StringEquals", {{"aws:SourceAccount", Value(Ref{"AWS::AccountId"})}});
  add(stack, "NoticesTopicPolicy", TopicPolicy{{Ref{"NoticesTopic"}}, document({failures})});
  add_approvers(stack, plan, drafts, context);
}

void add_shared_rights(Template& stack, const plan::Plan& plan, const Shared& shared,
                       const Context& context) {
  const Value bucket = GetAtt{"ArtifactBucket", "Arn"}, key = GetAtt{"ArtifactKey", "Arn"};
  add(stack, "BuildPolicy",
      managed(
          plan, "build",
          {allow("Bucket", {"s3:GetBucketAcl", "s3:GetBucketLocation"}, bucket), allow("Key", kKeyUse, key)},
          context));
  if (shared.tools) {
    add(stack, "ToolsPolicy",
        managed(plan, "tools",
                {allow("Image",
                       {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"},
                       arn("ecr", "repository/${ToolsRepository}")),
                 allow("ImageToken", "ecr:GetAuthorizationToken", "*")},
                context));
  }
  if (shared.clones)
    add(stack, "ClonePolicy",
        managed(plan, "clone",
                {use_connection("New", "codeconnections"), use_connection("Old", "codestar-connections")},
                context));
  add(stack, "PipelinePolicy",
      managed(plan, "pipeline",
              {allow("Source", {"codeconnections:UseConnection", "codestar-connections:UseConnection"},
                     Ref{"ConnectionArn"}),
               allow("Bucket", {"s3:GetBucketVersioning", "s3:GetBucketAcl", "s3:GetBucketLocation"}, bucket),
               allow("Key", kKeyUse, key)},
              context));
}

}  // namespace penstock::targets::codepipeline
