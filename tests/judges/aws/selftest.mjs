#!/usr/bin/env node
// A judge must be able to say no: every mutation of a good template and of a good pipeline must be refused.
//   node selftest.mjs      prints what was missed, then `N passed, M failed`
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { checkTemplate, parseTemplate } from "./cfn.mjs";
import { checkPipeline } from "./pipeline.mjs";

const clone = (x) => JSON.parse(JSON.stringify(x));
const T = parseTemplate(
    fs.readFileSync(path.join(import.meta.dirname, "samples/central-pipeline.yaml"), "utf8"),
  ),
  N = JSON.parse(
    fs.readFileSync(path.join(import.meta.dirname, "samples/pipeline-native.json"), "utf8"),
  ).pipeline;
const P = (t) => t.Resources.Pipeline.Properties,
  st = (p, n) => (p.stages || p.Stages).find((s) => (s.name || s.Name) === n);
const CFN = {
  "unknown property": (t) => {
    P(t).Foo = 1;
  },
  "misspelt property": (t) => {
    P(t).Stages[1].Actions[0].Runorder = 1;
  },
  "missing required": (t) => {
    delete P(t).RoleArn;
  },
  "bad enum PipelineType": (t) => {
    P(t).PipelineType = "V3";
  },
  "bad enum ComputeType": (t) => {
    t.Resources.BuildProject.Properties.Environment.ComputeType = "BUILD_GENERAL1_HUGE";
  },
  "bad CodeBuild source type": (t) => {
    t.Resources.BuildProject.Properties.Source.Type = "PIPELINE";
  },
  "timeout 2161": (t) => {
    t.Resources.BuildProject.Properties.TimeoutInMinutes = 2161;
  },
  "bad GetAtt attribute": (t) => {
    t.Outputs.X = { Value: { "Fn::GetAtt": ["ArtifactKey", "Name"] } };
  },
  "unknown Ref": (t) => {
    P(t).RoleArn = { Ref: "Nope" };
  },
  "unknown Sub": (t) => {
    P(t).RoleArn = { "Fn::Sub": "${Nope.Arn}" };
  },
  cycle: (t) => {
    t.Resources.PipelineRole.DependsOn = "Pipeline";
  },
  "cron both dom and dow": (t) => {
    t.Resources.DriftSchedule.Properties.ScheduleExpression = "cron(0 5 * * * *)";
  },
  "cron 5 fields": (t) => {
    t.Resources.DriftSchedule.Properties.ScheduleExpression = "cron(0 5 * * *)";
  },
  "cron dow 0": (t) => {
    t.Resources.DriftSchedule.Properties.ScheduleExpression = "cron(0 5 ? * 0 *)";
  },
  "flexible without window": (t) => {
    delete t.Resources.NightlySchedule.Properties.FlexibleTimeWindow.MaximumWindowInMinutes;
  },
  "retention 31": (t) => {
    t.Resources.BuildLogs.Properties.RetentionInDays = 31;
  },
  "policy version": (t) => {
    t.Resources.PipelinePolicy.Properties.PolicyDocument.Version = "2012-10-18";
  },
  "trust with Resource": (t) => {
    t.Resources.BuildRole.Properties.AssumeRolePolicyDocument.Statement[0].Resource = "*";
  },
  "statement without Resource": (t) => {
    delete t.Resources.BuildPolicy.Properties.PolicyDocument.Statement[0].Resource;
  },
  "bad resource type": (t) => {
    t.Resources.ApprovalTopic.Type = "AWS::SNS::Topics";
  },
  "bad event type id": (t) => {
    t.Resources.FailureNotifications.Properties.EventTypeIds = ["pipeline-failed"];
  },
  "wrong type list": (t) => {
    P(t).Stages = {};
  },
  "string for integer": (t) => {
    P(t).Stages[1].Actions[0].RunOrder = "one";
  },
  "bad section": (t) => {
    t.Resource = {};
  },
  "both stores": (t) => {
    P(t).ArtifactStores = [{ Region: "eu-west-1", ArtifactStore: P(t).ArtifactStore }];
  },
  "bad action name": (t) => {
    P(t).Stages[1].Actions[0].Name = "a b";
  },
  "bad parameter type": (t) => {
    t.Parameters.BranchName.Type = "Text";
  },
  "dup export": (t) => {
    t.Outputs.A = { Value: "x", Export: { Name: "n" } };
    t.Outputs.B = { Value: "x", Export: { Name: "n" } };
  },
};
const NAT = {
  "one stage": (p) => {
    p.stages.length = 1;
  },
  "source in 2nd stage": (p) => {
    st(p, "Build").actions.push({
      ...clone(p.stages[0].actions[0]),
      outputArtifacts: [{ name: "Z" }],
      namespace: "Z2",
    });
  },
  "build in 1st stage": (p) => {
    p.stages[0].actions.push({
      ...clone(st(p, "Build").actions[0]),
      name: "B2",
      outputArtifacts: [],
      namespace: "B2",
    });
  },
  "dup stage": (p) => {
    p.stages[2].name = "Build";
  },
  "dup action": (p) => {
    st(p, "Build").actions[1].name = "Build";
  },
  "unknown input": (p) => {
    st(p, "Build").actions[0].inputArtifacts[0].name = "Nope";
  },
  "input same runOrder": (p) => {
    st(p, "Build").actions[1].inputArtifacts = [{ name: "BuildOutput" }];
  },
  "dup output": (p) => {
    st(p, "Build").actions[1].outputArtifacts = [{ name: "BuildOutput" }];
  },
  "manual with input": (p) => {
    st(p, "Prod").actions[0].inputArtifacts = [{ name: "BuildOutput" }];
  },
  "codebuild no input": (p) => {
    st(p, "Build").actions[0].inputArtifacts = [];
  },
  "unknown provider": (p) => {
    st(p, "Build").actions[0].actionTypeId.provider = "CodeBuilder";
  },
  "wrong category": (p) => {
    st(p, "Build").actions[0].actionTypeId.category = "Deploy";
  },
  "owner ThirdParty connection": (p) => {
    p.stages[0].actions[0].actionTypeId.owner = "ThirdParty";
  },
  "missing ProjectName": (p) => {
    delete st(p, "Build").actions[0].configuration.ProjectName;
  },
  "unknown config key": (p) => {
    st(p, "Build").actions[0].configuration.Project = "x";
  },
  "config not string": (p) => {
    st(p, "Build").actions[0].configuration.BatchEnabled = true;
  },
  "config > 1000": (p) => {
    st(p, "Build").actions[0].configuration.BuildspecOverride = "x".repeat(1001);
  },
  "env not json": (p) => {
    st(p, "Build").actions[0].configuration.EnvironmentVariables = "A=1";
  },
  "undeclared variable": (p) => {
    st(p, "Prod").actions[0].configuration.CustomData = "#{variables.NOPE}";
  },
  "unknown namespace": (p) => {
    st(p, "Prod").actions[0].configuration.CustomData = "#{Nope.X}";
  },
  "unknown variable key": (p) => {
    st(p, "Prod").actions[0].configuration.CustomData = "#{SourceVariables.Sha}";
  },
  "namespace used too early": (p) => {
    st(p, "Build").actions[0].configuration.EnvironmentVariables =
      '[{"name":"A","value":"#{ProdStack.Url}"}]';
  },
  "variable in source": (p) => {
    p.stages[0].actions[0].configuration.BranchName = "#{variables.RELEASE_NOTE}";
  },
  "commands var not exported": (p) => {
    st(p, "Build").actions[1].outputVariables = ["OTHER"];
  },
  "reserved namespace": (p) => {
    st(p, "Build").actions[0].namespace = "variables";
  },
  "V1 with triggers": (p) => {
    p.pipelineType = "V1";
  },
  "bad trigger source": (p) => {
    p.triggers[0].gitConfiguration.sourceActionName = "X";
  },
  "9 includes": (p) => {
    p.triggers[0].gitConfiguration.push[0].branches.includes = Array(9)
      .fill(0)
      .map((_, i) => "b" + i);
  },
  "4 push filters": (p) => {
    p.triggers[0].gitConfiguration.push = Array(4)
      .fill(0)
      .map((_, i) => ({ tags: { includes: ["t" + i] } }));
  },
  "bad event": (p) => {
    p.triggers[0].gitConfiguration.pullRequest[0].events = ["OPENED"];
  },
  "two triggers one source": (p) => {
    p.triggers.push(clone(p.triggers[0]));
  },
  "entry ROLLBACK": (p) => {
    st(p, "Prod").beforeEntry.conditions[0].result = "ROLLBACK";
  },
  "SKIP with alarm": (p) => {
    st(p, "Prod").beforeEntry.conditions[0].rules = clone(st(p, "Prod").onSuccess.conditions[0].rules);
  },
  "two conditions": (p) => {
    st(p, "Prod").beforeEntry.conditions.push(clone(st(p, "Prod").beforeEntry.conditions[0]));
  },
  "6 rules": (p) => {
    const c = st(p, "Prod").beforeEntry.conditions[0];
    c.rules = Array(6)
      .fill(0)
      .map((_, i) => ({ ...clone(c.rules[0]), name: "r" + i }));
  },
  "bad operator": (p) => {
    st(p, "Prod").beforeEntry.conditions[0].rules[0].configuration.Operator = "GT";
  },
  "rollback in PARALLEL": (p) => {
    p.executionMode = "PARALLEL";
  },
  "retry with conditions": (p) => {
    st(p, "Build").onFailure.conditions = clone(st(p, "Prod").onSuccess.conditions);
  },
  "unknown rule": (p) => {
    st(p, "Prod").beforeEntry.conditions[0].rules[0].ruleTypeId.provider = "Approval";
  },
  "runOrder 0": (p) => {
    st(p, "Build").actions[0].runOrder = 0;
  },
  "runOrder 1000": (p) => {
    st(p, "Build").actions[0].runOrder = 1000;
  },
  "artifact name dot": (p) => {
    p.stages[0].actions[0].outputArtifacts[0].name = "a.b";
  },
  "namespace dot": (p) => {
    p.stages[0].actions[0].namespace = "a.b";
  },
  "51 commands": (p) => {
    st(p, "Build").actions[1].commands = Array(51).fill("true");
  },
  "multi-line command": (p) => {
    st(p, "Build").actions[1].commands = ["a\nb"];
  },
  "timeout on build": (p) => {
    st(p, "Build").actions[0].timeoutInMinutes = 60;
  },
  "approval timeout 4": (p) => {
    st(p, "Prod").actions[0].timeoutInMinutes = 4;
  },
  "unknown field": (p) => {
    p.triggerz = [];
  },
  "TemplatePath foreign artifact": (p) => {
    st(p, "Prod").actions[1].configuration.TemplatePath = "Other::t.yml";
  },
  "CREATE_UPDATE without RoleArn": (p) => {
    delete st(p, "Prod").actions[1].configuration.RoleArn;
  },
  "cross account without key": (p) => {
    delete p.artifactStore.encryptionKey;
  },
  "two regions one store": (p) => {
    st(p, "Build").actions[0].region = "eu-west-1";
    st(p, "Prod").actions[1].region = "us-east-1";
  },
  "no store": (p) => {
    delete p.artifactStore;
  },
  "windows small": (p) => {
    st(p, "Build").actions[1].configuration = { EnvironmentType: "WINDOWS_SERVER_2022_CONTAINER" };
  },
  "clone ref into CloudFormation": (p) => {
    p.stages[0].actions[0].configuration.OutputArtifactFormat = "CODEBUILD_CLONE_REF";
    st(p, "Prod").actions[1].inputArtifacts.push({ name: "SourceOutput" });
  },
  "no non-source action": (p) => {
    p.stages = [p.stages[0], { name: "X", actions: [] }];
  },
};

let passed = 0;
let failed = 0;
function count(name, findings) {
  if (findings.some((f) => f.level === "error")) return passed++;
  console.log(`MISSED ${name}`);
  return failed++;
}
const untouched = [...(await checkTemplate(T)), ...checkPipeline(N)].filter((f) => f.level === "error");
for (const f of untouched) console.log(`REFUSED though good: ${f.path}: ${f.message}`);
failed += untouched.length;
for (const [name, mutate] of Object.entries(CFN)) {
  const template = clone(T);
  mutate(template);
  count(`template: ${name}`, await checkTemplate(template));
}
for (const [name, mutate] of Object.entries(NAT)) {
  const pipeline = clone(N);
  mutate(pipeline);
  count(`pipeline: ${name}`, checkPipeline(pipeline));
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
