// Triggers: which pushes, tags and requests start a pipeline.
#include <algorithm>

#include "targets/codepipeline/draft.h"
#include "targets/codepipeline/patterns.h"

namespace penstock::targets::codepipeline {
namespace {

using model::EventKind;

PENSTOCK_MESSAGE(NotExpressible, "{}", std::string);

Patterns patterns(const std::vector<model::Glob>& globs) {
  Patterns all;
  for (const model::Glob& glob : globs) {
    for (std::string& text : filter_patterns(glob))
      (glob.excludes ? all.excludes : all.includes).push_back(std::move(text));
  }
  return all;
}

/// Branches and tags are asked for in every filter: where the author says nothing, everything is meant.
Patterns or_everything(Patterns patterns) {
  if (patterns.includes.empty()) patterns.includes = {"**"};
  return patterns;
}

/// Patterns in as many lists as the limit of one list asks for.
std::vector<Texts> pieces(const Texts& all, std::size_t most) {
  std::vector<Texts> lists;
  for (std::size_t i = 0; i < all.size(); i += most)
    lists.emplace_back(all.begin() + static_cast<long>(i),
                       all.begin() + static_cast<long>(std::min(i + most, all.size())));
  if (lists.empty()) lists.emplace_back();
  return lists;
}

/// A pair of lists for each filter: filters are alternatives, within one all must hold, and an exclusion wins within its filter.
struct Split {
  Patterns names;  // branches or tags
  Patterns paths;
};

class Filters {
 public:
  Filters(const Draft& draft, const Context& context) : draft_(draft), context_(context) {
    for (const model::Trigger& trigger : draft.source->triggers) add(trigger);
  }
  const std::vector<Split>& all() const { return all_; }

 private:
  void add(const model::Trigger& trigger) {
    const auto most = static_cast<std::size_t>(context_.facts->number("limits.patterns"));
    const Patterns names =
        or_everything(patterns(trigger.kind == EventKind::Tag ? trigger.tags : trigger.branches));
    const Patterns paths = patterns(trigger.paths);
    for (const Texts& name : pieces(names.includes, most)) {
      for (const Texts& path : pieces(paths.includes, most))
        all_.push_back({{name, names.excludes}, {path, paths.excludes}});
    }
    const auto length = static_cast<std::size_t>(context_.facts->number("limits.pattern_length"));
    const bool fits = names.excludes.size() <= most && paths.excludes.size() <= most &&
                      all_.size() <= static_cast<std::size_t>(context_.facts->number("limits.filters"));
    const bool is_short =
        std::ranges::all_of(names.includes, [&](const std::string& text) { return text.size() <= length; });
    if (fits && is_short) return;
    diag::build(*context_.sink, trigger.span, kNotExpressible,
                std::string("a trigger of CodePipeline has three filters of eight patterns"))
        .help("write fewer patterns: `{a,b}` is one, and `**` in the middle of one counts twice")
        .emit();
  }

  const Draft& draft_;
  const Context& context_;
  std::vector<Split> all_;
};

}  // namespace

std::vector<PipelineTrigger> triggers(const Draft& draft, const Context& context) {
  if (draft.event == EventKind::Schedule || draft.event == EventKind::Manual) return {};
  PipelineTrigger trigger;
  const Filters filters(draft, context);
  for (const Split& split : filters.all()) {
    if (draft.event == EventKind::PullRequest)
      trigger.git.request.push_back({{"OPEN", "UPDATED"}, split.names, split.paths});
    if (draft.event == EventKind::Push) trigger.git.push.push_back({{}, split.names, split.paths});
    if (draft.event == EventKind::Tag) trigger.git.push.push_back({split.names, {}, {}});
  }
  return {trigger};
}

}  // namespace penstock::targets::codepipeline
