#include "targets/gitlab/target.h"

#include "targets/gitlab/simulate.h"

namespace penstock::targets::gitlab {

const Target kTarget = {"gitlab", facts(), &shape, &print, &read, &simulate, &entries, &prepare};

}  // namespace penstock::targets::gitlab
