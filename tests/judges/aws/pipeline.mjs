#!/usr/bin/env node
// Judges native CodePipeline definitions: create-pipeline input {"pipeline": {…}, "tags": […]} or a bare declaration, as JSON.
//   node pipeline.mjs FILE...      one finding per line as JSON
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { finding } from "../modules.mjs";

// -------------------------------------------------------- shapes (limits as in the service model, botocore 2026-08)
const NAME = { p: /^[A-Za-z0-9.@\-_]+$/, len: [1, 100] },
  ART = { p: /^[a-zA-Z0-9_-]+$/, len: [1, 100] };
const ROLE = { p: /^arn:aws(-[\w]+)*:iam::[0-9]{12}:role\/.*$/, len: [0, 1024] },
  REGION = { len: [4, 30] };
const S = (fields, req = []) => ({ kind: "struct", fields, req }),
  L = (of, min = 0, max = Infinity) => ({ kind: "list", of, min, max });
const STR = (o = {}) => ({ kind: "str", ...o }),
  INT = (min, max) => ({ kind: "int", min, max }),
  ENUM = (...e) => ({ kind: "str", e });
const MAP = (klen, vlen) => ({ kind: "map", klen, vlen });
const PAT = L(STR({ len: [1, 255] }), 1, 8),
  CRIT = S({ includes: PAT, excludes: PAT });
const INART = L(S({ name: STR(ART) }, ["name"]));
const STORE = S(
  {
    type: ENUM("S3"),
    location: STR({ p: /^[a-zA-Z0-9\-.]+$/, len: [3, 63] }),
    encryptionKey: S({ id: STR({ len: [1, 400] }), type: ENUM("KMS") }, ["id", "type"]),
  },
  ["type", "location"],
);
const RULE = S(
  {
    name: STR(NAME),
    ruleTypeId: S(
      {
        category: ENUM("Rule"),
        owner: ENUM("AWS"),
        provider: STR({ p: /^[0-9A-Za-z_-]+$/, len: [1, 35] }),
        version: STR({ p: /^[0-9A-Za-z_-]+$/, len: [1, 9] }),
      },
      ["category", "provider"],
    ),
    configuration: MAP([1, 50], [1, 10000]),
    commands: L(STR({ len: [1, 1000] }), 1, 50),
    inputArtifacts: INART,
    roleArn: STR(ROLE),
    region: STR(REGION),
    timeoutInMinutes: INT(5, 86400),
  },
  ["name", "ruleTypeId"],
);
const CONDS = L(S({ result: ENUM("ROLLBACK", "FAIL", "RETRY", "SKIP"), rules: L(RULE, 1, 5) }), 1, 1);
const ACTION = S(
  {
    name: STR(NAME),
    actionTypeId: S(
      {
        category: ENUM("Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"),
        owner: ENUM("AWS", "ThirdParty", "Custom"),
        provider: STR({ p: /^[0-9A-Za-z_-]+$/, len: [1, 35] }),
        version: STR({ p: /^[0-9A-Za-z_-]+$/, len: [1, 9] }),
      },
      ["category", "owner", "provider", "version"],
    ),
    runOrder: INT(1, 999),
    configuration: MAP([1, 50], [1, 1000]),
    commands: L(STR({ len: [1, 1000] }), 1, 50),
    outputArtifacts: L(S({ name: STR(ART), files: L(STR({ len: [1, 128] }), 1, 10) }, ["name"])),
    inputArtifacts: INART,
    outputVariables: L(STR({ len: [1, 128] }), 1, 15),
    roleArn: STR(ROLE),
    region: STR(REGION),
    namespace: STR({ p: /^[A-Za-z0-9@\-_]+$/, len: [1, 100] }),
    timeoutInMinutes: INT(5, 86400),
    environmentVariables: L(
      S(
        {
          name: STR({ p: /^[A-Za-z0-9_]+$/, len: [1, 128] }),
          value: STR({ len: [1, 2000] }),
          type: ENUM("PLAINTEXT", "SECRETS_MANAGER"),
        },
        ["name", "value"],
      ),
      1,
      10,
    ),
  },
  ["name", "actionTypeId"],
);
const STAGE = S(
  {
    name: STR(NAME),
    blockers: L(S({ name: STR({ len: [1, 100] }), type: ENUM("Schedule") }, ["name", "type"])),
    actions: L(ACTION),
    beforeEntry: S({ conditions: CONDS }, ["conditions"]),
    onSuccess: S({ conditions: CONDS }, ["conditions"]),
    onFailure: S({
      result: ENUM("ROLLBACK", "FAIL", "RETRY", "SKIP"),
      retryConfiguration: S({ retryMode: ENUM("FAILED_ACTIONS", "ALL_ACTIONS") }),
      conditions: CONDS,
    }),
  },
  ["name", "actions"],
);
const PUSH = S({ tags: CRIT, branches: CRIT, filePaths: CRIT }),
  PR = S({ events: L(ENUM("OPEN", "UPDATED", "CLOSED"), 1, 3), branches: CRIT, filePaths: CRIT });
const PIPELINE = S(
  {
    name: STR(NAME),
    roleArn: STR(ROLE),
    artifactStore: STORE,
    artifactStores: { kind: "mapof", of: STORE, klen: [4, 30] },
    stages: L(STAGE),
    version: INT(1, Infinity),
    executionMode: ENUM("QUEUED", "SUPERSEDED", "PARALLEL"),
    pipelineType: ENUM("V1", "V2"),
    variables: L(
      S(
        {
          name: STR({ p: /^[A-Za-z0-9@\-_]+$/, len: [1, 128] }),
          defaultValue: STR({ len: [1, 1000] }),
          description: STR({ len: [0, 200] }),
        },
        ["name"],
      ),
      0,
      50,
    ),
    triggers: L(
      S(
        {
          providerType: ENUM("CodeStarSourceConnection"),
          gitConfiguration: S(
            { sourceActionName: STR(NAME), push: L(PUSH, 1, 3), pullRequest: L(PR, 1, 3) },
            ["sourceActionName"],
          ),
        },
        ["providerType", "gitConfiguration"],
      ),
      0,
      50,
    ),
  },
  ["name", "roleArn", "stages"],
);

