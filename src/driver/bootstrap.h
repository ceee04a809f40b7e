#pragma once
#include <vector>

#include "driver/store.h"
#include "model/model.h"
#include "plan/fidelity.h"

namespace penstock::driver {

/// `bootstrap/README.md`: what must be set up outside the files, as a checklist with exact values.
void add_bootstrap(const model::Project& project, const plan::Report& report, std::vector<OutputFile>& files);

/// `.gitattributes`: what is generated, so that reviews fold it.
void add_attributes(std::vector<OutputFile>& files);

/// The fidelity report as text for people, and as a JSON document of the whole table.
std::string fidelity_text(const plan::Report& report, const SourceManager& sources);
std::string fidelity_json(const plan::Report& report, const SourceManager& sources);

}  // namespace penstock::driver
