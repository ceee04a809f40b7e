#include "targets/gitlab/simulate_pipeline.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "cel/regex.h"
#include "targets/gitlab/simulate_glob.h"

namespace penstock::targets::gitlab::simulation {
namespace {

constexpr std::size_t kMostComparisons = 50'000;
constexpr std::size_t kMostNeeds = 50;

Held yes_if(bool is) { return {is ? Answer::Yes : Answer::No}; }
Held unknown(std::string what) { return {Answer::Unknown, std::move(what)}; }

Held holds(const Expression& expression, const Scope& scope) {
  std::string touched;
  const bool is = expression.holds([&](std::string_view name) {
    if (touched.empty() && scope.is_unknown(name)) touched = name;
    return scope.find(name);
  });
  if (!touched.empty()) return unknown(fmt::format("what `${}` is", touched));
  return yes_if(is);
}

bool has_changed(const Names& patterns, const Origin& origin, const Scope& scope) {
  if (!origin.changed) return true;
  if (patterns.size() * origin.changed->size() > kMostComparisons) return true;
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    const std::string expanded = scope.expand(pattern, true);
    return std::ranges::any_of(*origin.changed,
                               [&](const std::string& path) { return matches_path(expanded, path); });
  });
}

Held exist(const Names& patterns, const Scope& scope, Settings& settings) {
  std::string missing;
  for (const std::string& pattern : patterns) {
    const std::string expanded = scope.expand(pattern, true);
    const std::string& is = settings.get("exists", expanded);
    if (is == "true") return {Answer::Yes};
    if (is != "false" && missing.empty()) missing = expanded;
  }
  if (!missing.empty()) return unknown(fmt::format("whether the repository has `{}`", missing));
  return {Answer::No};
}

/// `only` and `except`. source: lib/gitlab/ci/build/policy/refs.rb.
Held is_ref(const std::string& pattern, const Origin& origin, Settings& settings) {
  const std::size_t at = pattern.front() == '/' ? pattern.rfind('@') : pattern.find('@');
  const bool names_project = at != std::string::npos && pattern.find('/', at) != std::string::npos;
  const std::string name = names_project ? pattern.substr(0, at) : pattern;
  const auto matches = [&]() {
    if (origin.is_tag && name == "tags") return true;
    if (!origin.is_tag && !origin.is_request && name == "branches") return true;
    const std::string source = origin.is_request ? "merge_request" : origin.source;
    if (name == source || name == source + (source == "push" ? "es" : "s")) return true;
    if (origin.is_request) return false;
    if (name.size() < 2 || name.front() != '/') return name == origin.ref;
    const std::size_t close = name.rfind('/');
    const std::string flags = name.substr(close + 1);
    const std::string expression = name.substr(1, close - 1);
    return close > 0 &&
           cel::matches(origin.ref, flags.empty() ? expression : fmt::format("(?{}){}", flags, expression));
  };
  if (!matches()) return {Answer::No};
  if (!names_project) return {Answer::Yes};
  const std::string& path = settings.get("variable", "CI_PROJECT_PATH");
  if (path.empty()) return unknown("which project this is");
  return yes_if(pattern.substr(at + 1) == path);
}

/// The first answer that is `stop`, else a doubt, else the other one.
template <class T, class F>
Held any(const std::vector<T>& all, F ask) {
  Held held{Answer::No};
  for (const T& one : all) {
    Held answer = ask(one);
    if (answer.answer == Answer::Yes) return answer;
    if (answer.answer == Answer::Unknown) held = std::move(answer);
  }
  return held;
}

std::vector<Held> parts(const Refs& refs, const Names& default_refs, const Origin& origin, const Scope& scope,
                        Settings& settings) {
  std::vector<Held> all;
  if (!refs.unknown.empty()) all.push_back(unknown(refs.unknown));
  const Names& patterns = refs.refs ? *refs.refs : default_refs;
  if (!patterns.empty())
    all.push_back(any(patterns, [&](const std::string& one) { return is_ref(one, origin, settings); }));
  if (!refs.variables.empty())
    all.push_back(any(refs.variables, [&](const Expression& one) { return holds(one, scope); }));
  if (refs.changes) all.push_back(yes_if(has_changed(*refs.changes, origin, scope)));
  return all;
}

