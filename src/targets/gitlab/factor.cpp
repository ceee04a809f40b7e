// What several jobs say alike is said once, in a hidden job that they extend. `extends` merges mappings and replaces lists, so a key
// is moved only when all have the same.
#include <fmt/core.h>

#include <algorithm>

#include "targets/gitlab/shape.h"
#include "yaml/writer.h"

namespace penstock::targets::gitlab {
namespace {

using Member = std::pair<const plan::Job*, Job>;
using Group = std::vector<Job*>;

template <class T>
bool same(const T& a, const T& b) {
  return yaml::write(codec::encode(a)) == yaml::write(codec::encode(b));
}

/// Moves a key that all jobs of the group have alike to their template.
template <auto Key>
void move(Group& group, Job& common) {
  const auto& first = group.front()->*Key;
  using Type = std::remove_cvref_t<decltype(first)>;
  if (codec::Kind<Type>::empty(first)) return;
  const auto has_same = [&](const Job* job) {
    return !codec::Kind<Type>::empty(job->*Key) && same(job->*Key, first);
  };
  if (!std::ranges::all_of(group, has_same)) return;
  common.*Key = first;
  for (Job* job : group) job->*Key = Type{};
}

/// Mappings are merged: each variable moves on its own.
void move_variables(Group& group, Job& common) {
  const Variables first = group.front()->variables;
  for (const auto& [name, value] : first) {
    if (name.value == "PENSTOCK_STACK" || name.value == "PENSTOCK_ENVIRONMENT")
      continue;  // they say which job it is
    const auto is_it = [&](const auto& entry) { return entry.first.value == name.value; };
    const auto has_same = [&](const Job* job) {
      const auto found = std::ranges::find_if(job->variables, is_it);
      return found != job->variables.end() && found->second == value;
    };
    if (!std::ranges::all_of(group, has_same)) continue;
    common.variables.push_back({name, value});
    for (Job* job : group) std::erase_if(job->variables, is_it);
  }
}

void move_notes(Group& group, Job& common) {
  const auto moved = [&](const Note& note) {
    return (note.key == "script" && !common.script.empty()) ||
           (note.key == "allow_failure" && !codec::Kind<AllowFailure>::empty(common.allow_failure)) ||
           (note.key == "environment" && !common.environment.name.empty());
  };
  for (Job* job : group) {
    for (const Note& note : job->notes) {
      if (moved(note) && std::ranges::find(common.notes, note.key, &Note::key) == common.notes.end())
        common.notes.push_back(note);
    }
    std::erase_if(job->notes, moved);
  }
}

/// Derived jobs of one kind: everything they share.
Job take_all(Group& group) {
  Job common;
  move<&Job::stage>(group, common);
  move<&Job::image>(group, common);
  move<&Job::tags>(group, common);
  move<&Job::needs>(group, common);
  move<&Job::timeout>(group, common);
  move<&Job::interruptible>(group, common);
  move<&Job::resource_group>(group, common);
  move<&Job::environment>(group, common);
  move<&Job::id_tokens>(group, common);
  move_variables(group, common);
  move<&Job::script>(group, common);
  move<&Job::artifacts>(group, common);
  move<&Job::allow_failure>(group, common);
  move<&Job::rules>(group, common);
  move_notes(group, common);
  return common;
}

/// Hand-written jobs: in which pipelines they are, and where they run. What they do stays with them.
Job take_frame(Group& group) {
  Job common;
  move<&Job::image>(group, common);
  move<&Job::tags>(group, common);
  move<&Job::timeout>(group, common);
  move<&Job::interruptible>(group, common);
  move<&Job::rules>(group, common);
  return common;
}

void extend(Group& group, std::string name, Job common, Named<Job>& templates) {
  for (Job* job : group) job->extends.all.push_back(name);
  templates.push_back({{std::move(name), {}}, std::move(common)});
}

std::string_view kind(const plan::Job& job) {
  return std::visit(Overloaded{
                        [](const plan::Steps&) { return ""; },
                        [](const plan::SourceGate&) { return ""; },
                        [](const plan::PlanStack&) { return "plan"; },
                        [](const plan::ApplyStack&) { return "apply"; },
                        [](const plan::DetectDrift&) { return "detect"; },
                        [](const plan::ReportDrift&) { return ""; },
                        [](const plan::CommentPlans&) { return ""; },
                        [](const plan::RequiredCheck&) { return ""; },
                        [](const plan::DetectChanges&) { return ""; },
                        [](const plan::Preview&) { return ""; },
                    },
                    job.work);
}

void factor_derived(const plan::Pipeline& pipeline, std::vector<Member>& jobs, Named<Job>& templates) {
  std::vector<std::pair<std::string, Group>> groups;
  for (auto& [planned, job] : jobs) {
    std::string of(kind(*planned));
    if (of.empty()) continue;
    if (planned->approval)
      of += ":" + job.environment.name;  // those with a button differ in too much from those without
    const auto found = std::ranges::find(groups, of, [](const auto& group) { return group.first; });
    (found == groups.end() ? groups.emplace_back(of, Group{}) : *found).second.push_back(&job);
  }
  for (auto& [of, group] : groups) {
    if (group.size() > 1) extend(group, fmt::format(".{}:{}", pipeline.name, of), take_all(group), templates);
  }
}

void factor_written(const plan::Pipeline& pipeline, std::vector<Member>& jobs, Named<Job>& templates) {
  std::vector<Group> groups;  // by their rules
  for (auto& [planned, job] : jobs) {
    if (!std::holds_alternative<plan::Steps>(planned->work)) continue;
    const auto found = std::ranges::find_if(
        groups, [&rules = job.rules](const Group& group) { return same(group.front()->rules, rules); });
    (found == groups.end() ? groups.emplace_back() : *found).push_back(&job);
  }
  const auto largest = std::ranges::max_element(groups, {}, &Group::size);
  if (largest != groups.end() && largest->size() > 1)
    extend(*largest, fmt::format(".{}", pipeline.name), take_frame(*largest), templates);
}

}  // namespace

void factor(const plan::Pipeline& pipeline, std::vector<std::pair<const plan::Job*, Job>>& jobs,
            Named<Job>& templates) {
  factor_derived(pipeline, jobs, templates);
  factor_written(pipeline, jobs, templates);
}

}  // namespace penstock::targets::gitlab
