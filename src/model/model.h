#pragma once
#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/source.h"
#include "cel/ast.h"
#include "model/cron.h"
#include "model/event.h"
#include "model/glob.h"

/// What a project means: names are ids, types are known, the graphs are acyclic, the values are valid.
namespace penstock::model {

using EnvironmentId = Id<struct EnvironmentTag>;
using IdentityId = Id<struct IdentityTag>;
using StackId = Id<struct StackTag>;
using GateId = Id<struct GateTag>;
using PipelineId = Id<struct PipelineTag>;
using JobId = Id<struct JobTag>;  // within its pipeline

/// A fact of the event or of the run that text may hold: `ref.branch`, `commit.sha`. Strings; empty where they do not apply.
struct FactRef {
  std::string name;
  friend bool operator==(const FactRef&, const FactRef&) = default;
};
/// A variable of the platform's project (`vars.LIVE_ROOT`), not secret.
struct VariableRef {
  std::string name;
  friend bool operator==(const VariableRef&, const VariableRef&) = default;
};
/// Text with interpolations; constants are folded, neighbours merged.
struct Text {
  std::vector<std::variant<std::string, FactRef, VariableRef>> parts;
  Span span;
  bool is_constant() const;
  std::string constant() const;  // requires is_constant()
};

using NamedTexts = std::vector<std::pair<std::string, Text>>;

enum class Tier : unsigned char { Production, Staging, Testing, Development, Other };
std::string_view name(Tier tier);

enum class Level : unsigned char { None, Read, Write };
/// The closed list of what a job may be allowed; a job without `permissions` has `contents: read`.
enum class Permission : unsigned char {
  Checks,
  Contents,
  Deployments,
  IdToken,
  Issues,
  Packages,
  Pages,
  PullRequests,
  SecurityEvents,
  Statuses
};
std::string_view name(Permission permission);
std::string_view name(Level level);
using Permissions = std::vector<std::pair<Permission, Level>>;  // sorted by permission, no `None`

struct Identity {
  std::string name;
  Span span;
  std::string region;  // AWS region, may be overridden by the environment
  std::optional<std::string>
      plan;  // role ARNs or names the model says; otherwise derived: <project>-<environment>-plan / -apply
  std::optional<std::string> apply;
};

struct Approvals {
  long count = 1;
  std::vector<std::string> from;
  bool self = true;
  Span span;
  Span self_span;
  Span from_span;
};

struct Environment {
  std::string name;
  Span span;
  Tier tier = Tier::Other;
  std::string account;  // twelve digits, or empty
  std::string region;
  std::optional<IdentityId> identity;
  std::vector<EnvironmentId> after;
  std::optional<Approvals> approvals;
  std::vector<Glob> branches;
};

enum class Tool : unsigned char { OpenTofu, Terraform };
std::string_view name(Tool tool);

/// A stack in one environment, with everything resolved.
struct Placement {
  EnvironmentId environment;
  std::string backend_type;  // `local`, `s3`, …
  NamedTexts backend;        // -backend-config
  NamedTexts vars;           // TF_VAR_…; a list or mapping as JSON text
};

struct Stack {
  std::string name;
  Span span;
  Tool tool = Tool::OpenTofu;
  std::string version;  // exact
  std::string path;     // relative to the repository's root, normal form
  std::vector<StackId> needs;
  std::vector<Placement> placements;  // in the order of the environments
  const Placement* in(EnvironmentId environment) const;
};

enum class GateTool : unsigned char { Conftest, Gitleaks };
enum class GateAt : unsigned char { Source, Plan };
enum class Enforce : unsigned char { Block, Warn };
struct Gate {
  std::string name;
  Span span;
  GateTool tool = GateTool::Conftest;
  GateAt at = GateAt::Plan;
  std::string rules;  // folder, conftest only
  Enforce enforce = Enforce::Block;
};

struct Delivery {
  Span span;
  bool comment = true;
  Span comment_span;
  std::chrono::minutes keep{24 * 60};
  Span keep_span;
};

struct Schedule {
  Cron cron;
  std::string timezone;  // IANA name
  Span span;
};

struct Drift {
  Span span;
  Schedule schedule;
  bool issue = true;
  Span report_span;
};

struct Trigger {
  EventKind kind = EventKind::Push;
  Span span;
  std::vector<Glob> branches;  // push: the branch; pull request: the target; empty: every one
  std::vector<Glob> tags;
  std::vector<Glob> paths;
  std::optional<Schedule> schedule;
};

// Steps of hand-written jobs.
enum class Shell : unsigned char { Sh, Bash };
struct Run {
  std::string name;    // shown to people, may be empty
  std::string script;  // interpolations are already `$VARIABLE`s
  Shell shell = Shell::Sh;
  NamedTexts env;  // of interpolations and the step's own `env`
};
struct Setup {
  std::string tool;  // a key of the catalog's `setup`
  std::string version;
};
struct Checkout {
  bool history = false;  // all commits and tags instead of one commit
};
struct Upload {
  std::string artifact;
  std::vector<std::string> paths;
  std::chrono::minutes keep{7 * 24 * 60};
};
struct Download {
  std::string artifact;
  JobId from;
};
struct Step {
  std::variant<Run, Setup, Checkout, Upload, Download> action;
  Span span;
};

struct Job {
  std::string name;
  Span span;
  std::vector<JobId> needs;
  std::optional<cel::Expr> when;
  Span when_span;
  std::string runs_on;  // a key of the catalog's `runs_on`
  std::optional<Text> image;
  NamedTexts env;
  std::vector<std::pair<std::string, std::string>> secrets;  // variable → name of the secret
  Permissions permissions;
  std::optional<EnvironmentId> environment;
  Span environment_span;
  std::chrono::minutes timeout{30};
  std::vector<Step> steps;  // begins with a Checkout; declared artifacts are Uploads at the end
};

struct Pipeline {
  std::string name;
  Span span;
  std::vector<Trigger> triggers;
  Store<JobId, Job> jobs;
};

/// One entry of `targets:`, values as the target's data file declares them.
struct TargetSettings {
  std::string target;
  Span span;
  std::vector<std::pair<std::string, Located<std::string>>> values;
  std::string_view get(std::string_view key) const;
};

struct Project {
  std::string name;
  Span span;
  std::string default_branch = "main";
  std::string github;  // owner/name, may be empty
  std::string gitlab;
  std::string runs_on = "linux";  // of derived jobs
  std::optional<Text> image;      // of derived jobs
  std::vector<TargetSettings> targets;
  Store<IdentityId, Identity> identities;
  Store<EnvironmentId, Environment> environments;
  Store<StackId, Stack> stacks;
  Store<GateId, Gate> gates;
  std::optional<Delivery> delivery;
  std::optional<Drift> drift;
  Store<PipelineId, Pipeline> pipelines;
};

}  // namespace penstock::model
