// What generators before us did wrong, each as a test on what is emitted. The files are read back; nothing is searched for as text
// where the place matters.
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <regex>
#include <set>

#include "driver/compile.h"
#include "support/file_test.h"
#include "targets/registry.h"
#include "yaml/reader.h"

using namespace penstock;

namespace {

constexpr std::string_view kTargets = R"(
targets:
  github: {}
  gitlab: { tier: premium, version: "18.5" }
  codepipeline: { account: "999988887777", region: eu-central-1, connection: "arn:aws:codeconnections:eu-central-1:999988887777:connection/00000000-0000-0000-0000-000000000000" }
)";

/// Two layers in two environments with an identity, a gate, drift, and a hand-written pipeline on a schedule.
std::string shop() {
  return std::string(
             "penstock: project/v1\nname: shop\nrepository: { github: acme/shop, gitlab: acme/shop }\n") +
         std::string(kTargets) + R"(
identities:
  aws: { cloud: aws, region: eu-west-1 }
environments:
  staging: { tier: staging, account: "111122223333", identity: aws }
  production: { tier: production, account: "444455556666", identity: aws, after: [staging], approvals: { count: 1, from: [ops] } }
stacks:
  network: { tool: opentofu, version: "1.12.6", path: live/network, backend: { bucket: state, key: "${{ environment.name }}/network" } }
  app: { tool: opentofu, version: "1.12.6", path: live/app, needs: [network], backend: { bucket: state, key: "${{ environment.name }}/app" } }
gates:
  rules: { kind: policy, tool: conftest, at: plan, rules: policy/ }
drift: { schedule: { cron: "0 6 * * 1-5", timezone: Europe/Berlin }, report: [issue] }
)";
}

struct Output {
  std::unique_ptr<driver::Compilation> compilation;
  SourceManager sources;

  explicit Output(std::string text)
      : compilation(driver::compile_text("penstock.yaml", std::move(text), targets::registry(), {})) {
    for (const auto& one : compilation->sink.diagnostics()) UNSCOPED_INFO(one.message);
    REQUIRE_FALSE(compilation->sink.has_errors());
  }
  const std::string& text(std::string_view path) const {
    const auto found = std::ranges::find(compilation->files, path, &driver::OutputFile::path);
    INFO(path);
    REQUIRE(found != compilation->files.end());
    return found->text;
  }
  yaml::Node read(std::string_view path) {
    diag::Sink sink;
    yaml::ReadOptions options;
    options.tags = true;
    auto node = yaml::read(sources, sources.add(std::string(path), text(path)), sink, options);
    REQUIRE(node);
    return *node;
  }
  std::vector<std::string> paths(std::string_view folder, std::string_view ending) const {
    std::vector<std::string> all;
    for (const auto& file : compilation->files) {
      if (file.path.starts_with(folder) && file.path.ends_with(ending)) all.push_back(file.path);
    }
    return all;
  }
};

const yaml::Node& at(const yaml::Node& node, std::initializer_list<std::string_view> path) {
  const yaml::Node* here = &node;
  for (const std::string_view key : path) {
    here = here->find(key);
    INFO(key);
    REQUIRE(here != nullptr);
  }
  return *here;
}

std::vector<std::string> texts(const yaml::Node* list) {
  std::vector<std::string> all;
  if (list == nullptr) return all;
  for (const yaml::Node& item : list->items)
    all.push_back(item.is_scalar() ? item.text : item.find("job") ? item.find("job")->text : "");
  return all;
}

/// Everything that a job waits for, directly or not.
std::set<std::string> ancestors(const std::string& job,
                                const std::function<std::vector<std::string>(const std::string&)>& needs) {
  std::set<std::string> all;
  std::vector<std::string> open = needs(job);
  while (!open.empty()) {
    const std::string one = open.back();
    open.pop_back();
    if (!all.insert(one).second) continue;
    for (const std::string& next : needs(one)) open.push_back(next);
  }
  return all;
}

void for_each_scalar(const yaml::Node& node, const std::function<void(const std::string&)>& visit) {
  if (node.is_scalar()) visit(node.text);
  for (const yaml::Node& item : node.items) for_each_scalar(item, visit);
  for (const yaml::Entry& entry : node.entries) for_each_scalar(entry.value, visit);
}

