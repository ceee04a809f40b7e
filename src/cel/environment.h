#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cel/type.h"

namespace penstock::cel {

/// A fact that expressions may read. The name is dotted (`event.kind`), or ends in `.*` when any name may stand there (`vars.*`).
struct Variable {
  std::string name;
  Type type;
  std::vector<std::string> values =
      {};  // all texts it can be, if these are known: comparing with another is a mistake
};

/// A function of the host, such as `changed("src/**")`. The language's own are always there.
struct Function {
  std::string name;
  std::vector<Type> parameters;
  Type result;
  bool variadic = false;  // the last parameter stands once or more
};

/// A name that is known and cannot be used here. `github` stands for all names below it too.
struct Reserved {
  std::string name;
  std::string help;  // why, or what to write instead
};

struct Environment {
  std::vector<Variable> variables;
  std::vector<Function> functions;
  std::vector<Reserved> reserved;
  std::string container = {};  // a dotted name that may be left out before names

  /// The declaration of a whole dotted name.
  const Variable* variable(std::string_view name) const;
  const Function* function(std::string_view name) const;
  const Reserved* reservation(std::string_view name) const;
};

}  // namespace penstock::cel
