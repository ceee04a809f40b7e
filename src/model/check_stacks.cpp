// Stacks, and how they are delivered and watched.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "model/building.h"
#include "model/graph.h"
#include "model/values.h"
#include "yaml/reader.h"

namespace penstock::model {
namespace {

using Json = nlohmann::ordered_json;

PENSTOCK_MESSAGE(MissingFact, "the stack `{}` does not say {}", std::string, std::string);
PENSTOCK_MESSAGE(SharedState, "`{}` in `{}` has the same state as `{}` in `{}`", std::string, std::string,
                 std::string, std::string);
PENSTOCK_MESSAGE(NothingToDo, "{} without {}", std::string, std::string);
PENSTOCK_MESSAGE(BadInterpolation, "an interpolation cannot stand inside a list or mapping");
PENSTOCK_MESSAGE(BranchNotAllowed, "`{}` is delivered from `{}`, and its `branches` do not allow that",
                 std::string, std::string);
PENSTOCK_MESSAGE(DuplicateName, "the stacks `{}` and `{}` become the same variable `{}`", std::string,
                 std::string, std::string);

constexpr std::array<std::string_view, 2> kTools = {"opentofu", "terraform"};
constexpr std::array<std::string_view, 12> kBackends = {
    "local", "s3", "azurerm", "gcs", "http", "kubernetes", "pg", "consul", "oss", "cos", "oci", "remote"};
constexpr std::array<std::string_view, 1> kApply = {"saved"};
constexpr std::array<std::string_view, 1> kReports = {"issue"};
constexpr std::array<std::string_view, 1> kReconcile = {"none"};

/// One stack as it was written, with the defaults around it.
class StackReader {
 public:
  StackReader(Building& building, const Name& name, const syntax::Stack& written)
      : building_(building),
        sink_(building.sink),
        name_(name),
        written_(written),
        defaults_(building.written.defaults.stacks) {}

  Stack read() {
    Stack stack;
    stack.name = name_.value;
    stack.span = name_.span;
    check_name(name_, sink_);
    stack.tool = static_cast<Tool>(choose(sink_, "tool", written_.tool, kTools, 0));
    stack.version = version();
    if (is_written(written_.path)) stack.path = check_path(written_.path, sink_).value_or("");
    for (const Name& need : written_.needs) {
      if (const auto found = find_name(building_.written.stacks, "stack", need, sink_))
        stack.needs.push_back(StackId{static_cast<std::uint32_t>(*found)});
    }
    path_ = stack.path;
    add_placements(stack);
    return stack;
  }

 private:
  std::string version() {
    const Name& said = is_written(written_.version) ? written_.version : defaults_.version;
    if (is_written(said)) {
      check_version(said, sink_);
    } else {
      diag::build(sink_, name_.span, kMissingFact, name_.value, "the version of its tool")
          .help("write `version: \"1.12.6\"` here or under `defaults: stacks:`")
          .emit();
    }
    return said.value;
  }

  void add_placements(Stack& stack) {
    const auto& environments = building_.written.environments;
    if (!written_.environments) {
      for (std::uint32_t i = 0; i < environments.size(); ++i)
        stack.placements.push_back(placement(EnvironmentId{i}, nullptr));
      if (environments.empty()) {
        diag::build(sink_, name_.span, kNothingToDo, "a stack", "an environment")
            .help("add `environments: { staging: {} }`")
            .emit();
      }
      return;
    }
    for (const auto& [name, near] : *written_.environments) {
      const auto found = find_name(environments, "environment", name, sink_);
      if (found)
        stack.placements.push_back(placement(EnvironmentId{static_cast<std::uint32_t>(*found)}, &near));
    }
    std::ranges::sort(stack.placements, {}, &Placement::environment);
  }

  Scope scope(EnvironmentId id) const {
    const Environment& environment = building_.project.environments[id];
    const std::string& region = environment.region.empty() && environment.identity
                                    ? building_.project.identities[*environment.identity].region
                                    : environment.region;
    return Scope{&building_.sources,
                 {{"environment.name", environment.name},
                  {"environment.account", environment.account},
                  {"environment.region", region},
                  {"environment.tier", std::string(name(environment.tier))},
                  {"stack.name", name_.value},
                  {"project.name", building_.project.name}},
                 false,
                 true};
  }

