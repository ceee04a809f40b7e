#!/usr/bin/env python3
"""Creates what templates and native pipelines describe, by API calls, in a simulated account of its own for each file.

  account.py FILE...      *.template.yaml|json and *.pipeline.json; one finding per line as JSON

botocore, which carries the service's own model, judges the shape of each call; moto, which plays the service, judges what it
knows. Parameters get their default or the first stand-in that their pattern allows. A resource that has no row in CALLS is
a finding: nobody would have looked at it.
"""
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

ACCOUNT = "111122223333"
REGION = "eu-west-1"
os.environ |= {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_EC2_METADATA_DISABLED": "true",
    "MOTO_ACCOUNT_ID": ACCOUNT,
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
}

import boto3  # noqa: E402
from botocore.exceptions import ClientError, ParamValidationError  # noqa: E402
from botocore.validate import ParamValidator  # noqa: E402
from moto import mock_aws  # noqa: E402

from judges import load_yaml  # noqa: E402

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "stack",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/stack/0",
    "AWS::NotificationARNs": [],
}
ARNS = {  # by a word in the parameter's name
    "Connection": f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/01234567-89ab-cdef-0123-456789abcdef",
    "Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef",
    "Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:some-topic",
    "Bucket": "arn:aws:s3:::some-bucket",
    "Role": f"arn:aws:iam::{ACCOUNT}:role/some-role",
}
STAND_INS = [
    "some-name",
    "main",
    "owner/name",
    *ARNS.values(),
    "sha256:" + "0" * 64,
    f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/some-image@sha256:" + "0" * 64,
    "0" * 40,
    ACCOUNT,
    REGION,
    "https://example.com/x",
    "someone@example.com",
    "o-0123456789",
    "10",
]
NO_VALUE = object()


def parameter(name: str, declared: dict) -> Any:
    if "Default" in declared:
        value = declared["Default"]
    elif "AllowedValues" in declared:
        value = declared["AllowedValues"][0]
    elif declared.get("Type") == "Number":
        value = declared.get("MinValue", 1)
    else:
        pattern = declared.get("AllowedPattern", ".*")
        shortest = int(declared.get("MinLength", 0))
        hints = [arn for word, arn in ARNS.items() if word in name] if "Arn" in name else []
        fits = (s for s in hints + STAND_INS if re.fullmatch(pattern, s) and len(s) >= shortest)
        value = next(fits, None)
        if value is None:
            raise ValueError(f"{name}: no stand-in fits the pattern {pattern}; add one to account.py")
    is_list = "List" in declared.get("Type", "String")
    return str(value).split(",") if is_list else str(value)


