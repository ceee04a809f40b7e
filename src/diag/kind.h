#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::diag {

enum class Severity : std::uint8_t { Note, Warning, Error };

enum class Kind : std::uint16_t {
#define PENSTOCK_DIAG(name, slug, severity) name,
#include "diag/kinds.def"
#undef PENSTOCK_DIAG
};

std::string_view slug(Kind kind);
Severity severity(Kind kind);
/// The kind with this slug, for `explain`.
std::optional<Kind> find_kind(std::string_view slug);

}  // namespace penstock::diag
