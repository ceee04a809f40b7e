#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "base/table.h"
#include "diag/sink.h"
#include "model/model.h"
#include "syntax/project.h"

namespace penstock::model {

/// A CI system as the model knows it: a name and the data file that says what it must be told under `targets:`.
struct KnownTarget {
  std::string_view name;
  Table facts;
};

struct Knowledge {
  std::span<const KnownTarget> targets;
  Table catalog;  // templates/catalog.yaml
};

/// What a project means. Everything wrong is reported; without an error the result is whole: names are ids, graphs are acyclic,
/// values are valid. With errors it may have holes and must not be used.
Project check(const syntax::Project& written, const Knowledge& knowledge, const SourceManager& sources,
              diag::Sink& sink);

}  // namespace penstock::model