class Template:
    """A template with its intrinsic functions evaluated against stand-ins."""

    def __init__(self, document: dict) -> None:
        self.resources = document.get("Resources", {})
        self.conditions = document.get("Conditions", {})
        self.mappings = document.get("Mappings", {})
        self.known = PSEUDO | {n: parameter(n, p) for n, p in document.get("Parameters", {}).items()}
        self.made: dict[str, Any] = {}  # logical id: what the simulated service called it

    def applies(self, resource: dict) -> bool:
        return "Condition" not in resource or self.condition(resource["Condition"])

    def condition(self, name: str) -> bool:
        return bool(self.value(self.conditions[name]))

    def properties(self, resource: dict) -> dict:
        return self.value(resource.get("Properties", {}))

    def reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.known:
            return self.known[name]
        if name in self.made:
            return self.made[name]
        resource = self.resources[name]
        return reference_of(resource["Type"], self.properties(resource), name)

    def attribute(self, name: str, attribute: str) -> Any:
        resource = self.resources[name]
        if attribute.endswith("Arn"):
            return arn_of(resource["Type"], self.properties(resource), name, self.made.get(name))
        return f"{name}-{attribute}".replace(".", "-").lower()

    def value(self, given: Any) -> Any:
        if isinstance(given, list):
            return [v for v in map(self.value, given) if v is not NO_VALUE]
        if not isinstance(given, dict):
            return given
        if len(given) == 1:
            (key, argument), *_ = given.items()
            name = key.removeprefix("!").removeprefix("Fn::")
            if key.startswith(("!", "Fn::")) or key in ("Ref", "Condition") and isinstance(argument, str):
                return self.function(name, argument)
        return {k: v for k, v in ((k, self.value(v)) for k, v in given.items()) if v is not NO_VALUE}

    def function(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self.reference(argument)
            case "Condition":
                return self.condition(argument)
            case "GetAtt":
                parts = argument.split(".", 1) if isinstance(argument, str) else argument
                return self.attribute(parts[0], ".".join(parts[1:]))
            case "Sub":
                return self.substitute(argument)
            case "If":
                return self.value(argument[1] if self.condition(argument[0]) else argument[2])
            case "Equals":
                first, second = self.value(argument)
                return str(first) == str(second)
            case "Not":
                return not self.value(argument)[0]
            case "And":
                return all(self.value(argument))
            case "Or":
                return any(self.value(argument))
            case "Join":
                return str(argument[0]).join(map(str, self.value(argument[1])))
            case "Select":
                return self.value(argument[1])[int(self.value(argument[0]))]
            case "Split":
                return str(self.value(argument[1])).split(argument[0])
            case "FindInMap":
                first, second, third = self.value(argument)
                return self.mappings[first][second][third]
            case "ToJsonString":
                return json.dumps(self.value(argument))
            case "Base64" | "ImportValue":
                return self.value(argument)
        raise ValueError(f"function {name} is not evaluated by account.py")

    def substitute(self, argument: Any) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        own = {k: self.value(v) for k, v in own.items()}

        def one(match: re.Match) -> str:
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return str(own[name])
            if "." in name:
                return str(self.attribute(*name.split(".", 1)))
            return str(self.reference(name))

        return re.sub(r"\$\{([^}]+)\}", one, text)


NAMES = ("BucketName", "RoleName", "TopicName", "LogGroupName", "AliasName", "ManagedPolicyName", "QueueName", "RuleName", "Name")


def name_of(properties: dict, logical: str) -> str:
    return next((str(properties[n]) for n in NAMES if n in properties), logical.lower())


def reference_of(kind: str, properties: dict, logical: str) -> str:
    by_arn = ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic", "AWS::CodeConnections::Connection")
    return arn_of(kind, properties, logical) if kind in by_arn else name_of(properties, logical)


def arn_of(kind: str, properties: dict, logical: str, made: str | None = None) -> str:
    name = made or name_of(properties, logical)
    if name.startswith("arn:"):
        return name
    forms = {
        "AWS::S3::Bucket": "arn:aws:s3:::{n}",
        "AWS::IAM::Role": "arn:aws:iam::{a}:role/{n}",
        "AWS::IAM::ManagedPolicy": "arn:aws:iam::{a}:policy/{n}",
        "AWS::KMS::Key": "arn:aws:kms:{r}:{a}:key/{n}",
        "AWS::SNS::Topic": "arn:aws:sns:{r}:{a}:{n}",
        "AWS::SQS::Queue": "arn:aws:sqs:{r}:{a}:{n}",
        "AWS::Logs::LogGroup": "arn:aws:logs:{r}:{a}:log-group:{n}:*",
        "AWS::CodeBuild::Project": "arn:aws:codebuild:{r}:{a}:project/{n}",
        "AWS::Events::Rule": "arn:aws:events:{r}:{a}:rule/{n}",
        "AWS::Scheduler::ScheduleGroup": "arn:aws:scheduler:{r}:{a}:schedule-group/{n}",
        "AWS::Lambda::Function": "arn:aws:lambda:{r}:{a}:function:{n}",
        "AWS::CodeConnections::Connection": "arn:aws:codeconnections:{r}:{a}:connection/01234567-89ab-cdef-0123-456789abcdef",
    }
    return forms.get(kind, "arn:aws:service:{r}:{a}:{n}").format(r=REGION, a=ACCOUNT, n=name)


def camel(value: Any) -> Any:
    """CloudFormation's PascalCase as the API's camelCase; keys of free-form maps (Configuration) stay."""
    if isinstance(value, list):
        return [camel(v) for v in value]
    if isinstance(value, dict):
        return {k[0].lower() + k[1:]: (v if k == "Configuration" else camel(v)) for k, v in value.items()}
    return value


def texts(value: Any) -> Any:
    """CloudFormation takes numbers and booleans where the API takes text."""
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in value.items()}


