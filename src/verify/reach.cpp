// What a job can read and use: the cloud role, rights, variables, secrets and artifacts are those of the model, and no more.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "verify/compare.h"

namespace penstock::verify {
namespace {

/// `*` stands for anything.
bool like(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= text.size(); ++at) {
    if (like(rest, text.substr(at))) return true;
  }
  return false;
}

bool like_any(const std::vector<std::string_view>& patterns, std::string_view text) {
  return std::ranges::any_of(patterns, [&](std::string_view pattern) { return like(pattern, text); });
}

/// Secrets are kept under names that each platform spells in its way: `deploy-token`, DEPLOY_TOKEN, `shop/deploy-token`.
std::string spelled(std::string_view name) {
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos)
    name.remove_prefix(slash + 1);
  std::string text;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    text += !letter ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

std::string fact(std::string_view name, const plan::Event& event) {
  using model::EventKind;
  const bool request = event.kind == EventKind::PullRequest;
  if (name == "event.kind") return std::string(model::name(event.kind));
  if (name == "ref.branch") return event.kind == EventKind::Tag || request ? std::string() : event.branch;
  if (name == "ref.tag") return event.kind == EventKind::Tag ? event.tag : std::string();
  if (name == "pull_request.number") return request ? event.pull_request.number : std::string();
  if (name == "pull_request.source") return request ? event.pull_request.source : std::string();
  if (name == "pull_request.target") return request ? event.pull_request.target : std::string();
  return "?";
}

/// `pull-requests`, where the model says `pull_requests`.
std::string native(model::Permission permission) {
  std::string text(name(permission));
  std::ranges::replace(text, '_', '-');
  return text;
}

/// The text, if it depends on the event alone.
std::optional<std::string> value_of(const model::Text& text, const plan::Event& event) {
  std::string value;
  for (const auto& part : text.parts) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      value += *literal;
    } else if (const auto* of = std::get_if<model::FactRef>(&part);
               of != nullptr && of->name != "commit.sha") {
      value += fact(of->name, event);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

class Reach {
 public:
  Reach(const Map& map, const run::Run& run, const plan::Event& event, const Table& facts, const Tell& tell)
      : map_(map), run_(run), event_(event), facts_(facts), tell_(tell), pairing_(pair(map, run)) {}

  void compare() {
    for (const auto& [at, position] : pairing_.ran) {
      const plan::Job& job = map_.job(at);
      const run::Reach& reach = run_.jobs[position].reach;
      role(at, job, reach);
      rights(at, job, reach);
      secrets(at, job, reach);
      variables(at, job, reach);
      artifacts(at, job, reach);
    }
  }

 private:
  std::vector<std::string_view> list(std::string_view name) const {
    return facts_.list(fmt::format("verify.{}", name));
  }

  void role(JobAt at, const plan::Job& job, const run::Reach& reach) {
    const std::string wanted = job.access ? job.access->role_arn : std::string();
    if (wanted == reach.role) return;
    if (wanted.empty())
      tell_(at, {}, fmt::format("can take the role `{}`", reach.role));
    else if (reach.role.empty())
      tell_(at, {}, fmt::format("cannot take its role `{}`", wanted));
    else
      tell_(at, {}, fmt::format("takes the role `{}` instead of `{}`", reach.role, wanted));
  }

  void rights(JobAt at, const plan::Job& job, const run::Reach& reach) {
    std::vector<std::string_view> allowed = list("rights.always");
    const auto add = [&](const std::string& group) {
      const auto more = list(group);
      allowed.insert(allowed.end(), more.begin(), more.end());
    };
    add(fmt::format("rights.{}", kind_of(job.work)));
    if (job.access) add("rights.access");
    if (job.approval) add("rights.approval");
    if (job.environment) add("rights.environment");
    std::vector<std::string> own;
    for (const auto& [permission, level] : job.permissions) {
      own.push_back(fmt::format("{}: {}", native(permission), name(level)));
      if (level == model::Level::Write) own.push_back(fmt::format("{}: read", native(permission)));
    }
    if (job.access) own.push_back("sts:AssumeRole on " + job.access->role_arn);
    for (const std::string& right : reach.rights) {
      const bool secret = std::ranges::any_of(job.secrets, [&](const auto& one) {
        return like(fmt::format("secretsmanager:GetSecretValue on *:secret:*/{}-??????", one.second), right);
      });
      if (secret || like_any(allowed, right) || std::ranges::find(own, right) != own.end()) continue;
      tell_(at, {}, fmt::format("may `{}`, which the model does not give it", right));
    }
    if (facts_.get("verify.permissions") != "true") return;
    for (const auto& [permission, level] : job.permissions) {
      const std::string right = fmt::format("{}: {}", native(permission), name(level));
      const std::string more = fmt::format("{}: write", native(permission));
      if (std::ranges::find(reach.rights, right) == reach.rights.end() &&
          std::ranges::find(reach.rights, more) == reach.rights.end())
        tell_(at, {}, fmt::format("may not `{}`, which the model gives it", right));
    }
  }

  void secrets(JobAt at, const plan::Job& job, const run::Reach& reach) {
    const auto allowed = list("secrets");
    for (const auto& [variable, secret] : reach.secrets) {
      const std::string there = spelled(secret);
      const bool named = std::ranges::any_of(job.secrets, [&](const auto& one) {
        return one.first == variable && spelled(one.second) == there;
      });
      if (!named && !like_any(allowed, secret))
        tell_(at, {}, fmt::format("can read the secret `{}` as `{}`", secret, variable));
    }
    if (facts_.get("verify.secrets_are_shown") == "true")
      return;  // the platform shows them to jobs by itself
    for (const auto& [variable, secret] : job.secrets) {
      const bool has = std::ranges::any_of(reach.secrets, [&](const auto& one) {
        return one.first == variable && spelled(one.second) == spelled(secret);
      });
      if (!has) tell_(at, {}, fmt::format("does not get the secret `{}` as `{}`", secret, variable));
    }
  }

  void variables(JobAt at, const plan::Job& job, const run::Reach& reach) {
    std::vector<std::string> known(job.variables);
    if (facts_.get("verify.vars_are_shared") ==
        "true") {  // they are no secrets, and a build serves many jobs
      for (const plan::Pipeline& pipeline : map_.plan().pipelines) {
        for (const plan::Job& other : pipeline.jobs)
          known.insert(known.end(), other.variables.begin(), other.variables.end());
      }
    }
    for (const auto& [variable, secret] : job.secrets) known.push_back(variable);
    for (const auto& [variable, text] : job.env) {
      known.push_back(variable);
      if (!shown_anyway(variable, text)) variable_is(at, variable, value_of(text, event_), reach);
    }
    if (const auto* steps = std::get_if<plan::Steps>(&job.work)) {
      for (const model::Step& step : steps->steps) {
        const auto* run = std::get_if<model::Run>(&step.action);
        if (run == nullptr) continue;
        for (const auto& [variable, text] : run->env) {
          known.push_back(variable);
          if (!shown_anyway(variable, text)) variable_is(at, variable, value_of(text, event_), reach);
        }
      }
    }
    const auto own = list("variables");
    for (const auto& [variable, value] : reach.variables) {
      const bool has = std::ranges::any_of(
          known, [&](const std::string& one) { return one == variable || is_renamed(one, variable); });
      if (has || like_any(own, variable)) continue;
      tell_(at, {}, fmt::format("sees the variable `{}`, which the model does not give it", variable));
    }
  }

  /// `MODE_2`, where steps of one job disagree about `MODE` and the platform has variables of jobs only.
  static bool is_renamed(std::string_view variable, std::string_view name) {
    if (!name.starts_with(variable)) return false;
    name.remove_prefix(variable.size());
    return name.size() > 1 && name.front() == '_' &&
           std::ranges::all_of(name.substr(1), [](char c) { return c >= '0' && c <= '9'; });
  }

  /// Whether a variable of the platform's project reaches all jobs under its own name.
  bool shown_anyway(const std::string& variable, const model::Text& text) const {
    if (facts_.get("verify.vars_are_shown") != "true" || text.parts.size() != 1) return false;
    const auto* of = std::get_if<model::VariableRef>(&text.parts.front());
    return of != nullptr && of->name == variable;
  }

  void variable_is(JobAt at, const std::string& variable, const std::optional<std::string>& wanted,
                   const run::Reach& reach) {
    std::vector<std::string> values;
    for (const auto& [name, value] : reach.variables) {
      if (name == variable || is_renamed(variable, name)) values.push_back(value);
    }
    if (values.empty()) {
      // What only one step sees, its script may set itself.
      const bool sets = std::ranges::any_of(reach.commands, [&](const std::string& script) {
        return script.find(variable + "=") != std::string::npos;
      });
      if (sets && facts_.get("verify.steps_set_variables") == "true") return;
      return tell_(at, {}, fmt::format("does not see the variable `{}`", variable));
    }
    if (!wanted || std::ranges::find(values, *wanted) != values.end()) return;
    // A value that only the machine knows cannot be compared.
    if (values.front().find('$') != std::string::npos && wanted->find('$') == std::string::npos &&
        facts_.get("verify.variables_are_known") != "true")
      return;
    tell_(at, {}, fmt::format("sees `{}` as `{}`, and should as `{}`", variable, values.front(), *wanted));
  }

  void artifacts(JobAt at, const plan::Job& job, const run::Reach& reach) {
    std::set<std::size_t> wanted;
    const bool written = std::holds_alternative<plan::Steps>(job.work);
    if (const auto* steps = std::get_if<plan::Steps>(&job.work)) {
      for (const model::Step& step : steps->steps) {
        if (const auto* download = std::get_if<model::Download>(&step.action))
          wanted.insert(download->from.index);
      }
    } else if (const auto* apply = std::get_if<plan::ApplyStack>(&job.work)) {
      wanted.insert(apply->plan.index);
    } else if (const auto* report = std::get_if<plan::ReportDrift>(&job.work)) {
      for (const plan::JobId id : report->detections) wanted.insert(id.index);
    } else if (const auto* comment = std::get_if<plan::CommentPlans>(&job.work)) {
      for (const plan::JobId id : comment->plans) wanted.insert(id.index);
    }
    std::set<std::size_t> given;
    for (const std::string& address : reach.artifacts_from) {
      const Mapped* mapped = map_.find(address);
      if (mapped != nullptr && mapped->job && mapped->job->pipeline == at.pipeline)
        given.insert(mapped->job->job);
    }
    for (const std::size_t from : wanted) {
      if (given.contains(from) || !pairing_.ran.contains({at.pipeline, from})) continue;
      // A report that `lower` split gets its files in parts.
      if (std::holds_alternative<plan::ReportDrift>(job.work) &&
          facts_.get("verify.reports_are_split") == "true")
        continue;
      tell_(at, {}, fmt::format("does not get the files of `{}`", map_.name({at.pipeline, from})));
    }
    if (!written || facts_.get("verify.artifacts_are_named") != "true") return;
    for (const std::size_t from : given) {
      if (!wanted.contains(from))
        tell_(at, {},
              fmt::format("gets the files of `{}`, which it does not download",
                          map_.name({at.pipeline, from})));
    }
  }

  const Map& map_;
  const run::Run& run_;
  const plan::Event& event_;
  const Table& facts_;
  const Tell& tell_;
  Pairing pairing_;
};

}  // namespace

std::string_view kind_of(const plan::Work& work) {
  constexpr std::string_view kNames[] = {"steps",  "source_gate", "plan",     "apply",   "detect",
                                         "report", "comment",     "required", "changes", "preview"};
  static_assert(std::size(kNames) == std::variant_size_v<plan::Work>);
  return kNames[work.index()];
}

void compare_reach(const Map& map, const run::Run& run, const plan::Event& event, const Table& facts,
                   const Tell& tell) {
  Reach(map, run, event, facts, tell).compare();
}

}  // namespace penstock::verify
