#pragma once
#include <string>
#include <vector>

#include "driver/compile.h"
#include "verify/show.h"
#include "verify/verify.h"

/// Proofs and simulations as people and programs read them.
namespace penstock::driver {

/// One line for each target, and each mismatch with the event that shows it.
std::string proofs_text(const std::vector<verify::Proof>& proofs, const SourceManager& sources);
/// `{"proofs": […]}`
std::string proofs_json(const std::vector<verify::Proof>& proofs, const SourceManager& sources);
/// For a review: the jobs of an event, a column for the model and for each target.
std::string simulation_text(const verify::SideBySide& table, const plan::Event& event);
std::string simulation_json(const verify::SideBySide& table, const plan::Event& event);

}  // namespace penstock::driver
