#include "targets/github/target.h"

namespace penstock::targets::github {

Table facts();  // generated at build time from targets/github.yaml

extern const Target kTarget;
const Target kTarget = {"github", facts(), &shape, &print, &read};

}  // namespace penstock::targets::github
