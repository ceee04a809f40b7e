#include "targets/gitlab/target.h"

#include "targets/gitlab/simulate.h"

namespace penstock::targets::gitlab {

const Target kTarget = {"gitlab", facts(), &shape, &print, &read, &simulate, &entries};

}  // namespace penstock::targets::gitlab
