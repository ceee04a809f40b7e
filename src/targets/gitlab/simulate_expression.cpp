#include "targets/gitlab/simulate_expression.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "cel/regex.h"

namespace penstock::targets::gitlab::simulation {
namespace {

constexpr std::size_t kMostTokens = 99;  // a hundred scans, and the last one must find the end

enum class Sign : unsigned char {
  Open,
  Close,
  Variable,
  Text,
  Pattern,
  Null,
  Boolean,
  Equal,
  Match,
  Unequal,
  NoMatch,
  And,
  Or,
  Not
};

struct Token {
  Sign sign;
  std::string text = {};
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// `/…/flags` as RE2 takes it; nothing when it is none, or no valid one.
std::optional<Regexp> regexp(std::string_view text) {
  const std::string plain = replaced(text, "\\/", "/");
  const std::size_t close = plain.rfind('/');
  if (plain.empty() || plain.front() != '/' || close == 0) return std::nullopt;
  const std::string flags = plain.substr(close + 1);
  if (flags.find_first_not_of("ismU") != std::string::npos) return std::nullopt;
  std::string pattern = plain.substr(1, close - 1);
  if (!flags.empty()) pattern = fmt::format("(?{}){}", flags, pattern);
  if (cel::pattern_error(pattern)) return std::nullopt;
  return Regexp{std::move(pattern)};
}

/// The tokens, tried in GitLab's order at each place.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> all() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) return tokens;
      if (tokens.size() == kMostTokens) return Failure{"too many tokens"};
      auto token = next();
      if (!token) return Failure{fmt::format("unknown lexeme at `{}`", text_.substr(at_, 12))};
      tokens.push_back(*std::move(token));
    }
  }

 private:
  std::optional<Token> next() {
    switch (text_[at_]) {
      case '(': return ++at_, Token{Sign::Open};
      case ')': return ++at_, Token{Sign::Close};
      case '$': return variable();
      case '"':
      case '\'': return quoted();
      case '/': return pattern();
      default: return word();
    }
  }

  std::optional<Token> variable() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_word(text_[end])) ++end;
    if (end == at_ + 1) return std::nullopt;
    return take(Sign::Variable, at_ + 1, end, end);
  }

  /// No escapes: up to the next quote of the same kind. Ruby's `.` stops at the end of a line.
  std::optional<Token> quoted() {
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos || text_.substr(at_, end - at_).find('\n') != std::string_view::npos)
      return std::nullopt;
    return take(Sign::Text, at_ + 1, end, end + 1);
  }

  /// `/([^/]|\\/)+[^\\]/[ismU]*`, greedy: at least two characters, a slash among them escaped, and of `//` the second one closes.
  std::optional<Token> pattern() {
    std::size_t close = at_ + 1;
    while (close < text_.size() && (text_[close] != '/' || text_[close - 1] == '\\')) ++close;
    if (close >= text_.size()) return std::nullopt;
    const bool doubled = close > at_ + 1 && close + 1 < text_.size() && text_[close + 1] == '/';
    if (doubled) ++close;
    if (close - at_ < 3) return std::nullopt;
    std::size_t end = close + 1;
    while (end < text_.size() && std::string_view("ismU").find(text_[end]) != std::string_view::npos) ++end;
    return take(Sign::Pattern, at_, end, end);
  }

  std::optional<Token> word() {
    static constexpr std::array<std::pair<std::string_view, Sign>, 10> kWords = {{{"null", Sign::Null},
                                                                                  {"true", Sign::Boolean},
                                                                                  {"false", Sign::Boolean},
                                                                                  {"==", Sign::Equal},
                                                                                  {"=~", Sign::Match},
                                                                                  {"!=", Sign::Unequal},
                                                                                  {"!~", Sign::NoMatch},
                                                                                  {"&&", Sign::And},
                                                                                  {"||", Sign::Or},
                                                                                  {"!", Sign::Not}}};
    for (const auto& [text, sign] : kWords) {
      if (!text_.substr(at_).starts_with(text)) continue;
      const std::size_t end = at_ + text.size();
      if (sign == Sign::Boolean && end < text_.size() && is_word(text_[end])) continue;
      return take(sign, at_, end, end);
    }
    return std::nullopt;
  }

  Token take(Sign sign, std::size_t begin, std::size_t end, std::size_t next) {
    at_ = next;
    return {sign, std::string(text_.substr(begin, end - begin))};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_binary(Sign sign) { return sign >= Sign::Equal && sign <= Sign::Or; }

/// The smaller, the tighter.
int precedence(Sign sign) {
  switch (sign) {
    case Sign::Not: return 1;
    case Sign::Equal:
    case Sign::Unequal:
    case Sign::Match:
    case Sign::NoMatch: return 10;
    case Sign::And: return 11;
    case Sign::Or: return 12;
    case Sign::Close: return 900;
    case Sign::Open: return 901;
    case Sign::Variable:
    case Sign::Text:
    case Sign::Pattern:
    case Sign::Null:
    case Sign::Boolean: break;
  }
  return 0;
}

/// The shunting yard: the tokens with each operator behind its operands.
Result<std::vector<Token>> reversed(std::vector<Token> tokens) {
  std::vector<Token> out, operators;
  const auto pop_while = [&](Sign sign) {
    while (!operators.empty() && precedence(sign) >= precedence(operators.back().sign)) {
      out.push_back(std::move(operators.back()));
      operators.pop_back();
    }
  };
  for (Token& token : tokens) {
    if (is_binary(token.sign)) {
      pop_while(token.sign);
      operators.push_back(std::move(token));
    } else if (token.sign == Sign::Open || token.sign == Sign::Not) {
      operators.push_back(std::move(token));
    } else if (token.sign == Sign::Close) {
      pop_while(token.sign);
      if (operators.empty()) return Failure{"unmatched parenthesis"};
      operators.pop_back();
    } else {
      out.push_back(std::move(token));
    }
  }
  while (!operators.empty()) {
    out.push_back(std::move(operators.back()));
    operators.pop_back();
  }
  return out;
}

bool is_true(const Value& value) {  // Ruby's: an empty text is
  return !std::holds_alternative<std::monostate>(value) && value != Value{false};
}

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  return {};
}

