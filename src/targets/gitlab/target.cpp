#include "targets/gitlab/target.h"

namespace penstock::targets::gitlab {

const Target kTarget = {"gitlab", facts(), &shape, &print, &read};

}  // namespace penstock::targets::gitlab
