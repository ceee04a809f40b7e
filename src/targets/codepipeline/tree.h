#pragma once
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "codec/fields.h"
#include "targets/codepipeline/value.h"

/// What CodePipeline is told: one CloudFormation template and the buildspecs its builds read. Plain structs; the field tables in
/// rows.cpp write and read them. The native pipeline JSON is the same tree printed once more (native.cpp).
namespace penstock::targets::codepipeline {

using codec::Named;
using codec::Row;
using Texts = std::vector<std::string>;
using Values = std::vector<Value>;

// --- IAM -------------------------------------------------------------------------------------------------------------

/// Whom a statement is about: everyone (`*`), a service, or accounts.
struct Principal {
  bool everyone = false;
  Value service;
  Value aws;
};
void decode_value(const yaml::Node& node, Principal& value, codec::Decoder& decoder);
yaml::Node encode_value(const Principal& value);
bool is_empty(const Principal& value);

using Conditions = Named<Named<OneOrMore<Value>>>;  // operator → key → values

struct Statement {
  std::string sid;
  std::string effect = "Allow";
  Principal principal;
  OneOrMore<std::string> action;
  OneOrMore<Value> resource;
  Conditions condition;
};
std::span<const Row> rows(const Statement*);

struct PolicyDocument {
  std::string version = "2012-10-17";
  std::vector<Statement> statement;
};
std::span<const Row> rows(const PolicyDocument*);

struct InlinePolicy {
  std::string name = "own";
  PolicyDocument document;
};
std::span<const Row> rows(const InlinePolicy*);

struct Role {
  std::string name;
  PolicyDocument trust;
  Values managed;
  std::vector<InlinePolicy> policies;
};
std::span<const Row> rows(const Role*);

struct ManagedPolicy {
  std::string name;
  PolicyDocument document;
};
std::span<const Row> rows(const ManagedPolicy*);

// --- key, bucket, topics, logs ------------------------------------------------------------------------------------------

struct Key {
  std::string description;
  bool rotation = true;
  PolicyDocument policy;
};
std::span<const Row> rows(const Key*);

struct KeyAlias {
  std::string name;
  Value key;
};
std::span<const Row> rows(const KeyAlias*);

struct Encryption {
  bool bucket_key = true;
  struct Default {
    std::string algorithm = "aws:kms";
    Value key;
  } by_default;
};
std::span<const Row> rows(const Encryption*);
std::span<const Row> rows(const Encryption::Default*);
struct Encryptions {
  std::vector<Encryption> all;
};
std::span<const Row> rows(const Encryptions*);

struct PublicAccess {
  bool block_acls = true, block_policy = true, ignore_acls = true, restrict_buckets = true;
};
std::span<const Row> rows(const PublicAccess*);

struct Ownership {
  struct Rule {
    std::string ownership = "BucketOwnerEnforced";
  };
  std::vector<Rule> rules;
};
std::span<const Row> rows(const Ownership*);
std::span<const Row> rows(const Ownership::Rule*);

struct Versioning {
  std::string status = "Enabled";
};
std::span<const Row> rows(const Versioning*);

struct AccessLog {
  Value bucket;
  std::string prefix;
};
std::span<const Row> rows(const AccessLog*);

struct Lifecycle {
  struct OldVersions {
    long days = 1;
  };
  struct OpenUploads {
    long days = 1;
  };
  struct Rule {
    std::string id, status = "Enabled";
    long days = 0;
    OldVersions old_versions;
    OpenUploads open_uploads;
  };
  std::vector<Rule> rules;
};
std::span<const Row> rows(const Lifecycle*);
std::span<const Row> rows(const Lifecycle::Rule*);
std::span<const Row> rows(const Lifecycle::OldVersions*);
std::span<const Row> rows(const Lifecycle::OpenUploads*);

struct Bucket {
  Value name;
  Encryptions encryption;
  Versioning versioning;
  PublicAccess access;
  Ownership ownership;
  AccessLog log;
  Lifecycle lifecycle;
};
std::span<const Row> rows(const Bucket*);

struct BucketPolicy {
  Value bucket;
  PolicyDocument document;
};
std::span<const Row> rows(const BucketPolicy*);

struct Topic {
  std::string name;
  Value key;
};
std::span<const Row> rows(const Topic*);

struct TopicPolicy {
  Values topics;
  PolicyDocument document;
};
std::span<const Row> rows(const TopicPolicy*);

struct LogGroup {
  std::string name;
  long days = 365;
  Value key;
};
std::span<const Row> rows(const LogGroup*);

// --- CodeBuild ----------------------------------------------------------------------------------------------------------

struct BuildVariable {
  std::string name;
  Value value;
};
std::span<const Row> rows(const BuildVariable*);

struct BuildEnvironment {
  std::string type;
  std::string compute;
  bool privileged = false;
  Value image;
  std::string credentials;  // whose rights pull the image: CODEBUILD for AWS's own, else SERVICE_ROLE
  std::vector<BuildVariable> variables;
};
std::span<const Row> rows(const BuildEnvironment*);

struct BuildSource {
  std::string type = "CODEPIPELINE";
  std::string buildspec;  // a path in the repository
};
std::span<const Row> rows(const BuildSource*);

struct BuildArtifacts {
  std::string type = "CODEPIPELINE";
};
std::span<const Row> rows(const BuildArtifacts*);

struct LogsConfig {
  struct Logs {
    std::string status = "ENABLED";
    Value group;
  } logs;
};
std::span<const Row> rows(const LogsConfig*);
std::span<const Row> rows(const LogsConfig::Logs*);

struct Project {
  std::string name;
  std::string description;
  Value role;
  Value key;
  long timeout = 30;
  long queued_timeout = 480;
  BuildSource source;
  BuildArtifacts artifacts;
  BuildEnvironment environment;
  LogsConfig logs;
};
std::span<const Row> rows(const Project*);

// --- CodePipeline -------------------------------------------------------------------------------------------------------

/// `Category`, `Owner`, `Provider`, `Version` of an action or a rule.
struct TypeId {
  std::string category;
  std::string owner = "AWS";
  std::string provider;
  std::string version = "1";
  friend bool operator==(const TypeId&, const TypeId&) = default;
};
std::span<const Row> rows(const TypeId*);

struct ArtifactName {
  std::string name;
};
std::span<const Row> rows(const ArtifactName*);

/// The variables that an action hands to its build: a JSON list in one string, of at most 1,000 characters.
struct ActionVariables {
  std::vector<std::pair<std::string, std::string>> all;
};
void decode_value(const yaml::Node& node, ActionVariables& value, codec::Decoder& decoder);
yaml::Node encode_value(const ActionVariables& value);
bool is_empty(const ActionVariables& value);

/// What an action is told. Which keys it has depends on its provider.
struct Configuration {
  Value connection, repository;  // CodeStarSourceConnection
  std::string branch, format, detect_changes;
  Value project;  // CodeBuild
  std::string primary_source, buildspec;
  ActionVariables variables;
  Value topic;  // Manual
  std::string question;
};
std::span<const Row> rows(const Configuration*);

struct Action {
  std::string name;
  TypeId type;
  long order = 1;
  std::string space;  // of its output variables
  std::optional<long> timeout;
  Configuration configuration;
  std::vector<ArtifactName> inputs, outputs;
};
std::span<const Row> rows(const Action*);

struct RuleConfiguration {
  std::string variable, operation, value;
  friend bool operator==(const RuleConfiguration&, const RuleConfiguration&) = default;
};
std::span<const Row> rows(const RuleConfiguration*);

struct StageRule {
  std::string name;
  TypeId type{"Rule", "AWS", "VariableCheck", "1"};
  RuleConfiguration configuration;
  friend bool operator==(const StageRule&, const StageRule&) = default;
};
std::span<const Row> rows(const StageRule*);

struct StageCondition {
  std::string result;  // SKIP, FAIL
  std::vector<StageRule> rules;
};
std::span<const Row> rows(const StageCondition*);

struct StageConditions {
  std::vector<StageCondition> all;
};
std::span<const Row> rows(const StageConditions*);

struct Stage {
  std::string name;
  StageConditions before;
  std::vector<Action> actions;
};
std::span<const Row> rows(const Stage*);

struct Patterns {
  Texts includes, excludes;
};
std::span<const Row> rows(const Patterns*);

struct PushFilter {
  Patterns tags, branches, paths;
};
std::span<const Row> rows(const PushFilter*);

struct RequestFilter {
  Texts events;
  Patterns branches, paths;
};
std::span<const Row> rows(const RequestFilter*);

struct GitConfiguration {
  std::string source = "Source";
  std::vector<PushFilter> push;
  std::vector<RequestFilter> request;
};
std::span<const Row> rows(const GitConfiguration*);

struct PipelineTrigger {
  std::string provider = "CodeStarSourceConnection";
  GitConfiguration git;
};
std::span<const Row> rows(const PipelineTrigger*);

struct StoreKey {
  Value id;
  std::string type = "KMS";
};
std::span<const Row> rows(const StoreKey*);

struct ArtifactStore {
  std::string type = "S3";
  Value location;
  StoreKey key;
};
std::span<const Row> rows(const ArtifactStore*);

/// A variable that whoever starts the pipeline must give.
struct PipelineVariable {
  std::string name;
  std::string description;
};
std::span<const Row> rows(const PipelineVariable*);

struct Pipeline {
  std::string name;
  std::string type = "V2";
  std::string mode;  // QUEUED, PARALLEL
  bool restart = false;
  Value role;
  ArtifactStore store;
  std::vector<PipelineVariable> variables;
  std::vector<PipelineTrigger> triggers;
  std::vector<Stage> stages;
};
std::span<const Row> rows(const Pipeline*);

// --- schedules and notifications -------------------------------------------------------------------------------------------

struct RetryPolicy {
  long attempts = 3;
  long seconds = 3600;
};
std::span<const Row> rows(const RetryPolicy*);

struct ScheduleTarget {
  Value arn, role;
  RetryPolicy retry;
};
std::span<const Row> rows(const ScheduleTarget*);

struct FlexibleWindow {
  std::string mode = "OFF";
};
std::span<const Row> rows(const FlexibleWindow*);

struct Schedule {
  std::string name;
  std::string description;
  std::string expression;
  std::string timezone;
  FlexibleWindow window;
  Value key;
  ScheduleTarget target;
};
std::span<const Row> rows(const Schedule*);

struct NotificationTarget {
  std::string type = "SNS";
  Value address;
};
std::span<const Row> rows(const NotificationTarget*);

struct NotificationRule {
  std::string name;
  std::string detail = "BASIC";
  Value resource;
  Texts events;
  std::vector<NotificationTarget> targets;
};
std::span<const Row> rows(const NotificationRule*);

// --- the template -----------------------------------------------------------------------------------------------------------

using Properties = std::variant<Key, KeyAlias, Bucket, BucketPolicy, Topic, TopicPolicy, ManagedPolicy,
                                LogGroup, Role, Project, Pipeline, Schedule, NotificationRule>;

/// A resource; `Type` tells the alternatives apart.
struct Resource {
  bool retain = false;  // kept when the stack goes
  Properties properties;
};
void decode_value(const yaml::Node& node, Resource& value, codec::Decoder& decoder);
yaml::Node encode_value(const Resource& value);
bool is_empty(const Resource& value);

struct Parameter {
  std::string type = "String";
  std::string description;
  std::string preset;
  std::string pattern;
};
std::span<const Row> rows(const Parameter*);

struct Output {
  std::string description;
  Value value;
};
std::span<const Row> rows(const Output*);

/// For which account this was made: the native pipeline JSON names everything by its ARN.
struct Made {
  std::string account, region;
};
std::span<const Row> rows(const Made*);
struct Metadata {
  Made penstock;
};
std::span<const Row> rows(const Metadata*);

struct Template {
  std::string version = "2010-09-09";
  std::string description;
  Metadata metadata;
  Named<Parameter> parameters;
  Named<Resource> resources;
  Named<Output> outputs;
};
std::span<const Row> rows(const Template*);

// --- buildspecs ----------------------------------------------------------------------------------------------------------------

struct BuildspecEnv {
  std::string shell;
  Named<std::string> variables;
  Named<std::string> secrets;  // of Secrets Manager
  Texts exported;
};
std::span<const Row> rows(const BuildspecEnv*);

struct Phase {
  std::string on_failure;
  Named<std::string> runtimes;
  Texts commands;
};
std::span<const Row> rows(const Phase*);

struct Phases {
  Phase install, pre_build, build;
};
std::span<const Row> rows(const Phases*);

struct ReportFiles {
  Texts files;
  std::string base;
  std::string format;
};
std::span<const Row> rows(const ReportFiles*);

struct SecondaryFiles {
  Texts files;
  std::string exclude;
};
std::span<const Row> rows(const SecondaryFiles*);

struct ArtifactFiles {
  Texts files;
  std::string base;
  std::string exclude;
  Named<SecondaryFiles> secondary;
};
std::span<const Row> rows(const ArtifactFiles*);

struct Buildspec {
  Bare version{"0.2"};
  BuildspecEnv env;
  Phases phases;
  Named<ReportFiles> reports;
  ArtifactFiles artifacts;
};
std::span<const Row> rows(const Buildspec*);

/// Everything that is written.
struct Tree {
  std::string project;
  Template stack;
  std::vector<std::pair<std::string, Buildspec>> buildspecs;  // by path
};

}  // namespace penstock::targets::codepipeline