  Placement placement(EnvironmentId id, const syntax::StackEnvironment* near) {
    Placement result;
    result.environment = id;
    const Scope names = scope(id);
    read_backend(result, near, names);
    const auto merge = [&](const Named<yaml::Node>& vars) {
      for (const auto& [key, value] : vars) set(result.vars, key, value, names);
    };
    merge(defaults_.vars);
    merge(written_.vars);
    if (near) merge(near->vars);
    return result;
  }

  /// A later value of the same name replaces the earlier one in its place.
  void set(NamedTexts& vars, const Name& key, const yaml::Node& value, const Scope& names) {
    check_identifier(key, sink_);
    auto text = value.is_scalar() ? resolve(value, names, sink_) : structured(value);
    if (!text) return;
    const auto found = std::ranges::find(vars, key.value, &std::pair<std::string, Text>::first);
    if (found != vars.end()) {
      found->second = std::move(*text);
    } else {
      vars.emplace_back(key.value, std::move(*text));
    }
  }

  /// A list or mapping as the JSON that the tool takes for it.
  std::optional<Text> structured(const yaml::Node& node) {
    return Text{{to_json(node).dump(-1, ' ', false, Json::error_handler_t::replace)}, node.span};
  }

  Json to_json(const yaml::Node& node) {
    switch (node.kind) {
      case yaml::Kind::Null: return nullptr;
      case yaml::Kind::Sequence: {
        Json list = Json::array();
        for (const yaml::Node& item : node.items) list.push_back(to_json(item));
        return list;
      }
      case yaml::Kind::Mapping: {
        Json map = Json::object();
        for (const yaml::Entry& entry : node.entries) map[entry.key.text] = to_json(entry.value);
        return map;
      }
      case yaml::Kind::Scalar: break;
    }
    if (node.text.find("${{") != std::string::npos) diag::report(sink_, node.span, kBadInterpolation);
    if (const auto flag = yaml::as_bool(node)) return *flag;
    if (const auto integer = yaml::as_integer(node)) return *integer;
    return node.text;
  }

  void read_backend(Placement& result, const syntax::StackEnvironment* near, const Scope& names) {
    const Named<syntax::Scalar>& said = near && !near->backend.empty() ? near->backend
                                        : !written_.backend.empty()    ? written_.backend
                                                                       : defaults_.backend;
    const Name* type = nullptr;
    Name type_name;
    Named<syntax::Scalar> config;
    for (const auto& [key, value] : said) {
      if (key.value == "type") {
        type_name = {value.node.text, value.node.span};
        type = &type_name;
      } else {
        check_identifier(key, sink_);
        config.emplace_back(key, value);
      }
    }
    result.backend = texts(config, names, sink_);
    const bool bucket =
        std::ranges::any_of(config, [](const auto& one) { return one.first.value == "bucket"; });
    if (type) {
      result.backend_type = kBackends.at(choose(sink_, "type", *type, kBackends, 0));
    } else if (bucket) {
      result.backend_type = "s3";
    } else {
      diag::build(sink_, name_.span, kMissingFact, name_.value,
                  said.empty() ? "where its state lives" : "the type of its backend")
          .help(
              "write `backend: { type: s3, bucket: …, key: \"${{ environment.name }}/${{ stack.name }}\" }` "
              "here or under `defaults: stacks:`")
          .emit();
    }
  }

