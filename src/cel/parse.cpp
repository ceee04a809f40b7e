#include "cel/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/check.h"
#include "cel/token.h"

namespace penstock::cel {
namespace {

PENSTOCK_MESSAGE(ExpressionSyntax, "expected {}, found {}", std::string, std::string);
PENSTOCK_MESSAGE(ExpressionTooLarge, "the expression {}", std::string);
PENSTOCK_MESSAGE(MacroArgument, "`{}` needs {}", std::string, std::string);

/// A tree and its height.
struct Tree {
  Expr expr;
  std::size_t height = 1;
};

/// The children of a node to be.
struct Children {
  std::vector<Expr> exprs;
  std::size_t height = 0;
  void add(Tree tree) {
    height = std::max(height, tree.height);
    exprs.push_back(std::move(tree.expr));
  }
};

enum class Level : unsigned char { Relation, Sum, Product };

struct Binary {
  TokenKind token;
  Operator op;
  Level level;
};
constexpr std::array kBinaries = {
    Binary{TokenKind::Equal, Operator::Equal, Level::Relation},
    Binary{TokenKind::NotEqual, Operator::NotEqual, Level::Relation},
    Binary{TokenKind::Less, Operator::Less, Level::Relation},
    Binary{TokenKind::LessEqual, Operator::LessEqual, Level::Relation},
    Binary{TokenKind::Greater, Operator::Greater, Level::Relation},
    Binary{TokenKind::GreaterEqual, Operator::GreaterEqual, Level::Relation},
    Binary{TokenKind::In, Operator::In, Level::Relation},
    Binary{TokenKind::Plus, Operator::Add, Level::Sum},
    Binary{TokenKind::Minus, Operator::Subtract, Level::Sum},
    Binary{TokenKind::Star, Operator::Multiply, Level::Product},
    Binary{TokenKind::Slash, Operator::Divide, Level::Product},
    Binary{TokenKind::Percent, Operator::Remainder, Level::Product},
};

struct MacroName {
  std::string_view name;
  Macro macro;
  std::size_t arguments;
};
constexpr std::array kMacroNames = {
    MacroName{"all", Macro::All, 2},       MacroName{"exists", Macro::Exists, 2},
    MacroName{"map", Macro::Map, 2},       MacroName{"exists_one", Macro::ExistsOne, 2},
    MacroName{"map", Macro::Map, 3},       MacroName{"existsOne", Macro::ExistsOne, 2},
    MacroName{"filter", Macro::Filter, 2},
};

struct Hint {
  std::string_view found;
  std::string_view help;
};
// What to write instead of what other languages have.
constexpr std::array kHints = {
    Hint{"${{", "the whole value is an expression already: leave out `${{` and `}}`"},
    Hint{"$", "variables stand by name, without `$`: `vars.NAME`"},
    Hint{"=~", "write `text.matches(\"pattern\")`"},
    Hint{"!~", "write `!text.matches(\"pattern\")`"},
    Hint{"??", "write `condition ? value : other`"},
    Hint{"if", "write `condition ? value : other`"},
    Hint{"?", "optional values (`.?`, `[?`) are not in the language"},
    Hint{"#", "a comment starts with `//`"},
    Hint{";", "one expression stands here, without `;`"},
    Hint{"\xC2\xA0", "this is a no-break space, which only looks like a space"},
    Hint{"contains", "`contains` is called on a text: `text.contains(\"part\")`"},
    Hint{"matches", "`matches` is called on a text: `text.matches(\"pattern\")`"},
    Hint{"startsWith", "`startsWith` is called on a text: `text.startsWith(\"part\")`"},
    Hint{"endsWith", "`endsWith` is called on a text: `text.endsWith(\"part\")`"},
};

std::string help_for(const Token& token) {
  for (const Hint& hint : kHints)
    if (hint.found == token.text) return std::string(hint.help);
  if (is_reserved(token.text)) return fmt::format("`{}` is reserved by the language", token.text);
  return {};
}

bool is_word(const Token& token, std::string_view word) {
  return token.kind == TokenKind::Identifier &&
         std::ranges::equal(token.text, word, {}, [](unsigned char c) { return std::tolower(c); });
}

bool starts_operand(const Token& token) {
  switch (token.kind) {
    case TokenKind::Identifier:
    case TokenKind::Int:
    case TokenKind::Uint:
    case TokenKind::Double:
    case TokenKind::String:
    case TokenKind::Bytes:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::Null:
    case TokenKind::Not:
    case TokenKind::LeftParen: return true;
    default: return false;
  }
}

Span from_to(Span begin, Span end) { return {begin.file, begin.begin, std::max(begin.begin, end.end)}; }

class Parser {
 public:
  Parser(std::string_view text, std::size_t begin, const Positions& positions, diag::Sink& sink)
      : text_(text), lexer_(text, begin, positions, sink), sink_(sink) {
    advance();
  }

