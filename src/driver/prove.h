#pragma once
#include <any>
#include <string>
#include <vector>

#include "driver/compile.h"
#include "verify/verify.h"

namespace penstock::driver {

/// The files of a compilation, read back from the bytes that were or will be written: one entry for each target that can be simulated.
class ReadBack {
 public:
  explicit ReadBack(const Compilation& compilation);

  /// Refers to the compilation and to this.
  std::vector<verify::Subject> subjects() const;
  /// Targets of the compilation that have no simulator.
  const std::vector<std::string>& without() const { return without_; }

 private:
  struct One {
    const Compilation::Output* output;
    std::vector<targets::InputFile> inputs;
    std::any tree;
  };
  const Compilation& compilation_;
  std::vector<One> all_;
  std::vector<std::string> without_;
};

/// A proof for each target.
std::vector<verify::Proof> prove(const Compilation& compilation);

}  // namespace penstock::driver
