#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "base/source.h"
#include "diag/sink.h"

/// Checks of single values. Each reports what is wrong at its place, with help, and gives nothing (or false) then.
/// The check of the model (model/check*.cpp) calls these names.
namespace penstock::model {

/// `15m`, `2h`, `7d`: at least a minute, at most a year.
std::optional<std::chrono::minutes> parse_duration(const Located<std::string>& written, diag::Sink& sink);
/// A folder or file inside the repository, in normal form without a trailing slash.
std::optional<std::string> check_path(const Located<std::string>& written, diag::Sink& sink);

bool check_project_name(const Located<std::string>& written, diag::Sink& sink);  // [a-z][a-z0-9-]{0,39}, no double or final hyphen
bool check_name(const Located<std::string>& written, diag::Sink& sink);          // jobs, stacks, environments, gates, artifacts: the same
bool check_identifier(const Located<std::string>& written, diag::Sink& sink);    // variables and backend keys of tofu: [a-z_][a-z0-9_-]*
bool check_variable(const Located<std::string>& written, diag::Sink& sink);      // environment variables: [A-Z_][A-Z0-9_]*, not reserved (PATH, GITHUB_*, CI_*, …)
bool check_secret(const Located<std::string>& written, diag::Sink& sink);        // names of secrets: letters, digits, `_`, `-`, `/`
bool check_person(const Located<std::string>& written, diag::Sink& sink);        // a team or a login
bool check_branch(const Located<std::string>& written, diag::Sink& sink);        // git's rules of reference names
bool check_repository_name(const Located<std::string>& written, diag::Sink& sink);  // owner/name, group/sub/name
bool check_account(const Located<std::string>& written, diag::Sink& sink);       // twelve digits
bool check_region(const Located<std::string>& written, diag::Sink& sink);
bool check_connection_arn(const Located<std::string>& written, diag::Sink& sink);
bool check_role(const Located<std::string>& written, diag::Sink& sink);          // a role's ARN or its name
bool check_timezone(const Located<std::string>& written, diag::Sink& sink);
bool check_version(const Located<std::string>& written, diag::Sink& sink);       // exact: 1.12.6, 1.2.0-rc1
bool check_release(const Located<std::string>& written, diag::Sink& sink);       // 22, 3.12, 1.12.6
bool check_image(const Located<std::string>& written, diag::Sink& sink);         // with a tag that is not `latest`, or a digest

}  // namespace penstock::model
