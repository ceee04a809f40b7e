// Readers of the parts of a job that say in which pipelines it is.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "targets/gitlab/simulate_config.h"

namespace penstock::targets::gitlab::simulation {
namespace {

/// `changes` and `exists`: a list, or a mapping with `paths`.
std::optional<Names> paths_of(const yaml::Node& node, std::string& unknown) {
  if (!node.is_mapping()) return names_of(node);
  const yaml::Node* paths = node.find("paths");
  if (paths == nullptr) {
    unknown = "patterns that are Ruby's regular expressions";
    return Names{};
  }
  return names_of(*paths);
}

Rule rule_of(const yaml::Node& node, Names& errors, const std::string& where) {
  Rule rule;
  for (const yaml::Entry& entry : node.entries) {
    const std::string& key = entry.key.text;
    const yaml::Node& value = entry.value;
    if (key == "if") {
      if (value.is_null()) continue;
      if (value.text.find("$[[") != std::string::npos) {
        rule.asks_input = true;
        continue;
      }
      auto condition = Expression::parse(value.text);
      if (condition) {
        rule.condition = *std::move(condition);
      } else {
        errors.push_back(fmt::format("{}: invalid expression syntax: {}", where, condition.error().message));
      }
    } else if (key == "changes") {
      if (value.is_null()) continue;
      rule.changes = paths_of(value, rule.unknown);
      rule.compares = value.find("compare_to") != nullptr;
    } else if (key == "exists") {
      if (value.is_null()) continue;
      rule.exists = paths_of(value, rule.unknown);
      if (value.find("project") != nullptr) rule.unknown = "`exists` in another project";
    } else if (key == "when") {
      rule.when = value.text;
    } else if (key == "allow_failure") {
      rule.allow_failure = truth_of(value);
    } else if (key == "variables") {
      rule.variables = variables_of(value);
    } else if (key == "needs") {
      rule.needs = needs_of(value);
    } else if (key == "interruptible") {
      rule.interruptible = truth_of(value);
    } else if (key == "auto_cancel") {
      if (const yaml::Node* commit = value.find("on_new_commit")) rule.auto_cancel = commit->text;
    }
  }
  return rule;
}

}  // namespace

Names names_of(const yaml::Node& node) {
  Names all;
  for (const yaml::Node& item : flat(node)) {
    if (item.is_scalar()) all.push_back(item.text);
  }
  return all;
}

std::optional<bool> truth_of(const yaml::Node& node) {
  std::string text = node.text;
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

Variables variables_of(const yaml::Node& node) {
  Variables all;
  for (const yaml::Entry& entry : node.entries) {
    Variable variable{entry.key.text, {}, false};
    if (entry.value.is_mapping()) {
      if (const yaml::Node* value = entry.value.find("value")) variable.value = value->text;
      if (const yaml::Node* expand = entry.value.find("expand")) variable.raw = truth_of(*expand) == false;
    } else {
      variable.value = entry.value.text;
    }
    all.push_back(std::move(variable));
  }
  return all;
}

/// Needs of other pipelines and projects do not order the jobs of this one.
std::vector<Need> needs_of(const yaml::Node& node) {
  std::vector<Need> all;
  for (const yaml::Node& item : flat(node)) {
    if (item.is_scalar()) {
      all.push_back({item.text});
      continue;
    }
    const yaml::Node* job = item.find("job");
    if (job == nullptr || item.find("project") != nullptr || item.find("pipeline") != nullptr) continue;
    const auto said = [&](std::string_view key, bool otherwise) {
      const yaml::Node* value = item.find(key);
      return value == nullptr ? otherwise : truth_of(*value).value_or(otherwise);
    };
    const Need need{job->text, said("artifacts", true), said("optional", false)};
    const yaml::Node* parallel = item.find("parallel");
    if (parallel == nullptr) {
      all.push_back(need);
      continue;
    }
    for (const auto& [behind, variables] : instances_of(*parallel))
      all.push_back({need.job + behind, need.artifacts, need.optional});
  }
  return all;
}

std::vector<Rule> rules_of(const yaml::Node& node, Names& errors, const std::string& where) {
  std::vector<Rule> all;
  for (const yaml::Node& item : flat(node)) {
    if (item.is_mapping()) all.push_back(rule_of(item, errors, where));
  }
  return all;
}

/// A list of refs, or a mapping of conditions that are all to hold.
Refs refs_of(const yaml::Node& node, Names& errors, const std::string& where) {
  Refs refs;
  if (!node.is_mapping()) {
    refs.refs = names_of(node);
    return refs;
  }
  for (const yaml::Entry& entry : node.entries) {
    if (entry.key.text == "refs") {
      refs.refs = names_of(entry.value);
    } else if (entry.key.text == "changes") {
      refs.changes = names_of(entry.value);
    } else if (entry.key.text == "variables") {
      for (const std::string& text : names_of(entry.value)) {
        auto expression = Expression::parse(text);
        if (expression) {
          refs.variables.push_back(*std::move(expression));
        } else {
          errors.push_back(
              fmt::format("{}: invalid expression syntax: {}", where, expression.error().message));
        }
      }
    } else if (entry.key.text == "kubernetes") {
      refs.unknown = "`kubernetes` in `only` or `except`";
    }
  }
  return refs;
}

std::vector<std::pair<std::string, Variables>> instances_of(const yaml::Node& node) {
  std::vector<std::pair<std::string, Variables>> all;
  if (node.is_scalar()) {
    long count = 0;
    std::from_chars(node.text.data(), node.text.data() + node.text.size(), count);
    for (long i = 1; i <= std::min(count, 200L); ++i) {
      all.push_back({fmt::format(" {}/{}", i, count),
                     {{"CI_NODE_INDEX", std::to_string(i)}, {"CI_NODE_TOTAL", std::to_string(count)}}});
    }
    return all;
  }
  const yaml::Node* matrix = node.find("matrix");
  if (matrix == nullptr) return all;
  for (const yaml::Node& item : flat(*matrix)) {
    std::vector<Variables> rows = {{}};
    for (const yaml::Entry& axis : item.entries) {
      std::vector<Variables> longer;
      for (const Variables& row : rows) {
        for (const std::string& value : names_of(axis.value)) {
          longer.push_back(row);
          longer.back().push_back({axis.key.text, value});
        }
      }
      rows = std::move(longer);
      if (rows.size() > 200) rows.resize(200);
    }
    for (Variables& row : rows) {
      std::string values;
      for (const Variable& variable : row) values += (values.empty() ? "" : ", ") + variable.value;
      all.emplace_back(fmt::format(": [{}]", values), std::move(row));
    }
  }
  return all;
}

}  // namespace penstock::targets::gitlab::simulation
