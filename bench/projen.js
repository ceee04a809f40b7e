// What projen-pipelines writes for the stages of samples/live-infra: staging, then production behind an approval, on GitHub and on GitLab.
// It has no CodePipeline backend. The result goes below the folder that is named; nothing is installed.
//   node bench/projen.js DIR
process.env.PROJEN_DISABLE_POST = "true"; // no npm install after the synthesis

const { awscdk } = require("projen");
const { GithubCDKPipeline, GitlabCDKPipeline } = require("projen-pipelines");

const region = "eu-central-1";
const staging = { name: "staging", env: { account: "111122223333", region } };
const production = { name: "production", manualApproval: true, env: { account: "444455556666", region } };
const role = (stage) => `arn:aws:iam::${stage.env.account}:role/deploy`;
const options = {
  pkgNamespace: "@acme",
  stages: [staging, production],
  iamRoleArns: {
    default: role(staging),
    synth: role(staging),
    assetPublishing: role(staging),
    deployment: { staging: role(staging), production: role(production) },
  },
};

for (const [name, Pipeline] of Object.entries({ github: GithubCDKPipeline, gitlab: GitlabCDKPipeline })) {
  const project = new awscdk.AwsCdkTypeScriptApp({
    name: "live-infra",
    cdkVersion: "2.150.0",
    defaultReleaseBranch: "main",
    outdir: `${process.argv[2]}/${name}`,
    github: name === "github",
    // Only the pipeline: what else projen would write for a project is left out as far as it can be.
    eslint: false,
    jest: false,
    sampleCode: false,
    buildWorkflow: false,
    depsUpgrade: false,
    licensed: false,
    pullRequestTemplate: false,
    githubOptions: { mergify: false, pullRequestLint: false },
  });
  new Pipeline(project, options);
  project.synth();
}
