#pragma once
#include <string>
#include <string_view>

#include "cel/ast.h"
#include "cel/check.h"
#include "cel/environment.h"
#include "cel/parse.h"
#include "cel/template.h"
#include "diag/sink.h"

namespace penstock::cel::test {

/// What the sink holds, a line each: carets under the place, then `[slug] message (label | help)`.
inline std::string report(const diag::Sink& sink) {
  std::string out;
  for (const diag::Diagnostic& one : sink.diagnostics()) {
    out += std::string(one.span.begin, ' ') + std::string(std::max(1U, one.span.end - one.span.begin), '^') +
           " ";
    out += "[" + std::string(diag::slug(one.kind)) + "] " + one.message;
    for (const diag::Label& label : one.labels)
      out +=
          " | " + std::to_string(label.span.begin) + "-" + std::to_string(label.span.end) + " " + label.text;
    for (const std::string& help : one.helps) out += " (" + help + ")";
    out += "\n";
  }
  return out;
}

/// Facts like those of pipelines.
inline Environment environment() {
  Environment all;
  all.variables = {
      {"event.kind", types::kString, {"push", "tag", "pull_request", "schedule", "manual"}},
      {"event.actor", types::kString},
      {"ref.branch", types::kString},
      {"ref.tag", types::kString},
      {"pull_request.fork", types::kBool},
      {"pull_request.target", types::kString},
      {"pull_request.number", types::kInt},
      {"pull_request.labels", types::list(types::kString)},
      {"vars.*", types::kString},
  };
  all.functions = {{"changed", {types::kString}, types::kBool, true},
                   {"math.twice", {types::kInt}, types::kInt}};
  all.reserved = {{"failure", "status functions come later"},
                  {"github", "write `ref.branch` for the branch"}};
  return all;
}

inline std::optional<Expr> read(std::string_view text, diag::Sink& sink) {
  return parse(text, verbatim(FileId{}), sink);
}

}  // namespace penstock::cel::test
