#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "diag/sink.h"
#include "model/check.h"
#include "model/scope.h"

/// What the parts of the check share. Not for others.
namespace penstock::model {

using Name = Located<std::string>;
template <class T>
using Named = syntax::Named<T>;

/// A project while it is checked: what was written, and what is known of it so far.
struct Building {
  const syntax::Project& written;
  const Knowledge& knowledge;
  const SourceManager& sources;
  diag::Sink& sink;
  Project project;
};

// In this order: each may use what those before it built.
void check_repository(Building& building);
void check_targets(Building& building);
void check_identities(Building& building);
void check_environments(Building& building);
void check_stacks(Building& building);
void check_gates(Building& building);
void check_delivery(Building& building);
void check_pipelines(Building& building);

inline bool is_written(const Name& name) { return name.span.end > name.span.begin; }

/// Reports a name that nothing has, with the nearest and the number of those there are.
void unknown_name(diag::Sink& sink, std::string_view kind, const Name& name,
                  std::span<const std::string_view> known);

/// The position of a name among the names of a mapping; reports an unknown one.
template <class T>
std::optional<std::size_t> find_name(const Named<T>& all, std::string_view kind, const Name& name,
                                     diag::Sink& sink) {
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].first.value == name.value) return i;
    known.push_back(all[i].first.value);
  }
  unknown_name(sink, kind, name, known);
  return std::nullopt;
}

/// The position of a word among those allowed; reports any other. `fallback` when nothing was written.
std::size_t choose(diag::Sink& sink, std::string_view key, const Name& word,
                   std::span<const std::string_view> words, std::size_t fallback);

/// Globs of a list; wrong ones are reported and left out.
std::vector<Glob> globs(const std::vector<Name>& patterns, diag::Sink& sink);
std::optional<Schedule> schedule(const syntax::Schedule& written, Span span, diag::Sink& sink);
Permissions permissions(const Named<Name>& written, diag::Sink& sink);
NamedTexts texts(const Named<syntax::Scalar>& written, const Scope& scope, diag::Sink& sink);
std::optional<Text> image(const std::optional<syntax::Scalar>& written, const Building& building);
/// A key of a section of the catalog (`runs_on`, `setup`).
void check_catalog(const Building& building, std::string_view section, const Name& name);

}  // namespace penstock::model