bool calls(const yaml::Node& node, std::string_view script) {
  bool found = false;
  for_each_scalar(node,
                  [&](const std::string& text) { found = found || text.find(script) != std::string::npos; });
  return found;
}

}  // namespace

TEST_CASE("GitLab: stage order and promotion are kept, and no need is missing") {
  Output output(shop());
  const yaml::Node jobs = output.read(".gitlab/ci/delivery.yml");
  const auto needs = [&](const std::string& job) {
    const yaml::Node* node = jobs.find(job);
    INFO(job);
    REQUIRE(node != nullptr);  // a job id that does not match
    return texts(node->find("needs"));
  };
  const auto before = ancestors("delivery:apply-production-app", needs);
  for (const char* job : {"delivery:plan-production-app", "delivery:apply-production-network",
                          "delivery:plan-production-network", "delivery:apply-staging-app",
                          "delivery:plan-staging-app", "delivery:apply-staging-network"}) {
    CHECK(before.contains(job));
  }
  for (const yaml::Entry& entry : jobs.entries) {
    if (entry.key.text.starts_with('.')) continue;
    INFO(entry.key.text);
    CHECK(entry.value.find("needs") != nullptr);  // without it a job waits for stages
  }
  for (const char* job : {"delivery:apply-production-network", "delivery:apply-production-app"}) {
    INFO(job);
    const yaml::Node* extended = at(jobs, {job}).find("extends");
    const std::string holder = extended != nullptr ? extended->text : job;
    // The first command of an apply behind an approval: is the environment protected?
    const std::vector<std::string> script = texts(&at(jobs, {holder, "script"}));
    REQUIRE_FALSE(script.empty());
    CHECK(script.front().starts_with("sh .penstock/protection.sh"));
  }
}

TEST_CASE("GitHub: production waits for staging, a layer for the layer below, and job ids match needs") {
  Output output(shop());
  const yaml::Node delivery = output.read(".github/workflows/delivery.yml");
  CHECK(texts(at(delivery, {"jobs", "production"}).find("needs")) == std::vector<std::string>{"staging"});
  for (const std::string& path : output.paths(".github/workflows/", ".yml")) {
    const yaml::Node workflow = output.read(path);
    const yaml::Node& jobs = at(workflow, {"jobs"});
    for (const yaml::Entry& job : jobs.entries) {
      for (const std::string& need : texts(job.value.find("needs"))) {
        INFO(path << " " << job.key.text << " needs " << need);
        CHECK(jobs.find(need) != nullptr);
      }
    }
  }
  const yaml::Node production = output.read(".github/workflows/deliver-production.yml");
  const auto needs = [&](const std::string& job) {
    return texts(at(production, {"jobs", job}).find("needs"));
  };
  const auto before = ancestors("apply-production-app", needs);
  CHECK(before.contains("plan-production-app"));
  CHECK(before.contains("apply-production-network"));
  for (const yaml::Entry& job : at(production, {"jobs"}).entries) {
    INFO(job.key.text);
    // A condition that does without `success()` has to ask each need itself.
    const yaml::Node* condition = job.value.find("if");
    if (condition != nullptr && condition->text.find("cancelled()") != std::string::npos) {
      for (const std::string& need : texts(job.value.find("needs")))
        CHECK(condition->text.find("needs." + need + ".result == 'success'") != std::string::npos);
    }
    // The approval is the environment's.
    if (!calls(job.value, "/actions/apply")) continue;
    CHECK(at(job.value, {"environment"}).text == "production");
    CHECK(calls(job.value, "sh .penstock/protection.sh production 1"));
  }
}

