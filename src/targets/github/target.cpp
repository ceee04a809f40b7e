#include "targets/github/target.h"

namespace penstock::targets::github {

Table facts();  // generated at build time from targets/github.yaml

const Target kTarget = {"github", facts(), &shape, &print, &read};

}  // namespace penstock::targets::github
