// Identities, environments, gates: who runs where, and what judges.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "model/building.h"
#include "model/graph.h"
#include "model/values.h"

namespace penstock::model {
namespace {

PENSTOCK_MESSAGE(MissingFact, "the environment `{}` has an identity, so it needs `{}`", std::string,
                 std::string);
PENSTOCK_MESSAGE(BadNumber, "`{}` must be {}", std::string, std::string);
PENSTOCK_MESSAGE(GateMismatch, "a gate with {} {}", std::string, std::string);
PENSTOCK_MESSAGE(DuplicateName, "`{}` stands in this list twice", std::string);

constexpr std::array<std::string_view, 1> kClouds = {"aws"};
constexpr std::array<std::string_view, 5> kTiers = {"production", "staging", "testing", "development",
                                                    "other"};
constexpr std::array<std::string_view, 2> kGateKinds = {"policy", "secrets"};
constexpr std::array<std::string_view, 2> kGateTools = {"conftest", "gitleaks"};
constexpr std::array<std::string_view, 2> kGatePlaces = {"source", "plan"};
constexpr std::array<std::string_view, 2> kEnforce = {"block", "warn"};
constexpr long kMostApprovals = 20;

std::optional<std::string> role(const Name& written, diag::Sink& sink) {
  if (!is_written(written)) return std::nullopt;
  check_role(written, sink);
  return written.value;
}

/// Names of a list; one that stands twice is reported.
std::vector<std::string> people(const std::vector<Name>& written, diag::Sink& sink) {
  std::vector<std::string> names;
  for (const Name& one : written) {
    if (std::ranges::find(names, one.value) != names.end()) {
      diag::report(sink, one.span, kDuplicateName, one.value);
    } else {
      check_person(one, sink);
      names.push_back(one.value);
    }
  }
  return names;
}

std::optional<Approvals> approvals(const std::optional<Located<syntax::Approvals>>& written,
                                   diag::Sink& sink) {
  if (!written) return std::nullopt;
  const syntax::Approvals& said = written->value;
  Approvals result;
  result.span = result.self_span = result.from_span = written->span;
  if (is_written(said.count)) {
    const auto [end, error] = std::from_chars(
        said.count.value.data(), said.count.value.data() + said.count.value.size(), result.count);
    const bool number = error == std::errc{} && end == said.count.value.data() + said.count.value.size();
    if (!number || result.count < 1 || result.count > kMostApprovals) {
      diag::build(sink, said.count.span, kBadNumber, "count",
                  fmt::format("a number between 1 and {}", kMostApprovals))
          .help(number && result.count == 0 ? "leave `approvals` out when nobody has to agree" : "")
          .emit();
    }
  }
  result.from = people(said.from, sink);
  if (!said.from.empty()) result.from_span = said.from.front().span;
  if (said.self) {
    result.self = said.self->value;
    result.self_span = said.self->span;
  }
  return result;
}

/// An identity is taken in an account and a region: without them its role has no name.
void check_access(const Building& building, const Name& name, const syntax::Environment& written,
                  const Environment& environment) {
  if (!environment.identity) return;
  const Identity& identity = building.project.identities[*environment.identity];
  const auto whole = [](const std::optional<std::string>& role) { return role && role->starts_with("arn:"); };
  if (environment.account.empty() && !(whole(identity.plan) && whole(identity.apply))) {
    diag::build(building.sink, name.span, kMissingFact, name.value, "account")
        .label(written.identity.span, "the identity")
        .help("`account`: the twelve digits of the AWS account, in quotes")
        .emit();
  }
  if (environment.region.empty() && identity.region.empty()) {
    diag::build(building.sink, name.span, kMissingFact, name.value, "region")
        .label(written.identity.span, "the identity")
        .help("say it here or on the identity")
        .emit();
  }
}

Environment environment(Building& building, const Name& name, const syntax::Environment& written) {
  diag::Sink& sink = building.sink;
  Environment result;
  result.name = name.value;
  result.span = name.span;
  check_name(name, sink);
  result.tier =
      static_cast<Tier>(choose(sink, "tier", written.tier, kTiers, static_cast<std::size_t>(Tier::Other)));
  if (is_written(written.account)) check_account(written.account, sink);
  if (is_written(written.region)) check_region(written.region, sink);
  result.account = written.account.value;
  result.region = written.region.value;
  if (is_written(written.identity)) {
    if (const auto found = find_name(building.written.identities, "identity", written.identity, sink)) {
      result.identity = IdentityId{static_cast<std::uint32_t>(*found)};
    }
  }
  for (const Name& before : written.after) {
    if (const auto found = find_name(building.written.environments, "environment", before, sink)) {
      result.after.push_back(EnvironmentId{static_cast<std::uint32_t>(*found)});
    }
  }
  result.approvals = approvals(written.approvals, sink);
  result.branches = globs(written.branches, sink);
  check_access(building, name, written, result);
  return result;
}

void check_promotion(const Building& building) {
  std::vector<GraphNode> nodes;
  const auto& all = building.written.environments;
  for (const auto& [name, written] : all) {
    GraphNode node{name.value, {}};
    for (const Name& before : written.after) {
      const auto found =
          std::ranges::find(all, before.value, [](const auto& one) { return one.first.value; });
      if (found != all.end()) node.needs.emplace_back(found - all.begin(), before.span);
    }
    nodes.push_back(std::move(node));
  }
  check_acyclic(nodes, "comes after", building.sink);
}

/// The tools judge different things: conftest reads plans, gitleaks reads history.
void check_gate(const Gate& gate, const syntax::Gate& written, std::size_t kind, diag::Sink& sink) {
  const bool policy = kind == 0;
  const std::string tool = fmt::format("the tool {}", kGateTools.at(static_cast<std::size_t>(gate.tool)));
  if (policy != (gate.tool == GateTool::Conftest)) {
    diag::build(sink, written.tool.span, kGateMismatch, tool,
                policy ? "judges secrets, not policy" : "judges policy, not secrets")
        .help(policy ? "write `tool: conftest`" : "write `tool: gitleaks`")
        .emit();
  } else if ((gate.at == GateAt::Plan) != policy) {
    diag::build(sink, written.at.span, kGateMismatch, tool, policy ? "judges plans" : "judges the source")
        .help(policy ? "write `at: plan`" : "write `at: source`")
        .emit();
  }
  if (policy && !is_written(written.rules)) {
    diag::build(sink, gate.span, kGateMismatch, tool, "needs `rules`")
        .help("`rules`: the folder with the rules, such as `policy/`")
        .emit();
  } else if (!policy && is_written(written.rules)) {
    diag::report(sink, written.rules.span, kGateMismatch, tool, "takes no `rules`");
  }
}

}  // namespace

void check_identities(Building& building) {
  for (const auto& [name, written] : building.written.identities) {
    Identity identity;
    identity.name = name.value;
    identity.span = name.span;
    check_name(name, building.sink);
    choose(building.sink, "cloud", written.cloud, kClouds, 0);
    if (is_written(written.region)) check_region(written.region, building.sink);
    identity.region = written.region.value;
    identity.plan = role(written.plan, building.sink);
    identity.apply = role(written.apply, building.sink);
    building.project.identities.add(std::move(identity));
  }
}

void check_environments(Building& building) {
  for (const auto& [name, written] : building.written.environments) {
    building.project.environments.add(environment(building, name, written));
  }
  check_promotion(building);
}

void check_gates(Building& building) {
  for (const auto& [name, written] : building.written.gates) {
    diag::Sink& sink = building.sink;
    Gate gate;
    gate.name = name.value;
    gate.span = name.span;
    check_name(name, sink);
    const std::size_t kind = choose(sink, "kind", written.kind, kGateKinds, 0);
    gate.tool = static_cast<GateTool>(choose(sink, "tool", written.tool, kGateTools, kind));
    gate.at = static_cast<GateAt>(choose(sink, "at", written.at, kGatePlaces, kind == 0 ? 1 : 0));
    gate.enforce = static_cast<Enforce>(choose(sink, "enforce", written.enforce, kEnforce, 0));
    if (is_written(written.rules)) gate.rules = check_path(written.rules, sink).value_or("");
    if (is_written(written.kind) && is_written(written.tool) && is_written(written.at))
      check_gate(gate, written, kind, sink);
    building.project.gates.add(std::move(gate));
  }
}

}  // namespace penstock::model
