#include "targets/codepipeline/target.h"

#include "targets/codepipeline/files.h"

namespace penstock::targets::codepipeline {

Table facts();  // generated at build time from targets/codepipeline.yaml

const Target kTarget{"codepipeline", facts(), &shape, &print, &read};

}  // namespace penstock::targets::codepipeline
