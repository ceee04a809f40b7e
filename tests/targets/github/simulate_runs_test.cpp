// Matrices, calls, queues, rights and what reaches jobs. Pages: https://docs.github.com/en/actions/reference/workflows-and-actions/.
#include <catch2/catch.hpp>

#include "targets/github/simulate.h"
#include "targets/github/simulated.h"

using namespace penstock;
using run::State;
using test::Outside;
using test::simulated;
using test::told;
using test::workflow;

namespace {

std::vector<std::string> addresses(const run::Run& run) {
  std::vector<std::string> all;
  for (const run::Job& job : run.jobs) {
    if (job.works) all.push_back(job.address);
  }
  return all;
}

std::vector<run::Run> pushes(const std::any& tree, std::size_t count, Outside& outside,
                             std::size_t apart = 1) {
  std::vector<run::Arrival> arrivals;
  for (std::size_t i = 0; i < count; ++i) arrivals.push_back({plan::push("main"), "", i * apart});
  return targets::github::simulate(tree, arrivals, outside);
}

const std::string kSteps = "    runs-on: x\n    steps: [{run: work}]\n";

}  // namespace

// workflow-syntax#jobsjob_idstrategymatrixinclude: six jobs; `npm` is added to one of them.
TEST_CASE("include adds to combinations that it does not change") {
  const std::any tree = workflow(R"(
on: push
jobs:
  example_matrix:
    strategy:
      matrix:
        os: [windows-latest, ubuntu-latest]
        node: [12, 14, 16]
        include:
          - {os: windows-latest, node: 16, npm: 6}
    runs-on: ${{ matrix.os }}
    env: {NPM: "${{ matrix.npm }}"}
    steps: [{run: npm --version}]
)");
  const run::Run run = simulated(tree, {plan::push("main")});
  CHECK(addresses(run) ==
        std::vector<std::string>{
            "ci/example_matrix (windows-latest, 12)", "ci/example_matrix (windows-latest, 14)",
            "ci/example_matrix (windows-latest, 16)", "ci/example_matrix (ubuntu-latest, 12)",
            "ci/example_matrix (ubuntu-latest, 14)", "ci/example_matrix (ubuntu-latest, 16)"});
  CHECK(run.find("ci/example_matrix (windows-latest, 16)")->reach.variables.front().second == "6");
  CHECK(run.find("ci/example_matrix (ubuntu-latest, 16)")->reach.variables.front().second.empty());
}

// using-jobs/running-variations-of-jobs-in-a-workflow, "Expanding or adding matrix configurations".
TEST_CASE("include on fruit and animal") {
  const std::any tree = workflow(R"(
on: push
jobs:
  a:
    strategy:
      matrix:
        fruit: [apple, pear]
        animal: [cat, dog]
        include:
          - color: green
          - {color: pink, animal: cat}
          - {fruit: apple, shape: circle}
          - {fruit: banana}
          - {fruit: banana, animal: cat}
    runs-on: x
    env: {SEEN: "${{ matrix.fruit }} ${{ matrix.animal }} ${{ matrix.color }} ${{ matrix.shape }}"}
    steps: [{run: a}]
)");
  const run::Run run = simulated(tree, {plan::push("main")});
  std::vector<std::string> seen;
  for (const run::Job& job : run.jobs) {
    if (job.works) seen.push_back(job.reach.variables.front().second);
  }
  CHECK(seen == std::vector<std::string>{"apple cat pink circle", "apple dog green circle", "pear cat pink ",
                                         "pear dog green ", "banana   ", "banana cat  "});
}

// workflow-syntax#jobsjob_idstrategymatrixexclude: "An excluded configuration only has to be a partial match".
TEST_CASE("exclude takes combinations away") {
  const std::any tree = workflow(R"(
on: push
jobs:
  a:
    strategy:
      matrix:
        os: [macos-latest, windows-latest]
        version: [12, 14, 16]
        environment: [staging, production]
        exclude:
          - {os: macos-latest, version: 12, environment: production}
          - {os: windows-latest, version: 16}
    runs-on: x
    steps: [{run: a}]
)");
  CHECK(addresses(simulated(tree, {plan::push("main")})).size() == 9);
}

// workflow-syntax#jobsjob_idstrategyfail-fast, #jobsjob_idcontinue-on-error
TEST_CASE("a failed job of a matrix fails the whole, unless it may") {
  const std::any tree = workflow(R"(
on: push
jobs:
  a:
    continue-on-error: ${{ matrix.experimental }}
    strategy:
      fail-fast: false
      matrix:
        node: [13, 14]
        experimental: [false]
        include:
          - {node: 15, experimental: true}
    runs-on: x
    steps: [{run: a}]
  b: {runs-on: x, needs: a, steps: [{run: b}]}
)");
  Outside outside;
  outside.failing = {"ci/a (15, true)"};
  CHECK(simulated(tree, {plan::push("main")}, outside).find("ci/b")->state == State::Succeeded);
  outside.failing = {"ci/a (14, false)"};
  const run::Run run = simulated(tree, {plan::push("main")}, outside);
  CHECK(run.find("ci/b")->state == State::Skipped);
  CHECK(run.find("ci/a (13, false)")->state == State::Succeeded);
}

