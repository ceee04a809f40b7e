#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "run/run.h"
#include "targets/github/tree.h"

/// What starts a workflow: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#on
namespace penstock::targets::github {

/// GitHub's patterns: `*` within a segment, `**` anything, `?` and `+` repeat the character before them, `[a-z]`, `\` before a character
/// that is meant. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
bool matches_pattern(std::string_view pattern, std::string_view text);

/// A list of patterns: the last one that matches says yes or, with `!`, no.
bool matches_filter(std::span<const std::string> patterns, std::string_view text);

/// Nothing, if the event starts the workflow; else why it does not.
std::optional<std::string> not_started(const std::string& file, const Triggers& on,
                                       const run::Arrival& arrival);

/// A schedule's name: its cron, and behind it the time zone where the file names one.
std::string entry_name(const Schedule& schedule);

}  // namespace penstock::targets::github