/// A text on the right that looks like an expression is one; any other asks whether the left is a part of it.
bool finds(const Value& left, const Value& right) {
  const std::string text = text_of(left);
  if (const auto* pattern = std::get_if<Regexp>(&right)) return cel::matches(text, pattern->pattern);
  const std::string written = text_of(right);
  if (const auto pattern = regexp(written)) return cel::matches(text, pattern->pattern);
  return written.find(text) != std::string::npos;
}

}  // namespace

bool is_present(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return !std::ranges::all_of(*text, is_space);
  return is_true(value);
}

/// Makes the tree of the reversed tokens.
class Parser {
 public:
  Result<Expression> build(const std::vector<Token>& tokens) {
    for (const Token& token : tokens) {
      if (token.sign == Sign::Open) return Failure{"a parenthesis is open"};
      auto node = is_binary(token.sign) ? binary(token) : token.sign == Sign::Not ? negation() : leaf(token);
      if (!node) return node.error();
      made_.nodes_.push_back(*std::move(node));
      stack_.push_back(made_.nodes_.size() - 1);
    }
    if (stack_.size() != 1) return Failure{stack_.empty() ? "nothing there" : "an operator is missing"};
    made_.root_ = stack_.back();
    return std::move(made_);
  }

 private:
  using Kind = Expression::Kind;

  static Kind kind(Sign sign) {
    switch (sign) {
      case Sign::Equal: return Kind::Equal;
      case Sign::Unequal: return Kind::Unequal;
      case Sign::Match: return Kind::Match;
      case Sign::NoMatch: return Kind::NoMatch;
      case Sign::And: return Kind::And;
      default: return Kind::Or;
    }
  }

  Result<Expression::Node> binary(const Token& token) {
    if (stack_.size() < 2) return Failure{"an operand is missing"};
    Expression::Node node;
    node.kind = kind(token.sign);
    node.right = stack_.back();
    stack_.pop_back();
    node.left = stack_.back();
    stack_.pop_back();
    return node;
  }

  Result<Expression::Node> negation() {
    if (stack_.empty()) return Failure{"an operand is missing"};
    Expression::Node node;
    node.kind = Kind::Not;
    node.left = stack_.back();
    stack_.pop_back();
    return node;
  }

  static Result<Expression::Node> leaf(const Token& token) {
    Expression::Node node;
    if (token.sign == Sign::Variable) {
      node.kind = Kind::Variable;
      node.name = token.text;
    } else if (token.sign == Sign::Text) {
      node.constant = token.text;
    } else if (token.sign == Sign::Boolean) {
      node.constant = token.text == "true";
    } else if (token.sign == Sign::Pattern) {
      auto pattern = regexp(token.text);
      if (!pattern) return Failure{fmt::format("invalid regular expression `{}`", token.text)};
      node.constant = *std::move(pattern);
    }
    return node;
  }

  Expression made_;
  std::vector<std::size_t> stack_;
};

Result<Expression> Expression::parse(std::string_view text) {
  auto tokens = Scanner(text).all();
  if (!tokens) return tokens.error();
  auto ordered = reversed(std::move(*tokens));
  if (!ordered) return ordered.error();
  return Parser().build(*ordered);
}

bool Expression::holds(const Lookup& lookup) const { return is_present(evaluate(root_, lookup)); }

Value Expression::evaluate(std::size_t at, const Lookup& lookup) const {
  const Node& node = nodes_[at];
  switch (node.kind) {
    case Kind::Constant: return node.constant;
    case Kind::Variable: {
      const std::string* value = lookup(node.name);
      return value == nullptr ? Value{} : Value{*value};
    }
    case Kind::Not: return !is_present(evaluate(node.left, lookup));
    case Kind::And: {
      Value left = evaluate(node.left, lookup);
      return is_true(left) ? evaluate(node.right, lookup) : left;
    }
    case Kind::Or: {
      Value left = evaluate(node.left, lookup);
      return is_true(left) ? left : evaluate(node.right, lookup);
    }
    case Kind::Equal: return evaluate(node.left, lookup) == evaluate(node.right, lookup);
    case Kind::Unequal: return evaluate(node.left, lookup) != evaluate(node.right, lookup);
    case Kind::Match: {
      const Value right = evaluate(node.right, lookup);
      return is_true(right) && finds(evaluate(node.left, lookup), right);
    }
    case Kind::NoMatch: {
      const Value right = evaluate(node.right, lookup);
      return !is_true(right) || !finds(evaluate(node.left, lookup), right);
    }
  }
  PENSTOCK_CHECK(false);
}

}  // namespace penstock::targets::gitlab::simulation
