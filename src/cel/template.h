#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cel/ast.h"
#include "cel/eval.h"
#include "cel/parse.h"
#include "diag/sink.h"

namespace penstock::cel {

/// Text with expressions in it: `release-${{ ref.tag }}`. Neighbouring parts are never both text, and no text is empty.
struct Template {
  std::vector<std::variant<std::string, Expr>> parts;

  /// The whole text, if no expression is in it.
  std::optional<std::string> constant() const;
  friend bool operator==(const Template&, const Template&) = default;
};

/// Reads text in which `${{ … }}` holds an expression and `$${{` stands for `${{`. Nothing is given when something was reported.
std::optional<Template> parse_template(std::string_view text, const Positions& positions, diag::Sink& sink);

/// The text that reads as this template.
std::string print(const Template& text);

/// Replaces what is known by text. What is left depends on unknown variables and functions.
Template fold(const Template& text, const Facts& facts);

/// A string, int or bool as it stands in text: `true`, `7`. Nothing else has one.
std::optional<std::string> to_text(const Value& value);

}  // namespace penstock::cel
