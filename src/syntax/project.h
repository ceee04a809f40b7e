#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/source.h"
#include "codec/fields.h"
#include "diag/sink.h"
#include "yaml/node.h"

/// What was written in a `penstock.yaml`: names are still text that may be wrong. Each struct has its field table beside it; the
/// same rows decode, order the keys, and name the alternatives when a key is unknown.
namespace penstock::syntax {

using codec::Named;
using Name = Located<std::string>;

/// A scalar that may hold `${{ … }}`; the node is kept for the places inside it.
struct Scalar {
  yaml::Node node;
};
void decode_value(const yaml::Node& node, Scalar& value, codec::Decoder& decoder);
yaml::Node encode_value(const Scalar& value);
bool is_empty(const Scalar& value);

struct Repository {
  Name default_branch;
  Name github;
  Name gitlab;
};

struct StackDefaults {
  Name version;
  Named<Scalar> backend;
  Named<yaml::Node> vars;
};

struct Defaults {
  Name runs_on;
  std::optional<Scalar> image;
  Named<Scalar> env;
  std::optional<Named<Name>> permissions;
  Name timeout;
  StackDefaults stacks;  // on the project only
};

struct Identity {
  Name cloud;
  Name region;
  Name plan;
  Name apply;
};

struct Approvals {
  Name count;  // a number
  std::vector<Name> from;
  std::optional<Located<bool>> self;
};

struct Environment {
  Name tier;
  Name account;
  Name region;
  Name identity;
  std::vector<Name> after;
  std::optional<Located<Approvals>> approvals;
  std::vector<Name> branches;
};

struct StackEnvironment {
  Named<Scalar> backend;
  Named<yaml::Node> vars;
};

struct Stack {
  Name tool;
  Name version;
  Name path;
  std::vector<Name> needs;
  Named<Scalar> backend;
  Named<yaml::Node> vars;
  std::optional<Named<StackEnvironment>> environments;
};

struct Gate {
  Name kind;
  Name tool;
  Name at;
  Name rules;
  Name enforce;
};

struct DeliveryPlan {
  std::optional<Located<bool>> comment;
  Name keep;
};

struct Delivery {
  DeliveryPlan plan;
  Name apply;
};

struct Schedule {
  Name cron;
  Name timezone;
};

struct Drift {
  Located<Schedule> schedule;
  std::vector<Name> report;
  Name reconcile;
};

struct PushTrigger {
  std::vector<Name> branches;
  std::vector<Name> paths;
};
struct TagTrigger {
  std::vector<Name> names;
};
struct PullRequestTrigger {
  std::vector<Name> branches;
  std::vector<Name> paths;
};
struct ManualTrigger {};

/// One schedule, or a list of them.
struct Schedules {
  std::vector<Located<Schedule>> all;
};
void decode_value(const yaml::Node& node, Schedules& value, codec::Decoder& decoder);
yaml::Node encode_value(const Schedules& value);
bool is_empty(const Schedules& value);

struct Triggers {
  std::optional<Located<PushTrigger>> push;
  std::optional<Located<TagTrigger>> tag;
  std::optional<Located<PullRequestTrigger>> pull_request;
  Schedules schedule;
  std::optional<Located<ManualTrigger>> manual;
};

struct Artifact {
  std::vector<Name> paths;
  Name keep;
};

/// One step: exactly one of the verbs.
struct Run {
  Scalar script;
  Name name;
  Name shell;
  Named<Scalar> env;
};
struct Setup {
  Named<Name> tools;
};
struct Checkout {
  std::optional<Located<bool>> history;
};
struct Upload {
  Name artifact;
  std::vector<Name> paths;
  Name keep;
};
struct Download {
  Name artifact;
};
struct Step {
  std::optional<Run> run;
  std::optional<Setup> setup;
  std::optional<Checkout> checkout;
  std::optional<Upload> upload;
  std::optional<Download> download;
  Span span;
};
void decode_value(const yaml::Node& node, Step& value, codec::Decoder& decoder);
yaml::Node encode_value(const Step& value);
bool is_empty(const Step& value);

struct Job {
  std::vector<Name> needs;
  std::optional<Scalar> when;
  Name runs_on;
  std::optional<Scalar> image;
  Named<Scalar> env;
  Named<Name> secrets;
  std::optional<Named<Name>> permissions;
  Name environment;
  Name timeout;
  std::vector<Step> steps;
  Named<Artifact> artifacts;
};

struct Pipeline {
  Located<Triggers> on;
  Defaults defaults;
  Named<Job> jobs;
};

struct Project {
  Name kind;  // `penstock: project/v1`
  Name name;
  Repository repository;
  Named<yaml::Node> targets;
  Defaults defaults;
  Named<Identity> identities;
  Named<Environment> environments;
  Named<Stack> stacks;
  Named<Gate> gates;
  std::optional<Located<Delivery>> delivery;
  std::optional<Located<Drift>> drift;
  Named<Pipeline> pipelines;
  Span span;
};

/// Reads a project. Everything wrong with its shape is reported; what could be read is returned.
Project decode_project(const yaml::Node& document, diag::Sink& sink);

}  // namespace penstock::syntax
