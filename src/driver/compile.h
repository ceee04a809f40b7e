#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"
#include "driver/disk.h"
#include "driver/store.h"
#include "model/model.h"
#include "plan/fidelity.h"
#include "plan/plan.h"
#include "targets/target.h"

namespace penstock::driver {

inline constexpr std::string_view kModelFile = "penstock.yaml";

struct CompileOptions {
  std::vector<std::string> targets;  // only these of the model's; empty: all of them
  bool strict = false;               // an approximation is an error
};

/// Everything one compilation made. Without errors in `sink` the files are whole.
struct Compilation {
  SourceManager sources;
  diag::Sink sink;
  model::Project project;
  plan::Plan plan;
  plan::Report report;
  std::vector<OutputFile> files;
  /// Of each target that was generated: what `verify` needs to know.
  struct Output {
    const targets::Target* target = nullptr;
    plan::Plan lowered;
    run::Claims claims;
    std::vector<std::string> files;  // paths
  };
  std::vector<Output> outputs;
  Manifest manifest;
};

/// Reads the model in a folder and compiles it. A failure is the disk's; what is wrong with the model is in the sink.
/// The compilation is given by pointer: the plan refers to its project.
Result<std::unique_ptr<Compilation>> compile(const Disk& disk, targets::Registry registry,
                                             const CompileOptions& options);

/// The same from text that is in memory.
std::unique_ptr<Compilation> compile_text(std::string name, std::string text, targets::Registry registry,
                                          const CompileOptions& options);

}  // namespace penstock::driver