class Creation {
 public:
  Creation(const Config& config, const Origin& origin, Settings& settings)
      : config_(config), origin_(origin), settings_(settings), scope_(origin, settings) {}

  Pipeline all() {
    if (!config_.errors.empty()) {
      made_.refused = config_.errors.front();
      return std::move(made_);
    }
    made_.auto_cancel = config_.auto_cancel;
    scope_.add(config_.variables);
    if (!flows()) return std::move(made_);
    scope_.add(made_.variables);
    for (const JobSpec& job : config_.jobs) select(job);
    check();
    if (!made_.refused.empty()) made_.jobs.clear();
    return std::move(made_);
  }

 private:
  bool flows() {
    if (!config_.workflow_unknown.empty()) {
      made_.refused = fmt::format("cannot be simulated: `workflow` asks {}", config_.workflow_unknown);
      return false;
    }
    if (!config_.has_workflow) return true;
    for (const Rule& rule : config_.workflow) {
      const Held held = simulation::holds(rule, origin_, scope_, settings_);
      if (held.answer == Answer::No) continue;
      if (held.answer == Answer::Unknown) {
        made_.refused = fmt::format("cannot be simulated: `workflow:rules` ask {}", held.unknown);
        return false;
      }
      made_.variables = rule.variables;
      if (!rule.auto_cancel.empty()) made_.auto_cancel = rule.auto_cancel;
      if (rule.when == "never") made_.refused = "`workflow:rules` say never";
      return rule.when != "never";
    }
    made_.refused = "no entry of `workflow:rules` matches";
    return false;
  }

  void select(const JobSpec& job) {
    const Variables none;
    Variables inherited;
    scope_.clear_to(0);
    if (job.inherits && !job.inherited) {
      scope_.add(config_.variables);
      scope_.add(made_.variables);
    } else if (job.inherits) {
      for (const Variables* layer : {&config_.variables, &std::as_const(made_.variables)}) {
        std::ranges::copy_if(*layer, std::back_inserter(inherited), [&](const Variable& one) {
          return std::ranges::find(*job.inherited, one.name) != job.inherited->end();
        });
      }
      scope_.add(inherited);
    }
    scope_.add(job.variables);
    const std::size_t before = made_.jobs.size();
    if (job.rules) {
      by_rules(job);
    } else {
      by_refs(job);
    }
    if (made_.jobs.size() > before && !job.unknown.empty())
      made_.jobs.back().unknown = fmt::format("cannot be simulated: nothing here says {}", job.unknown);
  }

  void by_rules(const JobSpec& job) {
    std::size_t number = 0;
    for (const Rule& rule : *job.rules) {
      ++number;
      const Held held = simulation::holds(rule, origin_, scope_, settings_);
      if (held.answer == Answer::No) continue;
      Selected selected{&job,
                        rule.when.empty() ? job.when : rule.when,
                        false,
                        rule.variables,
                        rule.needs ? rule.needs : job.needs,
                        rule.interruptible.value_or(job.interruptible),
                        {}};
      if (held.answer == Answer::Unknown) {
        selected.unknown = fmt::format("cannot be simulated: rule {} asks {}", number, held.unknown);
      } else if (selected.when == "never") {
        made_.left_out.emplace_back(job.name, fmt::format("rule {} says never", number));
        return;
      }
      selected.allow_failure = rule.allow_failure.value_or(job.allow_failure.value_or(false));
      made_.jobs.push_back(std::move(selected));
      return;
    }
    made_.left_out.emplace_back(job.name, "none of its rules matches");
  }

