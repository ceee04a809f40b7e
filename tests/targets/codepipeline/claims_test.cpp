// Where the shape says that the jobs of a plan went, and where the simulator finds them.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "lower/lower.h"
#include "simulate_support.h"
#include "support/file_test.h"
#include "targets/codepipeline/files.h"
#include "targets/codepipeline/simulate.h"
#include "targets/codepipeline/target.h"

namespace penstock::driver {
Table catalog();  // generated at build time from templates/catalog.yaml
}

using namespace penstock;
using namespace penstock::test;

namespace {

struct Claimed {
  Files files;
  run::Claims claims;
  std::vector<run::Arrival> arrivals;  // that start every pipeline
};

Claimed claimed(Files files) {
  Claimed all;
  all.files = std::move(files);
  driver::Compilation& compilation = *all.files.compilation;
  const targets::Target& target = targets::codepipeline::kTarget;
  const Table catalog = driver::catalog();
  plan::Report report;
  const targets::Context context{&target.facts, &catalog,          &compilation.project.targets.front(),
                                 &report,       &compilation.sink, &all.claims};
  const plan::Plan lowered = lower::lower(compilation.plan, target.facts, compilation.sink);
  (void)target.shape(lowered, context);
  for (const auto& [id, resource] :
       (*std::any_cast<std::shared_ptr<const Tree>>(&all.files.tree))->stack.resources) {
    if (const auto* pipeline = std::get_if<Pipeline>(&resource.properties))
      all.arrivals.push_back({plan::manual("", "main"), pipeline->name});
  }
  return all;
}

std::vector<std::filesystem::path> models() {
  std::vector<std::filesystem::path> all;
  for (const auto& file : files_in(PENSTOCK_SOURCE_DIR "/tests/targets/codepipeline")) {
    if (file.extension() == ".yaml" && !file.filename().string().starts_with("fail_")) all.push_back(file);
  }
  REQUIRE(all.size() >= 6);
  return all;
}

}  // namespace

TEST_CASE("every action that works or asks is claimed once, and every claim is an action") {
  for (const auto& model : models()) {
    INFO(model);
    const Claimed all = claimed(compiled_text(read_file(model)));
    REQUIRE_FALSE(all.claims.jobs.empty());
    std::map<std::string, const run::Claims::Job*> by_address;
    for (const run::Claims::Job& claim : all.claims.jobs) {
      INFO(claim.address);
      CHECK(by_address.emplace(claim.address, &claim).second);
      const auto& pipelines = all.files.compilation->plan.pipelines;
      CHECK(std::ranges::any_of(
          pipelines, [&](const plan::Pipeline& pipeline) { return pipeline.origin == claim.pipeline; }));
    }
    TestWorld world;
    std::set<std::string> seen;
    for (const run::Arrival& arrival : all.arrivals) {
      const auto runs = targets::codepipeline::simulate(all.files.tree, {&arrival, 1}, world);
      for (const run::Job& job : runs.front().jobs) {
        INFO(job.address);
        seen.insert(job.address);
        const auto claim = by_address.find(job.address);
        const bool asks = std::ranges::any_of(
            job.gates, [](const run::Gate& gate) { return gate.kind == run::Gate::Kind::Approval; });
        CHECK((claim != by_address.end()) == (job.works || asks));
        if (claim != by_address.end()) CHECK(claim->second->approval == asks);
      }
    }
    for (const auto& [address, claim] : by_address) {
      INFO(address);
      CHECK(seen.contains(address));
    }
  }
}

TEST_CASE("claimed outputs are exported, and claimed starts are entries") {
  for (const auto& model : models()) {
    INFO(model);
    const Claimed all = claimed(compiled_text(read_file(model)));
    const auto entries = targets::codepipeline::entries(all.files.tree);
    std::vector<run::Entry> schedules;
    for (const run::Claims::Start& start : all.claims.starts) {
      if (start.entry.kind == model::EventKind::Schedule) schedules.push_back(start.entry);
      if (start.entry.kind == model::EventKind::Manual)
        CHECK(std::ranges::any_of(
            all.arrivals, [&](const run::Arrival& arrival) { return arrival.entry == start.entry.name; }));
    }
    CHECK(schedules == entries);
    std::set<std::string> exported;
    for (const auto& [path, spec] :
         (*std::any_cast<std::shared_ptr<const Tree>>(&all.files.tree))->buildspecs)
      exported.insert(spec.env.exported.begin(), spec.env.exported.end());
    for (const run::Claims::Job& claim : all.claims.jobs) {
      for (const auto& [name, meaning] : claim.outputs) {
        INFO(meaning);
        CHECK(exported.contains(name));
      }
    }
  }
}
