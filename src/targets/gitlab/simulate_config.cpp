#include "targets/gitlab/simulate_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace penstock::targets::gitlab::simulation {
namespace {

/// Keys of a file that are no jobs, and those that `default` may hold under their old names.
constexpr std::array<std::string_view, 13> kNoJobs = {
    "spec",  "include",  "stages",        "types",        "variables", "workflow", "default",
    "image", "services", "before_script", "after_script", "cache",     "true"};
/// docs: ci/yaml, `default`. Values are taken whole by jobs that lack the keyword.
constexpr std::array<std::string_view, 13> kDefaults = {
    "after_script", "artifacts",     "before_script", "cache",    "hooks", "id_tokens", "identity",
    "image",        "interruptible", "retry",         "services", "tags",  "timeout"};
constexpr std::array<std::string_view, 5> kOldDefaults = {"image", "services", "before_script",
                                                          "after_script", "cache"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

/// `inherit:default` and `inherit:variables`: all, none, or the names.
struct Inherited {
  bool any = true;
  std::optional<Names> only;
  bool takes(std::string_view name) const {
    return any && (!only || std::ranges::find(*only, name) != only->end());
  }
};

Inherited inherited(const yaml::Node& job, std::string_view what) {
  const yaml::Node* inherit = job.find("inherit");
  const yaml::Node* of = inherit == nullptr ? nullptr : inherit->find(what);
  if (of == nullptr) return {};
  if (of->is_sequence()) return {true, names_of(*of)};
  return {truth_of(*of).value_or(true), std::nullopt};
}

void append(Names& all, const yaml::Node* script) {
  if (script == nullptr) return;
  for (std::string& line : names_of(*script)) all.push_back(std::move(line));
}

std::string text_of(const yaml::Node& node, std::string_view key) {
  const yaml::Node* value = node.find(key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

/// What the runner gets from the outside: `vault: path`, with the path.
std::string secret_of(const yaml::Node& node) {
  for (const yaml::Entry& entry : node.entries) {
    if (entry.key.text == "file" || entry.key.text == "token") continue;
    if (entry.value.is_scalar()) return entry.value.text;
    const std::string name = text_of(entry.value, "name"), path = text_of(entry.value, "path"),
                      id = text_of(entry.value, "secret_id");
    return !id.empty()     ? id
           : !name.empty() ? name
                           : fmt::format("{} {}", path, text_of(entry.value, "field"));
  }
  return {};
}

class Reader {
 public:
  explicit Reader(const Merged& merged) : root_(merged.root), incomplete_(merged.incomplete) {
    config_.errors = merged.errors;
    config_.unknown = merged.unknown;
    config_.is_whole = merged.unknown.empty();
    if (const auto missing = incomplete_.find("workflow"); missing != incomplete_.end())
      config_.workflow_unknown = missing->second;
  }

  Config all() {
    read_workflow();
    read_stages();
    if (const yaml::Node* variables = root_.find("variables")) config_.variables = variables_of(*variables);
    std::vector<JobSpec> jobs;
    for (const yaml::Entry& entry : root_.entries) {
      const std::string& name = entry.key.text;
      if (name.starts_with('.') || holds(kNoJobs, name) || !entry.value.is_mapping()) continue;
      add(name, entry.value, jobs);
    }
    if (const yaml::Node* spec = root_.find("spec"); spec != nullptr && spec->find("inputs") != nullptr)
      config_.unknown.emplace_back("spec", "inputs are not simulated");
    widen_needs(jobs);
    order(std::move(jobs));
    return std::move(config_);
  }

 private:
  void read_workflow() {
    const yaml::Node* workflow = root_.find("workflow");
    const yaml::Node* cancel = workflow == nullptr ? nullptr : workflow->find("auto_cancel");
    if (cancel != nullptr && cancel->find("on_new_commit") != nullptr)
      config_.auto_cancel = text_of(*cancel, "on_new_commit");
    const yaml::Node* rules = workflow == nullptr ? nullptr : workflow->find("rules");
    if (rules == nullptr || rules->is_null()) return;
    config_.has_workflow = true;
    config_.workflow = rules_of(*rules, config_.errors, "workflow:rules");
  }

  void read_stages() {
    config_.stages.emplace_back(".pre");
    const yaml::Node* stages = root_.find("stages");
    if (stages == nullptr) stages = root_.find("types");
    const Names said = stages == nullptr ? Names{"build", "test", "deploy"} : names_of(*stages);
    for (const std::string& stage : said) {
      if (stage != ".pre" && stage != ".post") config_.stages.push_back(stage);
    }
    config_.stages.emplace_back(".post");
  }

  /// The job with what `default` says for it.
  yaml::Node with_defaults(const yaml::Node& job) const {
    yaml::Node whole = job;
    const Inherited from = inherited(job, "default");
    const auto take = [&](const yaml::Node& source, const auto& keys) {
      for (const yaml::Entry& entry : source.entries) {
        if (holds(keys, entry.key.text) && from.takes(entry.key.text) &&
            whole.find(entry.key.text) == nullptr)
          whole.entries.push_back(entry);
      }
    };
    if (const yaml::Node* defaults = root_.find("default")) take(*defaults, kDefaults);
    take(root_, kOldDefaults);
    return whole;
  }

  void add(const std::string& name, const yaml::Node& written, std::vector<JobSpec>& jobs) {
    const bool is_bridge = written.find("trigger") != nullptr;
    const yaml::Node node = is_bridge ? written : with_defaults(written);
    JobSpec job;
    job.name = job.family = name;
    if (const std::string stage = text_of(node, "stage"); !stage.empty()) job.stage = stage;
    const auto at = std::ranges::find(config_.stages, job.stage);
    if (const auto missing = incomplete_.find(name); missing != incomplete_.end())
      job.unknown = missing->second;
    if (at == config_.stages.end()) {
      miss(job, fmt::format("where the stage `{}` is", job.stage),
           fmt::format("{}: there is no stage `{}`", name, job.stage));
    }
    job.stage_at = static_cast<std::size_t>(at - config_.stages.begin());
    read_selection(node, job);
    read_order(node, job);
    read_reach(node, job);
    if (is_bridge) {
      job.commands.emplace_back("trigger");
      config_.unknown.emplace_back(name, "the pipeline that it starts is not simulated");
    } else if (job.commands.empty() && node.find("run") == nullptr) {
      miss(job, "what its script is", fmt::format("{}: there is no script", name));
    }
    const yaml::Node* parallel = node.find("parallel");
    const auto instances =
        parallel == nullptr ? std::vector<std::pair<std::string, Variables>>{} : instances_of(*parallel);
    if (instances.empty()) {
      jobs.push_back(std::move(job));
      return;
    }
    for (const auto& [behind, variables] : instances) {
      JobSpec& one = jobs.emplace_back(job);
      one.name = name + behind;
      for (const Variable& variable : variables) {
        std::erase_if(one.variables, [&](const Variable& own) { return own.name == variable.name; });
        one.variables.push_back(variable);
      }
    }
  }

  /// An error, unless a file that is not there may have what is missing.
  void miss(JobSpec& job, std::string unknown, std::string error) {
    if (config_.is_whole) {
      config_.errors.push_back(std::move(error));
    } else if (job.unknown.empty()) {
      job.unknown = std::move(unknown);
    }
  }

  void read_selection(const yaml::Node& node, JobSpec& job) {
    if (const yaml::Node* rules = node.find("rules"); rules != nullptr && !rules->is_null())
      job.rules = rules_of(*rules, config_.errors, fmt::format("{}:rules", job.name));
    if (const yaml::Node* only = node.find("only"); only != nullptr && !only->is_null())
      job.only = refs_of(*only, config_.errors, fmt::format("{}:only", job.name));
    if (const yaml::Node* except = node.find("except"); except != nullptr && !except->is_null())
      job.except = refs_of(*except, config_.errors, fmt::format("{}:except", job.name));
    if (job.rules && (job.only || job.except))
      config_.errors.push_back(fmt::format("{}: `rules` beside `only` or `except`", job.name));
    job.when = text_of(node, "when");
    if (const yaml::Node* allow = node.find("allow_failure")) {
      if (!allow->is_mapping()) {
        job.allow_failure = truth_of(*allow);
      } else if (const yaml::Node* codes = allow->find("exit_codes")) {
        for (const std::string& code : names_of(*codes)) {
          long number = 0;
          std::from_chars(code.data(), code.data() + code.size(), number);
          job.allowed_codes.push_back(number);
        }
      }
    }
  }

  void read_order(const yaml::Node& node, JobSpec& job) {
    if (const yaml::Node* needs = node.find("needs"); needs != nullptr && !needs->is_null())
      job.needs = needs_of(*needs);
    if (const yaml::Node* dependencies = node.find("dependencies");
        dependencies != nullptr && !dependencies->is_null())
      job.dependencies = names_of(*dependencies);
    job.resource_group = text_of(node, "resource_group");
    if (const yaml::Node* interruptible = node.find("interruptible"))
      job.interruptible = truth_of(*interruptible).value_or(false);
  }

  void read_reach(const yaml::Node& node, JobSpec& job) {
    if (const yaml::Node* variables = node.find("variables")) job.variables = variables_of(*variables);
    const Inherited variables = inherited(node, "variables");
    job.inherits = variables.any;
    job.inherited = variables.only;
    for (const std::string_view key : {"before_script", "script", "after_script"})
      append(job.commands, node.find(key));
    if (const yaml::Node* environment = node.find("environment")) {
      job.environment = environment->is_scalar() ? environment->text : text_of(*environment, "name");
      job.action = text_of(*environment, "action");
    }
    if (const yaml::Node* tokens = node.find("id_tokens")) {
      for (const yaml::Entry& token : tokens->entries) {
        const yaml::Node* audience = token.value.find("aud");
        job.id_tokens.push_back({token.key.text, audience == nullptr ? Names{} : names_of(*audience)});
      }
    }
    if (const yaml::Node* secrets = node.find("secrets")) {
      for (const yaml::Entry& secret : secrets->entries)
        job.secrets.emplace_back(secret.key.text, secret_of(secret.value));
    }
    if (const yaml::Node* artifacts = node.find("artifacts")) {
      const yaml::Node* reports = artifacts->find("reports");
      job.has_artifacts = artifacts->find("paths") != nullptr || artifacts->find("untracked") != nullptr ||
                          (reports != nullptr && reports->find("dotenv") != nullptr);
    }
  }

  /// A need of a parallel job is a need of all its parts.
  static void widen(std::vector<Need>& needs, const std::multimap<std::string, std::string>& parts) {
    std::vector<Need> all;
    for (Need& need : needs) {
      const auto [first, last] = parts.equal_range(need.job);
      if (first == last) all.push_back(need);
      for (auto part = first; part != last; ++part)
        all.push_back({part->second, need.artifacts, need.optional});
    }
    needs = std::move(all);
  }

  static void widen_needs(std::vector<JobSpec>& jobs) {
    std::multimap<std::string, std::string> parts;
    for (const JobSpec& job : jobs) {
      if (job.name != job.family) parts.emplace(job.family, job.name);
    }
    if (parts.empty()) return;
    for (JobSpec& job : jobs) {
      if (job.needs) widen(*job.needs, parts);
      if (!job.rules) continue;
      for (Rule& rule : *job.rules) {
        if (rule.needs) widen(*rule.needs, parts);
      }
    }
  }

  /// By stages, and within one so that a job stands behind those it needs.
  void order(std::vector<JobSpec> jobs) {
    std::ranges::stable_sort(jobs, {}, &JobSpec::stage_at);
    std::map<std::string, std::size_t, std::less<>> positions;
    for (std::size_t i = 0; i < jobs.size(); ++i) positions.emplace(jobs[i].name, i);
    std::vector<int> marks(jobs.size(), 0);
    std::vector<std::size_t> ordered;
    // Not recursive: a chain of needs may be as long as a file has jobs.
    for (std::size_t first = 0; first < jobs.size(); ++first) {
      std::vector<std::size_t> stack = {first};
      while (!stack.empty()) {
        const std::size_t at = stack.back();
        if (marks[at] == 2) {
          stack.pop_back();
          continue;
        }
        bool waits = false;
        if (marks[at]++ == 0) {
          for (const std::string& name : needed(jobs[at]))
            waits = push(name, jobs, at, positions, marks, stack) || waits;
        }
        if (waits) continue;
        marks[at] = 2;
        ordered.push_back(at);
        stack.pop_back();
      }
    }
    for (const std::size_t at : ordered) config_.jobs.push_back(std::move(jobs[at]));
  }

  static std::vector<std::string> needed(const JobSpec& job) {
    std::vector<std::string> all;
    const auto add_all = [&](const std::vector<Need>& needs) {
      for (const Need& need : needs) all.push_back(need.job);
    };
    if (job.needs) add_all(*job.needs);
    if (job.rules) {
      for (const Rule& rule : *job.rules) {
        if (rule.needs) add_all(*rule.needs);
      }
    }
    return all;
  }

  bool push(const std::string& name, const std::vector<JobSpec>& jobs, std::size_t from,
            const std::map<std::string, std::size_t, std::less<>>& positions, const std::vector<int>& marks,
            std::vector<std::size_t>& stack) {
    const auto found = positions.find(name);
    if (found == positions.end()) return false;  // said when the pipeline is created: it may be optional
    if (jobs[found->second].stage_at > jobs[from].stage_at) {
      config_.errors.push_back(fmt::format("{}: the need `{}` is in a later stage", jobs[from].name, name));
      return false;
    }
    if (marks[found->second] == 1) {
      config_.errors.push_back(
          fmt::format("{}: the needs are a circle by way of `{}`", jobs[from].name, name));
      return false;
    }
    if (marks[found->second] == 2) return false;
    stack.push_back(found->second);
    return true;
  }

  const yaml::Node& root_;
  const std::map<std::string, std::string>& incomplete_;
  Config config_;
};

}  // namespace

Config config_of(const Merged& merged) { return Reader(merged).all(); }

}  // namespace penstock::targets::gitlab::simulation
