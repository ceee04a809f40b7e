// The law: for every event, the jobs that GitLab puts into its pipeline are those that the plan selects, and they wait for the same
// jobs. The emitted text is read back and evaluated as GitLab does it.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include <algorithm>

#include "plan/simulate.h"
#include "targets/gitlab/emitted.h"
#include "targets/gitlab/gitlab_rules.h"

using namespace penstock;
using targets::gitlab::Job;
using targets::gitlab::Tree;
using test::compiled;
using test::Jobs;
using test::models;
using test::read_back;

namespace {

test::GitLabPipeline pipeline_of(const plan::Event& event) {
  test::GitLabPipeline made;
  auto& variables = made.variables;
  made.changed = event.changed;
  switch (event.kind) {
    case model::EventKind::Push:
      variables = {{"CI_PIPELINE_SOURCE", "push"}, {"CI_COMMIT_BRANCH", event.branch}};
      break;
    case model::EventKind::Tag:
      variables = {{"CI_PIPELINE_SOURCE", "push"}, {"CI_COMMIT_TAG", event.tag}};
      made.changed.reset();
      break;
    case model::EventKind::PullRequest:
      variables = {{"CI_PIPELINE_SOURCE", "merge_request_event"},
                   {"CI_MERGE_REQUEST_IID", event.pull_request.number},
                   {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", event.pull_request.source},
                   {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME", event.pull_request.target},
                   {"CI_MERGE_REQUEST_PROJECT_ID", "17"},
                   {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID", event.pull_request.fork ? "23" : "17"}};
      break;
    case model::EventKind::Schedule:
      variables = {{"CI_PIPELINE_SOURCE", "schedule"},
                   {"CI_COMMIT_BRANCH", event.branch},
                   {"PENSTOCK_SCHEDULE", event.pipeline}};
      made.changed.reset();
      break;
    case model::EventKind::Manual:
      variables = {{"CI_PIPELINE_SOURCE", "web"},
                   {"CI_COMMIT_BRANCH", event.branch},
                   {"PENSTOCK_RUN", event.pipeline}};
      made.changed.reset();
      break;
  }
  return made;
}

bool has_trigger(const plan::Pipeline& pipeline, model::EventKind kind) {
  return std::ranges::find(pipeline.triggers, kind, &model::Trigger::kind) != pipeline.triggers.end();
}

std::vector<plan::Event> events(const plan::Plan& plan) {
  const std::vector<std::string> branches = {"main",    "release", "release/1", "release/old", "release/a/b",
                                             "feature", "a.b",     "axb",       "x-docs"};
  const std::vector<std::string> tags = {"v1", "v2", "v/12", "w1", "w12", "x", "v\"1'"};
  const std::vector<std::optional<std::vector<std::string>>> changes = {
      std::nullopt,          {{}},          {{"README.md"}}, {{"docs/a.txt"}}, {{"docs/x/.y/a.txt", "src/b"}},
      {{"src/deep/er/b.c"}}, {{"lib/x.h"}}, {{"src"}},       {{"a5/b.txt"}},   {{"a5/bb.txt"}}};
  std::vector<plan::Event> all;
  for (const auto& changed : changes) {
    for (const std::string& branch : branches) {
      all.push_back(plan::push(branch, changed));
      all.push_back(plan::pull_request(branch, "main", changed));
      all.push_back(plan::pull_request("main", branch, changed));
      all.push_back(plan::pull_request_from_fork(branch, "main", changed));
    }
  }
  for (const std::string& tag : tags) all.push_back(plan::tag(tag));
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    for (const std::string branch : {"main", "feature"}) {
      if (has_trigger(pipeline, model::EventKind::Schedule))
        all.push_back(plan::schedule(pipeline.name, branch));
      if (has_trigger(pipeline, model::EventKind::Manual)) all.push_back(plan::manual(pipeline.name, branch));
    }
  }
  return all;
}

/// The jobs of a pipeline with what each waits for: "ci:test <ci:build". An error when a need that is not there is not optional.
std::vector<std::string> emitted(const Jobs& jobs, const test::GitLabPipeline& pipeline) {
  const auto is_there = [&](std::string_view name) {
    const Job* job = jobs.find(name);
    return job != nullptr && test::decide(*jobs.get(*job, &Job::rules), pipeline) != nullptr;
  };
  std::vector<std::string> all;
  for (const auto& [name, job] : jobs.all) {
    if (name.starts_with(".") || name.find(":turn:") != std::string::npos || !is_there(name)) continue;
    std::string line = name;
    const auto* needs = jobs.get(job, &Job::needs);
    for (const auto& need : *needs) {
      if (is_there(need.job)) {
        line += " <" + need.job;
      } else if (!need.optional) {
        line += " !" + need.job;
      }
    }
    all.push_back(std::move(line));
  }
  std::ranges::sort(all);
  return all;
}

std::vector<std::string> expected(const plan::Plan& plan, const plan::Event& event) {
  const plan::Trace trace = plan::simulate(plan, event);
  std::vector<std::string> all;
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    for (const plan::Job& job : pipeline.jobs) {
      const plan::JobTrace* traced = trace.find(pipeline.name, job.name);
      if (traced == nullptr || !traced->selected() || std::holds_alternative<plan::CommentPlans>(job.work))
        continue;
      std::string line = fmt::format("{}:{}", pipeline.name, job.name);
      for (const std::string& after : traced->after) line += fmt::format(" <{}:{}", pipeline.name, after);
      all.push_back(std::move(line));
    }
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace

TEST_CASE("for every event GitLab has the jobs that the plan selects, after the same jobs") {
  for (const auto& model : models()) {
    INFO(model);
    const auto compilation = compiled(model);
    REQUIRE_FALSE(compilation->sink.has_errors());
    const Tree tree = read_back(*compilation);
    const Jobs jobs(tree);
    std::size_t selected = 0;
    for (const plan::Event& event : events(compilation->plan)) {
      INFO(plan::to_text(event));
      const auto pipeline = pipeline_of(event);
      const auto wanted = expected(compilation->plan, event);
      selected += wanted.size();
      CHECK(emitted(jobs, pipeline) == wanted);
      const bool starts = test::decide(tree.files.front().root.workflow.rules, pipeline) != nullptr;
      if (!wanted.empty()) CHECK(starts);
    }
    CHECK(selected > 0);
  }
}

TEST_CASE("what no trigger names starts nothing") {
  const auto compilation = compiled(PENSTOCK_SOURCE_DIR "/tests/targets/gitlab/live-infra.yaml");
  REQUIRE_FALSE(compilation->sink.has_errors());
  const Tree tree = read_back(*compilation);
  const Jobs jobs(tree);
  const std::vector<std::map<std::string, std::string, std::less<>>> foreign = {
      {{"CI_PIPELINE_SOURCE", "schedule"}, {"CI_COMMIT_BRANCH", "main"}},
      {{"CI_PIPELINE_SOURCE", "schedule"}, {"CI_COMMIT_BRANCH", "main"}, {"PENSTOCK_SCHEDULE", "delivery"}},
      {{"CI_PIPELINE_SOURCE", "push"}, {"CI_COMMIT_TAG", "main"}},
      {{"CI_PIPELINE_SOURCE", "push"}, {"CI_COMMIT_BRANCH", "feature"}},
      {{"CI_PIPELINE_SOURCE", "web"}, {"CI_COMMIT_BRANCH", "main"}},
      {{"CI_PIPELINE_SOURCE", "api"}, {"CI_COMMIT_BRANCH", "main"}},
      {{"CI_PIPELINE_SOURCE", "trigger"}, {"CI_COMMIT_BRANCH", "main"}, {"PENSTOCK_SCHEDULE", "drift"}},
  };
  for (const auto& variables : foreign) {
    INFO(variables.at("CI_PIPELINE_SOURCE"));
    const test::GitLabPipeline pipeline{variables, std::nullopt};
    CHECK(test::decide(tree.files.front().root.workflow.rules, pipeline) == nullptr);
    CHECK(emitted(jobs, pipeline).empty());
  }
}

TEST_CASE("GitLab's expressions, as its own page and specifications have them") {
  const test::GitLabPipeline pipeline{{{"EMPTY", ""}, {"SET", "x"}, {"PATH_LIKE", "a/b"}}, std::nullopt};
  const std::vector<std::pair<std::string, bool>> cases = {
      {"$UNDEF", false},
      {"$EMPTY", false},
      {"$SET", true},
      {"$UNDEF == null", true},
      {"$EMPTY == null", false},
      {"$EMPTY == \"\"", true},
      {"$UNDEF == \"\"", false},
      {"$UNDEF != \"x\"", true},
      {"$EMPTY && $SET", true},
      {"$EMPTY || $SET", false},
      {"$UNDEF && $SET", false},
      {"$UNDEF || $SET", true},
      {"$SET && $EMPTY", false},
      {"$UNDEF =~ /.*/", true},
      {"$PATH_LIKE =~ /^a\\/b$/", true},
      {"$SET == 'x' || $SET == \"y\" && $UNDEF", true},
      {"($SET == \"x\" || $SET == \"y\") && $UNDEF", false},
  };
  for (const auto& [expression, wanted] : cases) {
    INFO(expression);
    CHECK(test::holds(expression, pipeline) == wanted);
  }
  for (const char* refused : {"$SET =~ /x/", "!$SET", "${SET}", "$SET == true", "$SET ==", "($SET"}) {
    INFO(refused);
    CHECK_THROWS(test::holds(refused, pipeline));
  }
  CHECK(test::fnmatch("src/**/*", "src/a/.b/c"));
  CHECK_FALSE(test::fnmatch("src/**", "src/a/b"));
  CHECK(test::fnmatch("**/*.{c,h}", "x.h"));
  CHECK_FALSE(test::fnmatch("*", "a/b"));
}
