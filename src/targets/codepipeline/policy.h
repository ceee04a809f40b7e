#pragma once
#include <string>
#include <utility>
#include <vector>

#include "targets/codepipeline/tree.h"

/// Short ways to say rights.
namespace penstock::targets::codepipeline {

inline Statement allow(std::string sid, OneOrMore<std::string> action, OneOrMore<Value> resource) {
  Statement made;
  made.sid = std::move(sid);
  made.action = std::move(action);
  made.resource = std::move(resource);
  return made;
}

inline PolicyDocument document(std::vector<Statement> statements) {
  PolicyDocument made;
  made.statement = std::move(statements);
  return made;
}

inline Conditions condition(std::string operation,
                            std::vector<std::pair<std::string, OneOrMore<Value>>> tests) {
  Named<OneOrMore<Value>> keys;
  for (auto& [key, value] : tests) put(keys, key, std::move(value));
  Conditions all;
  put(all, std::move(operation), std::move(keys));
  return all;
}

inline void add(Template& stack, std::string id, Properties properties, bool retain = false) {
  put(stack.resources, std::move(id), Resource{retain, std::move(properties)});
}

}  // namespace penstock::targets::codepipeline
