#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "plan/plan.h"

namespace penstock::plan {

/// The run-time scripts, as they are emitted: the same bytes for every project and target.
std::span<const EmbeddedText> scripts();

/// The AWS calls that a script makes (`ssm:CreateOpsItem`), with those of the scripts it calls, as their `# aws:` lines declare them.
std::vector<std::string> aws_calls(std::string_view script);

/// What the model says to the scripts: `.penstock/model.json`.
std::string runtime_model(const Plan& plan, const Table& catalog);

/// The names of the scripts that these texts call (`.penstock/plan.sh`), with those that they call in turn.
std::vector<std::string_view> called_scripts(std::span<const std::string_view> texts);

}  // namespace penstock::plan
