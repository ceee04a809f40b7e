#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "cel/ast.h"
#include "cel/token.h"

namespace penstock::cel {
namespace {

// How tightly a construct binds: an operand that binds looser than its place wants parentheses.
enum class Level : unsigned char { Conditional, Or, And, Relation, Sum, Product, Unary, Member };

Level tighter(Level level) { return static_cast<Level>(static_cast<unsigned char>(level) + 1); }

Level level(Operator op) {
  switch (op) {
    case Operator::Conditional: return Level::Conditional;
    case Operator::Or: return Level::Or;
    case Operator::And: return Level::And;
    case Operator::Equal:
    case Operator::NotEqual:
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
    case Operator::In: return Level::Relation;
    case Operator::Add:
    case Operator::Subtract: return Level::Sum;
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::Remainder: return Level::Product;
    case Operator::Not:
    case Operator::Negate: return Level::Unary;
    case Operator::Index: return Level::Member;
  }
  return Level::Member;
}

Level level(const Expr& expr) {
  const auto* node = std::get_if<Operation>(&expr.node);
  return node ? level(node->op) : Level::Member;
}

std::string printed(const Expr& expr, Level least);

std::string printed(const std::vector<Expr>& exprs, std::string_view separator, Level least,
                    std::size_t from = 0) {
  std::string out;
  for (std::size_t i = from; i < exprs.size(); ++i) {
    if (i > from) out += separator;
    out += printed(exprs[i], least);
  }
  return out;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string escaped(std::string_view text, bool bytes) {
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (is_control(c) || (bytes && code >= 0x80))
      out += fmt::format("\\x{:02x}", code);
    else
      out += c;
  }
  return out;
}

/// A pattern stays readable when its backslashes are not doubled.
bool wants_raw(std::string_view text) {
  return text.find('\\') != std::string_view::npos && text.find('"') == std::string_view::npos &&
         std::ranges::none_of(text, is_control);
}

struct ConstantPrinter {
  std::string operator()(Null) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(std::uint64_t value) const { return std::to_string(value) + "u"; }
  std::string operator()(double value) const {
    std::string text = fmt::format("{}", value);
    if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
    return text;
  }
  std::string operator()(const std::string& value) const {
    return wants_raw(value) ? fmt::format("r\"{}\"", value) : fmt::format("\"{}\"", escaped(value, false));
  }
  std::string operator()(const Bytes& value) const {
    return fmt::format("b\"{}\"", escaped(value.data, true));
  }
  std::string operator()(const TypeName& value) const { return value.name; }
};

/// What stands first in the text of an operand.
const Expr& leftmost(const Expr& expr) {
  const auto below = [](const std::vector<Expr>& exprs) -> const Expr& { return leftmost(exprs.front()); };
  if (const auto* select = std::get_if<Select>(&expr.node); select && !select->test)
    return below(select->operand);
  if (const auto* call = std::get_if<Call>(&expr.node); call && call->method) return below(call->arguments);
  if (const auto* loop = std::get_if<Comprehension>(&expr.node)) return below(loop->parts);
  const auto* index = operands(expr, Operator::Index);
  return index ? below(*index) : expr;
}

/// `-` before a number would become part of it.
std::string negated(const Expr& operand) {
  if (operands(operand, Operator::Negate)) return "-" + printed(operand, Level::Unary);
  const Expr& first = leftmost(operand);
  const std::string text = printed(operand, Level::Member);
  const bool number = literal<std::int64_t>(first) || literal<double>(first);
  return number ? fmt::format("-({})", text) : "-" + text;
}

std::string printed(const Operation& node) {
  const std::vector<Expr>& of = node.operands;
  switch (node.op) {
    case Operator::Or: return printed(of, " || ", Level::And);
    case Operator::And: return printed(of, " && ", Level::Relation);
    case Operator::Not:
      return "!" + printed(of[0], operands(of[0], Operator::Not) ? Level::Unary : Level::Member);
    case Operator::Negate: return negated(of[0]);
    case Operator::Conditional:
      return fmt::format("{} ? {} : {}", printed(of[0], Level::Or), printed(of[1], Level::Or),
                         printed(of[2], Level::Conditional));
    case Operator::Index:
      return fmt::format("{}[{}]", printed(of[0], Level::Member), printed(of[1], Level::Conditional));
    case Operator::Equal:
    case Operator::NotEqual:
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
    case Operator::In:
    case Operator::Add:
    case Operator::Subtract:
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::Remainder: break;
  }
  return fmt::format("{} {} {}", printed(of[0], level(node.op)), symbol(node.op),
                     printed(of[1], tighter(level(node.op))));
}

std::string field(const std::string& name) { return is_selector(name) ? name : fmt::format("`{}`", name); }

std::string dot(bool absolute) { return absolute ? "." : ""; }

struct Printer {
  std::string operator()(const Literal& node) const { return std::visit(ConstantPrinter{}, node.value); }
  std::string operator()(const Ident& node) const { return dot(node.absolute) + node.name; }
  std::string operator()(const Select& node) const {
    const std::string text =
        fmt::format("{}.{}", printed(node.operand.front(), Level::Member), field(node.field));
    return node.test ? fmt::format("has({})", text) : text;
  }
  std::string operator()(const Operation& node) const { return printed(node); }
  std::string operator()(const Call& node) const {
    const std::string arguments = printed(node.arguments, ", ", Level::Conditional, node.method ? 1 : 0);
    if (!node.method) return fmt::format("{}{}({})", dot(node.absolute), node.function, arguments);
    return fmt::format("{}.{}({})", printed(node.arguments.front(), Level::Member), node.function, arguments);
  }
  std::string operator()(const List& node) const {
    return fmt::format("[{}]", printed(node.items, ", ", Level::Conditional));
  }
  std::string operator()(const Map& node) const {
    std::string out;
    for (const MapEntry& entry : node.entries) {
      if (!out.empty()) out += ", ";
      out += fmt::format("{}: {}", printed(entry.key, Level::Conditional),
                         printed(entry.value, Level::Conditional));
    }
    return "{" + out + "}";
  }
  std::string operator()(const Message& node) const {
    std::string out;
    for (const Field& one : node.fields) {
      if (!out.empty()) out += ", ";
      out += fmt::format("{}: {}", field(one.name), printed(one.value, Level::Conditional));
    }
    return fmt::format("{}{}{{{}}}", dot(node.absolute), node.type, out);
  }
  std::string operator()(const Comprehension& node) const {
    return fmt::format("{}.{}({}, {})", printed(node.parts.front(), Level::Member), name(node.macro),
                       node.variable, printed(node.parts, ", ", Level::Conditional, 1));
  }
};

std::string printed(const Expr& expr, Level least) {
  std::string text = std::visit(Printer{}, expr.node);
  return level(expr) < least ? fmt::format("({})", text) : text;
}

}  // namespace

std::string print(const Expr& expr) { return printed(expr, Level::Conditional); }

}  // namespace penstock::cel