TEST_CASE("CodePipeline: environments and layers in order, approval before each apply of production") {
  Output output(shop());
  const yaml::Node pipeline = output.read("codepipeline/shop-delivery.pipeline.json");
  std::vector<std::string> order;
  for (const yaml::Node& stage : at(pipeline, {"pipeline", "stages"}).items) {
    std::vector<std::pair<long, std::string>> actions;
    for (const yaml::Node& action : at(stage, {"actions"}).items) {
      actions.emplace_back(std::stol(at(action, {"runOrder"}).text),
                           at(stage, {"name"}).text + "/" + at(action, {"name"}).text + ":" +
                               at(action, {"actionTypeId", "category"}).text);
    }
    std::ranges::stable_sort(actions, {}, &std::pair<long, std::string>::first);
    for (const auto& [run_order, name] : actions) order.push_back(name);
  }
  const auto position = [&](std::string_view part, std::string_view end = {}) {
    const auto found = std::ranges::find_if(order, [&](const std::string& name) {
      return name.find(part) != std::string::npos && name.ends_with(end);
    });
    INFO(part);
    REQUIRE(found != order.end());
    return found - order.begin();
  };
  const auto approvals =
      std::ranges::count_if(order, [](const std::string& name) { return name.ends_with(":Approval"); });
  CHECK(approvals == 2);
  CHECK(position("Staging") < position("Production"));
  CHECK(position("ProductionNetwork") < position("ProductionApp"));
  CHECK(position("ProductionNetwork/", ":Approval") < position("ProductionNetwork/Apply"));
  CHECK(position("ProductionNetwork/Plan") < position("ProductionNetwork/", ":Approval"));
}

TEST_CASE("a schedule starts drift and nothing else, on each target") {
  Output output(shop());
  SECTION("GitHub") {
    for (const std::string& path : output.paths(".github/workflows/", ".yml")) {
      INFO(path);
      const yaml::Node workflow = output.read(path);
      const bool scheduled = at(workflow, {"on"}).find("schedule") != nullptr;
      CHECK(scheduled == path.ends_with("/drift.yml"));  // neither ignored nor anywhere else
      if (!scheduled) continue;
      CHECK_FALSE(calls(workflow, "apply"));
      const auto& schedules = at(workflow, {"on", "schedule"}).items;
      REQUIRE(schedules.size() == 1);
      CHECK(at(schedules.front(), {"cron"}).text == "0 6 * * 1-5");
      CHECK(at(schedules.front(), {"timezone"}).text == "Europe/Berlin");
    }
  }
  SECTION("GitLab: drift and delivery live in one file, told apart by the source and a variable") {
    const std::string schedule = R"($CI_PIPELINE_SOURCE == "schedule" && $PENSTOCK_SCHEDULE == "drift")";
    const auto conditions = [](const yaml::Node& job) {
      std::vector<std::string> all;
      if (const yaml::Node* rules = job.find("rules")) {
        for (const yaml::Node& rule : rules->items)
          all.push_back(rule.find("if") ? rule.find("if")->text : "always");
      }
      return all;
    };
    const yaml::Node delivery = output.read(".gitlab/ci/delivery.yml");
    for (const yaml::Entry& job : delivery.entries) {
      INFO(job.key.text);
      std::vector<std::string> all = conditions(job.value);
      if (all.empty() && job.value.find("extends"))
        all = conditions(at(delivery, {job.value.find("extends")->text}));
      if (job.key.text.starts_with('.')) continue;
      CHECK(all ==
            std::vector<std::string>{R"($CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "main")"});
    }
    const yaml::Node drift = output.read(".gitlab/ci/drift.yml");
    CHECK_FALSE(calls(drift, "apply"));
    const yaml::Node root = output.read(".gitlab-ci.yml");
    const auto& rules = at(root, {"workflow", "rules"}).items;
    CHECK(std::ranges::any_of(rules,
                              [&](const yaml::Node& rule) { return at(rule, {"if"}).text == schedule; }));
  }
  SECTION("CodePipeline: the scheduler may start one pipeline, which applies nothing") {
    const yaml::Node drift = output.read("codepipeline/shop-drift.pipeline.json");
    CHECK(drift.find("pipeline")->find("triggers") == nullptr);
    for (const yaml::Node& stage : at(drift, {"pipeline", "stages"}).items)
      CHECK_FALSE(calls(stage, "apply"));
    const yaml::Node stack = output.read("codepipeline/shop.template.yaml");
    int schedules = 0;
    for (const yaml::Entry& resource : at(stack, {"Resources"}).entries) {
      if (at(resource.value, {"Type"}).text != "AWS::Scheduler::Schedule") continue;
      ++schedules;
      CHECK(at(resource.value, {"Properties", "ScheduleExpression"}).text == "cron(0 6 ? * MON-FRI *)");
      CHECK(at(resource.value, {"Properties", "ScheduleExpressionTimezone"}).text == "Europe/Berlin");
    }
    CHECK(schedules == 1);
  }
}

