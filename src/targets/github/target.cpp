#include "targets/github/target.h"
#include "targets/github/simulate.h"

namespace penstock::targets::github {

Table facts();  // generated at build time from targets/github.yaml

const Target kTarget = {"github", facts(), &shape, &print, &read, &simulate, &entries};

}  // namespace penstock::targets::github
