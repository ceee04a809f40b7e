// Lowering changes how a plan is said, not what it means: the same jobs, in the same order, behind the same gates, for any event.
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "lower/lower.h"
#include "plan/simulate.h"
#include "support/plan_builder.h"

namespace penstock::lower {
namespace {

using plan::Event;
using plan::Outcomes;
using plan::Plan;
using test::PlanBuilder;

constexpr std::string_view kFeatures[] = {"mixed_triggers",    "push_base",      "request_paths",
                                          "job_changed_paths", "required_check", "approvals_of_jobs",
                                          "wide_fan_in"};

/// The plan as a target gets it that lacks these features and has all others.
Plan lowered(const Plan& plan, const std::vector<std::string>& lacking) {
  std::vector<std::string> paths;
  for (const std::string_view feature : kFeatures) paths.push_back("features." + std::string(feature));
  std::vector<Row> rows;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const bool lacks = std::ranges::find(lacking, kFeatures[i]) != lacking.end();
    rows.push_back({paths[i], lacks ? "false" : "true"});
  }
  diag::Sink sink;
  Plan result = lower(plan, Table(rows), sink);
  REQUIRE_FALSE(sink.has_errors());
  return result;
}

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  bool chance(unsigned one_in) { return below(one_in) == 0; }
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(static_cast<unsigned>(all.size()))];
  }

  PlanBuilder project() {
    PlanBuilder made = chance(2) ? test::live_infra() : test::live_infra_on_aws();
    for (unsigned p = 0; p < 2; ++p) {
      const auto pipeline = made.pipeline("p" + std::to_string(p), triggers(made));
      std::vector<model::JobId> jobs;
      for (unsigned j = 0; j < 1 + below(4); ++j) jobs.push_back(job(made, pipeline, jobs));
    }
    return made;
  }

  Event event() {
    const std::string pipeline = one_of<std::string>({"p0", "p1", "drift"});
    switch (below(5)) {
      case 0: return plan::push(branch(), changed());
      case 1: return plan::tag(chance(2) ? "v1" : "x");
      case 2: return plan::schedule(pipeline, "main");
      case 3: return plan::manual(pipeline, "main");
      default:
        return chance(3) ? plan::pull_request_from_fork("topic", branch(), changed())
                         : plan::pull_request("topic", branch(), changed());
    }
  }

 private:
  std::string branch() { return one_of<std::string>({"main", "next", "topic"}); }

  std::optional<std::vector<std::string>> changed() {
    if (chance(3)) return std::nullopt;
    std::vector<std::string> paths;
    for (const char* path : {"src/a", "docs/a", "b"}) {
      if (chance(2)) paths.emplace_back(path);
    }
    return paths;
  }

  std::vector<std::string> some(const std::vector<std::string>& all) {
    std::vector<std::string> chosen;
    for (const std::string& one : all) {
      if (chance(3)) chosen.push_back(one);
    }
    return chosen;
  }

  std::vector<model::Trigger> triggers(PlanBuilder& made) {
    std::vector<model::Trigger> all;
    if (chance(2)) all.push_back(made.push(some({"main", "n*"}), some({"src/**", "!docs/**"})));
    if (chance(3)) all.push_back(made.tag(some({"v*"})));
    if (chance(2)) all.push_back(made.pull_request(some({"main", "n*"}), some({"src/**", "!docs/**"})));
    if (chance(3)) all.push_back(made.cron("0 4 * * *"));
    if (all.empty() || chance(3)) all.push_back(made.manual());
    return all;
  }

  model::JobId job(PlanBuilder& made, model::PipelineId pipeline, const std::vector<model::JobId>& before) {
    static const std::vector<std::string> kConditions = {
        "event.kind == \"push\"",
        "event.kind != \"pull_request\" && ref.branch == \"main\"",
        "ref.tag == \"v1\" || ref.branch == \"next\"",
        "changed(\"src/**\")",
        "!changed(\"docs/**\", \"b\") || event.kind == \"manual\"",
        "pull_request.target == \"main\" && !pull_request.fork"};
    std::vector<model::JobId> needs;
    for (const model::JobId id : before) {
      if (chance(2)) needs.push_back(id);
    }
    return made.job(pipeline, "j" + std::to_string(before.size()), needs, [&](model::Job& job) {
      if (chance(2)) job.when = made.when(one_of(kConditions));
      if (chance(4)) job.secrets = {{"TOKEN", "token"}};
      if (chance(4)) job.environment = model::EnvironmentId{1};
    });
  }

  std::mt19937 random_;
};

