#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source.h"
#include "cel/ast.h"
#include "cel/environment.h"
#include "diag/sink.h"
#include "model/model.h"
#include "yaml/node.h"

namespace penstock::model {

/// The names that an interpolation may use at one place of the model.
struct Scope {
  const SourceManager* sources = nullptr;
  std::vector<std::pair<std::string, std::string>> constants;  // `environment.name` → staging
  bool facts = false;      // of the event and the run: `ref.branch`, `commit.sha`
  bool variables = false;  // `vars.X`
};

/// The facts that text may hold, with what they are.
struct Fact {
  std::string_view name;
  std::string_view doc;
};
std::span<const Fact> text_facts();

/// Text with its interpolations resolved: `${{ environment.name }}` becomes a constant, `${{ ref.branch }}` a reference.
std::optional<Text> resolve(const yaml::Node& scalar, const Scope& scope, diag::Sink& sink);

/// A script whose interpolations have become environment variables: `echo ${{ ref.branch }}` is `echo "$REF_BRANCH"` with the
/// variable in `env`. Nothing of the model or the event is ever pasted into the script.
struct Script {
  std::string text;
  NamedTexts env;
};
std::optional<Script> resolve_script(const yaml::Node& scalar, const Scope& scope, diag::Sink& sink);

/// A condition over the facts of the event, checked and typed.
std::optional<cel::Expr> resolve_condition(const yaml::Node& scalar, const SourceManager& sources,
                                           diag::Sink& sink);

/// The facts of an event that a condition may read, and `changed`.
const cel::Environment& event_environment();

}  // namespace penstock::model