  Building& building_;
  diag::Sink& sink_;
  const Name& name_;
  const syntax::Stack& written_;
  const syntax::StackDefaults& defaults_;
  std::string path_;
};

/// What makes two states one: where the backend keeps it, not how it is reached.
std::string address(const Stack& stack, const Placement& placement) {
  std::vector<std::string> parts = {placement.backend_type};
  bool path = false;
  for (const auto& [key, text] : placement.backend) {
    static constexpr std::array<std::string_view, 5> kHow = {"region", "profile", "encrypt", "dynamodb_table",
                                                             "use_lockfile"};
    if (std::ranges::find(kHow, std::string_view(key)) != kHow.end()) continue;
    path = path || key == "path";
    std::string value;
    for (const auto& part : text.parts) {
      value +=
          std::visit(Overloaded{[](const std::string& constant) { return constant; },
                                [](const FactRef& fact) { return "${" + fact.name + "}"; },
                                [](const VariableRef& variable) { return "${vars." + variable.name + "}"; }},
                     part);
    }
    parts.push_back(key + "=" + value);
  }
  if (placement.backend_type == "local" && !path)
    parts.push_back("path=" + stack.path + "/terraform.tfstate");
  std::ranges::sort(parts);
  return join(parts, "\n");
}

void check_states(const Building& building) {
  struct Seen {
    std::string address;
    const Stack* stack;
    const Environment* environment;
  };
  std::vector<Seen> seen;
  for (const Stack& stack : building.project.stacks) {
    for (const Placement& placement : stack.placements) {
      if (placement.backend_type.empty()) continue;
      const Environment& environment = building.project.environments[placement.environment];
      std::string where = address(stack, placement);
      const auto other = std::ranges::find(seen, where, &Seen::address);
      if (other != seen.end()) {
        diag::build(building.sink, stack.span, kSharedState, stack.name, environment.name, other->stack->name,
                    other->environment->name)
            .help("put `${{ environment.name }}` and `${{ stack.name }}` into the backend's address")
            .emit();
        break;
      }
      seen.push_back({std::move(where), &stack, &environment});
    }
  }
}

void check_layers(const Building& building) {
  std::vector<GraphNode> nodes;
  for (std::size_t i = 0; i < building.project.stacks.size(); ++i) {
    const auto& [name, written] = building.written.stacks[i];
    GraphNode node{name.value, {}};
    for (const Name& need : written.needs) {
      const auto found = std::ranges::find(building.written.stacks, need.value,
                                           [](const auto& one) { return one.first.value; });
      if (found != building.written.stacks.end())
        node.needs.emplace_back(found - building.written.stacks.begin(), need.span);
    }
    nodes.push_back(std::move(node));
  }
  check_acyclic(nodes, "needs", building.sink);
}

/// A delivery comes from the default branch: an environment that does not allow it would never be delivered to.
void check_branches(const Building& building) {
  for (const Environment& environment : building.project.environments) {
    const bool used = std::ranges::any_of(building.project.stacks, [&](const Stack& stack) {
      return std::ranges::any_of(stack.placements, [&](const Placement& placement) {
        return &building.project.environments[placement.environment] == &environment;
      });
    });
    if (used && !environment.branches.empty() &&
        !selects(environment.branches, building.project.default_branch)) {
      diag::build(building.sink, environment.branches.front().span, kBranchNotAllowed, environment.name,
                  building.project.default_branch)
          .help("stacks are delivered from the default branch: add it, or leave `branches` out")
          .emit();
    }
  }
}

void check_variable_names(const Building& building) {
  std::vector<std::pair<std::string, const Stack*>> seen;
  for (const Stack& stack : building.project.stacks) {
    const std::string variable = variable_name(stack.name);
    const auto other = std::ranges::find(seen, variable, &std::pair<std::string, const Stack*>::first);
    if (other != seen.end())
      diag::report(building.sink, stack.span, kDuplicateName, other->second->name, stack.name, variable);
    seen.emplace_back(variable, &stack);
  }
}

}  // namespace

void check_stacks(Building& building) {
  for (const auto& [name, written] : building.written.stacks)
    building.project.stacks.add(StackReader(building, name, written).read());
  check_layers(building);
  check_states(building);
  check_branches(building);
  check_variable_names(building);
}

void check_delivery(Building& building) {
  diag::Sink& sink = building.sink;
  const auto& written = building.written;
  if (written.delivery) {
    Delivery delivery;
    delivery.span = delivery.comment_span = delivery.keep_span = written.delivery->span;
    const syntax::DeliveryPlan& plan = written.delivery->value.plan;
    if (plan.comment) {
      delivery.comment = plan.comment->value;
      delivery.comment_span = plan.comment->span;
    }
    if (is_written(plan.keep)) {
      delivery.keep = parse_duration(plan.keep, sink).value_or(delivery.keep);
      delivery.keep_span = plan.keep.span;
    }
    choose(sink, "apply", written.delivery->value.apply, kApply, 0);
    building.project.delivery = delivery;
    if (written.stacks.empty())
      diag::report(sink, written.delivery->span, kNothingToDo, "a delivery", "stacks");
  }
  if (written.drift) {
    const syntax::Drift& said = written.drift->value;
    Drift drift;
    drift.span = drift.report_span = written.drift->span;
    if (auto parsed = schedule(said.schedule.value, said.schedule.span, sink))
      drift.schedule = std::move(*parsed);
    drift.issue = false;
    for (const Name& report : said.report) {
      choose(sink, "report", report, kReports, 0);
      drift.issue = true;
      drift.report_span = report.span;
    }
    choose(sink, "reconcile", said.reconcile, kReconcile, 0);
    building.project.drift = std::move(drift);
    if (written.stacks.empty()) diag::report(sink, written.drift->span, kNothingToDo, "drift", "stacks");
  }
}

}  // namespace penstock::model
