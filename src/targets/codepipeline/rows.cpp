// The field tables: CloudFormation's keys and CodeBuild's, in the order in which they are written.
#include <array>

#include "targets/codepipeline/tree.h"

namespace penstock::targets::codepipeline {
namespace {

using codec::kOmitEmpty;
using codec::kRequired;
using codec::row;

/// A record and its table.
#define PENSTOCK_ROWS(type, ...)                       \
  std::span<const Row> rows(const type*) {             \
    static constexpr std::array kRows = {__VA_ARGS__}; \
    return kRows;                                      \
  }

}  // namespace

PENSTOCK_ROWS(Statement, row<&Statement::sid>("Sid", kOmitEmpty, "its name"),
              row<&Statement::effect>("Effect", kRequired, "Allow or Deny"),
              row<&Statement::principal>("Principal", kOmitEmpty, "whom it is about"),
              row<&Statement::action>("Action", kRequired, "calls"),
              row<&Statement::resource>("Resource", kOmitEmpty, "on what"),
              row<&Statement::condition>("Condition", kOmitEmpty, "and only if"))
PENSTOCK_ROWS(PolicyDocument, row<&PolicyDocument::version>("Version", kRequired, "of the language"),
              row<&PolicyDocument::statement>("Statement", kRequired, "what is allowed"))
PENSTOCK_ROWS(InlinePolicy, row<&InlinePolicy::name>("PolicyName", kRequired, "its name"),
              row<&InlinePolicy::document>("PolicyDocument", kRequired, "what it says"))
PENSTOCK_ROWS(Role, row<&Role::name>("RoleName", kRequired, "its name"),
              row<&Role::trust>("AssumeRolePolicyDocument", kRequired, "who may take it"),
              row<&Role::managed>("ManagedPolicyArns", kOmitEmpty, "rights that it shares with others"),
              row<&Role::policies>("Policies", kOmitEmpty, "rights of its own"))
PENSTOCK_ROWS(ManagedPolicy, row<&ManagedPolicy::name>("ManagedPolicyName", kRequired, "its name"),
              row<&ManagedPolicy::document>("PolicyDocument", kRequired, "what it says"))

PENSTOCK_ROWS(Key, row<&Key::description>("Description", kRequired, "what it is for"),
              row<&Key::rotation>("EnableKeyRotation", kRequired, "a new key each year"),
              row<&Key::policy>("KeyPolicy", kRequired, "who may use it"))
PENSTOCK_ROWS(KeyAlias, row<&KeyAlias::name>("AliasName", kRequired, "alias/name"),
              row<&KeyAlias::key>("TargetKeyId", kRequired, "of which key"))
PENSTOCK_ROWS(Encryption::Default, row<&Encryption::Default::algorithm>("SSEAlgorithm", kRequired, "aws:kms"),
              row<&Encryption::Default::key>("KMSMasterKeyID", kRequired, "with which key"))
PENSTOCK_ROWS(Encryption,
              row<&Encryption::bucket_key>("BucketKeyEnabled", kRequired, "fewer calls to the key"),
              row<&Encryption::by_default>("ServerSideEncryptionByDefault", kRequired, "how"))
PENSTOCK_ROWS(Encryptions,
              row<&Encryptions::all>("ServerSideEncryptionConfiguration", kRequired, "how it is encrypted"))
PENSTOCK_ROWS(PublicAccess, row<&PublicAccess::block_acls>("BlockPublicAcls", kRequired, ""),
              row<&PublicAccess::block_policy>("BlockPublicPolicy", kRequired, ""),
              row<&PublicAccess::ignore_acls>("IgnorePublicAcls", kRequired, ""),
              row<&PublicAccess::restrict_buckets>("RestrictPublicBuckets", kRequired, ""))
PENSTOCK_ROWS(Ownership::Rule, row<&Ownership::Rule::ownership>("ObjectOwnership", kRequired, ""))
PENSTOCK_ROWS(Ownership, row<&Ownership::rules>("Rules", kRequired, ""))
PENSTOCK_ROWS(Versioning, row<&Versioning::status>("Status", kRequired, "Enabled"))
PENSTOCK_ROWS(AccessLog, row<&AccessLog::bucket>("DestinationBucketName", kRequired, "where"),
              row<&AccessLog::prefix>("LogFilePrefix", kRequired, "below what"))
PENSTOCK_ROWS(Lifecycle::OldVersions, row<&Lifecycle::OldVersions::days>("NoncurrentDays", kRequired, ""))
PENSTOCK_ROWS(Lifecycle::OpenUploads,
              row<&Lifecycle::OpenUploads::days>("DaysAfterInitiation", kRequired, ""))
PENSTOCK_ROWS(Lifecycle::Rule, row<&Lifecycle::Rule::id>("Id", kRequired, ""),
              row<&Lifecycle::Rule::status>("Status", kRequired, ""),
              row<&Lifecycle::Rule::days>("ExpirationInDays", kRequired, ""),
              row<&Lifecycle::Rule::old_versions>("NoncurrentVersionExpiration", kRequired, ""),
              row<&Lifecycle::Rule::open_uploads>("AbortIncompleteMultipartUpload", kRequired, ""))
PENSTOCK_ROWS(Lifecycle, row<&Lifecycle::rules>("Rules", kRequired, ""))
PENSTOCK_ROWS(Bucket, row<&Bucket::name>("BucketName", kRequired, "its name"),
              row<&Bucket::encryption>("BucketEncryption", kRequired, ""),
              row<&Bucket::versioning>("VersioningConfiguration", kRequired, ""),
              row<&Bucket::access>("PublicAccessBlockConfiguration", kRequired, ""),
              row<&Bucket::ownership>("OwnershipControls", kRequired, ""),
              row<&Bucket::log>("LoggingConfiguration", kRequired, ""),
              row<&Bucket::lifecycle>("LifecycleConfiguration", kRequired, ""))
PENSTOCK_ROWS(BucketPolicy, row<&BucketPolicy::bucket>("Bucket", kRequired, ""),
              row<&BucketPolicy::document>("PolicyDocument", kRequired, ""))
PENSTOCK_ROWS(Topic, row<&Topic::name>("TopicName", kRequired, ""),
              row<&Topic::key>("KmsMasterKeyId", kRequired, ""))
PENSTOCK_ROWS(TopicPolicy, row<&TopicPolicy::topics>("Topics", kRequired, ""),
              row<&TopicPolicy::document>("PolicyDocument", kRequired, ""))
PENSTOCK_ROWS(LogGroup, row<&LogGroup::name>("LogGroupName", kRequired, ""),
              row<&LogGroup::days>("RetentionInDays", kRequired, ""),
              row<&LogGroup::key>("KmsKeyId", kRequired, ""))

PENSTOCK_ROWS(BuildVariable, row<&BuildVariable::name>("Name", kRequired, ""),
              row<&BuildVariable::value>("Value", kRequired, ""))
PENSTOCK_ROWS(BuildEnvironment, row<&BuildEnvironment::type>("Type", kRequired, ""),
              row<&BuildEnvironment::compute>("ComputeType", kRequired, ""),
              row<&BuildEnvironment::privileged>("PrivilegedMode", kRequired, ""),
              row<&BuildEnvironment::image>("Image", kRequired, ""),
              row<&BuildEnvironment::credentials>("ImagePullCredentialsType", kRequired, ""),
              row<&BuildEnvironment::variables>("EnvironmentVariables", kOmitEmpty, ""))
PENSTOCK_ROWS(BuildSource, row<&BuildSource::type>("Type", kRequired, ""),
              row<&BuildSource::buildspec>("BuildSpec", kRequired, ""))
PENSTOCK_ROWS(BuildArtifacts, row<&BuildArtifacts::type>("Type", kRequired, ""))
PENSTOCK_ROWS(LogsConfig::Logs, row<&LogsConfig::Logs::status>("Status", kRequired, ""),
              row<&LogsConfig::Logs::group>("GroupName", kRequired, ""))
PENSTOCK_ROWS(LogsConfig, row<&LogsConfig::logs>("CloudWatchLogs", kRequired, ""))
PENSTOCK_ROWS(Project, row<&Project::name>("Name", kRequired, ""),
              row<&Project::description>("Description", kRequired, ""),
              row<&Project::role>("ServiceRole", kRequired, ""),
              row<&Project::key>("EncryptionKey", kRequired, ""),
              row<&Project::timeout>("TimeoutInMinutes", kRequired, ""),
              row<&Project::queued_timeout>("QueuedTimeoutInMinutes", kRequired, ""),
              row<&Project::source>("Source", kRequired, ""),
              row<&Project::artifacts>("Artifacts", kRequired, ""),
              row<&Project::environment>("Environment", kRequired, ""),
              row<&Project::logs>("LogsConfig", kRequired, ""))

PENSTOCK_ROWS(TypeId, row<&TypeId::category>("Category", kRequired, ""),
              row<&TypeId::owner>("Owner", kRequired, ""), row<&TypeId::provider>("Provider", kRequired, ""),
              row<&TypeId::version>("Version", kRequired, ""))
PENSTOCK_ROWS(ArtifactName, row<&ArtifactName::name>("Name", kRequired, ""))
PENSTOCK_ROWS(Configuration, row<&Configuration::connection>("ConnectionArn", kOmitEmpty, ""),
              row<&Configuration::repository>("FullRepositoryId", kOmitEmpty, ""),
              row<&Configuration::branch>("BranchName", kOmitEmpty, ""),
              row<&Configuration::format>("OutputArtifactFormat", kOmitEmpty, ""),
              row<&Configuration::detect_changes>("DetectChanges", kOmitEmpty, ""),
              row<&Configuration::project>("ProjectName", kOmitEmpty, ""),
              row<&Configuration::primary_source>("PrimarySource", kOmitEmpty, ""),
              row<&Configuration::buildspec>("BuildspecOverride", kOmitEmpty, ""),
              row<&Configuration::variables>("EnvironmentVariables", kOmitEmpty, ""),
              row<&Configuration::topic>("NotificationArn", kOmitEmpty, ""),
              row<&Configuration::question>("CustomData", kOmitEmpty, ""))
PENSTOCK_ROWS(Action, row<&Action::name>("Name", kRequired, ""),
              row<&Action::type>("ActionTypeId", kRequired, ""),
              row<&Action::order>("RunOrder", kRequired, ""),
              row<&Action::space>("Namespace", kOmitEmpty, ""),
              row<&Action::timeout>("TimeoutInMinutes", kOmitEmpty, ""),
              row<&Action::configuration>("Configuration", kRequired, ""),
              row<&Action::inputs>("InputArtifacts", kOmitEmpty, ""),
              row<&Action::outputs>("OutputArtifacts", kOmitEmpty, ""))
PENSTOCK_ROWS(RuleConfiguration, row<&RuleConfiguration::variable>("Variable", kRequired, ""),
              row<&RuleConfiguration::operation>("Operator", kRequired, ""),
              row<&RuleConfiguration::value>("Value", kRequired, ""))
PENSTOCK_ROWS(StageRule, row<&StageRule::name>("Name", kRequired, ""),
              row<&StageRule::type>("RuleTypeId", kRequired, ""),
              row<&StageRule::configuration>("Configuration", kRequired, ""))
PENSTOCK_ROWS(StageCondition, row<&StageCondition::result>("Result", kRequired, ""),
              row<&StageCondition::rules>("Rules", kRequired, ""))
PENSTOCK_ROWS(StageConditions, row<&StageConditions::all>("Conditions", kOmitEmpty, ""))
PENSTOCK_ROWS(Stage, row<&Stage::name>("Name", kRequired, ""),
              row<&Stage::before>("BeforeEntry", kOmitEmpty, ""),
              row<&Stage::actions>("Actions", kRequired, ""))
PENSTOCK_ROWS(Patterns, row<&Patterns::includes>("Includes", kOmitEmpty, ""),
              row<&Patterns::excludes>("Excludes", kOmitEmpty, ""))
PENSTOCK_ROWS(PushFilter, row<&PushFilter::tags>("Tags", kOmitEmpty, ""),
              row<&PushFilter::branches>("Branches", kOmitEmpty, ""),
              row<&PushFilter::paths>("FilePaths", kOmitEmpty, ""))
PENSTOCK_ROWS(RequestFilter, row<&RequestFilter::events>("Events", kRequired, ""),
              row<&RequestFilter::branches>("Branches", kOmitEmpty, ""),
              row<&RequestFilter::paths>("FilePaths", kOmitEmpty, ""))
PENSTOCK_ROWS(GitConfiguration, row<&GitConfiguration::source>("SourceActionName", kRequired, ""),
              row<&GitConfiguration::push>("Push", kOmitEmpty, ""),
              row<&GitConfiguration::request>("PullRequest", kOmitEmpty, ""))
PENSTOCK_ROWS(PipelineTrigger, row<&PipelineTrigger::provider>("ProviderType", kRequired, ""),
              row<&PipelineTrigger::git>("GitConfiguration", kRequired, ""))
PENSTOCK_ROWS(StoreKey, row<&StoreKey::id>("Id", kRequired, ""), row<&StoreKey::type>("Type", kRequired, ""))
PENSTOCK_ROWS(ArtifactStore, row<&ArtifactStore::type>("Type", kRequired, ""),
              row<&ArtifactStore::location>("Location", kRequired, ""),
              row<&ArtifactStore::key>("EncryptionKey", kRequired, ""))
PENSTOCK_ROWS(PipelineVariable, row<&PipelineVariable::name>("Name", kRequired, ""),
              row<&PipelineVariable::description>("Description", kOmitEmpty, ""))
PENSTOCK_ROWS(Pipeline, row<&Pipeline::name>("Name", kRequired, ""),
              row<&Pipeline::type>("PipelineType", kRequired, ""),
              row<&Pipeline::mode>("ExecutionMode", kRequired, ""),
              row<&Pipeline::restart>("RestartExecutionOnUpdate", kRequired, ""),
              row<&Pipeline::role>("RoleArn", kRequired, ""),
              row<&Pipeline::store>("ArtifactStore", kRequired, ""),
              row<&Pipeline::variables>("Variables", kOmitEmpty, ""),
              row<&Pipeline::triggers>("Triggers", kOmitEmpty, ""),
              row<&Pipeline::stages>("Stages", kRequired, ""))

PENSTOCK_ROWS(RetryPolicy, row<&RetryPolicy::attempts>("MaximumRetryAttempts", kRequired, ""),
              row<&RetryPolicy::seconds>("MaximumEventAgeInSeconds", kRequired, ""))
PENSTOCK_ROWS(ScheduleTarget, row<&ScheduleTarget::arn>("Arn", kRequired, ""),
              row<&ScheduleTarget::role>("RoleArn", kRequired, ""),
              row<&ScheduleTarget::retry>("RetryPolicy", kRequired, ""))
PENSTOCK_ROWS(FlexibleWindow, row<&FlexibleWindow::mode>("Mode", kRequired, ""))
PENSTOCK_ROWS(Schedule, row<&Schedule::name>("Name", kRequired, ""),
              row<&Schedule::description>("Description", kRequired, ""),
              row<&Schedule::expression>("ScheduleExpression", kRequired, ""),
              row<&Schedule::timezone>("ScheduleExpressionTimezone", kRequired, ""),
              row<&Schedule::window>("FlexibleTimeWindow", kRequired, ""),
              row<&Schedule::key>("KmsKeyArn", kRequired, ""),
              row<&Schedule::target>("Target", kRequired, ""))
PENSTOCK_ROWS(NotificationTarget, row<&NotificationTarget::type>("TargetType", kRequired, ""),
              row<&NotificationTarget::address>("TargetAddress", kRequired, ""))
PENSTOCK_ROWS(NotificationRule, row<&NotificationRule::name>("Name", kRequired, ""),
              row<&NotificationRule::detail>("DetailType", kRequired, ""),
              row<&NotificationRule::resource>("Resource", kRequired, ""),
              row<&NotificationRule::events>("EventTypeIds", kRequired, ""),
              row<&NotificationRule::targets>("Targets", kRequired, ""))

PENSTOCK_ROWS(Parameter, row<&Parameter::type>("Type", kRequired, ""),
              row<&Parameter::description>("Description", kOmitEmpty, ""),
              row<&Parameter::preset>("Default", kOmitEmpty, ""),
              row<&Parameter::pattern>("AllowedPattern", kOmitEmpty, ""))
PENSTOCK_ROWS(Output, row<&Output::description>("Description", kRequired, ""),
              row<&Output::value>("Value", kRequired, ""))
PENSTOCK_ROWS(Made, row<&Made::account>("Account", kRequired, ""),
              row<&Made::region>("Region", kRequired, ""))
PENSTOCK_ROWS(Metadata, row<&Metadata::penstock>("Penstock", kRequired, ""))
PENSTOCK_ROWS(Template, row<&Template::version>("AWSTemplateFormatVersion", kRequired, ""),
              row<&Template::description>("Description", kRequired, ""),
              row<&Template::metadata>("Metadata", kRequired, ""),
              row<&Template::parameters>("Parameters", kOmitEmpty, ""),
              row<&Template::resources>("Resources", kRequired, ""),
              row<&Template::outputs>("Outputs", kOmitEmpty, ""))

PENSTOCK_ROWS(BuildspecEnv, row<&BuildspecEnv::shell>("shell", kOmitEmpty, ""),
              row<&BuildspecEnv::variables>("variables", kOmitEmpty, ""),
              row<&BuildspecEnv::secrets>("secrets-manager", kOmitEmpty, ""),
              row<&BuildspecEnv::exported>("exported-variables", kOmitEmpty, ""))
PENSTOCK_ROWS(Phase, row<&Phase::on_failure>("on-failure", kOmitEmpty, ""),
              row<&Phase::runtimes>("runtime-versions", kOmitEmpty, ""),
              row<&Phase::commands>("commands", kOmitEmpty, ""))
PENSTOCK_ROWS(Phases, row<&Phases::install>("install", kOmitEmpty, ""),
              row<&Phases::pre_build>("pre_build", kOmitEmpty, ""),
              row<&Phases::build>("build", kOmitEmpty, ""))
PENSTOCK_ROWS(ReportFiles, row<&ReportFiles::files>("files", kRequired, ""),
              row<&ReportFiles::base>("base-directory", kOmitEmpty, ""),
              row<&ReportFiles::format>("file-format", kOmitEmpty, ""))
PENSTOCK_ROWS(SecondaryFiles, row<&SecondaryFiles::files>("files", kRequired, ""),
              row<&SecondaryFiles::exclude>("exclude-paths", kOmitEmpty, ""))
PENSTOCK_ROWS(ArtifactFiles, row<&ArtifactFiles::files>("files", kOmitEmpty, ""),
              row<&ArtifactFiles::base>("base-directory", kOmitEmpty, ""),
              row<&ArtifactFiles::exclude>("exclude-paths", kOmitEmpty, ""),
              row<&ArtifactFiles::secondary>("secondary-artifacts", kOmitEmpty, ""))
PENSTOCK_ROWS(Buildspec, row<&Buildspec::version>("version", kRequired, ""),
              row<&Buildspec::env>("env", kOmitEmpty, ""), row<&Buildspec::phases>("phases", kRequired, ""),
              row<&Buildspec::reports>("reports", kOmitEmpty, ""),
              row<&Buildspec::artifacts>("artifacts", kOmitEmpty, ""))

#undef PENSTOCK_ROWS

}  // namespace penstock::targets::codepipeline
