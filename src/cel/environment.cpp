#include "cel/environment.h"

#include <algorithm>

namespace penstock::cel {
namespace {

bool is_open(std::string_view pattern) { return pattern.ends_with(".*"); }

bool matches(std::string_view pattern, std::string_view name) {
  if (!is_open(pattern)) return pattern == name;
  const std::string_view prefix = pattern.substr(0, pattern.size() - 1);
  return name.size() > prefix.size() && name.starts_with(prefix) &&
         name.find('.', prefix.size()) == std::string_view::npos;
}

bool is_below(std::string_view name, std::string_view above) {
  return name.starts_with(above) && (name.size() == above.size() || name[above.size()] == '.');
}

}  // namespace

const Variable* Environment::variable(std::string_view name) const {
  const auto found =
      std::ranges::find_if(variables, [&](const Variable& one) { return matches(one.name, name); });
  return found == variables.end() ? nullptr : &*found;
}

const Function* Environment::function(std::string_view name) const {
  const auto found = std::ranges::find(functions, name, &Function::name);
  return found == functions.end() ? nullptr : &*found;
}

const Reserved* Environment::reservation(std::string_view name) const {
  const auto found =
      std::ranges::find_if(reserved, [&](const Reserved& one) { return is_below(name, one.name); });
  return found == reserved.end() ? nullptr : &*found;
}

}  // namespace penstock::cel