  std::optional<Expr> whole();
  Prefix braced();

 private:
  Token advance();
  bool at(TokenKind kind) const { return current_.kind == kind; }
  bool accept(TokenKind kind);
  void expect(TokenKind kind, std::string_view what);
  void close(TokenKind kind, std::string_view what, const Token& open);
  bool at_braces() const;
  std::string found() const;
  void fail(std::string_view expected);
  void refuse();
  void too_large(std::string what);
  Tree nothing() const { return {{Literal{Null{}}, current_.span, current_.span}, 1}; }
  Tree build(Node node, std::size_t below, Span start, Span focus);

  Tree expression();
  Tree nested_expression();
  Tree joined(Operator op);
  bool accept_joint(Operator op);
  Tree relation_operand(Operator op);
  Tree binary(Level level);
  Tree binary_operand(Level level);
  Tree not_in(Tree left, Span start);
  Tree unary();
  Tree prefixed(Operator op, const std::vector<Token>& prefixes, Tree operand);
  Tree negative(const Token& minus);
  Tree word_not();
  Tree signed_member();
  Tree member(Tree operand, Span start, bool is_name);
  Tree selection(Tree operand, Span start, bool& is_name);
  Tree method(Tree receiver, const Token& name, Span start);
  Tree macro(const MacroName& macro, Children children, const Token& name, Span start);
  Tree index(Tree operand, Span start);
  Tree message(const Tree& name, Span start);
  Tree primary(bool& is_name);
  Tree parenthesized();
  Tree name(bool absolute, Span start, bool& is_name);
  Tree literal();
  Tree integer(const Token& token, bool negative, Span start);
  Tree call(const Token& name, bool absolute, Span start);
  Tree has(Children children, const Token& name, Span start);
  Children arguments();
  Tree list();
  Tree map();

