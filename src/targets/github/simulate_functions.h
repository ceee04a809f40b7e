#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "targets/github/simulate_value.h"

/// What expressions can call besides status functions and `case`:
/// https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#functions
namespace penstock::targets::github {

inline constexpr std::size_t kMostText =
    (1 << 20) / 2;  // letters that an expression may hold: 1 MiB, and each takes two bytes

using Arguments = std::span<const Data>;

struct Function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  Data (*call)(Arguments);
};
/// Nothing, if there is none with this name; case makes no difference.
const Function* find_function(std::string_view name);

/// What GitHub refuses.
Unknown mistake(std::string why);
/// The items of an array, the members of an object.
std::vector<Data> values_of(const Data& value);

}  // namespace penstock::targets::github