using Jobs = std::map<std::pair<OriginId, std::string>, plan::JobTrace>;

/// The selected jobs, under the pipelines that the author wrote: `lower` may have made several of one.
Jobs jobs_of(const Plan& plan, Event event, const std::set<std::string>& failing) {
  Jobs jobs;
  const std::string pipeline = event.pipeline;
  for (const plan::Pipeline& of : plan.pipelines) {
    Outcomes outcomes;
    for (const std::string& job : failing) outcomes.failing.insert({of.name, job});
    outcomes.empty = {{of.name, "plan-staging-network"}, {of.name, "plan-production-cluster"}};
    const bool started = !pipeline.empty() && (of.name == pipeline || of.name.starts_with(pipeline + "-"));
    event.pipeline = started ? of.name : pipeline;
    const plan::Trace trace = simulate(plan, event, outcomes);
    for (const plan::JobTrace& job : trace.find(of.name)->jobs) {
      if (job.selected()) jobs[{of.origin, job.name}] = job;
    }
  }
  return jobs;
}

bool precedes(const Jobs& jobs, OriginId origin, const std::string& earlier, const std::string& later) {
  const auto job = jobs.find({origin, later});
  if (job == jobs.end()) return false;
  return std::ranges::any_of(job->second.after, [&](const std::string& before) {
    return before == earlier || precedes(jobs, origin, earlier, before);
  });
}

/// What the lowered plan does otherwise; empty when it means the same. It may have jobs and order of its own.
std::string difference(const Plan& before, const Jobs& was, const Jobs& is) {
  for (const plan::Pipeline& pipeline : before.pipelines) {
    for (const plan::Job& job : pipeline.jobs) {
      const auto old = was.find({pipeline.origin, job.name});
      const auto now = is.find({pipeline.origin, job.name});
      const std::string name = pipeline.name + ":" + job.name;
      if ((old == was.end()) != (now == is.end()))
        return name + (old == was.end() ? " is selected" : " is not selected");
      if (old == was.end()) continue;
      if (old->second.state != now->second.state)
        return name + " has " + std::string(plan::name(now->second.state));
      if (old->second.behind != now->second.behind) return name + " passes other gates";
      for (const std::string& earlier : old->second.after) {
        if (!precedes(is, pipeline.origin, earlier, job.name)) return name + " does not wait for " + earlier;
      }
    }
  }
  return {};
}

TEST_CASE("a lowered plan means what the plan means") {
  const std::vector<std::vector<std::string>> lacking = {
      {},
      {"mixed_triggers"},
      {"request_paths"},
      {"job_changed_paths"},
      {"required_check"},
      {"approvals_of_jobs"},
      {"request_paths", "job_changed_paths", "required_check"},
      {"mixed_triggers", "request_paths", "job_changed_paths", "approvals_of_jobs"}};
  World world(5);
  std::size_t selected = 0;
  for (int round = 0; round < 40; ++round) {
    const PlanBuilder made = world.project();
    const Plan plan = made.plan();
    std::vector<Plan> all;
    for (const auto& features : lacking) all.push_back(lowered(plan, features));
    for (int i = 0; i < 12; ++i) {
      const Event event = world.event();
      std::set<std::string> failing;
      for (const char* job : {"j0", "j1", "secrets", "plan-staging-app"}) {
        if (world.chance(6)) failing.insert(job);
      }
      const Jobs was = jobs_of(plan, event, failing);
      selected += was.size();
      for (std::size_t k = 0; k < all.size(); ++k) {
        const std::string differs = difference(plan, was, jobs_of(all[k], event, failing));
        if (!differs.empty())
          FAIL_CHECK("without feature set " << k << ", on " << to_text(event) << ": " << differs << "\n"
                                            << to_text(simulate(plan, event))
                                            << to_text(simulate(all[k], event)));
      }
    }
  }
  CHECK(selected > 1000);  // the law is not empty
}

}  // namespace
}  // namespace penstock::lower
