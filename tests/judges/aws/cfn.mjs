#!/usr/bin/env node
// Judges CloudFormation templates offline: AWS's service specification (npm @aws-cdk/aws-service-spec), the registry's
// patterns and lengths (npm @awboost/cfn-resource-types), our table of what neither carries, references, cycles, policies,
// and the pipelines inside by pipeline.mjs, the buildspecs inside by buildspec.mjs.
//   node cfn.mjs FILE...      one finding per line as JSON
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { finding, require } from "../modules.mjs";
import { checkBuildspec, parseBuildspec } from "./buildspec.mjs";
import { checkPipeline, fromCfn } from "./pipeline.mjs";

const load = (name) => require(name);
const findPkgDir = (name) => path.join(process.env.ORACLE_NODE_MODULES, name);

// ---------------------------------------------------------------- YAML with CloudFormation short forms
const SHORT = [
  "And",
  "Base64",
  "Cidr",
  "Condition",
  "Equals",
  "FindInMap",
  "ForEach",
  "GetAtt",
  "GetAZs",
  "If",
  "ImportValue",
  "Join",
  "Length",
  "Not",
  "Or",
  "Ref",
  "Select",
  "Split",
  "Sub",
  "ToJsonString",
  "Transform",
  "GetStackOutput",
];
export function parseTemplate(text) {
  if (/^\s*[{[]/.test(text)) return JSON.parse(text);
  const YAML = load("yaml");
  const tags = [];
  for (const s of SHORT) {
    const key = s === "Ref" || s === "Condition" ? s : "Fn::" + s;
    const wrap = (v) => ({
      [key]:
        s === "GetAtt" && typeof v === "string"
          ? [v.slice(0, v.indexOf(".")), v.slice(v.indexOf(".") + 1)]
          : v,
    });
    tags.push({ tag: "!" + s, resolve: (str) => wrap(str) });
    tags.push({ tag: "!" + s, collection: "seq", nodeClass: mk(YAML.YAMLSeq, wrap) });
    tags.push({ tag: "!" + s, collection: "map", nodeClass: mk(YAML.YAMLMap, wrap) });
  }
  const doc = YAML.parseDocument(text, {
    version: "1.1",
    schema: "core",
    customTags: (base) => base.concat(tags),
    uniqueKeys: true,
    merge: true,
  });
  if (doc.errors.length) throw new Error(doc.errors.map((e) => e.message.split("\n")[0]).join("; "));
  return doc.toJS({ maxAliasCount: 1000 });
}
function mk(Base, wrap) {
  return class extends Base {
    toJSON(_, ctx) {
      return wrap(super.toJSON(_, ctx));
    }
    static from(...a) {
      return super.from ? super.from(...a) : new this();
    }
  };
}

// ---------------------------------------------------------------- overlay: constraints the service-spec database does not carry
// key "<Definition>.<Prop>" ("" = the resource itself).  e enum, p pattern, len [min,max], num [min,max], items [min,max]
const U = (s) => s.split(" ");
const ENVVAR_TYPE = { e: U("PLAINTEXT PARAMETER_STORE SECRETS_MANAGER") };
export const OVERLAY = {
  "AWS::CodePipeline::Pipeline": {
    ".Name": { p: /^[A-Za-z0-9.@\-_]{1,100}$/ },
    ".PipelineType": { e: ["V1", "V2"] },
    ".ExecutionMode": { e: U("QUEUED SUPERSEDED PARALLEL") },
    ".Stages": { items: [2, 50] },
    ".Variables": { items: [0, 50] },
    ".Triggers": { items: [0, 50] },
    ".RoleArn": { p: /^arn:aws(-[\w]+)*:iam::[0-9]{12}:role\/.*/ },
    "StageDeclaration.Name": { p: /^[A-Za-z0-9.@\-_]{1,100}$/ },
    "StageDeclaration.Actions": { items: [1, 50] },
    "ActionDeclaration.Name": { p: /^[A-Za-z0-9.@\-_]{1,100}$/ },
    "ActionDeclaration.Namespace": { p: /^[A-Za-z0-9@\-_]{1,100}$/ },
    "ActionDeclaration.RunOrder": { num: [1, 999] },
    "ActionDeclaration.TimeoutInMinutes": { num: [5, 86400] },
    "ActionDeclaration.Commands": { items: [1, 50] },
    "ActionDeclaration.OutputVariables": { items: [1, 15] },
    "ActionDeclaration.EnvironmentVariables": { items: [1, 10] },
    "ActionTypeId.Category": { e: U("Source Build Deploy Test Invoke Approval Compute") },
    "ActionTypeId.Owner": { e: U("AWS ThirdParty Custom") },
    "ActionTypeId.Provider": { p: /^[0-9A-Za-z_-]{1,35}$/ },
    "ActionTypeId.Version": { p: /^[0-9A-Za-z_-]{1,9}$/ },
    "InputArtifact.Name": { p: /^[a-zA-Z0-9_-]{1,100}$/ },
    "OutputArtifact.Name": { p: /^[a-zA-Z0-9_-]{1,100}$/ },
    "OutputArtifact.Files": { items: [1, 10] },
    "ArtifactStore.Type": { e: ["S3"] },
    "ArtifactStore.Location": { p: /^[a-zA-Z0-9.-]{3,63}$/ },
    "EncryptionKey.Type": { e: ["KMS"] },
    "EnvironmentVariable.Name": { p: /^[A-Za-z0-9_]{1,128}$/ },
    "EnvironmentVariable.Type": { e: U("PLAINTEXT SECRETS_MANAGER") },
    "VariableDeclaration.Name": { p: /^[A-Za-z0-9@\-_]{1,128}$/ },
    "VariableDeclaration.DefaultValue": { len: [1, 1000] },
    "VariableDeclaration.Description": { len: [0, 200] },
    "PipelineTriggerDeclaration.ProviderType": { e: ["CodeStarSourceConnection"] },
    "GitConfiguration.Push": { items: [1, 3] },
    "GitConfiguration.PullRequest": { items: [1, 3] },
    "GitPullRequestFilter.Events": { items: [1, 3], ie: U("OPEN UPDATED CLOSED") },
    "GitBranchFilterCriteria.Includes": { items: [1, 8] },
    "GitBranchFilterCriteria.Excludes": { items: [1, 8] },
    "GitTagFilterCriteria.Includes": { items: [1, 8] },
    "GitTagFilterCriteria.Excludes": { items: [1, 8] },
    "GitFilePathFilterCriteria.Includes": { items: [1, 8] },
    "GitFilePathFilterCriteria.Excludes": { items: [1, 8] },
    "Condition.Result": { e: U("FAIL ROLLBACK RETRY SKIP") },
    "Condition.Rules": { items: [1, 5] },
    "BeforeEntryConditions.Conditions": { items: [1, 1] },
    "SuccessConditions.Conditions": { items: [1, 1] },
    "FailureConditions.Conditions": { items: [1, 1] },
    "FailureConditions.Result": { e: U("ROLLBACK RETRY") },
    "RetryConfiguration.RetryMode": { e: U("FAILED_ACTIONS ALL_ACTIONS") },
    "RuleTypeId.Category": { e: ["Rule"] },
    "RuleTypeId.Owner": { e: ["AWS"] },
    "RuleDeclaration.Name": { p: /^[A-Za-z0-9.@\-_]{1,100}$/ },
  },
  "AWS::CodeBuild::Project": {
    ".Name": { p: /^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$/ },
    ".Description": { len: [0, 255] },
    ".TimeoutInMinutes": { num: [5, 2160] },
    ".QueuedTimeoutInMinutes": { num: [5, 480] },
    ".Visibility": { e: U("PUBLIC_READ PRIVATE") },
    ".SecondarySources": { items: [0, 12] },
    ".SecondaryArtifacts": { items: [0, 12] },
    "Source.Type": {
      e: U(
        "CODECOMMIT CODEPIPELINE GITHUB GITLAB GITLAB_SELF_MANAGED S3 BITBUCKET GITHUB_ENTERPRISE NO_SOURCE",
      ),
    },
    "SourceAuth.Type": { e: U("OAUTH CODECONNECTIONS SECRETS_MANAGER") },
    "Artifacts.Type": { e: U("CODEPIPELINE S3 NO_ARTIFACTS") },
    "Artifacts.NamespaceType": { e: U("NONE BUILD_ID") },
    "Artifacts.Packaging": { e: U("NONE ZIP") },
    "Environment.Type": {
      e: U(
        "WINDOWS_CONTAINER LINUX_CONTAINER LINUX_GPU_CONTAINER ARM_CONTAINER WINDOWS_SERVER_2019_CONTAINER WINDOWS_SERVER_2022_CONTAINER LINUX_LAMBDA_CONTAINER ARM_LAMBDA_CONTAINER LINUX_EC2 ARM_EC2 WINDOWS_EC2 MAC_ARM",
      ),
    },
    "Environment.ComputeType": {
      e: U(
        "BUILD_GENERAL1_SMALL BUILD_GENERAL1_MEDIUM BUILD_GENERAL1_LARGE BUILD_GENERAL1_XLARGE BUILD_GENERAL1_2XLARGE BUILD_LAMBDA_1GB BUILD_LAMBDA_2GB BUILD_LAMBDA_4GB BUILD_LAMBDA_8GB BUILD_LAMBDA_10GB ATTRIBUTE_BASED_COMPUTE CUSTOM_INSTANCE_TYPE",
      ),
    },
    "Environment.ImagePullCredentialsType": { e: U("CODEBUILD SERVICE_ROLE") },
    "EnvironmentVariable.Type": ENVVAR_TYPE,
    "EnvironmentVariable.Name": { p: /^(?!CODEBUILD_)[^=\0]+$/ },
    "ProjectCache.Type": { e: U("NO_CACHE S3 LOCAL") },
    "ProjectCache.Modes": { ie: U("LOCAL_DOCKER_LAYER_CACHE LOCAL_SOURCE_CACHE LOCAL_CUSTOM_CACHE") },
    "CloudWatchLogsConfig.Status": { e: U("ENABLED DISABLED") },
    "S3LogsConfig.Status": { e: U("ENABLED DISABLED") },
    "ProjectTriggers.BuildType": { e: U("BUILD BUILD_BATCH RUNNER_BUILDKITE_BUILD") },
    "WebhookFilter.Type": {
      e: U(
        "EVENT BASE_REF HEAD_REF ACTOR_ACCOUNT_ID FILE_PATH COMMIT_MESSAGE WORKFLOW_NAME TAG_NAME RELEASE_NAME REPOSITORY_NAME ORGANIZATION_NAME",
      ),
    },
    "ProjectBuildBatchConfig.BatchReportMode": { e: U("REPORT_INDIVIDUAL_BUILDS REPORT_AGGREGATED_BATCH") },
    "VpcConfig.Subnets": { items: [0, 16] },
    "VpcConfig.SecurityGroupIds": { items: [0, 5] },
    "PullRequestBuildPolicy.RequiresCommentApproval": {
      e: U("DISABLED ALL_PULL_REQUESTS FORK_PULL_REQUESTS"),
    },
  },
  "AWS::CodeBuild::ReportGroup": {
    ".Type": { e: U("TEST CODE_COVERAGE") },
    ".Name": { len: [2, 128] },
    "ReportExportConfig.ExportConfigType": { e: U("S3 NO_EXPORT") },
  },
  "AWS::Events::Rule": {
    ".Name": { p: /^[.\-_A-Za-z0-9]{1,64}$/ },
    ".State": { e: U("DISABLED ENABLED ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") },
    ".Targets": { items: [1, 100] },
    ".ScheduleExpression": { p: /^(cron\(.+\)|rate\(.+\))$/, cron: "rule" },
    "Target.Id": { p: /^[.\-_A-Za-z0-9]{1,64}$/ },
    "Target.Input": { len: [0, 8192] },
    "RetryPolicy.MaximumRetryAttempts": { num: [0, 185] },
    "RetryPolicy.MaximumEventAgeInSeconds": { num: [60, 86400] },
  },
  "AWS::Scheduler::Schedule": {
    ".Name": { p: /^[0-9a-zA-Z\-_.]{1,64}$/ },
    ".GroupName": { p: /^[0-9a-zA-Z\-_.]{1,64}$/ },
    ".State": { e: U("ENABLED DISABLED") },
    ".ScheduleExpressionTimezone": { len: [1, 50] },
    ".ScheduleExpression": { p: /^(cron\(.+\)|rate\(.+\)|at\(.+\))$/, cron: "scheduler" },
    "FlexibleTimeWindow.Mode": { e: U("OFF FLEXIBLE") },
    "FlexibleTimeWindow.MaximumWindowInMinutes": { num: [1, 1440] },
    "RetryPolicy.MaximumRetryAttempts": { num: [0, 185] },
    "RetryPolicy.MaximumEventAgeInSeconds": { num: [60, 86400] },
  },
  "AWS::CodeConnections::Connection": {
    ".ConnectionName": { len: [1, 32] },
    ".ProviderType": { e: U("Bitbucket GitHub GitHubEnterpriseServer GitLab GitLabSelfManaged AzureDevOps") },
  },
  "AWS::CodeStarConnections::Connection": {
    ".ConnectionName": { len: [1, 32] },
    ".ProviderType": { e: U("Bitbucket GitHub GitHubEnterpriseServer GitLab GitLabSelfManaged AzureDevOps") },
  },
  "AWS::CodeStarNotifications::NotificationRule": {
    ".Name": { p: /^[A-Za-z0-9\-_ ]{1,64}$/ },
    ".DetailType": { e: U("BASIC FULL") },
    ".Status": { e: U("ENABLED DISABLED") },
    ".Targets": { items: [0, 10] },
    ".EventTypeIds": {
      ip: /^(codepipeline-pipeline|codebuild-project|codecommit-repository|codedeploy-application)-[a-z-]+$/,
    },
    "Target.TargetType": { e: U("SNS AWSChatbotSlack AWSChatbotMicrosoftTeams") },
  },
  "AWS::CodeDeploy::Application": {
    ".ComputePlatform": { e: U("Server Lambda ECS") },
    ".ApplicationName": { len: [1, 100] },
  },
  "AWS::CodeDeploy::DeploymentConfig": {
    ".ComputePlatform": { e: U("Server Lambda ECS") },
    "TrafficRoutingConfig.Type": { e: U("TimeBasedCanary TimeBasedLinear AllAtOnce") },
    "MinimumHealthyHosts.Type": { e: U("HOST_COUNT FLEET_PERCENT") },
  },
  "AWS::CodeDeploy::DeploymentGroup": {
    ".OutdatedInstancesStrategy": { e: U("UPDATE IGNORE") },
    "AutoRollbackConfiguration.Events": {
      ie: U("DEPLOYMENT_FAILURE DEPLOYMENT_STOP_ON_ALARM DEPLOYMENT_STOP_ON_REQUEST"),
    },
    "DeploymentStyle.DeploymentOption": { e: U("WITH_TRAFFIC_CONTROL WITHOUT_TRAFFIC_CONTROL") },
    "DeploymentStyle.DeploymentType": { e: U("IN_PLACE BLUE_GREEN") },
    "DeploymentReadyOption.ActionOnTimeout": { e: U("CONTINUE_DEPLOYMENT STOP_DEPLOYMENT") },
    "GreenFleetProvisioningOption.Action": { e: U("DISCOVER_EXISTING COPY_AUTO_SCALING_GROUP") },
    "BlueInstanceTerminationOption.Action": { e: U("TERMINATE KEEP_ALIVE") },
    "TriggerConfig.TriggerEvents": {
      ie: U(
        "DeploymentStart DeploymentSuccess DeploymentFailure DeploymentStop DeploymentRollback DeploymentReady InstanceStart InstanceSuccess InstanceFailure InstanceReady",
      ),
    },
  },
  "AWS::Logs::LogGroup": {
    ".RetentionInDays": {
      e: [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
        3653,
      ],
    },
    ".LogGroupName": { p: /^[.\-_/#A-Za-z0-9]{1,512}$/ },
  },
  "AWS::S3::Bucket": {
    ".BucketName": { p: /^(?!xn--)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/ },
    "ServerSideEncryptionByDefault.SSEAlgorithm": { e: U("aws:kms AES256 aws:kms:dsse") },
    "VersioningConfiguration.Status": { e: U("Enabled Suspended") },
    "Rule.Status": { e: U("Enabled Disabled") },
    "OwnershipControlsRule.ObjectOwnership": {
      e: U("ObjectWriter BucketOwnerPreferred BucketOwnerEnforced"),
    },
  },
  "AWS::CloudFormation::StackSet": {
    ".PermissionModel": { e: U("SERVICE_MANAGED SELF_MANAGED") },
    ".CallAs": { e: U("SELF DELEGATED_ADMIN") },
    ".StackSetName": { p: /^[a-zA-Z][a-zA-Z0-9-]{0,127}$/ },
    ".Capabilities": { ie: U("CAPABILITY_IAM CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND") },
    ".TemplateBody": { len: [1, 51200] },
    "OperationPreferences.RegionConcurrencyType": { e: U("SEQUENTIAL PARALLEL") },
    "OperationPreferences.ConcurrencyMode": { e: U("STRICT_FAILURE_TOLERANCE SOFT_FAILURE_TOLERANCE") },
  },
  "AWS::KMS::Key": {
    ".PendingWindowInDays": { num: [7, 30] },
    ".KeyUsage": { e: U("ENCRYPT_DECRYPT SIGN_VERIFY GENERATE_VERIFY_MAC KEY_AGREEMENT") },
  },
  "AWS::KMS::Alias": { ".AliasName": { p: /^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/ } },
  "AWS::IAM::Role": {
    ".RoleName": { p: /^[\w+=,.@-]{1,64}$/ },
    ".MaxSessionDuration": { num: [3600, 43200] },
    ".ManagedPolicyArns": { items: [0, 20] },
  },
  "AWS::SNS::Subscription": {
    ".Protocol": { e: U("http https email email-json sms sqs application lambda firehose") },
  },
  "AWS::Config::ConfigRule": {
    "Source.Owner": { e: U("AWS CUSTOM_LAMBDA CUSTOM_POLICY") },
    ".MaximumExecutionFrequency": { e: U("One_Hour Three_Hours Six_Hours Twelve_Hours TwentyFour_Hours") },
  },
};

// optional: registry constraints from @awboost/cfn-resource-types .d.ts
function awboost(type) {
  const dir = findPkgDir("@awboost/cfn-resource-types");
  if (!dir) return {};
  const f = path.join(dir, "lib", type.replace(/::/g, "-") + ".d.ts");
  if (!fs.existsSync(f)) return {};
  const out = {};
  let cur = null,
    tags = {},
    depth = 0;
  const root = type.split("::").slice(1).join("") + "Properties";
  for (const line of fs.readFileSync(f, "utf8").split("\n")) {
    let m = line.match(/^export type (\w+) = \{/);
    if (m) {
      cur = m[1] === root ? "" : m[1];
      depth = 0;
      tags = {};
      continue;
    }
    if (line.startsWith("};")) {
      cur = null;
      continue;
    }
    if (cur === null) continue;
    if ((m = line.match(/@(\w+) `(.*)`\s*$/))) {
      tags[m[1]] = m[2];
      continue;
    }
    if ((m = line.match(/^ {4}(\w+)\??: (.*)$/)) && depth === 0) {
      const c = {};
      const lit = m[2]
        .replace(/;$/, "")
        .split("|")
        .map((s) => s.trim());
      if (lit.length && lit.every((s) => /^"[^"]*"$/.test(s))) c.e = lit.map((s) => s.slice(1, -1));
      if (tags.pattern) {
        try {
          c.p = new RegExp(tags.pattern.replace(/\\Z$/, "$"), "u");
        } catch {
          try {
            c.p = new RegExp(tags.pattern.replace(/\\Z$/, "$"));
          } catch {
            /* not a JS regex */
          }
        }
      }
      if (tags.minLength || tags.maxLength)
        c.len = [Number(tags.minLength ?? 0), Number(tags.maxLength ?? Infinity)];
      if (tags.min || tags.max) c.num = [Number(tags.min ?? -Infinity), Number(tags.max ?? Infinity)];
      if (Object.keys(c).length) out[`${cur}.${m[1]}`] = c;
      if (/\{$/.test(m[2])) depth++;
      tags = {};
    } else if (/^ {4}\}/.test(line)) depth = 0;
  }
  return out;
}

// ---------------------------------------------------------------- checker
const PSEUDO = new Set([
  "AWS::AccountId",
  "AWS::NotificationARNs",
  "AWS::NoValue",
  "AWS::Partition",
  "AWS::Region",
  "AWS::StackId",
  "AWS::StackName",
  "AWS::URLSuffix",
]);
const SECTIONS = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Rules",
  "Mappings",
  "Conditions",
  "Transform",
  "Resources",
  "Outputs",
  "Hooks",
];
const RES_ATTRS = [
  "Type",
  "Properties",
  "DependsOn",
  "Condition",
  "Metadata",
  "CreationPolicy",
  "UpdatePolicy",
  "UpdateReplacePolicy",
  "DeletionPolicy",
  "Fn::ForEach",
];
const isObj = (v) => v && typeof v === "object" && !Array.isArray(v);
const isFn = (v) =>
  isObj(v) && Object.keys(v).length === 1 && /^(Fn::|Ref$|Condition$)/.test(Object.keys(v)[0]);

let DB;
export async function checkTemplate(tpl, opts = {}) {
  const out = [];
  const err = (p, m, code = "E") => out.push({ level: "error", code, path: p, message: m });
  const warn = (p, m, code = "W") => out.push({ level: "warning", code, path: p, message: m });
  if (!DB) {
    const spec = load("@aws-cdk/aws-service-spec");
    if (!spec) throw new Error("npm package @aws-cdk/aws-service-spec not found");
    DB = await spec.loadAwsServiceSpec();
  }
  if (!isObj(tpl)) {
    err("/", "template is not a mapping");
    return out;
  }
  for (const k of Object.keys(tpl)) if (!SECTIONS.includes(k)) err("/" + k, "unknown top-level section");
  if (tpl.AWSTemplateFormatVersion !== undefined && String(tpl.AWSTemplateFormatVersion) !== "2010-09-09")
    err("/AWSTemplateFormatVersion", 'must be "2010-09-09"');
  if (
    tpl.Description !== undefined &&
    (typeof tpl.Description !== "string" || Buffer.byteLength(tpl.Description) > 1024)
  )
    err("/Description", "must be a string of at most 1024 bytes");
  const params = tpl.Parameters || {},
    conds = tpl.Conditions || {},
    maps = tpl.Mappings || {},
    res = tpl.Resources || {},
    outs = tpl.Outputs || {};
  const limit = (n, max, p) => {
    if (n > max) err(p, `${n} entries, limit ${max}`, "LIMIT");
  };
  limit(Object.keys(params).length, 200, "/Parameters");
  limit(Object.keys(res).length, 500, "/Resources");
  limit(Object.keys(outs).length, 200, "/Outputs");
  limit(Object.keys(maps).length, 200, "/Mappings");
  if (!Object.keys(res).length) err("/Resources", "at least one resource is required");
  for (const [k, v] of Object.entries(params)) {
    if (!/^[A-Za-z0-9]{1,255}$/.test(k)) err("/Parameters/" + k, "logical names are alphanumeric");
    if (!isObj(v) || !v.Type) err("/Parameters/" + k, "Type is required");
    else {
      if (
        !/^(String|Number|CommaDelimitedList|List<(Number|AWS::[\w:]+)>|AWS::SSM::Parameter::(Name|Value<.+>)|AWS::[\w:]+)$/.test(
          v.Type,
        )
      )
        err(`/Parameters/${k}/Type`, `not a parameter type: ${v.Type}`);
      for (const kk of Object.keys(v))
        if (
          ![
            "Type",
            "Default",
            "AllowedPattern",
            "AllowedValues",
            "ConstraintDescription",
            "Description",
            "MaxLength",
            "MaxValue",
            "MinLength",
            "MinValue",
            "NoEcho",
          ].includes(kk)
        )
          err(`/Parameters/${k}/${kk}`, "unknown parameter attribute");
      if (
        v.Default !== undefined &&
        v.AllowedValues &&
        !(
          /List/.test(v.Type)
            ? String(v.Default)
                .split(",")
                .map((x) => x.trim())
            : [String(v.Default)]
        ).every((d) => v.AllowedValues.map((x) => String(x).trim()).includes(d))
      )
        err(`/Parameters/${k}/Default`, "not in AllowedValues");
    }
  }
  const deps = {};
  let curRes = null;
  const used = new Set();
  const attrOk = (lid, attr, p) => {
    const t = res[lid]?.Type;
    if (!t) return;
    const r = DB.lookup("resource", "cloudFormationType", "equals", t)[0];
    if (!r) return; // custom resources: any attribute
    if (
      [
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::CustomResource",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
      ].includes(t) ||
      t.startsWith("Custom::")
    )
      return;
    const names = Object.keys(r.attributes);
    if (!names.includes(attr) && !names.some((n) => attr.startsWith(n + ".")))
      err(p, `${t} has no attribute "${attr}" (has: ${names.join(", ") || "none"})`, "GETATT");
  };
  const refOk = (name, p) => {
    used.add(name);
    if (PSEUDO.has(name) || name in params) return;
    if (name in res) {
      if (curRes) (deps[curRes] ??= new Set()).add(name);
      return;
    }
    err(p, `Ref/Sub to unknown name "${name}"`, "REF");
  };
  function walkFn(v, p) {
    // validates intrinsic functions anywhere
    if (Array.isArray(v)) return v.forEach((x, i) => walkFn(x, `${p}/${i}`));
    if (!isObj(v)) return;
    for (const [k, a] of Object.entries(v)) {
      const q = `${p}/${k}`;
      if (k === "Ref" && Object.keys(v).length === 1) {
        if (typeof a !== "string") err(q, "Ref takes a string");
        else refOk(a, q);
      } else if (k === "Fn::GetAtt") {
        const [l, at] = Array.isArray(a) ? a : String(a).split(/\.(.*)/s);
        if (!(l in res)) err(q, `GetAtt of unknown resource "${l}"`, "REF");
        else {
          if (curRes) (deps[curRes] ??= new Set()).add(l);
          if (typeof at === "string") attrOk(l, at, q);
        }
        if (isObj(at)) walkFn(at, q);
      } else if (k === "Fn::Sub") {
        const s = Array.isArray(a) ? a[0] : a;
        const local = Array.isArray(a) && isObj(a[1]) ? a[1] : {};
        if (typeof s !== "string") err(q, "Fn::Sub takes a string");
        else
          for (const m of s.matchAll(/\$\{([^!}][^}]*)\}/g)) {
            const n = m[1].trim();
            if (n in local) continue;
            if (n.includes(".") && !n.startsWith("AWS::")) {
              const [l, at] = n.split(/\.(.*)/s);
              if (!(l in res)) err(q, `Sub of unknown resource "${l}"`, "REF");
              else {
                if (curRes) (deps[curRes] ??= new Set()).add(l);
                attrOk(l, at, q);
              }
            } else refOk(n, q);
          }
        walkFn(local, q);
      } else if (k === "Fn::If") {
        if (!Array.isArray(a) || a.length !== 3) err(q, "Fn::If takes [condition, then, else]");
        else {
          if (!(a[0] in conds)) err(q, `unknown condition "${a[0]}"`, "REF");
          walkFn(a[1], q + "/1");
          walkFn(a[2], q + "/2");
        }
      } else if (k === "Fn::FindInMap") {
        if (Array.isArray(a) && typeof a[0] === "string" && !(a[0] in maps))
          err(q, `unknown mapping "${a[0]}"`, "REF");
        walkFn(a, q);
      } else if (
        /^Fn::/.test(k) &&
        !SHORT.some((s) => "Fn::" + s === k) &&
        !k.startsWith("Fn::ForEach") &&
        !["Fn::GetArtifactAtt", "Fn::GetParam"].includes(k)
      )
        err(q, `unknown intrinsic ${k}`);
      else walkFn(a, q);
    }
  }
  for (const [k, v] of Object.entries(conds)) {
    walkCond(v, "/Conditions/" + k);
    walkFn(v, "/Conditions/" + k);
  }
  function walkCond(v, p) {
    if (Array.isArray(v)) v.forEach((x, i) => walkCond(x, `${p}/${i}`));
    else if (isObj(v)) {
      if (typeof v.Condition === "string" && Object.keys(v).length === 1 && !(v.Condition in conds))
        err(p, `unknown condition "${v.Condition}"`, "REF");
      Object.entries(v).forEach(([k, x]) => walkCond(x, `${p}/${k}`));
    }
  }

  const defCache = {};
  const typeDef = (ref) => DB.get("typeDefinition", ref.reference.$ref);
  function constraint(ov, v, p) {
    if (!ov || v === undefined || isFn(v)) return;
    if (Array.isArray(v)) {
      if (ov.items && (v.length < ov.items[0] || v.length > ov.items[1]))
        err(p, `${v.length} items, allowed ${ov.items.join("..")}`, "LEN");
      if (ov.ie)
        v.forEach((x, i) => {
          if (typeof x === "string" && !ov.ie.includes(x))
            err(`${p}/${i}`, `"${x}" not one of ${ov.ie.join(" | ")}`, "ENUM");
        });
      if (ov.ip)
        v.forEach((x, i) => {
          if (typeof x === "string" && !ov.ip.test(x))
            err(`${p}/${i}`, `"${x}" does not match ${ov.ip}`, "PATTERN");
        });
      return;
    }
    if (isObj(v)) return;
    if (ov.e && !ov.e.map(String).includes(String(v)))
      err(p, `"${v}" not one of ${ov.e.join(" | ")}`, "ENUM");
    if (ov.p && typeof v === "string" && !ov.p.test(v) && !/\{\{resolve:/.test(v))
      err(p, `"${v.slice(0, 80)}" does not match ${ov.p}`, "PATTERN");
    if (ov.len && typeof v === "string" && (v.length < ov.len[0] || v.length > ov.len[1]))
      err(p, `length ${v.length}, allowed ${ov.len.join("..")}`, "LEN");
    if (ov.num && !isNaN(Number(v)) && (Number(v) < ov.num[0] || Number(v) > ov.num[1]))
      err(p, `${v} outside ${ov.num.join("..")}`, "RANGE");
    if (ov.cron && typeof v === "string" && v.startsWith("cron("))
      for (const m of cronProblems(v.slice(5, -1))) err(p, m, "CRON");
  }
  function checkProps(v, props, defName, p, ov) {
    if (isFn(v)) {
      if ("Fn::If" in v) {
        checkProps(v["Fn::If"][1], props, defName, p + "/Fn::If/1", ov);
        checkProps(v["Fn::If"][2], props, defName, p + "/Fn::If/2", ov);
      }
      return;
    }
    if (!isObj(v)) {
      err(
        p,
        `expected an object (${defName || "Properties"}), found ${Array.isArray(v) ? "list" : typeof v}`,
        "TYPE",
      );
      return;
    }
    for (const k of Object.keys(v))
      if (!(k in props) && k !== "Fn::Transform") {
        const near = Object.keys(props).find((x) => x.toLowerCase() === k.toLowerCase());
        err(`${p}/${k}`, `unknown property${near ? ` (did you mean ${near}?)` : ""}`, "UNKNOWN");
      }
    for (const [k, d] of Object.entries(props)) {
      const val = v[k];
      if (val === undefined || val === null) {
        if (d.required) err(p, `missing required property ${k}`, "REQUIRED");
        if (val === null) err(`${p}/${k}`, "null value", "TYPE");
        continue;
      }
      if (d.deprecated) warn(`${p}/${k}`, "deprecated property");
      constraint(ov[`${defName}.${k}`], val, `${p}/${k}`);
      checkType(val, d.type, `${p}/${k}`, ov);
    }
  }
  function checkType(v, t, p, ov) {
    if (isFn(v)) {
      if ("Fn::If" in v && Array.isArray(v["Fn::If"])) {
        checkType(v["Fn::If"][1], t, p, ov);
        checkType(v["Fn::If"][2], t, p, ov);
      }
      return;
    }
    if (v === null) return err(p, "null value", "TYPE");
    switch (t.type) {
      case "string":
      case "date-time":
        if (typeof v === "object")
          (/(TemplateBody|ZipFile)$/.test(p) ? warn : err)(
            p,
            `expected string, found ${Array.isArray(v) ? "list" : "object"}`,
            "TYPE",
          );
        else if (typeof v !== "string" && opts.strict)
          warn(p, `${typeof v} where string expected (CloudFormation coerces)`);
        break;
      case "integer":
      case "number":
        if (
          typeof v === "object" ||
          isNaN(Number(v)) ||
          (t.type === "integer" && !Number.isInteger(Number(v)))
        )
          err(p, `expected ${t.type}, found ${JSON.stringify(v)}`, "TYPE");
        break;
      case "boolean":
        if (![true, false, "true", "false"].includes(v))
          err(p, `expected boolean, found ${JSON.stringify(v)}`, "TYPE");
        break;
      case "json":
        if (typeof v === "string") {
          try {
            JSON.parse(v);
          } catch {
            err(p, "expected JSON object", "TYPE");
          }
        } else if (typeof v !== "object") err(p, "expected JSON object", "TYPE");
        break;
      case "array":
        if (!Array.isArray(v)) err(p, `expected list, found ${typeof v}`, "TYPE");
        else
          v.forEach((x, i) => {
            if (isObj(x) && "Ref" in x && x.Ref === "AWS::NoValue") return;
            checkType(x, t.element, `${p}/${i}`, ov);
          });
        break;
      case "map":
        if (!isObj(v)) err(p, "expected map", "TYPE");
        else Object.entries(v).forEach(([k, x]) => checkType(x, t.element, `${p}/${k}`, ov));
        break;
      case "tag":
        if (!isObj(v) || v.Key === undefined || v.Value === undefined)
          err(p, "tag needs Key and Value", "TYPE");
        else
          for (const k of Object.keys(v))
            if (!["Key", "Value", "PropagateAtLaunch"].includes(k))
              err(`${p}/${k}`, "unknown property", "UNKNOWN");
        break;
      case "ref": {
        const d = typeDef(t);
        checkProps(v, d.properties, d.name, p, ov);
        break;
      }
      case "union": {
        const start = out.length;
        let best = null;
        for (const tt of t.types) {
          const n = out.length;
          checkType(v, tt, p, ov);
          const errs = out.splice(n);
          if (!errs.some((e) => e.level === "error")) {
            best = null;
            out.push(...errs);
            return;
          }
          if (!best || errs.length < best.length) best = errs;
        }
        if (best) out.push(...best);
        break;
      }
      default:
        break;
    }
  }
  for (const [lid, r] of Object.entries(res)) {
    const p = "/Resources/" + lid;
    curRes = lid;
    if (lid.startsWith("Fn::ForEach")) continue;
    if (!/^[A-Za-z0-9]{1,255}$/.test(lid)) err(p, "logical IDs are alphanumeric, at most 255 characters");
    if (!isObj(r)) {
      err(p, "resource is not a mapping");
      continue;
    }
    for (const k of Object.keys(r))
      if (!RES_ATTRS.includes(k)) err(`${p}/${k}`, "unknown resource attribute");
    for (const k of ["DeletionPolicy", "UpdateReplacePolicy"])
      if (
        typeof r[k] === "string" &&
        !["Delete", "Retain", "Snapshot", "RetainExceptOnCreate"].includes(r[k])
      )
        err(`${p}/${k}`, `bad policy ${r[k]}`);
    if (r.Condition && !(r.Condition in conds))
      err(p + "/Condition", `unknown condition ${r.Condition}`, "REF");
    for (const d of [].concat(r.DependsOn || []))
      if (!(d in res)) err(p + "/DependsOn", `unknown resource ${d}`, "REF");
      else (deps[lid] ??= new Set()).add(d);
    walkFn(r.Properties || {}, p + "/Properties");
    if (typeof r.Type !== "string") {
      err(p, "Type is required");
      continue;
    }
    if (/^Custom::/.test(r.Type)) {
      if (!r.Properties?.ServiceToken) err(p, "custom resource needs ServiceToken");
      continue;
    }
    const spec = DB.lookup("resource", "cloudFormationType", "equals", r.Type)[0];
    if (!spec) {
      err(p + "/Type", `unknown resource type ${r.Type}`, "TYPE");
      continue;
    }
    const ov = opts.overlay === false ? {} : { ...awboost(r.Type), ...(OVERLAY[r.Type] || {}) };
    checkProps(r.Properties || {}, spec.properties, "", p + "/Properties", ov);
    iam(r, p);
    if (r.Type === "AWS::CodePipeline::Pipeline") {
      const P = r.Properties || {};
      if (!!P.ArtifactStore === !!P.ArtifactStores && !isFn(P.ArtifactStore))
        err(p + "/Properties", "exactly one of ArtifactStore / ArtifactStores", "REQUIRED");
      if (opts.pipeline !== false) await pipeline(P, p + "/Properties");
    }
    if (r.Type === "AWS::Events::Rule" && !r.Properties?.EventPattern && !r.Properties?.ScheduleExpression)
      err(p + "/Properties", "EventPattern or ScheduleExpression required", "REQUIRED");
    if (r.Type === "AWS::Scheduler::Schedule") {
      const w = r.Properties?.FlexibleTimeWindow;
      if (w?.Mode === "FLEXIBLE" && w.MaximumWindowInMinutes === undefined)
        err(p, "FLEXIBLE needs MaximumWindowInMinutes", "REQUIRED");
      if (w?.Mode === "OFF" && w.MaximumWindowInMinutes !== undefined)
        err(p, "OFF takes no MaximumWindowInMinutes", "REQUIRED");
    }
  }
  curRes = null;
  async function pipeline(P, p) {
    for (const x of checkPipeline(fromCfn(P), { cfn: true })) out.push({ ...x, path: p + x.path });
  }
  function iam(r, p) {
    const P = r.Properties || {};
    const docs = [];
    if (P.AssumeRolePolicyDocument)
      docs.push([P.AssumeRolePolicyDocument, "trust", p + "/AssumeRolePolicyDocument"]);
    if (
      P.PolicyDocument &&
      /^AWS::IAM::(Policy|ManagedPolicy|RolePolicy|UserPolicy|GroupPolicy)$/.test(r.Type)
    )
      docs.push([P.PolicyDocument, "identity", p + "/PolicyDocument"]);
    else if (
      P.PolicyDocument &&
      /^AWS::(S3::BucketPolicy|SNS::Topic(Inline)?Policy|SQS::Queue(Inline)?Policy)$/.test(r.Type)
    )
      docs.push([P.PolicyDocument, "resource", p + "/PolicyDocument"]);
    if (P.KeyPolicy) docs.push([P.KeyPolicy, "resource", p + "/KeyPolicy"]);
    for (const [i, x] of (Array.isArray(P.Policies) && r.Type === "AWS::IAM::Role"
      ? P.Policies
      : []
    ).entries())
      if (isObj(x?.PolicyDocument)) docs.push([x.PolicyDocument, "identity", `${p}/Policies/${i}`]);
    for (const [d, kind, q] of docs) {
      if (!isObj(d) || isFn(d)) continue;
      if (d.Version === undefined)
        warn(q, "policy without Version defaults to 2008-10-17 (no policy variables)", "IAM");
      else if (!["2012-10-17", "2008-10-17"].includes(String(d.Version)))
        err(q, `Version must be the string "2012-10-17", found ${JSON.stringify(d.Version)}`, "IAM");
      for (const [i, s] of [].concat(d.Statement ?? []).entries()) {
        if (!isObj(s) || isFn(s)) continue;
        const w = `${q}/Statement/${i}`;
        for (const k of Object.keys(s))
          if (
            ![
              "Sid",
              "Effect",
              "Action",
              "NotAction",
              "Resource",
              "NotResource",
              "Principal",
              "NotPrincipal",
              "Condition",
            ].includes(k)
          )
            err(`${w}/${k}`, "unknown statement key", "IAM");
        if (!["Allow", "Deny"].includes(s.Effect)) err(w, "Effect must be Allow or Deny", "IAM");
        if (!s.Action && !s.NotAction) err(w, "Action or NotAction required", "IAM");
        if (kind === "identity" && !s.Resource && !s.NotResource) err(w, "Resource required", "IAM");
        if (kind === "identity" && (s.Principal || s.NotPrincipal))
          err(w, "identity policies take no Principal", "IAM");
        if (kind !== "identity" && !s.Principal && !s.NotPrincipal) err(w, "Principal required", "IAM");
        if (kind === "trust" && (s.Resource || s.NotResource))
          err(w, "trust policies take no Resource", "IAM");
        if (s.Sid !== undefined && kind === "identity" && !/^[A-Za-z0-9]*$/.test(s.Sid))
          err(w, "Sid is alphanumeric", "IAM");
        for (const a of [].concat(s.Action || []))
          if (typeof a === "string" && a !== "*" && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(a))
            err(w, `bad action "${a}"`, "IAM");
        if (
          kind === "identity" &&
          s.Effect === "Allow" &&
          [].concat(s.Action || []).includes("*") &&
          [].concat(s.Resource || []).includes("*")
        )
          warn(w, "full administrator access", "IAM");
      }
    }
  }
  const exportsSeen = new Set();
  for (const [k, o] of Object.entries(outs)) {
    if (!/^[A-Za-z0-9]{1,255}$/.test(k)) err("/Outputs/" + k, "output names are alphanumeric");
    if (!isObj(o) || o.Value === undefined) {
      err("/Outputs/" + k, "Value is required");
      continue;
    }
    walkFn(o.Value, `/Outputs/${k}/Value`);
    if (o.Condition && !(o.Condition in conds))
      err(`/Outputs/${k}`, `unknown condition ${o.Condition}`, "REF");
    const n = JSON.stringify(o.Export?.Name);
    if (n) {
      walkFn(o.Export.Name, `/Outputs/${k}/Export`);
      if (exportsSeen.has(n)) err(`/Outputs/${k}/Export`, "duplicate export name");
      exportsSeen.add(n);
    }
  }
  for (const k of Object.keys(params))
    if (!used.has(k) && !JSON.stringify(tpl.Rules || {}).includes(`"${k}"`))
      warn("/Parameters/" + k, "parameter never referenced", "UNUSED");
  // circular dependencies
  const state = {};
  const stack = [];
  const dfs = (n) => {
    state[n] = 1;
    stack.push(n);
    for (const m of deps[n] || []) {
      if (m === n) {
        err("/Resources/" + n, "resource refers to itself", "CYCLE");
        continue;
      }
      if (state[m] === 1)
        err(
          "/Resources/" + n,
          "circular dependency " + stack.slice(stack.indexOf(m)).concat(m).join(" -> "),
          "CYCLE",
        );
      else if (!state[m]) dfs(m);
    }
    stack.pop();
    state[n] = 2;
  };
  Object.keys(res).forEach((n) => {
    if (!state[n]) dfs(n);
  });
  return out;
}

// AWS six-field cron problems (EventBridge rules and Scheduler share the grammar)
export function cronProblems(expr) {
  const f = expr.trim().split(/\s+/);
  const bad = [];
  if (f.length !== 6) return [`cron needs 6 fields, found ${f.length}`];
  const MON = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC",
    DAY = "SUN|MON|TUE|WED|THU|FRI|SAT";
  const spec = [
    ["minutes", 0, 59, "", ""],
    ["hours", 0, 23, "", ""],
    ["day-of-month", 1, 31, "LW?", ""],
    ["month", 1, 12, "", MON],
    ["day-of-week", 1, 7, "L#?", DAY],
    ["year", 1970, 2199, "", ""],
  ];
  f.forEach((s, i) => {
    const [n, lo, hi, extra, names] = spec[i];
    if (s === "*") return;
    if (s === "?") {
      if (!extra.includes("?")) bad.push(`? not allowed in ${n}`);
      return;
    }
    const val = names ? `(?:\\d+|${names})` : "\\d+";
    for (const part of s.split(",")) {
      let ok = new RegExp(`^(\\*|${val}(-${val})?)(/\\d+)?$`, "i").test(part);
      if (i === 2) ok ||= /^(L|LW|L-\d+|\d+W)$/.test(part);
      if (i === 4) {
        ok ||= new RegExp(`^(L|${val}L|${val}#[1-5])$`, "i").test(part);
        if (part.includes("#") && s.includes(",")) bad.push("# allows only one expression in day-of-week");
        if (part.includes("/")) bad.push("/ is not documented for day-of-week");
      }
      if (!ok) {
        bad.push(`bad ${n} "${part}"`);
        continue;
      }
      for (const num of part.replace(/[/#].*$/, "").match(/\d+/g) || [])
        if (Number(num) < lo || Number(num) > hi) bad.push(`${n} value ${num} outside ${lo}-${hi}`);
    }
  });
  const q = [f[2] === "?", f[4] === "?"];
  if (q[0] === q[1]) bad.push("exactly one of day-of-month and day-of-week must be ?");
  return bad;
}

// ---------------------------------------------------------------- CLI
const INLINE_LIMIT = 51200; // bytes; above it, a template is passed by S3 URL
const URL_LIMIT = 1 << 20;
function inlineBuildspecs(template) {
  return Object.entries(template.Resources ?? {}).flatMap(([id, { Type, Properties }]) => {
    const spec = Type === "AWS::CodeBuild::Project" ? Properties?.Source?.BuildSpec : undefined;
    if (typeof spec !== "string" || !spec.includes("\n")) return [];
    return checkBuildspec(parseBuildspec(spec)).map((f) => ({
      ...f,
      path: `/Resources/${id}/BuildSpec${f.path}`,
    }));
  });
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2);
  if (!files.length) {
    console.error("usage: cfn.mjs FILE...");
    process.exit(2);
  }
  for (const file of files) {
    const text = fs.readFileSync(file, "utf8");
    let findings;
    try {
      const template = parseTemplate(text);
      findings = [...(await checkTemplate(template)), ...inlineBuildspecs(template)];
    } catch (e) {
      findings = [{ level: "error", code: "PARSE", path: "/", message: e.message }];
    }
    const bytes = Buffer.byteLength(text);
    if (bytes > URL_LIMIT)
      findings.push({ level: "error", code: "LIMIT", path: "/", message: `${bytes} bytes: above 1 MiB` });
    else if (bytes > INLINE_LIMIT)
      findings.push({
        level: "info",
        code: "LIMIT",
        path: "/",
        message: `${bytes} bytes: to be passed by S3 URL`,
      });
    for (const { level, code, path: at, message } of findings)
      finding(file, code, `${at}: ${message}`, { level });
  }
}