TEST_CASE("drift: results are kept when the detector fails, and the report runs then") {
  Output output(shop());
  const yaml::Node github = output.read(".github/workflows/drift.yml");
  bool kept = false;
  for (const yaml::Node& step : at(github, {"jobs", "detect", "steps"}).items) {
    const yaml::Node* uses = step.find("uses");
    if (uses == nullptr || !uses->text.starts_with("actions/upload-artifact@")) continue;
    kept = true;
    CHECK(at(step, {"if"}).text == "${{ !cancelled() }}");
    CHECK(at(step, {"with", "name"}).text.starts_with("drift-"));
  }
  CHECK(kept);
  CHECK(at(github, {"jobs", "report", "if"}).text == "${{ !cancelled() }}");
  const yaml::Node gitlab = output.read(".gitlab/ci/drift.yml");
  for (const yaml::Entry& job : gitlab.entries) {
    if (calls(job.value, "drift.sh")) {
      CHECK(at(job.value, {"artifacts", "when"}).text == "always");
      CHECK(texts(&at(job.value, {"allow_failure", "exit_codes"})) == std::vector<std::string>{"2"});
    }
    if (calls(job.value, "report.sh"))
      CHECK(at(at(job.value, {"rules"}).items.at(0), {"when"}).text == "always");
  }
  for (const std::string& path : output.paths("codepipeline/buildspecs/", ".yml")) {
    const yaml::Node buildspec = output.read(path);
    if (!calls(buildspec, "drift.sh")) continue;
    INFO(path);
    // Nothing runs behind an action that failed, so this one does not fail.
    const std::string& command = at(buildspec, {"phases", "build", "commands"}).items.at(0).text;
    CHECK(command.find(") || echo") != std::string::npos);
    CHECK(texts(&at(buildspec, {"artifacts", "files"})) == std::vector<std::string>{"drift/**/*"});
  }
}

TEST_CASE(
    "drift: the report reads what the detectors keep, may write issues, and runs on no further condition") {
  Output output(shop());
  const yaml::Node github = output.read(".github/workflows/drift.yml");
  const yaml::Node& job = at(github, {"jobs", "report"});
  CHECK(texts(job.find("needs")) == std::vector<std::string>{"detect"});
  CHECK(at(job, {"permissions", "issues"}).text == "write");
  int downloads = 0, reports = 0;
  for (const yaml::Node& step : at(job, {"steps"}).items) {
    CHECK(step.find("if") == nullptr);
    const yaml::Node* uses = step.find("uses");
    if (uses != nullptr && uses->text.starts_with("actions/download-artifact@")) {
      ++downloads;
      CHECK(at(step, {"with", "pattern"}).text == "drift-*");
      CHECK(at(step, {"with", "path"}).text == "penstock-out/drift");
    }
    if (step.find("run") == nullptr) continue;
    ++reports;
    CHECK(at(step, {"run"}).text == "sh .penstock/report.sh github");
    CHECK(at(step, {"env", "GITHUB_TOKEN"}).text == "${{ github.token }}");
  }
  CHECK(downloads == 1);
  CHECK(reports == 1);
  const yaml::Node gitlab = output.read(".gitlab/ci/drift.yml");
  CHECK(texts(&at(gitlab, {"drift:report", "script"})) ==
        std::vector<std::string>{"sh .penstock/report.sh gitlab"});
}