TEST_CASE("a failed job of a matrix cancels those that wait") {
  const auto tree = [](const std::string& fail_fast) {
    return workflow("on: push\njobs:\n  a:\n    strategy:\n" + fail_fast +
                    "      matrix: {n: [one, two]}\n    concurrency: {group: g, queue: max}\n" + kSteps);
  };
  Outside outside;
  outside.failing = {"ci/a (one)"};
  CHECK(told(simulated(tree(""), {plan::push("main")}, outside)) ==
        "ci/a (one): failed\nci/a (two): cancelled\n");
  CHECK(told(simulated(tree("      fail-fast: false\n"), {plan::push("main")}, outside)) ==
        "ci/a (one): failed\nci/a (two): succeeded\n");
}

// workflow-syntax#concurrency: "there can be at most one running and one pending job in a concurrency group at any time".
TEST_CASE("one runs, one waits, and a newer one takes its place") {
  const std::any tree =
      workflow("on: push\nconcurrency: g\njobs:\n  a:\n" + kSteps + "  b:\n    needs: a\n" + kSteps);
  Outside outside;
  const auto runs = pushes(tree, 3, outside, 0);
  CHECK(runs[0].find("ci")->state == State::Succeeded);
  CHECK(runs[1].find("ci")->state == State::Cancelled);
  CHECK(runs[1].find("ci/a")->state == State::Skipped);
  CHECK(runs[2].find("ci")->state == State::Succeeded);
  CHECK(runs[2].find("ci/a")->started >= runs[0].find("ci/b")->ended);
}

TEST_CASE("queue: max keeps all, in their order") {
  const std::any tree = workflow(
      "on: push\nconcurrency: {group: \"G-${{ github.ref_name }}\", queue: max}\njobs:\n  a:\n" + kSteps);
  Outside outside;
  const auto runs = pushes(tree, 4, outside, 0);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK(runs[i].find("ci/a")->state == State::Succeeded);
    CHECK(runs[i].find("ci/a")->started == i);
    CHECK(runs[i].find("ci")->gates == std::vector<run::Gate>{{run::Gate::Kind::Queue, "g-main"}});
  }
}

// "To also cancel any currently running job or workflow in the same concurrency group, specify cancel-in-progress: true."
// workflow-cancellation: conditions are evaluated once more, and what always() holds goes on.
TEST_CASE("cancel-in-progress cancels what runs, but not what always() keeps") {
  const std::any tree =
      workflow("on: push\nconcurrency: {group: g, cancel-in-progress: true}\njobs:\n  a:\n" + kSteps +
               "  b:\n    needs: a\n" + kSteps + "  c:\n    needs: b\n    if: always()\n" + kSteps +
               "  d:\n    needs: b\n    if: \"!cancelled()\"\n" + kSteps);
  Outside outside;
  const auto runs = pushes(tree, 2, outside);
  CHECK(runs[0].find("ci/a")->state == State::Succeeded);
  CHECK(runs[0].find("ci/b")->state == State::Cancelled);
  CHECK(runs[0].find("ci/c")->state == State::Succeeded);
  CHECK(runs[0].find("ci/d")->state == State::Skipped);
  CHECK(runs[0].find("ci")->state == State::Cancelled);
  CHECK(runs[1].find("ci/d")->state == State::Succeeded);
}