  std::string_view text_;
  Lexer lexer_;
  diag::Sink& sink_;
  Token current_;
  Span previous_;
  std::size_t nesting_ = 0;
  bool failed_ = false;
};

Token Parser::advance() {
  Token taken = std::move(current_);
  previous_ = taken.span;
  current_ = lexer_.next();
  if (at(TokenKind::Failed)) failed_ = true;
  return taken;
}

bool Parser::accept(TokenKind kind) {
  if (!at(kind)) return false;
  advance();
  return true;
}

bool Parser::at_braces() const {
  return at(TokenKind::RightBrace) && text_.substr(current_.begin).starts_with("}}");
}

std::string Parser::found() const {
  constexpr std::size_t most = 24;
  if (at(TokenKind::End))
    return text_.find_first_not_of(" \t\r\n\f") == std::string_view::npos ? "nothing" : "the end";
  if (at_braces()) return "`}}`";
  return current_.text.size() > most ? fmt::format("`{}…`", current_.text.substr(0, most))
                                     : fmt::format("`{}`", current_.text);
}

/// After the first mistake nothing more is read: the rest could only be guessed.
void Parser::refuse() {
  failed_ = true;
  current_.kind = TokenKind::Failed;
}

void Parser::fail(std::string_view expected) {
  if (!failed_)
    diag::build(sink_, current_.span, kExpressionSyntax, std::string(expected), found())
        .help(help_for(current_))
        .emit();
  refuse();
}

void Parser::too_large(std::string what) {
  if (!failed_) diag::report(sink_, current_.span, kExpressionTooLarge, what);
  refuse();
}

void Parser::expect(TokenKind kind, std::string_view what) {
  if (!accept(kind)) fail(what);
}

void Parser::close(TokenKind kind, std::string_view what, const Token& open) {
  if (accept(kind)) return;
  if (!failed_)
    diag::build(sink_, current_.span, kExpressionSyntax, fmt::format("an operator or `{}`", what), found())
        .label(open.span, "opened here")
        .help(help_for(current_))
        .emit();
  refuse();
}

Tree Parser::build(Node node, std::size_t below, Span start, Span focus) {
  if (below >= kMaxHeight) {
    too_large(fmt::format("is a tree more than {} high", kMaxHeight));
    return nothing();
  }
  return {{std::move(node), from_to(start, previous_), focus}, below + 1};
}

std::optional<Expr> Parser::whole() {
  Tree tree = expression();
  if (!failed_ && !at(TokenKind::End)) fail("an operator or the end");
  if (failed_) return std::nullopt;
  return std::move(tree.expr);
}

Prefix Parser::braced() {
  if (at_braces()) fail("an expression");
  Tree tree = expression();
  if (!failed_ && !at(TokenKind::End) && !at_braces()) fail("an operator or `}}`");
  if (failed_) return {std::nullopt, current_.begin, false};
  if (at(TokenKind::End)) return {std::move(tree.expr), current_.begin, false};
  return {std::move(tree.expr), current_.begin + 2, true};
}

// expression = or ["?" or ":" expression]
Tree Parser::expression() {
  const Span start = current_.span;
  Tree condition = joined(Operator::Or);
  if (!at(TokenKind::Question)) return condition;
  const Token question = advance();
  Children children;
  children.add(std::move(condition));
  children.add(joined(Operator::Or));
  expect(TokenKind::Colon, "`:` and the other value");
  children.add(nested_expression());
  return build(Operation{Operator::Conditional, std::move(children.exprs)}, children.height, start,
               question.span);
}

Tree Parser::nested_expression() {
  if (nesting_ == kMaxNesting) too_large(fmt::format("is nested more than {} deep", kMaxNesting));
  if (failed_) return nothing();
  ++nesting_;
  Tree tree = expression();
  --nesting_;
  return tree;
}

// or = and {"||" and}; and = relation {"&&" relation}: flat
Tree Parser::joined(Operator op) {
  const Span start = current_.span;
  Tree first = relation_operand(op);
  Span focus = current_.span;
  if (!accept_joint(op)) return first;
  Children children;
  children.add(std::move(first));
  do {
    children.add(relation_operand(op));
  } while (accept_joint(op));
  // `a && (b && c)` is the same condition as `a && b && c`.
  std::vector<Expr> operands;
  for (Expr& expr : children.exprs) {
    if (auto* inner = std::get_if<Operation>(&expr.node); inner && inner->op == op)
      std::ranges::move(inner->operands, std::back_inserter(operands));
    else
      operands.push_back(std::move(expr));
  }
  return build(Operation{op, std::move(operands)}, children.height, start, focus);
}

bool Parser::accept_joint(Operator op) {
  const bool is_or = op == Operator::Or;
  if (is_word(current_, is_or ? "or" : "and")) {
    report_operator(current_.text, symbol(op), current_.span, sink_);
    advance();
    return true;
  }
  return accept(is_or ? TokenKind::Or : TokenKind::And);
}

Tree Parser::relation_operand(Operator op) {
  return op == Operator::Or ? joined(Operator::And) : binary(Level::Relation);
}

// relation = sum {("==" | …) sum}, and so on: left to right
Tree Parser::binary(Level level) {
  const Span start = current_.span;
  Tree left = binary_operand(level);
  while (!failed_) {
    if (level == Level::Relation && is_word(current_, "not")) {
      left = not_in(std::move(left), start);
      continue;
    }
    const auto* const found = std::ranges::find_if(
        kBinaries, [&](const Binary& one) { return one.token == current_.kind && one.level == level; });
    if (found == kBinaries.end()) break;
    const Token op = advance();
    Children children;
    children.add(std::move(left));
    children.add(binary_operand(level));
    left = build(Operation{found->op, std::move(children.exprs)}, children.height, start, op.span);
  }
  return left;
}

Tree Parser::binary_operand(Level level) {
  switch (level) {
    case Level::Relation: return binary(Level::Sum);
    case Level::Sum: return binary(Level::Product);
    case Level::Product: return unary();
  }
  return nothing();
}

/// `a not in b`, as in Python.
Tree Parser::not_in(Tree left, Span start) {
  const Token word = advance();
  if (!at(TokenKind::In)) {
    fail("`in`");
    return nothing();
  }
  const Token in = advance();
  report_operator("not in", "!(… in …)", from_to(word.span, in.span), sink_);
  Children children;
  children.add(std::move(left));
  children.add(binary_operand(Level::Relation));
  Tree tree = build(Operation{Operator::In, std::move(children.exprs)}, children.height, start, in.span);
  Children negated;
  negated.add(std::move(tree));
  return build(Operation{Operator::Not, std::move(negated.exprs)}, negated.height, start, word.span);
}

// unary = member | "!" {"!"} member | "-" {"-"} member, and the sign of a number is part of it
Tree Parser::unary() {
  if (is_word(current_, "not")) return word_not();
  std::vector<Token> prefixes;
  if (at(TokenKind::Not)) {
    while (at(TokenKind::Not)) prefixes.push_back(advance());
    return prefixed(Operator::Not, prefixes, signed_member());
  }
  if (!at(TokenKind::Minus)) return signed_member();
  const Token minus = advance();
  if (at(TokenKind::Int) || at(TokenKind::Double)) return member(negative(minus), minus.span, false);
  prefixes.push_back(minus);
  while (at(TokenKind::Minus)) prefixes.push_back(advance());
  const Span start = current_.span;
  bool is_name = false;
  Tree operand = primary(is_name);
  return prefixed(Operator::Negate, prefixes, member(std::move(operand), start, is_name));
}

Tree Parser::prefixed(Operator op, const std::vector<Token>& prefixes, Tree operand) {
  for (auto prefix = prefixes.rbegin(); prefix != prefixes.rend(); ++prefix) {
    Children children;
    children.add(std::move(operand));
    operand = build(Operation{op, std::move(children.exprs)}, children.height, prefix->span, prefix->span);
  }
  return operand;
}

/// `not x` is meant as `!x`; any other `not` is a name.
Tree Parser::word_not() {
  const Token word = advance();
  if (starts_operand(current_) && !is_word(current_, "and") && !is_word(current_, "or")) {
    report_operator(word.text, "!", word.span, sink_);
    if (nesting_ == kMaxNesting) too_large(fmt::format("is nested more than {} deep", kMaxNesting));
    if (failed_) return nothing();
    ++nesting_;
    Tree operand = unary();
    --nesting_;
    return prefixed(Operator::Not, {word}, std::move(operand));
  }
  Tree ident = build(Ident{std::string(word.text)}, 0, word.span, word.span);
  return member(std::move(ident), word.span, true);
}

Tree Parser::signed_member() {
  const Span start = current_.span;
  bool is_name = false;
  if (!at(TokenKind::Minus)) {
    Tree operand = primary(is_name);
    return member(std::move(operand), start, is_name);
  }
  const Token minus = advance();
  if (at(TokenKind::Int) || at(TokenKind::Double)) return member(negative(minus), start, false);
  if (!failed_)
    diag::build(sink_, minus.span, kExpressionSyntax, std::string("an operand"), std::string("`-`"))
        .help("put what is negated into parentheses")
        .emit();
  refuse();
  return nothing();
}

Tree Parser::negative(const Token& minus) {
  const Token number = advance();
  if (number.kind == TokenKind::Int) return integer(number, true, minus.span);
  return build(Literal{-std::get<double>(number.value)}, 0, minus.span, from_to(minus.span, number.span));
}

Tree Parser::integer(const Token& token, bool negative, Span start) {
  const std::uint64_t magnitude = std::get<std::uint64_t>(token.value);
  const auto value = signed_value(magnitude, negative);
  const Span span = from_to(start, token.span);
  if (!value)
    report_number(negative ? fmt::format("-{}", token.text) : std::string(token.text), "an int of 64 bits",
                  span, sink_);
  return build(Literal{value.value_or(0)}, 0, start, span);
}

// member = primary {"." name ["(" arguments ")"] | "[" expression "]"}; a name may also begin a message
Tree Parser::member(Tree operand, Span start, bool is_name) {
  while (!failed_) {
    if (at(TokenKind::Dot)) {
      operand = selection(std::move(operand), start, is_name);
    } else if (at(TokenKind::LeftBracket)) {
      operand = index(std::move(operand), start);
      is_name = false;
    } else if (is_name && at(TokenKind::LeftBrace)) {
      operand = message(operand, start);
      is_name = false;
    } else {
      break;
    }
  }
  return operand;
}

Tree Parser::selection(Tree operand, Span start, bool& is_name) {
  advance();
  const bool quoted = at(TokenKind::QuotedIdentifier);
  if (!quoted && !at(TokenKind::Identifier)) {
    fail("a name behind the dot");
    return nothing();
  }
  const Token name = advance();
  is_name = is_name && !quoted;
  if (!quoted && at(TokenKind::LeftParen)) {
    is_name = false;
    return method(std::move(operand), name, start);
  }
  std::string field = quoted ? std::get<std::string>(name.value) : std::string(name.text);
  Children children;
  children.add(std::move(operand));
  return build(Select{std::move(children.exprs), std::move(field)}, children.height, start, name.span);
}

Tree Parser::method(Tree receiver, const Token& name, Span start) {
  Children children;
  children.add(std::move(receiver));
  Children rest = arguments();
  children.height = std::max(children.height, rest.height);
  std::ranges::move(rest.exprs, std::back_inserter(children.exprs));
  const auto* const found = std::ranges::find_if(kMacroNames, [&](const MacroName& one) {
    return one.name == name.text && one.arguments + 1 == children.exprs.size();
  });
  if (found != kMacroNames.end() && !failed_) return macro(*found, std::move(children), name, start);
  return build(Call{std::string(name.text), std::move(children.exprs), true}, children.height, start,
               name.span);
}

Tree Parser::macro(const MacroName& macro, Children children, const Token& name, Span start) {
  const Expr& first = children.exprs[1];
  const auto* variable = std::get_if<Ident>(&first.node);
  if (!variable || variable->absolute) {
    diag::report(sink_, first.span, kMacroArgument, std::string(name.text),
                 std::string("the name of a variable first"));
    return nothing();
  }
  Comprehension loop{macro.macro, variable->name, std::move(children.exprs)};
  loop.parts.erase(loop.parts.begin() + 1);
  return build(std::move(loop), children.height, start, name.span);
}

Tree Parser::index(Tree operand, Span start) {
  const Token open = advance();
  Children children;
  children.add(std::move(operand));
  children.add(nested_expression());
  close(TokenKind::RightBracket, "]", open);
  return build(Operation{Operator::Index, std::move(children.exprs)}, children.height, start,
               from_to(open.span, previous_));
}

void add_name(const Expr& expr, Message& message) {
  if (const auto* ident = std::get_if<Ident>(&expr.node)) {
    message.type = ident->name;
    message.absolute = ident->absolute;
  } else if (const auto* select = std::get_if<Select>(&expr.node)) {
    add_name(select->operand.front(), message);
    message.type += "." + select->field;
  }
}

// message = name "{" [field ":" expression {"," …}] [","] "}"
Tree Parser::message(const Tree& name, Span start) {
  const Token open = advance();
  Message node;
  add_name(name.expr, node);
  std::size_t height = 0;
  while (!failed_ && !at(TokenKind::RightBrace)) {
    const bool quoted = at(TokenKind::QuotedIdentifier);
    if (!quoted && !at(TokenKind::Identifier)) {
      fail("a field's name or `}`");
      break;
    }
    const Token field = advance();
    expect(TokenKind::Colon, "`:` and the field's value");
    Tree value = nested_expression();
    height = std::max(height, value.height);
    node.fields.push_back(
        {quoted ? std::get<std::string>(field.value) : std::string(field.text), std::move(value.expr)});
    if (!accept(TokenKind::Comma)) break;
  }
  close(TokenKind::RightBrace, "}", open);
  return build(std::move(node), height, start, name.expr.span);
}

Tree Parser::primary(bool& is_name) {
  const Span start = current_.span;
  switch (current_.kind) {
    case TokenKind::Identifier: return name(false, start, is_name);
    case TokenKind::Dot: advance(); return name(true, start, is_name);
    case TokenKind::LeftParen: return parenthesized();
    case TokenKind::LeftBracket: return list();
    case TokenKind::LeftBrace: return map();
    case TokenKind::Int:
    case TokenKind::Uint:
    case TokenKind::Double:
    case TokenKind::String:
    case TokenKind::Bytes:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::Null: return literal();
    default: break;
  }
  fail("an operand");
  return nothing();
}

Tree Parser::parenthesized() {
  const Token open = advance();
  Tree inner = nested_expression();
  close(TokenKind::RightParen, ")", open);
  return inner;
}

Tree Parser::name(bool absolute, Span start, bool& is_name) {
  if (!at(TokenKind::Identifier) || is_reserved(current_.text)) {
    fail("a name");
    return nothing();
  }
  const Token name = advance();
  if (at(TokenKind::LeftParen)) return call(name, absolute, start);
  is_name = true;
  return build(Ident{std::string(name.text), absolute}, 0, start, name.span);
}

Tree Parser::call(const Token& name, bool absolute, Span start) {
  Children children = arguments();
  if (name.text == "has" && !absolute && children.exprs.size() == 1 && !failed_)
    return has(std::move(children), name, start);
  return build(Call{std::string(name.text), std::move(children.exprs), false, absolute}, children.height,
               start, name.span);
}

Tree Parser::has(Children children, const Token& name, Span start) {
  auto* select = std::get_if<Select>(&children.exprs.front().node);
  if (!select || select->test) {
    diag::report(sink_, children.exprs.front().span, kMacroArgument, std::string(name.text),
                 std::string("a field, such as `a.b`"));
    return nothing();
  }
  select->test = true;
  return build(std::move(*select), children.height, start, name.span);
}

Children Parser::arguments() {
  const Token open = advance();
  Children children;
  while (!failed_ && !at(TokenKind::RightParen)) {
    children.add(nested_expression());
    if (!accept(TokenKind::Comma)) break;
    if (at(TokenKind::RightParen)) fail("an argument");
  }
  close(TokenKind::RightParen, ")", open);
  return children;
}

Tree Parser::literal() {
  const Token token = advance();
  const auto leaf = [&](Constant value) {
    return build(Literal{std::move(value)}, 0, token.span, token.span);
  };
  if (token.kind == TokenKind::Int) return integer(token, false, token.span);
  if (token.kind == TokenKind::True) return leaf(true);
  if (token.kind == TokenKind::False) return leaf(false);
  if (token.kind == TokenKind::Null) return leaf(Null{});
  return leaf(token.value);
}

Tree Parser::list() {
  const Token open = advance();
  Children children;
  while (!failed_ && !at(TokenKind::RightBracket)) {
    children.add(nested_expression());
    if (!accept(TokenKind::Comma)) break;
  }
  close(TokenKind::RightBracket, "]", open);
  return build(List{std::move(children.exprs)}, children.height, open.span, from_to(open.span, previous_));
}

Tree Parser::map() {
  const Token open = advance();
  Map node;
  std::size_t height = 0;
  while (!failed_ && !at(TokenKind::RightBrace)) {
    Tree key = nested_expression();
    expect(TokenKind::Colon, "`:` and the value");
    Tree value = nested_expression();
    height = std::max({height, key.height, value.height});
    node.entries.push_back({std::move(key.expr), std::move(value.expr)});
    if (!accept(TokenKind::Comma)) break;
  }
  close(TokenKind::RightBrace, "}", open);
  return build(std::move(node), height, open.span, from_to(open.span, previous_));
}

bool is_too_long(std::string_view text, std::size_t begin, const Positions& positions, diag::Sink& sink) {
  if (text.size() - begin <= kMaxText) return false;
  diag::report(sink, positions(begin, begin + 1), kExpressionTooLarge,
               fmt::format("is longer than {} bytes", kMaxText));
  return true;
}

}  // namespace

Positions verbatim(FileId file, std::uint32_t begin) {
  return [=](std::size_t from, std::size_t to) {
    return Span{file, static_cast<std::uint32_t>(begin + from), static_cast<std::uint32_t>(begin + to)};
  };
}

std::optional<Expr> parse(std::string_view text, const Positions& positions, diag::Sink& sink) {
  if (is_too_long(text, 0, positions, sink)) return std::nullopt;
  const std::size_t before = sink.errors();
  std::optional<Expr> expr = Parser(text, 0, positions, sink).whole();
  return sink.errors() == before ? std::move(expr) : std::nullopt;
}

Prefix parse_braced(std::string_view text, std::size_t begin, const Positions& positions, diag::Sink& sink) {
  const std::size_t before = sink.errors();
  Prefix prefix = Parser(text, begin, positions, sink).braced();
  if (sink.errors() != before) prefix.expr.reset();
  return prefix;
}

}  // namespace penstock::cel