// -------------------------------------------------------- providers: in/out artifact bounds, config keys (!required, ?optional)
// v2: V2-only; vars: fixed output variable keys ('*' = user defined); xr:false = no cross-region
const P = (cat, prov, i, o, cfg, x = {}) => [
  `${cat}/AWS/${prov}`,
  {
    i,
    o,
    req: cfg
      .split(" ")
      .filter((k) => k.endsWith("!"))
      .map((k) => k.slice(0, -1)),
    opt: cfg.split(" ").filter((k) => k && !k.endsWith("!")),
    ...x,
  },
];
const CB = "ProjectName! PrimarySource BatchEnabled BuildspecOverride CombineArtifacts EnvironmentVariables";
const SS =
  "StackSetName! Description TemplatePath! Parameters Capabilities PermissionModel AdministrationRoleArn ExecutionRoleName OrganizationsAutoDeployment DeploymentTargets Regions FailureTolerancePercentage MaxConcurrentPercentage RegionConcurrencyType ConcurrencyMode CallAs";
export const PROVIDERS = Object.fromEntries([
  P(
    "Source",
    "S3",
    [0, 0],
    [1, 1],
    "S3Bucket! S3ObjectKey! AllowOverrideForS3ObjectKey PollForSourceChanges",
    { vars: ["BucketName", "ETag", "ObjectKey", "VersionId"] },
  ),
  P(
    "Source",
    "CodeCommit",
    [0, 0],
    [1, 1],
    "RepositoryName! BranchName! PollForSourceChanges OutputArtifactFormat",
    { vars: ["AuthorDate", "BranchName", "CommitId", "CommitMessage", "CommitterDate", "RepositoryName"] },
  ),
  P("Source", "ECR", [0, 0], [1, 1], "RepositoryName! ImageTag", {
    vars: ["ImageDigest", "ImageTag", "ImageURI", "RegistryId", "RepositoryName"],
  }),
  P(
    "Source",
    "CodeStarSourceConnection",
    [0, 0],
    [1, 1],
    "ConnectionArn! FullRepositoryId! BranchName! OutputArtifactFormat DetectChanges",
    {
      vars: [
        "AuthorDate",
        "AuthorDisplayName",
        "AuthorEmail",
        "AuthorId",
        "BranchName",
        "CommitId",
        "CommitMessage",
        "ConnectionArn",
        "DestinationBranchName",
        "FullRepositoryName",
        "ProviderType",
        "PullRequestId",
        "PullRequestTitle",
        "SourceBranchName",
        "TagName",
      ],
    },
  ),
  P("Build", "CodeBuild", [1, 5], [0, 5], CB, { vars: "*" }),
  P("Test", "CodeBuild", [1, 5], [0, 5], CB, { vars: "*" }),
  P(
    "Build",
    "ECRBuildAndPublish",
    [1, 1],
    [0, 0],
    "ECRRepositoryName! DockerFilePath ImageTags RegistryType",
    { v2: true, vars: ["ECRImageDigestId", "ECRRepositoryName"] },
  ),
  P("Compute", "Commands", [1, 10], [0, 1], "EnvironmentType ComputeType VpcId Subnets SecurityGroupIds", {
    v2: true,
    vars: "*",
    commands: true,
  }),
  P("Test", "DeviceFarm", [1, 1], [0, 0], "", { any: true }),
  P("Approval", "Manual", [0, 0], [0, 0], "CustomData ExternalEntityLink NotificationArn", { timeout: true }),
  P(
    "Deploy",
    "S3",
    [1, 1],
    [0, 0],
    "BucketName! Extract! ObjectKey KMSEncryptionKeyARN CannedACL CacheControl",
  ),
  P(
    "Deploy",
    "CloudFormation",
    [0, 10],
    [0, 1],
    "ActionMode! StackName! Capabilities ChangeSetName RoleArn TemplatePath OutputFileName ParameterOverrides TemplateConfiguration",
    { vars: "*" },
  ),
  P("Deploy", "CloudFormationStackSet", [1, 3], [0, 0], SS, { vars: ["StackSetId", "OperationId"] }),
  P(
    "Deploy",
    "CloudFormationStackInstances",
    [0, 2],
    [0, 0],
    "StackSetName! DeploymentTargets Regions ParameterOverrides FailureTolerancePercentage MaxConcurrentPercentage RegionConcurrencyType ConcurrencyMode CallAs",
    { vars: ["StackSetId", "OperationId"] },
  ),
  P("Deploy", "CodeDeploy", [1, 1], [0, 0], "ApplicationName! DeploymentGroupName!"),
  P(
    "Deploy",
    "CodeDeployToECS",
    [1, 5],
    [0, 0],
    "ApplicationName! DeploymentGroupName! TaskDefinitionTemplateArtifact! AppSpecTemplateArtifact! AppSpecTemplatePath TaskDefinitionTemplatePath " +
      [1, 2, 3, 4].map((n) => `Image${n}ArtifactName Image${n}ContainerName`).join(" "),
  ),
  P("Deploy", "ECS", [1, 1], [0, 0], "ClusterName! ServiceName! FileName DeploymentTimeout"),
  P(
    "Deploy",
    "EKS",
    [1, 1],
    [0, 0],
    "ClusterName! HelmReleaseName HelmChartLocation HelmValuesFiles ManifestFiles Namespace Subnets SecurityGroupIds",
    { v2: true, vars: ["EKSClusterName"], env: true },
  ),
  P(
    "Deploy",
    "EC2",
    [1, 1],
    [0, 0],
    "InstanceTagKey! InstanceTagValue InstanceType! TargetDirectory DeploySpec MaxBatch MaxError TargetGroupNameList PreScript PostScript",
    { v2: true },
  ),
  P(
    "Deploy",
    "Lambda",
    [0, 1],
    [0, 0],
    "FunctionName! FunctionAlias PublishedTargetVersion DeployStrategy Alarms",
    { v2: true, vars: ["FunctionVersion"] },
  ),
  P("Deploy", "ElasticBeanstalk", [1, 1], [0, 0], "ApplicationName! EnvironmentName!"),
  P(
    "Deploy",
    "ServiceCatalog",
    [1, 1],
    [0, 0],
    "TemplateFilePath ProductVersionName ProductType ProductVersionDescription ProductId ConfigurationFilePath",
  ),
  P(
    "Deploy",
    "AppConfig",
    [1, 1],
    [0, 0],
    "Application! Environment! ConfigurationProfile! InputArtifactConfigurationPath! DeploymentStrategy",
  ),
  P("Deploy", "OpsWorks", [1, 1], [0, 0], "Stack! Layer App!"),
  P("Invoke", "Lambda", [0, 5], [0, 5], "FunctionName! UserParameters", { vars: "*" }),
  P("Invoke", "StepFunctions", [0, 1], [0, 1], "StateMachineArn! ExecutionNamePrefix InputType Input", {
    vars: ["StateMachineArn", "ExecutionArn"],
  }),
  P("Invoke", "CodePipeline", [0, 0], [0, 0], "PipelineName! SourceRevisions Variables", { v2: true }),
  P(
    "Invoke",
    "InspectorScan",
    [0, 1],
    [1, 1],
    "InspectorRunMode! ECRRepositoryName ImageTag CriticalThreshold HighThreshold MediumThreshold LowThreshold",
    { v2: true, vars: ["HighestScannedSeverity"] },
  ),
]);
export const RULES = {
  LambdaInvoke: "FunctionName! UserParameters",
  CloudWatchAlarm: "AlarmName! AlarmStates WaitTime",
  DeploymentWindow: "Cron! TimeZone",
  CodeBuild: "ProjectName! PrimarySource BatchEnabled CombineArtifacts EnvironmentVariables",
  Commands: "",
  VariableCheck: "Variable! Value! Operator!",
};

