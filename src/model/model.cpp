#include "model/model.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/check.h"

namespace penstock::model {
namespace {

// In the order of the enums; the names are those of the language.
constexpr std::array<std::string_view, 5> kTiers = {"production", "staging", "testing", "development",
                                                    "other"};
constexpr std::array<std::string_view, 10> kPermissions = {
    "checks",   "contents", "deployments",   "id_token",        "issues",
    "packages", "pages",    "pull_requests", "security_events", "statuses"};
constexpr std::array<std::string_view, 3> kLevels = {"none", "read", "write"};
constexpr std::array<std::string_view, 2> kTools = {"opentofu", "terraform"};

template <std::size_t N, class E>
std::string_view name_in(const std::array<std::string_view, N>& names, E value) {
  return names.at(static_cast<std::size_t>(value));
}

}  // namespace

std::string_view name(Tier tier) { return name_in(kTiers, tier); }
std::string_view name(Permission permission) { return name_in(kPermissions, permission); }
std::string_view name(Level level) { return name_in(kLevels, level); }
std::string_view name(Tool tool) { return name_in(kTools, tool); }

bool Text::is_constant() const {
  return std::ranges::all_of(parts,
                             [](const auto& part) { return std::holds_alternative<std::string>(part); });
}

std::string Text::constant() const {
  std::string out;
  for (const auto& part : parts) {
    const auto* text = std::get_if<std::string>(&part);
    PENSTOCK_CHECK(text != nullptr);
    out += *text;
  }
  return out;
}

const Placement* Stack::in(EnvironmentId environment) const {
  const auto found = std::ranges::find(placements, environment, &Placement::environment);
  return found == placements.end() ? nullptr : &*found;
}

std::string_view TargetSettings::get(std::string_view key) const {
  const auto found =
      std::ranges::find(values, key, [](const auto& entry) { return std::string_view(entry.first); });
  return found == values.end() ? std::string_view{} : std::string_view(found->second.value);
}

}  // namespace penstock::model