Api = Callable[[str], Any]


def document(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def make_role(api: Api, p: dict, logical: str) -> None:
    iam, name = api("iam"), name_of(p, logical)
    extra = {k: p[k] for k in ("Path", "Description", "MaxSessionDuration", "PermissionsBoundary") if k in p}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(p["AssumeRolePolicyDocument"]), **extra)
    for arn in p.get("ManagedPolicyArns", []):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    for policy in p.get("Policies", []):
        iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document(policy["PolicyDocument"]))


def make_bucket(api: Api, p: dict, logical: str) -> None:
    s3, name = api("s3"), name_of(p, logical)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if "VersioningConfiguration" in p:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=p["VersioningConfiguration"])
    if "PublicAccessBlockConfiguration" in p:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=p["PublicAccessBlockConfiguration"])
    if "OwnershipControls" in p:
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=p["OwnershipControls"])


def make_key(api: Api, p: dict, logical: str) -> str:
    made = api("kms").create_key(Policy=document(p["KeyPolicy"]), Description=p.get("Description", ""))
    return made["KeyMetadata"]["KeyId"]


def make_topic(api: Api, p: dict, logical: str) -> None:
    attributes = {"KmsMasterKeyId": p["KmsMasterKeyId"]} if "KmsMasterKeyId" in p else {}
    api("sns").create_topic(Name=name_of(p, logical), Attributes=attributes)
    for subscription in p.get("Subscription", []):
        arn = arn_of("AWS::SNS::Topic", p, logical)
        api("sns").subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])


