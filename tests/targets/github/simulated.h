#pragma once
#include <any>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "run/run.h"

/// What simulations of GitHub's files are tested with.
namespace penstock::test {

/// Everything succeeds, every plan has changes, and who is asked agrees, unless told otherwise.
class Outside : public run::World {
 public:
  std::set<std::string> failing;
  std::set<std::string> asking;  // environments
  std::map<std::string, std::map<std::string, std::string>> outputs;
  run::Answer answer;
  std::vector<std::string> done;  // in order

  run::Result work(std::size_t arrival, const run::Job& job) override;
  run::Answer approve(std::size_t arrival, const run::Job& job, std::string_view gate) override;
  std::string setting(std::string_view what, std::string_view of) override;
};

struct File {
  std::string path;
  std::string text;
};
std::any read_back(const std::vector<File>& files);
/// One workflow, `.github/workflows/ci.yml`.
std::any workflow(std::string text);
/// What a sample compiles to.
std::any sample(const std::string& name);

run::Run simulated(const std::any& tree, run::Arrival arrival, Outside& outside);
run::Run simulated(const std::any& tree, run::Arrival arrival);

/// `address: state`, in the order in which they started; those that did not behind them.
std::string told(const run::Run& run);

}  // namespace penstock::test
