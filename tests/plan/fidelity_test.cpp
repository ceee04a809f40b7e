#include "plan/fidelity.h"

#include <catch2/catch.hpp>

namespace penstock::plan {
namespace {

std::string text(const Report& report) {
  std::string out;
  for (const Fidelity& entry : report.fidelity()) {
    out += entry.target + " " + entry.construct + " " + std::string(name(entry.grade)) +
           (entry.how.empty() ? "" : ": " + entry.how) + "\n";
  }
  return out;
}

TEST_CASE("an entry said twice stands once, and exact gives way") {
  Report report;
  report.exact("github", "a", {});
  report.exact("github", "a", {});
  report.approximated("github", "a", {}, "later than asked");
  report.exact("github", "a", {});
  report.approximated("github", "a", {}, "later than asked");
  report.after_setup("github", "a", {}, "an environment");
  report.exact("gitlab", "a", {});
  report.refused("gitlab", "b", {}, "no such thing");
  CHECK(text(report) ==
        "github a approximated: later than asked\n"
        "github a exact after set-up: an environment\n"
        "gitlab a exact\n"
        "gitlab b refused: no such thing\n");
}

TEST_CASE("set-up items of one title are one item") {
  Report report;
  report.setup("github", "Environment `production`", {"reviewers: sre"});
  report.setup("gitlab", "Environment `production`", {"approvers: sre"});
  report.setup("github", "Environment `production`", {"branches: main", "reviewers: sre"});
  REQUIRE(report.items().size() == 2);
  CHECK(report.items()[0].values == std::vector<std::string>{"reviewers: sre", "branches: main"});
  CHECK(report.items()[1].target == "gitlab");
}

}  // namespace
}  // namespace penstock::plan
