#include "targets/codepipeline/target.h"

#include "targets/codepipeline/files.h"
#include "targets/codepipeline/simulate.h"

namespace penstock::targets::codepipeline {

Table facts();  // generated at build time from targets/codepipeline.yaml

const Target kTarget{"codepipeline", facts(), &shape, &print, &read, &simulate, &entries};

}  // namespace penstock::targets::codepipeline
