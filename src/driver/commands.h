#pragma once
#include "targets/target.h"

namespace penstock::driver {

/// What a command ends with (docs/commands.md).
enum class Exit : unsigned char {
  Ok = 0,
  Findings = 1,
  Usage = 2,
  Invalid = 3,
  Bug = 4,
  OutOfDate = 5,
  Refused = 6
};

/// The command line, from `penstock` on, with the targets this program knows.
int run(int count, char** values, targets::Registry registry);

}  // namespace penstock::driver
