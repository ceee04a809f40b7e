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
  std::unique_ptr<driver::Compilation> compilation = {};
  std::any tree;
};
Files compiled_text(const std::string& model);
Files compiled_sample(const std::string& name);

// A tree of one's own, without what simulation does not look at.
using targets::codepipeline::Action;
using targets::codepipeline::Pipeline;
using targets::codepipeline::PipelineTrigger;
using targets::codepipeline::PushFilter;
using targets::codepipeline::RequestFilter;
using targets::codepipeline::Stage;
using targets::codepipeline::StageRule;
using targets::codepipeline::Tree;

/// A source of `main` that does not look for changes, `Source/Source` with the namespace `Source` and the artifact `Checkout`.
Action source();
/// A build of the project `Build` that takes the source.
Action build(const std::string& name, long order = 1);
Action approval(const std::string& name, long order);
StageRule rule(const std::string& variable, const std::string& operation, const std::string& value);
/// A pipeline `p` with a source and these stages.
Pipeline pipeline(std::vector<Stage> stages, const std::string& mode = "QUEUED");
/// Started by these filters.
Pipeline triggered(std::vector<PushFilter> push, std::vector<RequestFilter> requests = {});

/// A tree with this pipeline and the project `Build`, whose builds export what is named.
Tree tree_with(Pipeline pipeline, std::vector<std::string> exported = {});
std::any given(Tree tree);

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
/// Why a pipeline is idle or cannot be decided; `starts` when it starts.
std::string fate(const Pipeline& pipeline, const run::Arrival& arrival);
std::string story(const std::any& tree, const run::Arrival& arrival, TestWorld world = {});

}  // namespace penstock::test