// reusing-workflow-configurations: what a called workflow gets, says, and comes to.
TEST_CASE("a called workflow takes inputs and secrets and gives outputs") {
  const std::any tree = test::read_back({{".github/workflows/ci.yml", R"(
on: push
env: {OUTSIDE: not passed}
jobs:
  call:
    uses: ./.github/workflows/called.yml
    with: {config: "${{ github.ref_name }}.yml"}
    secrets: {token: "${{ secrets.DEPLOY_TOKEN }}"}
  after:
    needs: call
    if: needs.call.outputs.word == 'yes'
    runs-on: x
    steps: [{run: a}]
  skipping:
    needs: quiet
    runs-on: x
    steps: [{run: a}]
  quiet:
    uses: ./.github/workflows/called.yml
    if: github.ref_name == 'other'
)"},
                                         {".github/workflows/called.yml", R"(
on:
  workflow_call:
    inputs:
      config: {type: string, required: true}
      loud: {type: boolean, default: true}
    secrets:
      token: {required: true}
    outputs:
      word: {value: "${{ jobs.say.outputs.word }}"}
jobs:
  say:
    if: inputs.loud
    runs-on: x
    outputs: {word: "${{ steps.one.outputs.word }}"}
    env: {CONFIG: "${{ inputs.config }}", TOKEN: "${{ secrets.token }}", OTHER: "${{ secrets.OTHER }}"}
    steps: [{id: one, run: say}]
)"}});
  Outside outside;
  outside.outputs["ci/call/say"] = {{"word", "yes"}, {"undeclared", "x"}};
  const run::Run run = simulated(tree, {plan::push("main")}, outside);
  CHECK(told(run) ==
        "ci/call/say: succeeded\nci/after: succeeded\nci/quiet/say: skipped\nci/skipping: skipped\n");
  const run::Reach& reach = run.find("ci/call/say")->reach;
  CHECK(reach.variables ==
        std::vector<std::pair<std::string, std::string>>{{"CONFIG", "main.yml"}, {"OTHER", ""}});
  CHECK(reach.secrets == std::vector<std::pair<std::string, std::string>>{{"TOKEN", "DEPLOY_TOKEN"}});
  CHECK(run.find("ci/call")->state == State::Succeeded);
}

// workflow-syntax#permissions: a job's replace those of the workflow; a fork's request may only read, and sees no secret.
TEST_CASE("rights and secrets") {
  const std::any tree = workflow(R"(
on: [push, pull_request]
permissions: {contents: read, packages: write}
jobs:
  all: {runs-on: x, env: {TOKEN: "${{ secrets.TOKEN }}"}, steps: [{run: a}]}
  own:
    runs-on: x
    permissions: {id-token: write, contents: read}
    steps:
      - {uses: aws-actions/configure-aws-credentials@abc, with: {role-to-assume: "arn:aws:iam::1:role/${{ github.ref_name }}"}}
  none: {runs-on: x, permissions: {}, steps: [{uses: aws-actions/configure-aws-credentials@abc, with: {role-to-assume: r}}]}
)");
  const run::Run push = simulated(tree, {plan::push("main")});
  CHECK(push.find("ci/all")->reach.rights == std::vector<std::string>{"contents: read", "packages: write"});
  CHECK(push.find("ci/all")->reach.secrets.size() == 1);
  CHECK(push.find("ci/own")->reach.rights == std::vector<std::string>{"contents: read", "id-token: write"});
  CHECK(push.find("ci/own")->reach.role == "arn:aws:iam::1:role/main");
  CHECK(push.find("ci/none")->reach.rights.empty());
  CHECK(push.find("ci/none")->reach.role.empty());  // no right to a token, no role

  const run::Run fork = simulated(tree, {plan::pull_request_from_fork("topic", "main")});
  CHECK(fork.find("ci/all")->reach.rights == std::vector<std::string>{"contents: read", "packages: read"});
  CHECK(fork.find("ci/all")->reach.secrets.empty());
  CHECK(fork.find("ci/all")->reach.variables ==
        std::vector<std::pair<std::string, std::string>>{{"TOKEN", ""}});
  CHECK(fork.find("ci/own")->reach.role.empty());
}

// contexts#github-context
TEST_CASE("what a request and a push know") {
  const std::any tree = workflow(R"(
on: {push: , pull_request: , workflow_dispatch: , schedule: [{cron: "1 2 * * *"}]}
env:
  FACTS: "${{ github.event_name }} ${{ github.ref }} ${{ github.ref_name }} ${{ github.ref_type }} [${{ github.head_ref }}] [${{ github.base_ref }}] ${{ github.event.pull_request.head.repo.fork }} ${{ github.event.schedule }}"
jobs:
  a: {runs-on: x, steps: [{run: a}]}
)");
  const auto facts = [&](run::Arrival arrival) {
    return simulated(tree, std::move(arrival)).find("ci/a")->reach.variables.front().second;
  };
  CHECK(facts({plan::push("a/b")}) == "push refs/heads/a/b a/b branch [] []  ");
  CHECK(facts({plan::tag("v1")}) == "push refs/tags/v1 v1 tag [] []  ");
  plan::Event request = plan::pull_request_from_fork("topic", "main");
  request.pull_request.number = "7";
  CHECK(facts({request}) == "pull_request refs/pull/7/merge 7/merge branch [topic] [main] true ");
  CHECK(facts({plan::schedule("", "main"), "1 2 * * *"}) ==
        "schedule refs/heads/main main branch [] []  1 2 * * *");
  CHECK(facts({plan::manual("", "main"), ".github/workflows/ci.yml"}) ==
        "workflow_dispatch refs/heads/main main branch [] []  ");
}

TEST_CASE("what cannot be told waits, and says why") {
  const std::any tree = workflow(R"yaml(
on: push
jobs:
  a: {runs-on: x, if: "vars.ON == 'true'", steps: [{run: a}]}
  b: {runs-on: x, needs: a, steps: [{run: a}]}
  c: {runs-on: x, if: "github.ref == 'x' && vars.ON", steps: [{run: a}]}
  d: {runs-on: x, if: "nope()", steps: [{run: a}]}
  e: {uses: other/repo/.github/workflows/x.yml@main}
)yaml");
  const run::Run run = simulated(tree, {plan::push("main")});
  CHECK(run.find("ci/a")->state == State::Waiting);
  CHECK(run.find("ci/a")->reason == "its condition is not known: `ON`: it is set outside the files");
  CHECK(run.find("ci/b")->state == State::Waiting);
  CHECK(run.find("ci/c")->state == State::Skipped);
  CHECK(run.find("ci/d")->reason == "its condition is not known: there is no function `nope`");
  CHECK(run.find("ci/e")->state == State::Waiting);
}

// reusing-workflow-configurations: "permissions can only be maintained or reduced"; more than the caller has, and nothing starts.
TEST_CASE("a called job that asks for more than its caller has keeps the run from starting") {
  const auto tree = [](const std::string& granted) {
    return test::read_back({{".github/workflows/ci.yml",
                             "on: push\npermissions: {}\njobs:\n  call:\n    uses: "
                             "$/.github/workflows/called.yml\n    permissions: " +
                                 granted + "\n"},
                            {".github/workflows/called.yml",
                             "on: workflow_call\npermissions: {}\njobs:\n  a:\n    permissions: {contents: "
                             "read, id-token: write}\n" +
                                 kSteps}});
  };
  CHECK(told(simulated(tree("{contents: write, id-token: write}"), {plan::push("main")})) ==
        "ci/call/a: succeeded\n");
  const run::Run run = simulated(tree("{contents: read}"), {plan::push("main")});
  CHECK(run.jobs.empty());
  CHECK(run.idle.front().second == "`a` asks for more rights than its caller has");
}

TEST_CASE("a workflow that contradicts itself is not started") {
  const run::Run both = simulated(
      workflow("on: push\nconcurrency: {group: g, queue: max, cancel-in-progress: true}\njobs:\n  a:\n" +
               kSteps),
      {plan::push("main")});
  CHECK(both.idle.front().second == "`queue: max` and `cancel-in-progress` exclude each other");
  const run::Run missing =
      simulated(workflow("on: push\njobs:\n  a:\n    needs: b\n" + kSteps), {plan::push("main")});
  CHECK(missing.idle.front().second == "`a` needs `b`, which is not there");
}

// metadata-syntax: the steps of a composite action run in the job, with its inputs.
TEST_CASE("a composite action's steps are the job's") {
  const std::any tree = test::read_back({{".github/workflows/ci.yml", R"yaml(
on: push
jobs:
  first: {runs-on: x, outputs: {id: "${{ steps.s.outputs.id }}", lost: "${{ steps.s.outputs.lost }}"}, steps: [{id: s, uses: $/.github/actions/say, with: {whom: world}}]}
  second:
    needs: first
    runs-on: x
    steps:
      - {uses: $/.github/actions/say, with: {whom: "${{ needs.first.outputs.id }}", loud: "true"}}
  third: {runs-on: x, needs: first, if: "needs.first.outputs.id == 'one' && needs.first.outputs.lost == ''", steps: [{run: c}]}
)yaml"},
                                         {".github/actions/say/action.yml", R"yaml(
name: say
inputs: {whom: {required: true}, loud: {default: "false"}}
outputs: {id: {value: "${{ steps.one.outputs.id }}"}}
runs:
  using: composite
  steps:
    - {id: one, run: "say ${{ inputs.whom }}", shell: sh, env: {WHOM: "${{ inputs.whom }}"}}
    - {if: "inputs.loud == 'true'", uses: actions/upload-artifact@abc, with: {name: "of-${{ inputs.loud }}"}}
)yaml"}});
  Outside outside;
  outside.outputs["ci/first"] = {{"id", "one"}, {"lost", "two"}};
  const run::Run run = simulated(tree, {plan::push("main")}, outside);
  CHECK(run.find("ci/first")->reach.commands == std::vector<std::string>{"say world"});
  CHECK(run.find("ci/second")->reach.commands ==
        std::vector<std::string>{"say ${{ needs.first.outputs.id }}", "actions/upload-artifact@abc"});
  CHECK(run.find("ci/second")->reach.variables ==
        std::vector<std::pair<std::string, std::string>>{{"WHOM", "${{ needs.first.outputs.id }}"}});
  CHECK(run.find("ci/third")->state == State::Succeeded);
}
