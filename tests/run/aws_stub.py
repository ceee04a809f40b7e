"""The few AWS calls that the scripts make. AWS_STUB is a folder:
  calls.jsonl        what was called
  executions.json    {pipeline: [{pipelineExecutionId, status, startTime}]}
  opsitems.json      the OpsItems
  fail               lines `VERB TAB exit code TAB output`: such a call changes nothing
Arguments are parsed strictly: an unknown option is an error, as in the real program, and where botocore is installed its
service model judges names, types, required members, lengths, patterns and enums."""
import fcntl
import json
import os
import re
import sys
from pathlib import Path

HOME = Path(os.environ["AWS_STUB"])
OPTIONS = {
    "codepipeline list-pipeline-executions": {"--pipeline-name", "--no-paginate", "--output", "--query"},
    "sns publish": {"--topic-arn", "--subject", "--message"},
    "ssm describe-ops-items": {"--output", "--ops-item-filters"},
    "ssm create-ops-item": {"--output", "--title", "--description", "--source", "--category", "--severity", "--operational-data"},
    "ssm update-ops-item": {"--ops-item-id", "--status", "--description", "--operational-data"},
}
OF_THE_PROGRAM = ("--output", "--query", "--no-paginate")


def read(name, default):
    file = HOME / name
    return json.loads(file.read_text()) if file.exists() else default


def wrong_values(value, shape, where):
    """What botocore itself does not look at: enums, patterns, lengths of strings."""
    if shape.type_name == "structure":
        return [w for k, v in value.items() for w in wrong_values(v, shape.members[k], f"{where}.{k}")]
    if shape.type_name == "list":
        return [w for v in value for w in wrong_values(v, shape.member, where)]
    if shape.type_name == "map":
        return [w for k, v in value.items() for w in wrong_values(v, shape.value, f"{where}.{k}")]
    if shape.type_name != "string":
        return []
    wrong = []
    if shape.enum and value not in shape.enum:
        wrong.append(f"{where}: {value} is none of {shape.enum}")
    if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", 10**9):
        wrong.append(f"{where}: {len(value)} characters")
    if "pattern" in shape.metadata and not re.search(shape.metadata["pattern"], value):
        wrong.append(f"{where}: {value} does not match {shape.metadata['pattern']}")
    return wrong


def judge(verb, options):
    try:
        import botocore.session
        from botocore.validate import ParamValidator
    except ImportError:
        return
    service, command = verb.split()
    model = botocore.session.Session().get_service_model(service)
    shape = model.operation_model("".join(word.title() for word in command.split("-"))).input_shape
    names = {member.lower(): member for member in shape.members}
    params = {}
    for key, text in options.items():
        if key in OF_THE_PROGRAM:
            continue
        name = names[key[2:].replace("-", "")]
        params[name] = text if shape.members[name].type_name == "string" else json.loads(text)
    report = ParamValidator().validate(params, shape)
    wrong = [report.generate_report()] if report.has_errors() else wrong_values(params, shape, verb)
    if wrong:
        sys.exit("aws stub: " + "; ".join(wrong))


def parse(arguments):
    verb, rest, options = " ".join(arguments[:2]), list(arguments[2:]), {}
    if verb not in OPTIONS:
        sys.exit(f"aws stub: {verb}?")
    while rest:
        key = rest.pop(0)
        if key not in OPTIONS[verb]:
            sys.exit(f"aws stub: {verb} {key}?")
        text = rest.pop(0) if key != "--no-paginate" else ""
        options[key] = Path(text[7:]).read_text() if text.startswith("file://") else text
    return verb, options


def main():
    verb, options = parse(sys.argv[1:])
    judge(verb, options)
    lock = open(HOME / "lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    project = os.environ.get("CODEBUILD_BUILD_ID", "local").split(":")[0]
    with open(HOME / "calls.jsonl", "a") as calls:
        calls.write(json.dumps({"verb": verb, "project": project, **options}) + "\n")
    if (HOME / "fail").exists():
        for line in (HOME / "fail").read_text().splitlines():
            pattern, code, output = line.split("\t")
            if pattern == verb:
                print(output)
                sys.exit(int(code))
    items = read("opsitems.json", [])
    if verb == "codepipeline list-pipeline-executions":
        import jmespath
        print(jmespath.search(options["--query"], {"pipelineExecutionSummaries": read("executions.json", {}).get(options["--pipeline-name"], [])}))
    elif verb == "ssm describe-ops-items":
        want = next(json.loads(f["Values"][0]) for f in json.loads(options["--ops-item-filters"]) if f["Key"] == "OperationalData")
        # As the service: a summary has no description.
        print(json.dumps({"OpsItemSummaries": [{k: v for k, v in item.items() if k != "Description"} for item in items
                          if item["Status"] == "Open" and item["OperationalData"].get(want["key"], {}).get("Value") == want["value"]]}))
    elif verb == "ssm create-ops-item":
        data = json.loads(options["--operational-data"])
        dedup = data["/aws/dedup"]["Value"]
        if any(item["Status"] == "Open" and item["OperationalData"]["/aws/dedup"]["Value"] == dedup for item in items):
            sys.exit("OpsItemAlreadyExistsException")
        items.append({"OpsItemId": f"oi-{len(items) + 1:012d}", "Status": "Open", "Title": options["--title"],
                      "Description": options["--description"], "OperationalData": data})
        print(json.dumps({"OpsItemId": items[-1]["OpsItemId"]}))
    elif verb == "ssm update-ops-item":
        item = next(i for i in items if i["OpsItemId"] == options["--ops-item-id"])
        item |= {k: options[o] for k, o in (("Status", "--status"), ("Description", "--description")) if o in options}
        if "--operational-data" in options:
            item["OperationalData"] |= json.loads(options["--operational-data"])
    (HOME / "opsitems.json").write_text(json.dumps(items, indent=1))


main()
