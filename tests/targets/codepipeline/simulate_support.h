#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "driver/compile.h"
#include "run/run.h"
#include "targets/codepipeline/tree.h"
#include "targets/target.h"

/// What the tests of the simulator share.
namespace penstock::test {

/// A model compiled for this target, and the tree of the files that were written.
struct Files {
  std::unique_ptr<driver::Compilation> compilation;
  std::any tree;
};
Files compiled_text(const std::string& model);
Files compiled_sample(const std::string& name);

/// A tree of one's own. Its pipelines and builds are added by hand.
std::any tree_of(targets::codepipeline::Tree tree);

/// Everything succeeds, everybody agrees; what differs is said by address.
class TestWorld : public run::World {
 public:
  std::map<std::string, run::Result> results;
  std::map<std::string, run::Answer> answers;
  /// What a build is asked for besides: called when it starts.
  std::function<run::Result(std::size_t arrival, const run::Job&)> works;

  run::Result work(std::size_t arrival, const run::Job& job) override;
  run::Answer approve(std::size_t arrival, const run::Job& job, std::string_view gate) override;
  std::string setting(std::string_view, std::string_view) override { return {}; }
};

/// One line for each job, in the order in which they end or wait: when it started, its address, and what became of it.
std::string story(const run::Run& run);
std::string story(const std::any& tree, const run::Arrival& arrival, TestWorld world = {});

}  // namespace penstock::test
