#include <algorithm>
#include <ranges>

#include "base/check.h"
#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

constexpr std::string_view kEnvironment = "environment", kStack = "stack";

const std::string& get(const Facts& facts, std::string_view key) {
  const auto found = std::ranges::find(facts, key, &Facts::value_type::first);
  PENSTOCK_CHECK(found != facts.end());
  return found->second;
}

std::vector<std::string> distinct(const std::vector<Facts>& rows, std::string_view key) {
  std::vector<std::string> values;
  for (const Facts& row : rows) {
    if (std::ranges::find(values, get(row, key)) == values.end()) values.push_back(get(row, key));
  }
  return values;
}

/// Whether a fact is the same in all rows that have the same value of another.
bool follows(const std::vector<Facts>& rows, std::string_view key, std::string_view other) {
  return std::ranges::all_of(rows, [&](const Facts& row) {
    return std::ranges::all_of(rows, [&](const Facts& second) {
      return get(row, other) != get(second, other) || get(row, key) == get(second, key);
    });
  });
}

/// Facts that a combination needs besides environment and stack.
std::vector<std::string> varying(const std::vector<Facts>& rows) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : rows.front()) {
    if (key != kEnvironment && key != kStack && distinct(rows, key).size() > 1) keys.push_back(key);
  }
  return keys;
}

bool is_product(const std::vector<Facts>& rows) {
  return rows.size() == distinct(rows, kEnvironment).size() * distinct(rows, kStack).size();
}

/// One row for each value of an axis, with the facts that follow from it.
void add_includes(Matrix& made, const std::vector<Facts>& rows, std::string_view axis,
                  const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  for (const std::string& value : distinct(rows, axis)) {
    const auto row =
        std::ranges::find_if(rows, [&](const Facts& facts) { return get(facts, axis) == value; });
    Matrix::Entry entry = {{std::string(axis), value}};
    for (const std::string& key : keys) entry.emplace_back(key, get(*row, key));
    made.include.push_back(std::move(entry));
  }
}

Matrix listed(const std::vector<Facts>& rows, const std::vector<std::string>& keys) {
  Matrix made;
  for (const Facts& row : rows) {
    Matrix::Entry& entry = made.include.emplace_back(Matrix::Entry{
        {std::string(kEnvironment), get(row, kEnvironment)}, {std::string(kStack), get(row, kStack)}});
    for (const std::string& key : keys) entry.emplace_back(key, get(row, key));
  }
  return made;
}

}  // namespace

Facts facts_of(const Shaping& shaping, const plan::Job& job) {
  const auto facts = [&](plan::StackId id, plan::EnvironmentId environment) {
    const model::Stack& stack = shaping.project().stacks[id];
    return Facts{{"environment", shaping.name(environment)},
                 {"stack", stack.name},
                 {"tool", std::string(model::name(stack.tool))},
                 {"version", stack.version}};
  };
  Facts made;
  if (const auto* plan = std::get_if<plan::PlanStack>(&job.work))
    made = facts(plan->stack, plan->environment);
  if (const auto* apply = std::get_if<plan::ApplyStack>(&job.work))
    made = facts(apply->stack, apply->environment);
  if (const auto* drift = std::get_if<plan::DetectDrift>(&job.work))
    made = facts(drift->stack, drift->environment);
  if (job.access) {
    made.emplace_back("role", job.access->role_arn);
    made.emplace_back("region", job.access->region);
    made.emplace_back("session", job.access->session_name);
  }
  return made;
}

Matrix matrix(const std::vector<Facts>& rows) {
  const std::vector<std::string> keys = varying(rows);
  std::vector<std::string> of_environment, of_stack;
  for (const std::string& key : keys) {
    if (follows(rows, key, kEnvironment)) {
      of_environment.push_back(key);
    } else if (follows(rows, key, kStack)) {
      of_stack.push_back(key);
    }
  }
  if (!is_product(rows) || of_environment.size() + of_stack.size() != keys.size()) return listed(rows, keys);
  Matrix made;
  made.axes = {{std::string(kEnvironment), distinct(rows, kEnvironment)},
               {std::string(kStack), distinct(rows, kStack)}};
  add_includes(made, rows, kEnvironment, of_environment);
  add_includes(made, rows, kStack, of_stack);
  return made;
}

Text value_of(const std::vector<Facts>& rows, std::string_view key) {
  const bool in_matrix =
      rows.size() > 1 && (key == kEnvironment || key == kStack || distinct(rows, key).size() > 1);
  if (in_matrix) return {path("matrix." + std::string(key))};
  return {get(rows.front(), key)};
}

}  // namespace penstock::targets::github
