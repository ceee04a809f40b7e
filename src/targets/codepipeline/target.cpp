#include "targets/target.h"

#include "targets/codepipeline/files.h"

namespace penstock::targets::codepipeline {

Table facts();  // generated at build time from targets/codepipeline.yaml

extern const Target kTarget;
const Target kTarget{"codepipeline", facts(), &shape, &print, &read};

}  // namespace penstock::targets::codepipeline
