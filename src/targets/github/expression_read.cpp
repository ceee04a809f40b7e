#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "targets/github/expression.h"

/// Reads expressions as GitHub does: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
namespace penstock::targets::github {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 9> kSymbols = {"||", "&&", "==", "!=", "<", "<=", ">", ">=", "!"};

Expression binary(Operator op, Expression left, Expression right) {
  Operation made{op, {}};
  made.operands.push_back(std::move(left));
  made.operands.push_back(std::move(right));
  return {std::move(made)};
}

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c) || c == '-'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
/// What ends a number or a name.
bool is_boundary(char c) {
  return is_space(c) || std::string_view("()[],.!><=&|").find(c) != std::string_view::npos;
}

/// Recursive descent, as in the reference: or, and, equality, relation, not, postfix, primary.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<Expression> read() {
    if (rest_.size() > kMostText) return std::nullopt;
    auto expression = nested();
    skip_space();
    if (!rest_.empty() || too_deep_) return std::nullopt;
    return expression;
  }

 private:
  using Level = std::optional<Expression> (Parser::*)();
  static constexpr int kMostDepth = 50;  // GitHub's own limits
  static constexpr std::size_t kMostText = 21'000;

  /// Counts what GitHub counts, and stays too deep once it was.
  class Deeper {
   public:
    explicit Deeper(Parser& parser) : parser_(parser) { add(); }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    ~Deeper() { parser_.depth_ -= levels_; }
    void add() {
      ++levels_;
      if (++parser_.depth_ > kMostDepth) parser_.too_deep_ = true;
    }

   private:
    Parser& parser_;
    int levels_ = 0;
  };

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  std::optional<Expression> nested() {
    const Deeper deeper(*this);
    return too_deep_ ? std::nullopt : read_or();
  }

  std::optional<Expression> read_joined(Operator op, Level below) {
    auto first = (this->*below)();
    if (!first) return std::nullopt;
    const std::string_view symbol = kSymbols.at(static_cast<std::size_t>(op));
    if (!take(symbol)) return first;
    const Deeper deeper(*this);
    Operation made{op, {}};
    made.operands.push_back(std::move(*first));
    do {
      auto next = (this->*below)();
      if (!next) return std::nullopt;
      made.operands.push_back(std::move(*next));
    } while (take(symbol));
    return Expression{std::move(made)};
  }

  std::optional<Expression> read_binary(std::span<const Operator> operators, Level below) {
    auto left = (this->*below)();
    while (left) {
      const auto found = std::ranges::find_if(
          operators, [&](Operator op) { return take(kSymbols.at(static_cast<std::size_t>(op))); });
      if (found == operators.end()) return left;
      auto right = (this->*below)();
      if (!right) return std::nullopt;
      left = binary(*found, std::move(*left), std::move(*right));
    }
    return left;
  }

  std::optional<Expression> read_or() { return read_joined(Operator::Or, &Parser::read_and); }
  std::optional<Expression> read_and() { return read_joined(Operator::And, &Parser::read_equality); }
  std::optional<Expression> read_equality() {
    static constexpr std::array kOperators = {Operator::Equal, Operator::NotEqual};
    return read_binary(kOperators, &Parser::read_relation);
  }
  std::optional<Expression> read_relation() {
    static constexpr std::array kOperators = {Operator::LessEqual, Operator::GreaterEqual, Operator::Less,
                                              Operator::Greater};
    return read_binary(kOperators, &Parser::read_not);
  }

  std::optional<Expression> read_not() {
    skip_space();
    if (rest_.starts_with("!=") || !take("!")) return read_postfix();
    const Deeper deeper(*this);
    if (too_deep_) return std::nullopt;
    auto operand = read_not();
    if (!operand) return std::nullopt;
    Operation made{Operator::Not, {}};
    made.operands.push_back(std::move(*operand));
    return Expression{std::move(made)};
  }

  /// Members are read of contexts, calls and what stands in parentheses, not of literals.
  std::optional<Expression> read_postfix() {
    bool has_members = true;
    auto expression = read_primary(has_members);
    if (!expression || !has_members) return expression;
    const int before = depth_;
    while (expression) {
      if (take(".")) {
        const std::string field = take("*") ? "*" : read_name();
        if (field.empty()) return std::nullopt;
        Member member{{}, field};
        member.operand.push_back(std::move(*expression));
        expression = Expression{std::move(member)};
      } else if (take("[")) {
        expression = read_element(std::move(*expression));
      } else {
        break;
      }
      if (++depth_ > kMostDepth) too_deep_ = true;
    }
    depth_ = before;
    return expression;
  }

  std::optional<Expression> read_element(Expression operand) {
    Element element;
    element.operand.push_back(std::move(operand));
    if (!take("*")) {
      auto index = nested();
      if (!index) return std::nullopt;
      element.index.push_back(std::move(*index));
    }
    if (!take("]")) return std::nullopt;
    return Expression{std::move(element)};
  }

  std::string read_name() {
    skip_space();
    if (rest_.empty() || !is_name_start(rest_.front())) return {};
    const std::string_view word = take_word(false);
    return std::ranges::all_of(word, is_name) ? std::string(word) : std::string();
  }

  /// Up to what cannot belong to a name or number.
  std::string_view take_word(bool with_dots) {
    const auto end =
        std::ranges::find_if(rest_, [&](char c) { return is_boundary(c) && !(with_dots && c == '.'); });
    const std::string_view word(rest_.begin(), end);
    rest_.remove_prefix(word.size());
    return word;
  }

  std::optional<Expression> read_primary(bool& has_members) {
    if (take("(")) {
      auto inner = nested();
      return inner && take(")") ? std::move(inner) : std::nullopt;
    }
    skip_space();
    if (rest_.empty()) return std::nullopt;
    const char first = rest_.front();
    has_members = is_name_start(first);
    if (first == '\'') return read_string();
    if (is_digit(first) || first == '.' || first == '-' || first == '+') return read_number();
    const std::string name = read_name();
    if (name.empty()) return std::nullopt;
    const std::optional<Literal> keyword =
        name == "null"                        ? std::optional(Literal{NullLiteral{}})
        : name == "true" || name == "false"   ? std::optional(Literal{name == "true"})
        : name == "NaN" || name == "Infinity" ? std::optional(Literal{number_in(name)})
                                              : std::nullopt;
    has_members = !keyword;
    if (keyword) return Expression{*keyword};
    if (take("(")) return read_call(name);
    return Expression{Name{name}};
  }

  std::optional<Expression> read_string() {
    std::string text;
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == '\'') {
        if (at + 1 < rest_.size() && rest_[at + 1] == '\'') {
          ++at;
        } else {
          rest_.remove_prefix(at + 1);
          return literal(std::move(text));
        }
      }
      text += rest_[at];
    }
    return std::nullopt;
  }

  std::optional<Expression> read_number() {
    const double value = number_in(take_word(true));
    if (std::isnan(value)) return std::nullopt;
    return Expression{Literal{value}};
  }

  std::optional<Expression> read_call(const std::string& function) {
    Call made{function, {}};
    while (!take(")")) {
      if (!made.arguments.empty() && !take(",")) return std::nullopt;
      auto argument = nested();
      if (!argument) return std::nullopt;
      made.arguments.push_back(std::move(*argument));
    }
    return Expression{std::move(made)};
  }

  std::string_view rest_;
  int depth_ = 0;
  bool too_deep_ = false;
};

}  // namespace

std::optional<Expression> parse_expression(std::string_view text) { return Parser(text).read(); }

}  // namespace penstock::targets::github
