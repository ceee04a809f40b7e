"""What the walker needs from the emitted CloudFormation template: the CodeBuild projects, and what their roles may call."""
from pathlib import Path

import yaml

PSEUDO = {"AWS::AccountId": "999988887777", "AWS::Region": "eu-central-1", "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
          "AWS::StackName": "live-infra", "AWS::NoValue": None}


class Tag:
    def __init__(self, name, value):
        self.name, self.value = name, value


class Loader(yaml.SafeLoader):
    pass


def tagged(loader, suffix, node):
    construct = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: lambda n: loader.construct_sequence(n, deep=True),
                 yaml.MappingNode: lambda n: loader.construct_mapping(n, deep=True)}[type(node)]
    return Tag(suffix, construct(node))


Loader.add_multi_constructor("!", tagged)


class Template:
    def __init__(self, path):
        tree = yaml.load(Path(path).read_text(), Loader)
        self.resources, self.parameters = tree["Resources"], tree.get("Parameters", {})

    def of_type(self, kind):
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    def name_of(self, logical):
        """The physical name of a resource, or its logical one where nothing says more."""
        properties = self.resources[logical].get("Properties", {})
        for key, value in properties.items():
            if key in ("Name", "RoleName", "BucketName", "TopicName", "PolicyName", "ManagedPolicyName", "LogGroupName"):
                return self.text(value)
        return logical

    def text(self, value):
        """A value as far as names matter: references become names, attributes `name.attribute`."""
        if isinstance(value, dict) and len(value) == 1 and (key := next(iter(value))).startswith(("Fn::", "Ref")):
            value = Tag(key.removeprefix("Fn::"), value[key])
        if isinstance(value, dict):
            return {k: self.text(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.text(v) for v in value]
        if not isinstance(value, Tag):
            return value
        if value.name == "Ref":
            return self.reference(value.value)
        if value.name == "GetAtt":
            name, attribute = value.value if isinstance(value.value, list) else value.value.split(".", 1)
            return f"{self.name_of(name)}.{attribute}"
        if value.name == "Sub":
            text, own = value.value if isinstance(value.value, list) else (value.value, {})
            for name in list(own) + list(PSEUDO) + list(self.parameters) + list(self.resources):
                if "${" + name + "}" in text:
                    text = text.replace("${" + name + "}", str(self.text(own[name]) if name in own else self.reference(name)))
                text = text.replace("${" + name + ".Arn}", f"{name}.Arn")
            return text
        if value.name == "Join":
            return value.value[0].join(str(self.text(v)) for v in value.value[1])
        raise ValueError(f"{value.name} {value.value}")

    def reference(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            return str(self.parameters[name].get("Default", name))
        return self.name_of(name)

    def projects(self):
        """name -> {name, buildspec, variables, role}"""
        found = {}
        for logical, p in self.of_type("AWS::CodeBuild::Project").items():
            variables = {v["Name"]: str(self.text(v["Value"])) for v in p["Environment"].get("EnvironmentVariables", [])}
            name = self.name_of(logical)
            found[name] = {"name": name, "buildspec": self.text(p["Source"].get("BuildSpec", "buildspec.yml")), "variables": variables, "role": self.logical(p["ServiceRole"])}
        return found

    def logical(self, value):
        """The resource that a reference names."""
        if isinstance(value, dict):
            value = Tag(*next(iter(value.items())))
        name = value.value if not isinstance(value.value, list) else value.value[0]
        return name.split(".")[0]

    def statements_of(self, role):
        properties = self.resources[role]["Properties"]
        documents = [p["PolicyDocument"] for p in properties.get("Policies", [])]
        documents += [self.resources[self.logical(a)]["Properties"]["PolicyDocument"] for a in properties.get("ManagedPolicyArns", []) if not isinstance(a, str)]
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            documents += [p["PolicyDocument"] for p in self.of_type(kind).values() if role in [self.logical(r) for r in p.get("Roles", [])]]
        documents += [p["PolicyDocument"] for p in self.of_type("AWS::IAM::RolePolicy").values() if self.logical(p["RoleName"]) == role]
        return [s for d in documents for s in d["Statement"]]

    def allows(self, project, action):
        """May the role of this project call the action at all? (Resources and conditions are not judged.)"""
        for statement in self.statements_of(self.projects()[project]["role"]):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            if statement["Effect"] == "Allow" and action in actions:
                return True
        return False