TEST_CASE("a role that cannot be taken fails its job") {
  Output output(shop());
  const std::regex whole(R"re(sh \.penstock/identity\.sh "\$PENSTOCK_ENVIRONMENT" (plan|apply))re");
  // Commands one by one: each failure is seen. What is taken is read behind it, never in its place.
  const auto check = [&](const yaml::Node& commands, std::string_view read) {
    int taken = 0;
    for (std::size_t i = 0; i < commands.items.size(); ++i) {
      const std::string& command = commands.items[i].text;
      if (command.find("identity.sh") == std::string::npos) continue;
      ++taken;
      INFO(command);
      if (command.find("drift.sh") != std::string::npos && command.find("||") != std::string::npos) {
        // The detector of CodePipeline, which may not fail: it does not look without the role.
        CHECK(
            command.find("identity.sh \"$PENSTOCK_ENVIRONMENT\" plan && . ./penstock-out/identity.env &&") !=
            std::string::npos);
        continue;
      }
      CHECK(std::regex_match(command, whole));
      REQUIRE(i + 1 < commands.items.size());
      CHECK((commands.items[i + 1].text == read ||
             commands.items[i + 1].text.find("preview.sh") != std::string::npos));
    }
    return taken;
  };
  int gitlab = 0, codepipeline = 0, github = 0;
  for (const std::string& path : output.paths(".gitlab/ci/", ".yml")) {
    const yaml::Node file = output.read(path);
    for (const yaml::Entry& job : file.entries) {
      if (const yaml::Node* script = job.value.find("script"))
        gitlab += check(*script, ". ./penstock-out/identity.env");
    }
  }
  for (const std::string& path : output.paths("codepipeline/buildspecs/", ".yml")) {
    const yaml::Node file = output.read(path);
    codepipeline += check(at(file, {"phases", "build", "commands"}), ". ./penstock-out/identity.env");
  }
  for (const std::string& path : output.paths(".github/workflows/", ".yml")) {
    const yaml::Node file = output.read(path);
    for (const yaml::Entry& job : at(file, {"jobs"}).entries) {
      const yaml::Node* steps = job.value.find("steps");
      if (steps == nullptr) continue;
      for (const yaml::Node& step : steps->items) {
        const yaml::Node* uses = step.find("uses");
        if (uses == nullptr || !uses->text.starts_with("aws-actions/configure-aws-credentials@")) continue;
        ++github;
        CHECK(step.find("if") == nullptr);
        CHECK(step.find("continue-on-error") == nullptr);
      }
    }
  }
  CHECK(gitlab > 0);
  CHECK(codepipeline > 0);
  CHECK(github > 0);
}

TEST_CASE(
    "every workflow job has a timeout and permissions, and every action is pinned with its version beside "
    "it") {
  Output output(shop());
  const std::regex pin(R"(uses: [^ ]+@[0-9a-f]{40} # v[0-9][0-9.]*)"), local(R"(uses: (\$|\.)/[^ ]+)");
  for (const std::string& path : output.paths(".github/", ".yml")) {
    std::istringstream lines(output.text(path));
    for (std::string line; std::getline(lines, line);) {
      const std::size_t uses = line.find("uses: ");
      if (uses == std::string::npos || line.find('#') < uses) continue;
      INFO(path << ": " << line);
      CHECK((std::regex_search(line, pin) || std::regex_search(line, local)));
    }
    const yaml::Node document = output.read(path);
    const yaml::Node* jobs = document.find("jobs");
    if (jobs == nullptr) continue;
    CHECK(at(document, {"permissions"}).is_mapping());  // not `write-all`
    CHECK(at(document, {"permissions"}).entries.empty());
    for (const yaml::Entry& job : jobs->entries) {
      INFO(path << " " << job.key.text);
      CHECK(at(job.value, {"permissions"}).is_mapping());
      CHECK((job.value.find("timeout-minutes") != nullptr || job.value.find("uses") != nullptr));
    }
  }
}

TEST_CASE("every job of GitLab and every build of CodePipeline has a timeout") {
  Output output(shop());
  int jobs = 0, builds = 0;
  for (const std::string& path : output.paths(".gitlab/ci/", ".yml")) {
    const yaml::Node file = output.read(path);
    for (const yaml::Entry& job : file.entries) {
      if (job.key.text.starts_with('.') || job.value.find("script") == nullptr) continue;
      ++jobs;
      INFO(path << " " << job.key.text);
      const yaml::Node* extended = job.value.find("extends");
      const yaml::Node& with_timeout = job.value.find("timeout") != nullptr || extended == nullptr
                                           ? job.value
                                           : at(file, {extended->text});
      CHECK_FALSE(at(with_timeout, {"timeout"}).text.empty());
    }
  }
  const yaml::Node stack = output.read("codepipeline/shop.template.yaml");
  for (const yaml::Entry& resource : at(stack, {"Resources"}).entries) {
    if (at(resource.value, {"Type"}).text != "AWS::CodeBuild::Project") continue;
    ++builds;
    INFO(resource.key.text);
    CHECK(std::stol(at(resource.value, {"Properties", "TimeoutInMinutes"}).text) <= 60);
  }
  CHECK(jobs > 0);
  CHECK(builds > 0);
}

