#include "targets/gitlab/gitlab_rules.h"

#include <algorithm>
#include <regex>
#include <stdexcept>
#include <variant>

namespace penstock::test {
namespace {

/// null, a text, a regular expression, or what a comparison gives.
struct Pattern {
  std::string text;
  friend bool operator==(const Pattern&, const Pattern&) = default;
};
using Value = std::variant<std::monostate, std::string, Pattern, bool>;

constexpr int kMostTokens = 99;

struct Token {
  enum class Kind { Open, Close, Variable, Text, Pattern, Null, Operator };
  Kind kind;
  std::string text;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<Token> all() {
    std::vector<Token> tokens;
    for (skip(); at_ < text_.size(); skip()) tokens.push_back(next());
    if (tokens.size() > kMostTokens) fail("too many tokens");
    return tokens;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(why + " in " + std::string(text_));
  }
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  Token next() {
    const char c = text_[at_];
    if (c == '(' || c == ')') return ++at_, Token{c == '(' ? Token::Kind::Open : Token::Kind::Close, {}};
    if (c == '$') return variable();
    if (c == '"' || c == '\'') return quoted(c);
    if (c == '/') return pattern();
    for (const std::string_view symbol : {"null", "==", "=~", "!=", "!~", "&&", "||"}) {
      if (!text_.substr(at_).starts_with(symbol)) continue;
      at_ += symbol.size();
      return {symbol == "null" ? Token::Kind::Null : Token::Kind::Operator, std::string(symbol)};
    }
    fail("unknown lexeme at " + std::to_string(at_));
  }

  Token variable() {
    const std::size_t begin = ++at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    if (at_ == begin) fail("a variable without a name");
    return {Token::Kind::Variable, std::string(text_.substr(begin, at_ - begin))};
  }

  Token quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("an unclosed text");
    const Token token{Token::Kind::Text, std::string(text_.substr(at_ + 1, end - at_ - 1))};
    at_ = end + 1;
    return token;
  }

  /// `/`, two characters or more, the last no backslash, `/`; a slash inside is escaped.
  Token pattern() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (text_[end] != '/' || text_[end - 1] == '\\')) ++end;
    if (end >= text_.size() || end - at_ < 3) fail("no pattern at " + std::to_string(at_));
    Token token{Token::Kind::Pattern, std::string(text_.substr(at_ + 1, end - at_ - 1))};
    at_ = end + 1;
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_true(const Value& value) {
  return !std::holds_alternative<std::monostate>(value) && value != Value{false};
}

std::string text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

/// Comparisons bind tighter than `&&`, that tighter than `||`.
class Evaluator {
 public:
  Evaluator(std::vector<Token> tokens, const GitLabPipeline& pipeline)
      : tokens_(std::move(tokens)), pipeline_(pipeline) {}

  Value all() {
    Value value = either();
    if (at_ != tokens_.size()) throw std::runtime_error("something behind the expression");
    return value;
  }

 private:
  bool take(std::string_view symbol) {
    if (at_ >= tokens_.size() || tokens_[at_].kind != Token::Kind::Operator || tokens_[at_].text != symbol)
      return false;
    ++at_;
    return true;
  }

  Value either() {
    Value value = both();
    while (take("||")) {
      Value right = both();
      if (!is_true(value)) value = std::move(right);  // "" is true here
    }
    return value;
  }

  Value both() {
    Value value = comparison();
    while (take("&&")) {
      Value right = comparison();
      if (is_true(value)) value = std::move(right);
    }
    return value;
  }

  Value comparison() {
    const Value left = operand();
    if (take("==")) return left == operand();
    if (take("!=")) return !(left == operand());
    if (take("=~")) return matches(left, operand());
    if (take("!~")) return !matches(left, operand());
    return left;
  }

  static bool matches(const Value& left, const Value& right) {
    if (const auto* pattern = std::get_if<Pattern>(&right))
      return std::regex_search(text_of(left), std::regex(pattern->text));
    throw std::runtime_error("our emitter matches against patterns only");
  }

  Value operand() {
    if (at_ >= tokens_.size()) throw std::runtime_error("an operand is missing");
    const Token token = tokens_[at_++];
    switch (token.kind) {
      case Token::Kind::Open: {
        Value value = either();
        if (at_ >= tokens_.size() || tokens_[at_++].kind != Token::Kind::Close)
          throw std::runtime_error("a parenthesis is open");
        return value;
      }
      case Token::Kind::Variable: {
        const auto found = pipeline_.variables.find(token.text);
        if (found == pipeline_.variables.end()) return std::monostate{};
        return found->second;
      }
      case Token::Kind::Text: return token.text;
      case Token::Kind::Pattern: return Pattern{token.text};
      case Token::Kind::Null: return std::monostate{};
      case Token::Kind::Close:
      case Token::Kind::Operator: break;
    }
    throw std::runtime_error("an operand is missing");
  }

  std::vector<Token> tokens_;
  const GitLabPipeline& pipeline_;
  std::size_t at_ = 0;
};

/// A pattern as an ECMAScript expression.
std::string expression(std::string_view pattern) {
  std::string out;
  int braces = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const bool begins = i == 0 || pattern[i - 1] == '/';
    if (begins && pattern.substr(i).starts_with("**/")) {
      out += "(?:[^/]+/)*";
      i += 2;
    } else if (c == '*') {
      out += "[^/]*";
      while (i + 1 < pattern.size() && pattern[i + 1] == '*') ++i;
    } else if (c == '?') {
      out += "[^/]";
    } else if (c == '[') {
      const std::size_t end = pattern.find(']', i + 2);
      out += "(?!/)" + std::string(pattern.substr(i, end - i + 1));
      i = end;
    } else if (c == '{') {
      out += "(?:", ++braces;
    } else if (c == '}' && braces > 0) {
      out += ")", --braces;
    } else if (c == ',' && braces > 0) {
      out += "|";
    } else {
      const char plain = c == '\\' ? pattern[++i] : c;
      if (std::string_view(R"(.+*?()|[]{}^$\)").find(plain) != std::string_view::npos) out += '\\';
      out += plain;
    }
  }
  return out;
}

bool has_changed(const targets::gitlab::Rule& rule, const GitLabPipeline& pipeline) {
  if (!rule.changes || !pipeline.changed) return true;
  return std::ranges::any_of(rule.changes->items, [&](const yaml::Node& pattern) {
    return std::ranges::any_of(*pipeline.changed,
                               [&](const std::string& path) { return fnmatch(pattern.text, path); });
  });
}

}  // namespace

/// The Rails sense: nothing, false and blank texts are not there.
bool holds(std::string_view expression, const GitLabPipeline& pipeline) {
  const Value value = Evaluator(Scanner(expression).all(), pipeline).all();
  if (const auto* text = std::get_if<std::string>(&value))
    return text->find_first_not_of(" \t\n") != std::string::npos;
  return is_true(value);
}

bool fnmatch(std::string_view pattern, std::string_view path) {
  return std::regex_match(std::string(path), std::regex(expression(pattern)));
}

const targets::gitlab::Rule* decide(const std::vector<targets::gitlab::Rule>& rules,
                                    const GitLabPipeline& pipeline) {
  for (const targets::gitlab::Rule& rule : rules) {
    if (!rule.condition.empty() && !holds(rule.condition, pipeline)) continue;
    if (!has_changed(rule, pipeline)) continue;
    return rule.when == "never" ? nullptr : &rule;
  }
  return nullptr;
}

}  // namespace penstock::test
