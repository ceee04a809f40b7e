#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/source.h"
#include "diag/sink.h"

/// Checks of single values. Each reports what is wrong at the place inside the value, and says whether the value is good.
namespace penstock::model {

// --- names (values_names.cpp) ---------------------------------------------------------------------------------------

/// A pipeline, job, environment, stack, …: `[a-z][a-z0-9]*(-[a-z0-9]+)*`, at most 40 characters. Parts of such names joined by `-` stay
/// such names, and no two of them become one in CamelCase or UPPER_CASE.
bool check_name(const Located<std::string>& written, diag::Sink& sink);
/// The same, at most 32 characters: it begins the names of roles (64) and buckets (63).
bool check_project_name(const Located<std::string>& written, diag::Sink& sink);
/// A key that goes to a tool as it is, such as a variable of a stack: `[A-Za-z_][A-Za-z0-9_-]*`.
bool check_identifier(const Located<std::string>& written, diag::Sink& sink);
/// An environment variable that scripts can read: `[A-Za-z_][A-Za-z0-9_]*`, none of templates/variables.yaml.
bool check_variable(const Located<std::string>& written, diag::Sink& sink);
/// The name a secret is kept under: `[A-Za-z][A-Za-z0-9_/-]*`. What looks like the secret itself is refused.
bool check_secret(const Located<std::string>& written, diag::Sink& sink);
/// Who approves: a user, a team, a group (`acme/platform`).
bool check_person(const Located<std::string>& written, diag::Sink& sink);
/// A branch as Git allows it. No pattern.
bool check_branch(const Located<std::string>& written, diag::Sink& sink);
/// `owner/name`; with `groups` also `group/subgroup/name`.
bool check_repository_name(const Located<std::string>& written, diag::Sink& sink, bool groups = true);

// --- places, versions, images (values_files.cpp) --------------------------------------------------------------------

/// A path inside the repository, in normal form: no `./`, no `/` at the end; `.` is the root.
std::optional<std::string> check_path(const Located<std::string>& written, diag::Sink& sink);
/// An exact version: `1.12.6`, `1.12.0-rc1`.
bool check_version(const Located<std::string>& written, diag::Sink& sink);
/// A version of one to three numbers, that of a line of releases: `22`, `18.5`, `1.25.3`.
bool check_release(const Located<std::string>& written, diag::Sink& sink);
/// `[registry/]path[:tag][@sha256:…]`. An image that can change behind its name (no tag, `latest`) is a warning.
bool check_image(const Located<std::string>& written, diag::Sink& sink);

// --- time (values_time.cpp) -----------------------------------------------------------------------------------------

/// `15m`, `1h`, `7d`, `1h30m`; at least a minute. Platforms count time-outs and retention in minutes or more, so there are no seconds.
std::optional<std::chrono::minutes> parse_duration(const Located<std::string>& written, diag::Sink& sink);
/// An IANA name with an area and a place, or `UTC` (templates/timezones.yaml).
bool check_timezone(const Located<std::string>& written, diag::Sink& sink);

// --- AWS (values_aws.cpp) -------------------------------------------------------------------------------------------

/// One of templates/aws.yaml.
bool check_region(const Located<std::string>& written, diag::Sink& sink);
/// Twelve digits.
bool check_account(const Located<std::string>& written, diag::Sink& sink);
/// The ARN of a connection to a repository's host.
bool check_connection_arn(const Located<std::string>& written, diag::Sink& sink);
/// The ARN of a role, or the name of one in the environment's account.
bool check_role(const Located<std::string>& written, diag::Sink& sink);

}  // namespace penstock::model
