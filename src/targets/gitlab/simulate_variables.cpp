#include "targets/gitlab/simulate_variables.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

namespace penstock::targets::gitlab::simulation {
namespace {

using model::EventKind;

constexpr std::size_t kMostOpen = 20;  // variables in variables

/// Beginnings of the names of variables that are defined where `rules` are read, with values that no event here tells.
constexpr std::array<std::string_view, 14> kUnknown = {"CI_COMMIT_AUTHOR",    "CI_COMMIT_DESCRIPTION",
                                                       "CI_COMMIT_MESSAGE",   "CI_COMMIT_SHA",
                                                       "CI_COMMIT_SHORT_SHA", "CI_COMMIT_TIMESTAMP",
                                                       "CI_COMMIT_TITLE",     "CI_PROJECT_",
                                                       "CI_SERVER_",          "CI_API_",
                                                       "CI_DEFAULT_BRANCH",   "CI_COMMIT_REF_PROTECTED",
                                                       "GITLAB_USER_",        "CI_REGISTRY"};
/// Of those, the ones that only scripts see.
constexpr std::array<std::string_view, 3> kOnlyInScripts = {"CI_PROJECT_DIR", "CI_REGISTRY_USER",
                                                            "CI_REGISTRY_PASSWORD"};
constexpr std::string_view kRequest = "CI_MERGE_REQUEST_";

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

const Variable* find_in(const Variables& all, std::string_view name) {
  const auto found =
      std::find_if(all.rbegin(), all.rend(), [&](const Variable& one) { return one.name == name; });
  return found == all.rend() ? nullptr : &*found;
}

/// docs: ci/variables/predefined_variables, CI_COMMIT_REF_SLUG.
std::string slug(std::string_view ref) {
  std::string all;
  for (const char c : ref.substr(0, 63)) {
    const auto byte = static_cast<unsigned char>(c);
    all += std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : '-';
  }
  const std::size_t begin = all.find_first_not_of('-');
  if (begin == std::string::npos) return {};
  return all.substr(begin, all.find_last_not_of('-') - begin + 1);
}

/// `NAME=value` separated by spaces.
Variables given(const std::string& entry) {
  Variables all;
  for (const std::string_view pair : split(entry, ' ')) {
    const std::size_t equals = pair.find('=');
    if (pair.empty() || equals == std::string_view::npos) continue;
    all.push_back({std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1))});
  }
  return all;
}

void add_common(Origin& origin, Settings& settings) {
  Variables& all = origin.predefined;
  all.push_back({"CI", "true"});
  all.push_back({"GITLAB_CI", "true"});
  all.push_back({"CI_PIPELINE_SOURCE", origin.source});
  all.push_back({"CI_COMMIT_REF_NAME", origin.ref});
  all.push_back({"CI_COMMIT_REF_SLUG", slug(origin.ref)});
  if (origin.source != "push") all.push_back({"CI_COMMIT_BEFORE_SHA", std::string(40, '0')});
  if (const std::string& branch = settings.get("default_branch"); !branch.empty())
    all.push_back({"CI_DEFAULT_BRANCH", branch});
  if (const std::string& is = settings.get("protected", origin.ref); !is.empty())
    all.push_back({"CI_COMMIT_REF_PROTECTED", is});
}

void add_request(const plan::Event::PullRequest& request, Origin& origin) {
  Variables& all = origin.predefined;
  const auto add = [&](std::string_view name, std::string value) {
    all.push_back({fmt::format("{}{}", kRequest, name), std::move(value)});
  };
  // Two projects, when it comes from a fork; which numbers they have is known to nobody.
  add("ID", request.number);
  add("IID", request.number);
  add("EVENT_TYPE", "detached");
  add("SOURCE_BRANCH_NAME", request.source);
  add("TARGET_BRANCH_NAME", request.target);
  add("PROJECT_ID", "1");
  add("SOURCE_PROJECT_ID", request.fork ? "2" : "1");
  add("PROJECT_PATH", "group/project");
  add("SOURCE_PROJECT_PATH", request.fork ? "fork/project" : "group/project");
  all.push_back({"CI_OPEN_MERGE_REQUESTS", fmt::format("group/project!{}", request.number)});
}

Origin on_branch(std::string source, const std::string& branch, Settings& settings) {
  Origin origin;
  origin.source = std::move(source);
  origin.ref = branch;
  add_common(origin, settings);
  origin.predefined.push_back({"CI_COMMIT_BRANCH", branch});
  if (const std::string& requests = settings.get("open_merge_requests", branch); !requests.empty())
    origin.predefined.push_back({"CI_OPEN_MERGE_REQUESTS", requests});
  return origin;
}

}  // namespace

const std::string& Settings::get(const std::string& what, const std::string& of) {
  const auto [at, is_new] = known_.try_emplace({what, of});
  if (is_new) at->second = world_.setting(what, of);
  return at->second;
}

const std::string* Settings::variable(std::string_view name) {
  const std::string& value = get("variable", std::string(name));
  return value.empty() ? nullptr : &value;
}