  void by_refs(const JobSpec& job) {
    // docs: ci/jobs/job_rules, "avoid duplicate pipelines". Where a workflow has rules, a job without its own is in all pipelines.
    static const Names kUsual = {"branches", "tags"};
    Selected selected{&job, job.when,  job.allow_failure.value_or(job.when == "manual"),
                      {},   job.needs, job.interruptible,
                      {}};
    if (job.when == "never") return;
    const bool usual = !job.only && !job.except && !config_.has_workflow;
    const Refs only = job.only.value_or(Refs{});
    if (job.only || job.except || usual) {
      for (const Held& part : parts(only, kUsual, origin_, scope_, settings_)) {
        if (part.answer == Answer::No) {
          made_.left_out.emplace_back(job.name,
                                      job.only ? "`only` does not match" : "it is for branches and tags");
          return;
        }
        if (part.answer == Answer::Unknown)
          selected.unknown = fmt::format("cannot be simulated: `only` asks {}", part.unknown);
      }
    }
    if (job.except) {
      for (const Held& part : parts(*job.except, {}, origin_, scope_, settings_)) {
        if (part.answer == Answer::Yes) {
          made_.left_out.emplace_back(job.name, "`except` matches");
          return;
        }
        if (part.answer == Answer::Unknown)
          selected.unknown = fmt::format("cannot be simulated: `except` asks {}", part.unknown);
      }
    }
    made_.jobs.push_back(std::move(selected));
  }

  /// What GitLab finds when it creates the jobs.
  void check() {
    if (made_.jobs.empty()) {
      made_.refused = "no job is in it";
      return;
    }
    const auto is_work = [](const Selected& job) {
      return job.spec->stage != ".pre" && job.spec->stage != ".post";
    };
    if (std::ranges::none_of(made_.jobs, is_work)) {
      made_.refused = "only jobs of `.pre` and `.post` are in it";
      return;
    }
    std::set<std::string_view> names;
    for (const Selected& job : made_.jobs) names.insert(job.spec->name);
    for (const Selected& job : made_.jobs) {
      if (!job.needs) continue;
      if (job.needs->size() > kMostNeeds)
        made_.refused = fmt::format("`{}` needs more than {} jobs", job.spec->name, kMostNeeds);
      for (const Need& need : *job.needs) {
        if (need.optional || names.contains(need.job) || !job.unknown.empty()) continue;
        const bool is_known = config_.is_whole && need.job.find("$[[") == std::string::npos;
        made_.refused = fmt::format("{}`{}` needs `{}`, which is not in the pipeline",
                                    is_known ? "" : "cannot be simulated: ", job.spec->name, need.job);
        return;
      }
    }
  }

  const Config& config_;
  const Origin& origin_;
  Settings& settings_;
  Scope scope_;
  Pipeline made_;
};

}  // namespace

Held holds(const Rule& rule, const Origin& origin, const Scope& scope, Settings& settings) {
  Held doubt;
  const auto decides = [&](Held held) {
    if (held.answer == Answer::Unknown && doubt.answer == Answer::Yes) doubt = std::move(held);
    return held.answer == Answer::No;
  };
  if (rule.asks_input) decides(unknown("what an input is"));
  if (rule.condition && decides(holds(*rule.condition, scope))) return {Answer::No};
  if (rule.changes) {
    if (rule.compares) {
      decides(unknown("what changed in comparison with another ref"));
    } else if (!rule.unknown.empty()) {
      decides(unknown(rule.unknown));
    } else if (!has_changed(*rule.changes, origin, scope)) {
      return {Answer::No};
    }
  }
  if (rule.exists &&
      decides(rule.unknown.empty() ? exist(*rule.exists, scope, settings) : unknown(rule.unknown)))
    return {Answer::No};
  return doubt;
}

Pipeline create(const Config& config, const Origin& origin, Settings& settings) {
  return Creation(config, origin, settings).all();
}

}  // namespace penstock::targets::gitlab::simulation
