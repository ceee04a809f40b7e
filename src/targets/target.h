#pragma once
#include <any>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "diag/sink.h"
#include "plan/fidelity.h"
#include "plan/plan.h"
#include "run/claims.h"
#include "run/run.h"
#include "yaml/node.h"

namespace penstock::targets {

/// A file to be written, relative to the output's root, with `/`.
struct OutputFile {
  std::string path;
  std::string text;
};

/// A file that was read back.
struct InputFile {
  std::string path;
  yaml::Node document;
};

/// What a target's verbs may look at besides the plan.
struct Context {
  const Table* facts = nullptr;    // targets/<name>.yaml
  const Table* catalog = nullptr;  // templates/catalog.yaml
  const model::TargetSettings* settings = nullptr;
  plan::Report* report = nullptr;
  diag::Sink* sink = nullptr;
  run::Claims* claims = nullptr;  // where the nodes of the plan went
};

/// A CI system, as a row: what it cannot do is a null pointer. `Tree` is the target's own typed tree.
struct Target {
  std::string_view name;
  Table facts;
  std::any (*shape)(const plan::Plan&,
                    const Context&);  // plan, lowered to the target's features, to its tree
  std::vector<OutputFile> (*print)(const std::any& tree);
  std::any (*read)(std::span<const InputFile>, diag::Sink&);  // the tree from files that were written
  /// What the platform makes of events, by its own documents; it knows the tree and nothing of ours. One run for each arrival.
  std::vector<run::Run> (*simulate)(const std::any& tree, std::span<const run::Arrival>,
                                    run::World&) = nullptr;
  /// The starts of schedules and by hand that the files themselves offer.
  std::vector<run::Entry> (*entries)(const std::any& tree) = nullptr;
  /// What `simulate` and `entries` take instead of the tree, with all that no event changes worked out: for many calls.
  std::any (*prepare)(const std::any& tree) = nullptr;
};

using Registry = std::span<const Target* const>;

}  // namespace penstock::targets
