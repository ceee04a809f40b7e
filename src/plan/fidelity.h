#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "base/source.h"

namespace penstock::plan {

enum class Grade : unsigned char { Exact, AfterSetup, Approximated, Refused };
std::string_view name(Grade grade);

/// How one construct of the model comes out on one target.
struct Fidelity {
  std::string target;
  std::string construct;  // its path in the model: `environments.production.approvals`
  Span span;              // the author's line
  Grade grade = Grade::Exact;
  std::string how;  // how it differs, or what must be set up; empty when exact
};

/// Something that has to be set up outside the files: an item of bootstrap/README.md.
struct SetupItem {
  std::string target;
  std::string title;                // "Environment `production`: required reviewers"
  std::vector<std::string> values;  // exact values, one line each: "reviewers: team `platform`"
};

/// What a target tells about a compilation besides its files. An item said twice stands once; `exact` gives way to anything else
/// said about the same construct; set-up items of one title are one item with the values of all.
class Report {
 public:
  void exact(std::string target, std::string construct, Span span);
  void after_setup(std::string target, std::string construct, Span span, std::string how);
  void approximated(std::string target, std::string construct, Span span, std::string how);
  void refused(std::string target, std::string construct, Span span, std::string how);
  void setup(std::string target, std::string title, std::vector<std::string> values);
  const std::vector<Fidelity>& fidelity() const { return fidelity_; }
  const std::vector<SetupItem>& items() const { return items_; }

 private:
  void add(Fidelity entry);
  std::vector<Fidelity> fidelity_;
  std::vector<SetupItem> items_;
  std::unordered_map<std::string, std::vector<std::size_t>>
      fidelity_at_;  // by target and construct; only looked up, never walked
  std::unordered_map<std::string, std::size_t> item_at_;  // by target and title
};

}  // namespace penstock::plan