TEST_CASE("session names are within the characters and length of STS") {
  const auto compilation = driver::compile_text("penstock.yaml", R"(penstock: project/v1
name: a-project-of-thirty-two-letter
targets: { outline: {} }
identities:
  aws: { cloud: aws, region: eu-west-1 }
environments:
  an-environment-with-quite-a-long-name-ab: { account: "111122223333", identity: aws }
stacks:
  network: { tool: opentofu, version: "1.12.6", path: live/network, backend: { bucket: state, key: network } }
)",
                                                targets::registry(), {});
  const std::regex allowed(R"([\w+=,.@-]{2,64})");
  int seen = 0;
  for (const plan::Pipeline& pipeline : compilation->plan.pipelines) {
    for (const plan::Job& job : pipeline.jobs) {
      if (!job.access) continue;
      ++seen;
      CHECK(std::regex_match(job.access->session_name, allowed));
    }
  }
  CHECK(seen > 0);
}

TEST_CASE("text of the event never stands in a script") {
  Output output(
      std::string(
          "penstock: project/v1\nname: shop\nrepository: { github: acme/shop, gitlab: acme/shop }\n") +
      std::string(kTargets) + R"(
pipelines:
  ci:
    on: { push: { branches: ["**"] }, pull_request: {} }
    jobs:
      label:
        steps:
          - run: echo ${{ ref.branch }} "from ${{ pull_request.source }}"
)");
  for (const std::string& path : output.paths(".github/workflows/", ".yml")) {
    const yaml::Node workflow = output.read(path);
    for (const yaml::Entry& job : at(workflow, {"jobs"}).entries) {
      const yaml::Node* steps = job.value.find("steps");
      if (steps == nullptr) continue;
      for (const yaml::Node& step : steps->items) {
        if (step.find("run")) CHECK(step.find("run")->text.find("${{") == std::string::npos);
      }
    }
  }
  const yaml::Node workflow = output.read(".github/workflows/ci.yml");
  CHECK(calls(workflow, R"(echo "${REF_BRANCH}" "from ${PULL_REQUEST_SOURCE}")"));
  for (const std::string& path : output.paths("codepipeline/buildspecs/", ".yml")) {
    for_each_scalar(output.read(path),
                    [&](const std::string& text) { CHECK(text.find("#{") == std::string::npos); });
  }
}

TEST_CASE("what an author wrote as a value is no part of a command") {
  Output output(
      std::string(
          "penstock: project/v1\nname: shop\nrepository: { github: acme/shop, gitlab: acme/shop }\n") +
      std::string(kTargets) + R"(
pipelines:
  ci:
    on: { push: { branches: ["**"] } }
    jobs:
      label:
        steps:
          - run: echo "$TITLE"
            env: { TITLE: "it's \"; $(id) `id`" }
)");
  const yaml::Node github = output.read(".github/workflows/ci.yml");
  for (const yaml::Node& step : at(github, {"jobs", "label", "steps"}).items) {
    if (const yaml::Node* run = step.find("run")) CHECK(run->text.find("id)") == std::string::npos);
  }
  const yaml::Node gitlab = output.read(".gitlab/ci/ci.yml");
  for (const std::string& line : texts(&at(gitlab, {"ci:label", "script"})))
    CHECK(line.find("id)") == std::string::npos);
  const yaml::Node buildspec = output.read("codepipeline/buildspecs/ci-label.yml");
  CHECK(calls(buildspec, R"(export TITLE='it'\''s "; $(id) `id`')"));
}

TEST_CASE("CodePipeline: a job behind a deployment is in a later stage") {
  Output output(
      std::string(
          "penstock: project/v1\nname: shop\nrepository: { github: acme/shop, gitlab: acme/shop }\n") +
      std::string(kTargets) + R"(
environments:
  staging: {}
pipelines:
  ci:
    on: { push: { branches: [main] } }
    jobs:
      build: { steps: [{ run: make }] }
      deploy: { needs: [build], environment: staging, steps: [{ run: make deploy }] }
      smoke: { needs: [deploy], steps: [{ run: make smoke }] }
)");
  const yaml::Node pipeline = output.read("codepipeline/shop-ci.pipeline.json");
  std::vector<std::string> order;
  for (const yaml::Node& stage : at(pipeline, {"pipeline", "stages"}).items) {
    for (const yaml::Node& action : at(stage, {"actions"}).items) order.push_back(at(action, {"name"}).text);
  }
  CHECK(order == std::vector<std::string>{"Source", "Build", "Deploy", "Smoke"});
}