def make_topic_policy(api: Api, p: dict, logical: str) -> None:
    for topic in p["Topics"]:
        policy = document(p["PolicyDocument"])
        api("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def make_log_group(api: Api, p: dict, logical: str) -> None:
    name = name_of(p, logical)
    api("logs").create_log_group(logGroupName=name, **({"kmsKeyId": p["KmsKeyId"]} if "KmsKeyId" in p else {}))
    if "RetentionInDays" in p:
        api("logs").put_retention_policy(logGroupName=name, retentionInDays=int(p["RetentionInDays"]))


def make_project(api: Api, p: dict, logical: str) -> None:
    q = camel({k: v for k, v in p.items() if k not in ("Triggers", "Visibility", "ResourceAccessRole")})
    q.setdefault("name", name_of(p, logical))
    if "buildSpec" in q["source"]:
        q["source"]["buildspec"] = q["source"].pop("buildSpec")
    for key in ("timeoutInMinutes", "queuedTimeoutInMinutes", "concurrentBuildLimit"):
        if key in q:
            q[key] = int(q[key])
    for end, kinds in ((q["source"], ("CODEPIPELINE", "NO_SOURCE")), (q["artifacts"], ("CODEPIPELINE",))):
        if end["type"] in kinds:
            end.setdefault("location", "moto-wants-one")  # the service does not
    api("codebuild").create_project(**q)


def make_pipeline(api: Api, p: dict, logical: str) -> None:
    left_out = ("Tags", "DisableInboundStageTransitions", "RestartExecutionOnUpdate")
    q = camel({k: v for k, v in p.items() if k not in left_out})
    q.setdefault("name", name_of(p, logical))
    for stage in q["stages"]:
        for action in stage["actions"]:
            if "configuration" in action:
                action["configuration"] = texts(action["configuration"])
            for key in ("runOrder", "timeoutInMinutes"):
                if key in action:
                    action[key] = int(action[key])
        for moment in ("beforeEntry", "onSuccess", "onFailure"):
            for condition in stage.get(moment, {}).get("conditions", []):
                for rule in condition.get("rules", []):
                    if "configuration" in rule:
                        rule["configuration"] = texts(rule["configuration"])
    if isinstance(q.get("artifactStores"), list):
        q["artifactStores"] = {store["region"]: store["artifactStore"] for store in q["artifactStores"]}
    create_pipeline(api, q)


def create_pipeline(api: Api, pipeline: dict) -> None:
    api("codepipeline").create_pipeline(pipeline=pipeline)
    again = api("codepipeline").get_pipeline(name=pipeline["name"])["pipeline"]
    if names(again) != names(pipeline):
        raise ValueError("get-pipeline gives back other stages than create-pipeline took")


def names(pipeline: dict) -> list[tuple[str, list[str]]]:
    return [(stage["name"], [action["name"] for action in stage["actions"]]) for stage in pipeline["stages"]]


def make_schedule(api: Api, p: dict, logical: str) -> None:
    api("scheduler").create_schedule(**{"Name": name_of(p, logical)} | p)


def make_rule(api: Api, p: dict, logical: str) -> None:
    q = {k: v for k, v in p.items() if k not in ("Targets", "Tags")} | {"Name": name_of(p, logical)}
    if "EventPattern" in q:
        q["EventPattern"] = document(q["EventPattern"])
    api("events").put_rule(**q)
    if "Targets" in p:
        api("events").put_targets(Rule=q["Name"], Targets=p["Targets"])


def make_provider(api: Api, p: dict, logical: str) -> None:
    api("iam").create_open_id_connect_provider(
        Url=p["Url"], ClientIDList=p.get("ClientIdList", []), ThumbprintList=p.get("ThumbprintList", [])
    )


def make_queue(api: Api, p: dict, logical: str) -> None:
    q = {k: document(v) for k, v in p.items() if k not in ("QueueName", "Tags")}
    api("sqs").create_queue(QueueName=name_of(p, logical), Attributes=q)


def shape_only(service: str, operation: str, convert: Callable[[dict], dict] = dict) -> Callable[[Api, dict, str], None]:
    """For what moto does not play: the call is built and judged, not made."""

    def make(api: Api, p: dict, logical: str) -> None:
        shape = api(service).meta.service_model.operation_model(operation).input_shape
        report = ParamValidator().validate(convert({k: v for k, v in p.items() if k != "Tags"}), shape)
        if report.has_errors():
            raise ValueError(report.generate_report())

    return make


def put_role_policies(api: Api, roles: list[str], p: dict) -> None:
    for role in roles:
        api("iam").put_role_policy(RoleName=role, PolicyName=p["PolicyName"], PolicyDocument=document(p["PolicyDocument"]))


def make_managed_policy(api: Api, p: dict, logical: str) -> str:
    made = api("iam").create_policy(PolicyName=name_of(p, logical), PolicyDocument=document(p["PolicyDocument"]))
    return made["Policy"]["Arn"]


def make_alias(api: Api, p: dict, logical: str) -> None:
    api("kms").create_alias(AliasName=p["AliasName"], TargetKeyId=p["TargetKeyId"])


def make_bucket_policy(api: Api, p: dict, logical: str) -> None:
    api("s3").put_bucket_policy(Bucket=p["Bucket"], Policy=document(p["PolicyDocument"]))


def make_schedule_group(api: Api, p: dict, logical: str) -> None:
    api("scheduler").create_schedule_group(Name=name_of(p, logical))


# In the order in which things can be made. A call gives what the service named the thing, if that is not told beforehand.
CALLS: dict[str, Callable[[Api, dict, str], str | None]] = {
    "AWS::KMS::Key": make_key,
    "AWS::KMS::Alias": make_alias,
    "AWS::S3::Bucket": make_bucket,
    "AWS::S3::BucketPolicy": make_bucket_policy,
    "AWS::SNS::Topic": make_topic,
    "AWS::SNS::TopicPolicy": make_topic_policy,
    "AWS::SQS::Queue": make_queue,
    "AWS::IAM::OIDCProvider": make_provider,
    "AWS::IAM::ManagedPolicy": make_managed_policy,
    "AWS::IAM::Role": make_role,
    "AWS::IAM::RolePolicy": lambda api, p, _: put_role_policies(api, [p["RoleName"]], p),
    "AWS::IAM::Policy": lambda api, p, _: put_role_policies(api, p.get("Roles", []), p),
    "AWS::Logs::LogGroup": make_log_group,
    "AWS::CodeConnections::Connection": shape_only("codeconnections", "CreateConnection"),
    "AWS::CodeBuild::Project": make_project,
    "AWS::CodeBuild::ReportGroup": shape_only("codebuild", "CreateReportGroup", camel),
    "AWS::CodePipeline::Pipeline": make_pipeline,
    "AWS::Scheduler::ScheduleGroup": make_schedule_group,
    "AWS::Scheduler::Schedule": make_schedule,
    "AWS::Events::Rule": make_rule,
    "AWS::CodeStarNotifications::NotificationRule": shape_only("codestar-notifications", "CreateNotificationRule"),
    "AWS::CloudWatch::Alarm": shape_only("cloudwatch", "PutMetricAlarm"),
    "AWS::SSM::Parameter": shape_only("ssm", "PutParameter"),
}


def judge_template(file: Path) -> list[tuple[str, str]]:
    content = json.loads(file.read_text()) if file.suffix == ".json" else load_yaml(file)
    template = Template(content)
    api = clients()
    problems = []
    resources = [(logical, r) for logical, r in template.resources.items() if template.applies(r)]
    order = list(CALLS)
    for logical, resource in sorted(resources, key=lambda one: order.index(one[1]["Type"]) if one[1]["Type"] in CALLS else -1):
        kind = resource["Type"]
        if kind not in CALLS:
            problems.append(("unjudged", f"{logical}: account.py has no call for {kind}"))
            continue
        try:
            made = CALLS[kind](api, template.properties(resource), logical)
            if made:
                template.made[logical] = made
        except (ClientError, ParamValidationError) as error:
            problems.append(("refused", f"{logical} ({kind}): {' '.join(str(error).split())}"))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            problems.append(("cannot", f"{logical} ({kind}): {type(error).__name__}: {' '.join(str(error).split())}"))
    return problems


def judge_pipeline(file: Path) -> list[tuple[str, str]]:
    content = json.loads(file.read_text())
    pipeline = content.get("pipeline", content)
    api = clients()
    trust = {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}
    try:
        role = pipeline["roleArn"].rpartition("/")[2]
        policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        api("iam").create_role(RoleName=role, AssumeRolePolicyDocument=policy)
        create_pipeline(api, pipeline | {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}"})
    except (ClientError, ParamValidationError, KeyError, ValueError) as error:
        return [("refused", " ".join(f"{type(error).__name__}: {error}".split()))]
    return []


def clients() -> Api:
    made: dict[str, Any] = {}

    def client(name: str) -> Any:
        if name not in made:
            made[name] = boto3.client(name)
        return made[name]

    return client


def main() -> None:
    for name in sys.argv[1:]:
        file = Path(name)
        with mock_aws():
            problems = judge_pipeline(file) if file.name.endswith(".pipeline.json") else judge_template(file)
        for rule, message in problems:
            print(json.dumps({"file": name, "line": 0, "rule": rule, "level": "error", "message": message}))


main()