const isObj = (v) => v && typeof v === "object" && !Array.isArray(v);
const opaque = (v) => isObj(v) && Object.keys(v).length === 1 && /^(Fn::|Ref$)/.test(Object.keys(v)[0]);

// Properties of AWS::CodePipeline::Pipeline -> native declaration (keys lower-cased at the first letter; Configuration kept)
export function fromCfn(v) {
  if (opaque(v)) return v;
  const conv = (x) => {
    if (opaque(x)) return x;
    if (Array.isArray(x)) return x.map(conv);
    if (!isObj(x)) return x;
    return Object.fromEntries(
      Object.entries(x).map(([k, y]) => [
        k[0].toLowerCase() + k.slice(1),
        k === "Configuration" ? y : conv(y),
      ]),
    );
  };
  const o = conv(v);
  if (Array.isArray(o.artifactStores))
    o.artifactStores = Object.fromEntries(
      o.artifactStores.map((s, i) => [
        typeof s.region === "string" ? s.region : `region-${i}`,
        s.artifactStore,
      ]),
    );
  delete o.tags;
  delete o.disableInboundStageTransitions;
  delete o.restartExecutionOnUpdate;
  o.name ??= "generated-by-cloudformation";
  return o;
}

export function checkPipeline(pl, opts = {}) {
  const out = [];
  const err = (path, message, code = "P") => out.push({ level: "error", code, path, message });
  const warn = (path, message, code = "PW") => out.push({ level: "warning", code, path, message });
  const cfn = !!opts.cfn;
  // ---- shapes
  (function shape(v, s, p) {
    if (v === undefined || opaque(v)) return;
    if (s.kind === "struct") {
      if (!isObj(v)) return err(p, "expected object", "SHAPE");
      for (const k of Object.keys(v)) if (!s.fields[k]) err(`${p}/${k}`, "unknown field", "SHAPE");
      for (const k of s.req) if (v[k] === undefined) err(p, `missing ${k}`, "SHAPE");
      for (const [k, t] of Object.entries(s.fields)) if (v[k] !== undefined) shape(v[k], t, `${p}/${k}`);
    } else if (s.kind === "list") {
      if (!Array.isArray(v)) return err(p, "expected list", "SHAPE");
      if (v.length < s.min || v.length > s.max)
        err(p, `${v.length} entries, allowed ${s.min}..${s.max}`, "LIMIT");
      v.forEach((x, i) => shape(x, s.of, `${p}/${i}`));
    } else if (s.kind === "mapof") {
      if (!isObj(v)) return err(p, "expected map", "SHAPE");
      Object.entries(v).forEach(([k, x]) => shape(x, s.of, `${p}/${k}`));
    } else if (s.kind === "map") {
      if (!isObj(v)) return err(p, "expected map of strings", "SHAPE");
      for (const [k, x] of Object.entries(v)) {
        if (k.length < s.klen[0] || k.length > s.klen[1])
          err(`${p}/${k}`, `key length ${k.length}, max ${s.klen[1]}`, "LIMIT");
        if (opaque(x)) continue;
        if (typeof x !== "string") {
          if (cfn && typeof x !== "object") {
            /* CloudFormation stringifies scalars */
          } else if (cfn) {
            /* CloudFormation accepts JSON objects here and stringifies */
          } else err(`${p}/${k}`, `value must be a string, found ${typeof x}`, "SHAPE");
        }
        const str = typeof x === "string" ? x : JSON.stringify(x);
        if (str.length < s.vlen[0] || str.length > s.vlen[1])
          err(`${p}/${k}`, `value length ${str.length}, allowed ${s.vlen.join("..")}`, "LIMIT");
      }
    } else if (s.kind === "int") {
      if (cfn ? !Number.isInteger(Number(v)) : !Number.isInteger(v))
        return err(p, `expected integer, found ${JSON.stringify(v)}`, "SHAPE");
      if (Number(v) < s.min || Number(v) > s.max) err(p, `${v} outside ${s.min}..${s.max}`, "LIMIT");
    } else {
      if (typeof v !== "string") {
        if (cfn && typeof v !== "object") v = String(v);
        else return err(p, `expected string, found ${JSON.stringify(v)}`, "SHAPE");
      }
      if (s.e && !s.e.includes(v)) err(p, `"${v}" not one of ${s.e.join(" | ")}`, "ENUM");
      if (s.len && (v.length < s.len[0] || v.length > s.len[1]))
        err(p, `length ${v.length}, allowed ${s.len.join("..")}`, "LIMIT");
      if (s.p && !s.p.test(v)) err(p, `"${v.slice(0, 60)}" does not match ${s.p.source}`, "PATTERN");
    }
  })(pl, PIPELINE, "");
  if (!isObj(pl) || !Array.isArray(pl.stages)) return out;
  const v2 = pl.pipelineType === "V2",
    mode = pl.executionMode || "SUPERSEDED";
  const stages = pl.stages.filter((s) => isObj(s) && !opaque(s));
  const acts = (s) => (Array.isArray(s.actions) ? s.actions : []).filter((a) => isObj(a) && !opaque(a));
  // ---- pipeline level
  if (!cfn && !!pl.artifactStore === !!pl.artifactStores)
    err("", "exactly one of artifactStore / artifactStores", "STORE");
  if (stages.length < 2 || stages.length > 50)
    err("/stages", `${stages.length} stages, allowed 2..50`, "LIMIT");
  const total = stages.reduce((n, s) => n + acts(s).length, 0);
  if (total > 1000) err("/stages", `${total} actions, allowed 1000`, "LIMIT");
  const feats = [];
  if (pl.variables?.length) feats.push("variables");
  if (pl.triggers?.length) feats.push("triggers");
  if (["QUEUED", "PARALLEL"].includes(mode)) feats.push("executionMode " + mode);
  if (stages.some((s) => s.beforeEntry || s.onSuccess || s.onFailure)) feats.push("stage conditions");
  if (!v2 && feats.length) err("/pipelineType", `V2 required for ${feats.join(", ")}`, "V2");
  if (JSON.stringify(pl.triggers || []).length > 200 * 1024)
    err("/triggers", "triggers larger than 200 KB", "LIMIT");
  const dup = (list, p, what) => {
    const seen = new Set();
    for (const n of list) {
      if (typeof n !== "string") continue;
      if (seen.has(n)) err(p, `duplicate ${what} "${n}"`, "DUP");
      seen.add(n);
    }
  };
  dup(
    stages.map((s) => s.name),
    "/stages",
    "stage name",
  );
  dup(
    (pl.variables || []).map((v) => v.name),
    "/variables",
    "variable",
  );
  const vars = new Set((pl.variables || []).map((v) => v.name));
  if (
    stages.length &&
    !stages.slice(1).some((s) => acts(s).some((a) => a.actionTypeId?.category !== "Source"))
  )
    err("/stages", "no non-source action", "STRUCT");
  // ---- artifacts, namespaces, order.  position = [stage, runOrder]
  const produced = new Map(),
    namespaces = new Map();
  stages.forEach((s, si) =>
    acts(s).forEach((a, ai) => {
      const pos = [si, Number(a.runOrder ?? 1)],
        p = `/stages/${si}/actions/${ai}`;
      for (const o of a.outputArtifacts || []) {
        if (typeof o?.name !== "string") continue;
        if (produced.has(o.name))
          err(p, `output artifact "${o.name}" already produced by another action`, "ARTIFACT");
        produced.set(o.name, { pos, a });
      }
      if (typeof a.namespace === "string") {
        if (namespaces.has(a.namespace)) err(p, `duplicate namespace "${a.namespace}"`, "NS");
        if (["codepipeline", "variables"].includes(a.namespace))
          err(p, `namespace "${a.namespace}" is reserved`, "NS");
        namespaces.set(a.namespace, { pos, a });
      }
    }),
  );
  for (const n of namespaces.keys())
    if (produced.has(n)) err("/stages", `namespace "${n}" equals an artifact name`, "NS");
  const before = (x, y) => x[0] < y[0] || (x[0] === y[0] && x[1] < y[1]);
  const keyName = (a) => `${a.actionTypeId?.category}/${a.actionTypeId?.owner}/${a.actionTypeId?.provider}`;
  function refs(v, pos, p, { inSource = false } = {}) {
    if (typeof v === "string")
      for (const m of v.matchAll(/#\{([^}]*)\}/g)) {
        const t = m[1].match(/^([A-Za-z0-9@\-_]+)\.([^\s}]+)$/);
        if (!t) {
          err(p, `malformed variable reference #{${m[1]}}`, "VAR");
          continue;
        }
        const [, ns, key] = t;
        if (ns === "codepipeline") {
          if (key !== "PipelineExecutionId")
            err(p, `codepipeline namespace has only PipelineExecutionId, not ${key}`, "VAR");
          continue;
        }
        if (ns === "variables") {
          if (!vars.has(key)) err(p, `undeclared pipeline variable ${key}`, "VAR");
          if (inSource) err(p, "pipeline variables are not available in Source actions", "VAR");
          continue;
        }
        const n = namespaces.get(ns);
        if (!n) {
          err(p, `no action has namespace "${ns}"`, "VAR");
          continue;
        }
        if (pos && !before(n.pos, pos))
          err(p, `"${ns}" is produced by an action that does not finish before this one`, "VAR");
        const k = PROVIDERS[keyName(n.a)]?.vars;
        if (Array.isArray(k) && !k.includes(key))
          err(p, `${keyName(n.a)} produces no variable ${key} (has ${k.join(", ")})`, "VAR");
        if (k === undefined && n.a.actionTypeId?.owner === "AWS")
          warn(p, `${keyName(n.a)} produces no variables`, "VAR");
        if (n.a.actionTypeId?.provider === "Commands" && !(n.a.outputVariables || []).includes(key))
          err(p, `Commands action does not list ${key} in outputVariables`, "VAR");
      }
    else if (isObj(v) || Array.isArray(v)) Object.values(v).forEach((x) => refs(x, pos, p, { inSource }));
  }
  const CLONE = new Set(
    [...produced]
      .filter(([, x]) => x.a.configuration?.OutputArtifactFormat === "CODEBUILD_CLONE_REF")
      .map(([n]) => n),
  );
  const regions = new Set();
  stages.forEach((s, si) => {
    const sp = `/stages/${si}`;
    const list = acts(s);
    if (!opaque(s.actions) && (list.length < 1 || list.length > 50))
      err(sp, `${list.length} actions, allowed 1..50`, "LIMIT");
    dup(
      list.map((a) => a.name),
      sp,
      "action name",
    );
    list.forEach((a, ai) => {
      const p = `${sp}/actions/${ai}`,
        t = a.actionTypeId || {},
        pos = [si, Number(a.runOrder ?? 1)],
        cfg = isObj(a.configuration) && !opaque(a.configuration) ? a.configuration : {};
      if (si === 0 && t.category !== "Source")
        err(p, "the first stage may contain only Source actions", "STRUCT");
      if (si > 0 && t.category === "Source") err(p, "Source actions only in the first stage", "STRUCT");
      if (typeof a.region === "string") regions.add(a.region);
      for (const i of a.inputArtifacts || []) {
        if (typeof i?.name !== "string") continue;
        const src = produced.get(i.name);
        if (!src) err(p, `input artifact "${i.name}" is produced by no action`, "ARTIFACT");
        else if (!before(src.pos, pos))
          err(
            p,
            `input artifact "${i.name}" is not produced before this action (stage/runOrder)`,
            "ARTIFACT",
          );
        if (CLONE.has(i.name) && t.provider !== "CodeBuild")
          err(p, `"${i.name}" is CODEBUILD_CLONE_REF: only CodeBuild actions can read it`, "ARTIFACT");
      }
      dup(
        (a.inputArtifacts || []).map((x) => x.name),
        p,
        "input artifact",
      );
      refs(cfg, pos, p + "/configuration", { inSource: t.category === "Source" });
      refs(a.commands, pos, p + "/commands");
      refs(
        (a.environmentVariables || []).map((e) => e.value),
        pos,
        p + "/environmentVariables",
      );
      if (t.owner && t.owner !== "AWS") {
        if (t.provider === "CodeStarSourceConnection")
          err(p, "CodeStarSourceConnection has owner AWS", "PROVIDER");
        return;
      }
      if (opaque(t.provider) || opaque(t.category)) return;
      const d = PROVIDERS[keyName(a)];
      if (!d) {
        err(p, `unknown provider ${keyName(a)}`, "PROVIDER");
        return;
      }
      if (t.version !== undefined && String(t.version) !== "1")
        err(p, `version of AWS actions is "1", found ${t.version}`, "PROVIDER");
      if (d.v2 && !v2) err(p, `${t.provider} needs pipelineType V2`, "V2");
      const ni = (a.inputArtifacts || []).length,
        no = (a.outputArtifacts || []).length;
      if (ni < d.i[0] || ni > d.i[1])
        err(p, `${ni} input artifacts, ${t.provider} takes ${d.i.join("..")}`, "ARTIFACT");
      if (no < d.o[0] || no > d.o[1])
        err(p, `${no} output artifacts, ${t.provider} makes ${d.o.join("..")}`, "ARTIFACT");
      if (!opaque(a.configuration) && !d.any) {
        for (const k of d.req) if (cfg[k] === undefined) err(p + "/configuration", `missing ${k}`, "CONFIG");
        for (const k of Object.keys(cfg))
          if (![...d.req, ...d.opt].includes(k))
            err(`${p}/configuration/${k}`, `unknown ${t.provider} key`, "CONFIG");
      }
      if (a.commands && !d.commands) err(p, `commands are only for Compute/Commands`, "CONFIG");
      if (d.commands && !a.commands) err(p, "Commands action without commands", "CONFIG");
      for (const c of a.commands || [])
        if (typeof c === "string" && /\n/.test(c.trim()))
          err(p, "multi-line commands are rejected", "CONFIG");
      if (a.outputVariables && !d.commands) err(p, "outputVariables are only for Compute/Commands", "CONFIG");
      if (a.environmentVariables && !d.commands && !d.env)
        warn(p, "environmentVariables are for compute-based actions", "CONFIG");
      if (!d.commands && (a.environmentVariables || []).some((e) => e.type === "SECRETS_MANAGER"))
        err(p, "SECRETS_MANAGER variables only in Commands actions", "CONFIG");
      if ((a.outputArtifacts || []).some((o) => o.files) && !d.commands)
        err(p, "outputArtifacts.files only for Commands actions", "CONFIG");
      if (a.timeoutInMinutes !== undefined && !d.timeout)
        err(p, "timeoutInMinutes is available only for manual approval", "CONFIG");
      if (d.commands && a.region && pl.artifactStores)
        warn(p, "Commands across Regions: undocumented; older docs forbid it", "REGION");
      provider(a, t, cfg, p);
    });
    conditions(s, si, sp);
  });
  function provider(a, t, c, p) {
    const ins = (a.inputArtifacts || []).map((x) => x.name),
      need = (cond, m) => {
        if (cond) err(p + "/configuration", m, "CONFIG");
      };
    const pathOf = (k) => {
      if (typeof c[k] === "string" && c[k].includes("::")) {
        const n = c[k].split("::")[0];
        if (!ins.includes(n)) err(`${p}/configuration/${k}`, `"${n}" is not an input artifact`, "CONFIG");
      } else if (typeof c[k] === "string" && !c[k].startsWith("#{"))
        err(`${p}/configuration/${k}`, "must be Artifact::File", "CONFIG");
    };
    if (t.provider === "CodeBuild") {
      need(ins.length > 1 && !c.PrimarySource, "PrimarySource required with several inputs");
      if (typeof c.PrimarySource === "string" && !ins.includes(c.PrimarySource))
        err(p + "/configuration/PrimarySource", "not an input artifact", "CONFIG");
      need(c.CombineArtifacts === "true" && c.BatchEnabled !== "true", "CombineArtifacts needs BatchEnabled");
      if (typeof c.EnvironmentVariables === "string") {
        try {
          const a2 = JSON.parse(c.EnvironmentVariables);
          if (!Array.isArray(a2)) throw 0;
          for (const e of a2) {
            if (!e.name || e.value === undefined)
              err(p + "/configuration/EnvironmentVariables", "entries need name and value", "CONFIG");
            if (e.type && !["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"].includes(e.type))
              err(p + "/configuration/EnvironmentVariables", `bad type ${e.type}`, "CONFIG");
            if (/^CODEBUILD_/.test(e.name))
              err(p + "/configuration/EnvironmentVariables", "CODEBUILD_ prefix is reserved", "CONFIG");
          }
        } catch {
          err(p + "/configuration/EnvironmentVariables", "must be a JSON array in a string", "CONFIG");
        }
      }
    }
    if (t.provider === "CloudFormation") {
      const m = c.ActionMode,
        MODES = [
          "CHANGE_SET_EXECUTE",
          "CHANGE_SET_REPLACE",
          "CREATE_UPDATE",
          "DELETE_ONLY",
          "REPLACE_ON_FAILURE",
        ];
      if (typeof m === "string") {
        need(!MODES.includes(m), `ActionMode not one of ${MODES.join(", ")}`);
        need(/^CHANGE_SET/.test(m) && !c.ChangeSetName, "ChangeSetName required");
        need(m !== "CHANGE_SET_EXECUTE" && MODES.includes(m) && !c.RoleArn, "RoleArn required");
        need(
          ["CREATE_UPDATE", "REPLACE_ON_FAILURE", "CHANGE_SET_REPLACE"].includes(m) && !c.TemplatePath,
          "TemplatePath required",
        );
      }
      pathOf("TemplatePath");
      pathOf("TemplateConfiguration");
      need(
        (a.outputArtifacts || []).length === 1 && !c.OutputFileName,
        "output artifact without OutputFileName",
      );
      if (typeof c.ParameterOverrides === "string" && Buffer.byteLength(c.ParameterOverrides) > 1024)
        err(p + "/configuration/ParameterOverrides", "larger than 1 KB", "LIMIT");
      for (const k of typeof c.Capabilities === "string" ? c.Capabilities.split(",") : [])
        need(
          !["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"].includes(k),
          `bad capability "${k}"`,
        );
    }
    if (t.provider === "CloudFormationStackSet") {
      pathOf("TemplatePath");
      need(!!c.DeploymentTargets !== !!c.Regions, "DeploymentTargets and Regions go together");
      need(
        c.OrganizationsAutoDeployment && c.DeploymentTargets,
        "OrganizationsAutoDeployment excludes DeploymentTargets/Regions",
      );
      if (typeof c.StackSetName === "string")
        need(!/^[a-zA-Z][a-zA-Z0-9-]{0,127}$/.test(c.StackSetName), "bad StackSetName");
    }
    if (t.provider === "S3" && t.category === "Deploy")
      need(c.Extract === "false" && !c.ObjectKey, "ObjectKey required when Extract is false");
    if (t.provider === "EKS")
      need(
        !c.ManifestFiles === !(c.HelmReleaseName && c.HelmChartLocation),
        "either ManifestFiles or HelmReleaseName + HelmChartLocation",
      );
    if (t.provider === "EC2") {
      need(
        !c.DeploySpec && !(c.TargetDirectory && c.PostScript),
        "DeploySpec, or TargetDirectory + PostScript",
      );
      if (typeof c.InstanceType === "string")
        need(
          !["EC2", "SSM_MANAGED_NODE"].includes(c.InstanceType),
          "InstanceType is EC2 or SSM_MANAGED_NODE",
        );
    }
    if (t.provider === "Lambda" && t.category === "Deploy") {
      need(
        !ins.length && !c.PublishedTargetVersion,
        "PublishedTargetVersion required without input artifact",
      );
      need(c.DeployStrategy && !c.FunctionAlias, "DeployStrategy needs FunctionAlias");
      if (typeof c.DeployStrategy === "string" && !c.DeployStrategy.includes("#{"))
        need(
          !/^(AllAtOnce|Canary\d+Percent\d+Minutes?|Linear\d+PercentEvery\d+Minutes?)$/.test(
            c.DeployStrategy,
          ),
          "bad DeployStrategy",
        );
    }
    if (t.provider === "StepFunctions" && c.InputType === "FilePath")
      need(!c.Input || !ins.length, "FilePath needs Input and an input artifact");
    if (t.provider === "InspectorScan") {
      if (typeof c.InspectorRunMode === "string")
        need(!["SourceCodeScan", "ECRImageScan"].includes(c.InspectorRunMode), "bad InspectorRunMode");
      need(
        c.InspectorRunMode === "ECRImageScan" && !(c.ECRRepositoryName && c.ImageTag),
        "ECRImageScan needs ECRRepositoryName and ImageTag",
      );
      need(c.InspectorRunMode === "SourceCodeScan" && !ins.length, "SourceCodeScan needs an input artifact");
    }
    if (t.provider === "CodeStarSourceConnection") {
      if (typeof c.OutputArtifactFormat === "string")
        need(
          !["CODE_ZIP", "CODEBUILD_CLONE_REF"].includes(c.OutputArtifactFormat),
          "bad OutputArtifactFormat",
        );
      if (typeof c.FullRepositoryId === "string")
        need(!/^[^/]+(\/[^/]+)+$/.test(c.FullRepositoryId), "FullRepositoryId is owner/name");
    }
    if (t.provider === "CodePipeline")
      for (const k of ["SourceRevisions", "Variables"])
        if (typeof c[k] === "string") {
          try {
            if (!Array.isArray(JSON.parse(c[k]))) throw 0;
          } catch {
            err(`${p}/configuration/${k}`, "must be a JSON array in a string", "CONFIG");
          }
        }
    if (t.provider === "Commands") {
      if (typeof c.EnvironmentType === "string")
        need(
          !["LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"].includes(c.EnvironmentType),
          "bad EnvironmentType",
        );
      need(
        c.EnvironmentType === "WINDOWS_SERVER_2022_CONTAINER" &&
          (c.ComputeType ?? "BUILD_GENERAL1_SMALL") === "BUILD_GENERAL1_SMALL",
        "Windows has no SMALL compute",
      );
    }
    if (
      ["S3", "CodeCommit"].includes(t.provider) &&
      t.category === "Source" &&
      c.PollForSourceChanges !== "false" &&
      c.PollForSourceChanges !== false
    )
      warn(
        p,
        'polling is the default; set PollForSourceChanges "false" when an EventBridge rule starts the pipeline',
        "POLL",
      );
  }
  function conditions(s, si, sp) {
    const each = (blk, kind, legal) =>
      (blk?.conditions || []).forEach((c, ci) => {
        const p = `${sp}/${kind}/conditions/${ci}`;
        const r = c.result;
        if (typeof r === "string" && !legal.includes(r))
          err(p, `${kind} allows ${legal.join(" | ")}, found ${r}`, "COND");
        if (r === undefined && kind !== "onFailure") warn(p, "condition without result", "COND");
        if (r === "ROLLBACK") rollback(p);
        dup(
          (c.rules || []).map((x) => x.name),
          p,
          "rule name",
        );
        (c.rules || []).forEach((u, ui) => {
          const q = `${p}/rules/${ui}`,
            pv = u.ruleTypeId?.provider;
          if (typeof pv !== "string") return;
          if (!(pv in RULES)) {
            err(q, `unknown rule provider ${pv}`, "COND");
            return;
          }
          if (r === "SKIP" && !["LambdaInvoke", "VariableCheck"].includes(pv))
            err(q, `SKIP supports only LambdaInvoke and VariableCheck, not ${pv}`, "COND");
          const keys = RULES[pv].split(" ").filter(Boolean),
            cfg = isObj(u.configuration) && !opaque(u.configuration) ? u.configuration : {};
          for (const k of keys.filter((k) => k.endsWith("!")))
            if (cfg[k.slice(0, -1)] === undefined) err(q, `missing ${k.slice(0, -1)}`, "COND");
          for (const k of Object.keys(cfg))
            if (!keys.map((x) => x.replace("!", "")).includes(k))
              err(`${q}/configuration/${k}`, `unknown ${pv} key`, "COND");
          if (
            pv === "VariableCheck" &&
            typeof cfg.Operator === "string" &&
            !["EQ", "NE", "CONTAINS", "MATCHES"].includes(cfg.Operator)
          )
            err(q, `Operator EQ | NE | CONTAINS | MATCHES, found ${cfg.Operator}`, "COND");
          if (pv === "DeploymentWindow" && typeof cfg.Cron === "string") {
            const n = cfg.Cron.trim().split(/\s+/).length;
            if (n < 6 || n > 7)
              err(q, `DeploymentWindow cron has 6 or 7 fields (seconds first), found ${n}`, "COND");
          }
          if (pv === "Commands" && !u.commands) err(q, "Commands rule without commands", "COND");
          if (pv !== "Commands" && u.commands) err(q, `commands given to ${pv}`, "COND");
          if (pv === "CodeBuild" && !(u.inputArtifacts || []).length)
            warn(q, "CodeBuild rule normally needs an input artifact", "COND");
          for (const i of u.inputArtifacts || []) {
            const src = produced.get(i.name);
            if (!src) err(q, `input artifact "${i.name}" is produced by no action`, "ARTIFACT");
            else if (kind === "beforeEntry" ? src.pos[0] >= si : src.pos[0] > si)
              err(q, `input artifact "${i.name}" not available at ${kind}`, "ARTIFACT");
          }
          refs(cfg, kind === "beforeEntry" ? [si, 0] : [si, 1e9], q);
          refs(u.commands, kind === "beforeEntry" ? [si, 0] : [si, 1e9], q);
          if (cfn && u.timeoutInMinutes !== undefined)
            err(q, "CloudFormation has no TimeoutInMinutes on rules", "CFN");
        });
      });
    const rollback = (p) => {
      if (mode === "PARALLEL") err(p, "ROLLBACK is not available in PARALLEL mode", "COND");
      if (si === 0) err(p, "a source stage cannot be rolled back", "COND");
    };
    if (si === 0 && s.beforeEntry)
      warn(
        sp + "/beforeEntry",
        "entry condition on the source stage: nothing precedes it; support undocumented",
        "COND",
      );
    each(s.beforeEntry, "beforeEntry", ["FAIL", "SKIP"]);
    each(s.onSuccess, "onSuccess", ["ROLLBACK", "FAIL"]);
    each(s.onFailure, "onFailure", ["ROLLBACK"]);
    const f = s.onFailure;
    if (isObj(f)) {
      if (typeof f.result === "string" && !["ROLLBACK", "RETRY"].includes(f.result))
        err(sp + "/onFailure", `result ROLLBACK | RETRY, found ${f.result}`, "COND");
      if (f.result === "RETRY" && f.conditions)
        err(sp + "/onFailure", "automatic retry cannot be combined with onFailure conditions", "COND");
      if (f.retryConfiguration && f.result !== "RETRY")
        err(sp + "/onFailure", "retryConfiguration needs result RETRY", "COND");
      if (f.result === "ROLLBACK") rollback(sp + "/onFailure");
    }
  }
  // ---- regions and stores
  if (isObj(pl.artifactStores) && !cfn)
    for (const r of regions)
      if (!(r in pl.artifactStores)) err("/artifactStores", `no artifact store for Region ${r}`, "STORE");
  if (pl.artifactStore && regions.size > 1)
    err("", `actions in ${[...regions].join(", ")}: use artifactStores`, "STORE");
  const roles = JSON.stringify(stages).match(/"roleArn":"arn:aws[\w-]*:iam::(\d{12})/g) || [];
  const own = String(pl.roleArn).match(/iam::(\d{12})/)?.[1];
  const foreign = roles.map((x) => x.match(/(\d{12})/)[1]).some((x) => own && x !== own);
  if (
    foreign &&
    ![pl.artifactStore, ...Object.values(pl.artifactStores || {})]
      .filter(Boolean)
      .every((s) => s.encryptionKey)
  )
    err(
      "/artifactStore",
      "cross-account actions need a customer managed KMS key in every artifact store",
      "STORE",
    );
  for (const s of [
    pl.artifactStore,
    ...Object.values(isObj(pl.artifactStores) ? pl.artifactStores : {}),
  ].filter(isObj))
    if (
      foreign &&
      typeof s.encryptionKey?.id === "string" &&
      /^(alias\/|arn:[^:]+:kms:[^:]*:\d+:alias\/)/.test(s.encryptionKey.id)
    )
      warn("/artifactStore", "key aliases are not recognised from another account; use the key ARN", "STORE");
  // ---- triggers
  const conn = new Map(stages[0] ? acts(stages[0]).map((a) => [a.name, a]) : []);
  const trigSrc = new Set();
  (pl.triggers || []).forEach((t, i) => {
    const g = t?.gitConfiguration;
    if (!isObj(g)) return;
    const p = `/triggers/${i}`;
    const a = conn.get(g.sourceActionName);
    if (!a) err(p, `no source action "${g.sourceActionName}"`, "TRIGGER");
    else if (a.actionTypeId?.provider !== "CodeStarSourceConnection")
      err(p, "triggers need a CodeStarSourceConnection source", "TRIGGER");
    if (trigSrc.has(g.sourceActionName)) err(p, "only one trigger per source action", "TRIGGER");
    trigSrc.add(g.sourceActionName);
    if (!g.push && !g.pullRequest) err(p, "push or pullRequest filter required", "TRIGGER");
    const nonEmpty = (c) => isObj(c) && ((c.includes || []).length || (c.excludes || []).length);
    (g.push || []).forEach((f, k) => {
      if (!isObj(f)) return;
      const has = ["tags", "branches", "filePaths"].filter((x) => f[x]);
      if (!has.length) err(`${p}/push/${k}`, "empty push filter", "TRIGGER");
      if (f.tags && (f.branches || f.filePaths))
        warn(
          `${p}/push/${k}`,
          "documented combinations: tags alone, branches alone, branches + filePaths (AND with tags can never match)",
          "TRIGGER",
        );
      if (f.filePaths && !f.branches)
        warn(`${p}/push/${k}`, "filePaths without branches is not a documented combination", "TRIGGER");
      for (const x of has)
        if (!nonEmpty(f[x])) err(`${p}/push/${k}/${x}`, "needs includes or excludes", "TRIGGER");
    });
    (g.pullRequest || []).forEach((f, k) => {
      if (!isObj(f)) return;
      if (!f.branches)
        warn(
          `${p}/pullRequest/${k}`,
          "pull request filters are documented with branches (or branches + filePaths)",
          "TRIGGER",
        );
      for (const x of ["branches", "filePaths"])
        if (f[x] && !nonEmpty(f[x]))
          err(`${p}/pullRequest/${k}/${x}`, "needs includes or excludes", "TRIGGER");
      dup(f.events || [], `${p}/pullRequest/${k}`, "event");
    });
    for (const blk of ["push", "pullRequest"])
      dup(
        (g[blk] || []).map((x) => JSON.stringify(x)),
        `${p}/${blk}`,
        "filter",
      );
    for (const m of JSON.stringify(g).matchAll(/"([^"]*\{[^}"]*\{[^"]*)"/g))
      err(p, `nested {} groups in glob ${m[1]}`, "TRIGGER");
    if (
      a &&
      a.configuration?.DetectChanges !== undefined &&
      String(a.configuration.DetectChanges) !== "false"
    )
      warn(p, 'a filtered trigger goes with DetectChanges "false" on the source action', "TRIGGER");
  });
  return out;
}

function checkInput(text) {
  const input = JSON.parse(text);
  if (!input.pipeline) return checkPipeline(input);
  const unknown = Object.keys(input).filter((key) => !["pipeline", "tags"].includes(key));
  return [
    ...unknown.map((key) => ({
      level: "error",
      code: "SHAPE",
      path: `/${key}`,
      message: "not in create-pipeline's input",
    })),
    ...checkPipeline(input.pipeline),
  ];
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2);
  if (!files.length) {
    console.error("usage: pipeline.mjs FILE...");
    process.exit(2);
  }
  for (const file of files) {
    let findings;
    try {
      findings = checkInput(fs.readFileSync(file, "utf8"));
    } catch (e) {
      findings = [{ level: "error", code: "PARSE", path: "/", message: e.message }];
    }
    for (const { level, code, path: at, message } of findings)
      finding(file, code, `${at}: ${message}`, { level });
  }
}