Origin origin_of(const run::Arrival& arrival, Settings& settings) {
  const plan::Event& event = arrival.event;
  switch (event.kind) {
    case EventKind::Push: {
      Origin origin = on_branch("push", event.branch, settings);
      origin.changed = event.changed;
      return origin;
    }
    case EventKind::Tag: {
      Origin origin;
      origin.source = "push";
      origin.ref = event.tag;
      origin.is_tag = true;
      add_common(origin, settings);
      origin.predefined.push_back({"CI_COMMIT_TAG", event.tag});
      return origin;
    }
    case EventKind::PullRequest: {
      Origin origin;
      origin.source = "merge_request_event";
      origin.ref = event.pull_request.source;
      origin.number = event.pull_request.number;
      origin.is_request = true;
      origin.in_fork = event.pull_request.fork;
      origin.changed = event.changed;
      add_common(origin, settings);
      add_request(event.pull_request, origin);
      return origin;
    }
    case EventKind::Schedule:
    case EventKind::Manual: {
      Origin origin =
          on_branch(event.kind == EventKind::Schedule ? "schedule" : "web", event.branch, settings);
      origin.given = given(arrival.entry);
      return origin;
    }
  }
  PENSTOCK_CHECK(false);
}

Origin branch_behind(const run::Arrival& arrival, Settings& settings) {
  const auto& request = arrival.event.pull_request;
  Origin origin = on_branch("push", request.source, settings);
  origin.predefined.push_back({"CI_OPEN_MERGE_REQUESTS", fmt::format("group/project!{}", request.number)});
  return origin;  // what changed since the last push is not what the request changes
}

const Variable* Scope::own(std::string_view name) const {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    if (const Variable* found = find_in(**layer, name)) return found;
  }
  return nullptr;
}

const std::string* Scope::find(std::string_view name) const {
  if (const Variable* found = find_in(origin_.given, name)) return &found->value;
  if (!origin_.in_fork) {
    if (const std::string* found = settings_.variable(name)) return found;
  }
  if (const Variable* found = own(name)) return &found->value;
  const Variable* found = find_in(origin_.predefined, name);
  return found == nullptr ? nullptr : &found->value;
}

bool Scope::is_unknown(std::string_view name) const {
  if (std::ranges::find(kOnlyInScripts, name) != kOnlyInScripts.end()) return false;
  if (name.starts_with(kRequest)) return origin_.is_request && find(name) == nullptr;
  if (name == "CI_COMMIT_BEFORE_SHA") return origin_.source == "push";
  if (name == "CI_PIPELINE_SCHEDULE_DESCRIPTION")
    return origin_.source == "schedule" && find(name) == nullptr;
  return std::ranges::any_of(kUnknown, [&](std::string_view begin) { return name.starts_with(begin); }) &&
         find(name) == nullptr;
}

std::string Scope::value(const Variable& variable) const {
  if (variable.raw) return variable.value;
  Names open = {variable.name};
  return replaced(expand(variable.value, true, open), "$$", "$");  // the runner's part
}

std::string Scope::expand(std::string_view text, bool keeps_undefined) const {
  Names open;
  return expand(text, keeps_undefined, open);
}

/// `$X`, `${X}` and `%X%`; `$$` is left to the runner.
std::string Scope::expand(std::string_view text, bool keeps_undefined, Names& open) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    std::size_t end = at + 1;
    std::string_view name;
    if (c == '$' && end < text.size() && text[end] == '$') {
      out += "$$";
      at += 2;
      continue;
    }
    if (c == '$' && end < text.size() && text[end] == '{') {
      const std::size_t begin = ++end;
      while (end < text.size() && is_word(text[end])) ++end;
      if (end < text.size() && text[end] == '}') name = text.substr(begin, end++ - begin);
    } else if (c == '$' || c == '%') {
      while (end < text.size() && is_word(text[end])) ++end;
      name = text.substr(at + 1, end - at - 1);
      if (c == '%' && (end >= text.size() || text[end++] != '%')) name = {};
    }
    if (name.empty()) {
      out += c;
      ++at;
      continue;
    }
    const std::string_view written = text.substr(at, end - at);
    at = end;
    const std::string* value = find(name);
    if (value == nullptr) {
      if (keeps_undefined || is_unknown(name)) out += written;
    } else if (const Variable* variable = own(name); std::ranges::find(open, name) != open.end() ||
                                                     open.size() >= kMostOpen ||
                                                     (variable != nullptr && variable->raw)) {
      out += variable != nullptr && variable->raw ? *value : std::string(written);
    } else {
      open.emplace_back(name);
      out += expand(*value, keeps_undefined, open);
      open.pop_back();
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Scope::all() const {
  std::vector<std::pair<std::string, std::string>> all;
  const auto take = [&](const Variables& layer, bool is_own) {
    for (const Variable& variable : layer) {
      const auto is_it = [&](const auto& one) { return one.first == variable.name; };
      if (std::ranges::any_of(all, is_it)) continue;
      const std::string* stronger = is_own ? find(variable.name) : nullptr;
      const Variable* mine = is_own ? own(variable.name) : nullptr;
      const bool wins = mine == nullptr || stronger == &mine->value;
      all.emplace_back(variable.name, wins ? value(mine != nullptr ? *mine : variable) : *stronger);
    }
  };
  take(origin_.given, false);
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) take(**layer, true);
  std::ranges::sort(all);
  return all;
}

}  // namespace penstock::targets::gitlab::simulation
