#pragma once
#include "targets/target.h"

namespace penstock::targets {

/// Every target of this program, in the order of src/targets/CMakeLists.txt.
Registry registry();

}  // namespace penstock::targets
