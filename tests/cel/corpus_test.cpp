#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/check.h"
#include "support.h"

// Compares our trees with those of cel-go, for each expression of a corpus beside the project. Runs when PENSTOCK_SHARED names its folder.

using namespace penstock;
using namespace penstock::cel;
using namespace penstock::cel::test;
using nlohmann::json;

namespace {

std::string adorned(std::string text, std::string_view kind) {
  return text + fmt::format("^#*expr.{}#", kind);
}
std::string called(std::string_view function, std::string_view arguments) {
  return adorned(fmt::format("{}({})", function, arguments), "Expr_CallExpr");
}

/// As Go's `%q`.
std::string go_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    constexpr std::string_view from = "\a\b\f\n\r\t\v\\\"";
    constexpr std::string_view to = "abfnrtv\\\"";
    const auto code = static_cast<unsigned char>(text[i]);
    if (const auto at = from.find(text[i]); at != std::string_view::npos)
      out += {'\\', to[at]};
    else if (code < 0x20 || code == 0x7f)
      out += fmt::format("\\x{:02x}", code);
    else
      out += text[i];
  }
  return out + "\"";
}

/// As Go's shortest `%g`.
std::string go_number(double value) {
  const std::string text = fmt::format("{:g}", value);
  return std::stod(text) == value ? text : fmt::format("{}", value);
}

/// A tree as cel-go's debug text shows it, without blanks.
class GoText {
 public:
  std::string of(const Expr& expr) const {
    return std::visit(
        Overloaded{
            [&](const Literal& node) { return constant(node.value); },
            [&](const Ident& node) {
              return adorned((node.absolute ? "." : "") + node.name, "Expr_IdentExpr");
            },
            [&](const Select& node) {
              return adorned(of(node.operand[0]) + "." + node.field + (node.test ? "~test-only~" : ""),
                             "Expr_SelectExpr");
            },
            [&](const Operation& node) { return operation(node); },
            [&](const Call& node) { return call(node); },
            [&](const List& node) { return adorned("[" + all(node.items) + "]", "Expr_ListExpr"); },
            [&](const Map& node) {
              std::string out;
              for (const MapEntry& entry : node.entries)
                out += (out.empty() ? "" : ",") +
                       adorned(of(entry.key) + ":" + of(entry.value), "Expr_CreateStruct_Entry");
              return adorned("{" + out + "}", "Expr_StructExpr");
            },
            [&](const Message& node) {
              std::string out;
              for (const Field& field : node.fields)
                out += (out.empty() ? "" : ",") +
                       adorned(field.name + ":" + of(field.value), "Expr_CreateStruct_Entry");
              return adorned((node.absolute ? "." : "") + node.type + "{" + out + "}", "Expr_StructExpr");
            },
            [&](const Comprehension& node) { return comprehension(node); },
        },
        expr.node);
  }

 private:
  std::string all(const std::vector<Expr>& exprs, std::size_t from = 0) const {
    std::string out;
    for (std::size_t i = from; i < exprs.size(); ++i) out += (i > from ? "," : "") + of(exprs[i]);
    return out;
  }
  std::string constant(const Constant& value) const {
    return std::visit(
        Overloaded{
            [](Null) { return adorned("null", "Constant_NullValue"); },
            [](bool one) { return adorned(one ? "true" : "false", "Constant_BoolValue"); },
            [](std::int64_t one) { return adorned(std::to_string(one), "Constant_Int64Value"); },
            [](std::uint64_t one) { return adorned(std::to_string(one) + "u", "Constant_Uint64Value"); },
            [](double one) { return adorned(go_number(one), "Constant_DoubleValue"); },
            [](const std::string& one) { return adorned(go_quoted(one), "Constant_StringValue"); },
            [](const Bytes& one) { return adorned("b" + go_quoted(one.data), "Constant_BytesValue"); },
            [](const TypeName& one) { return adorned(one.name, "Expr_IdentExpr"); },
        },
        value);
  }
  /// cel-go makes a balanced tree of a row of `&&`.
  std::string balanced(std::string_view function, const std::vector<Expr>& terms, std::size_t low,
                       std::size_t high) const {
    const std::size_t middle = (low + high + 1) / 2;
    const std::string left = middle == low ? of(terms[middle]) : balanced(function, terms, low, middle - 1);
    const std::string right =
        middle == high ? of(terms[middle + 1]) : balanced(function, terms, middle + 1, high);
    return called(function, left + "," + right);
  }
  std::string operation(const Operation& node) const {
    const std::vector<Expr>& of_node = node.operands;
    if (node.op == Operator::And || node.op == Operator::Or)
      return balanced(fmt::format("_{}_", symbol(node.op)), of_node, 0, of_node.size() - 2);
    if (node.op == Operator::Conditional) return called("_?_:_", all(of_node));
    if (node.op == Operator::Index) return called("_[_]", all(of_node));
    if (node.op == Operator::In) return called("@in", all(of_node));
    if (of_node.size() == 2) return called(fmt::format("_{}_", symbol(node.op)), all(of_node));
    // cel-go drops pairs of `!` and `-`.
    if (const auto* inner = operands(of_node[0], node.op)) return of(inner->front());
    return called(fmt::format("{}_", symbol(node.op)), of(of_node[0]));
  }
  std::string call(const Call& node) const {
    const std::string name = (node.absolute ? "." : "") + node.function;
    if (!node.method) return called(name, all(node.arguments));
    return adorned(of(node.arguments[0]) + "." + name + "(" + all(node.arguments, 1) + ")", "Expr_CallExpr");
  }
  std::string comprehension(const Comprehension& node) const {
    const std::string result = adorned("@result", "Expr_IdentExpr");
    const std::string yes = adorned("true", "Constant_BoolValue");
    const std::string no = adorned("false", "Constant_BoolValue");
    const std::string one = adorned("1", "Constant_Int64Value");
    const std::string first = of(node.parts[1]);
    const auto loop = [&](const std::string& init, const std::string& condition, const std::string& step,
                          const std::string& last) {
      return adorned(fmt::format("__comprehension__(//Variable{},//Target{},//Accumulator@result,//Init{},//"
                                 "LoopCondition{},//LoopStep{},//Result{})",
                                 node.variable, of(node.parts[0]), init, condition, step, last),
                     "Expr_ComprehensionExpr");
    };
    const auto collect = [&](const std::string& item, const std::string& test) {
      const std::string add = called("_+_", result + "," + adorned("[" + item + "]", "Expr_ListExpr"));
      const std::string step = test.empty() ? add : called("_?_:_", test + "," + add + "," + result);
      return loop(adorned("[]", "Expr_ListExpr"), yes, step, result);
    };
    switch (node.macro) {
      case Macro::All:
        return loop(yes, called("@not_strictly_false", result), called("_&&_", result + "," + first), result);
      case Macro::Exists:
        return loop(no, called("@not_strictly_false", called("!_", result)),
                    called("_||_", result + "," + first), result);
      case Macro::ExistsOne:
        return loop(adorned("0", "Constant_Int64Value"), yes,
                    called("_?_:_", first + "," + called("_+_", result + "," + one) + "," + result),
                    called("_==_", result + "," + one));
      case Macro::Map: return node.parts.size() == 2 ? collect(first, "") : collect(of(node.parts[2]), first);
      case Macro::Filter: return collect(adorned(node.variable, "Expr_IdentExpr"), first);
    }
    return {};
  }
};

/// Go escapes what is not printable, and bytes that are not UTF-8: here they stand as they are.
std::string without_escapes(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    const std::size_t digits = next == 'x' ? 2 : next == 'u' ? 4 : next == 'U' ? 8 : 0;
    const auto code = digits == 0 ? 0 : std::stoul(text.substr(i + 2, digits), nullptr, 16);
    if (next == 'x' && code >= 0x80) {
      out += static_cast<char>(code);
      i += 3;
    } else if (next == 'u' || next == 'U') {
      diag::Sink sink;
      out += *literal<std::string>(read("\"" + text.substr(i, digits + 2) + "\"", sink).value());
      i += digits + 1;
    } else {
      out += text[i];
      if (next != '\0') out += text[++i];
    }
  }
  return out;
}

std::string without_blanks(std::string text) {
  text = without_escapes(text);
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
  return text;
}

json load(const std::string& name) {
  const char* shared = std::getenv("PENSTOCK_SHARED");
  if (!shared) return json::array();
  std::ifstream file(std::string(shared) + "/corpus/cel/" + name);
  REQUIRE(file);
  return json::parse(file)["tests"];
}

/// Reads an expression whose tree cel-go shows; says whether ours is the same.
void compare(const std::string& text, const std::string& ast) {
  diag::Sink sink;
  const auto expr = read(text, sink);
  INFO(text << "\n" << report(sink));
  CHECK(expr);
  if (!expr) return;
  CHECK(without_blanks(GoText().of(*expr)) == without_blanks(ast));
  const auto again = read(print(*expr), sink);
  REQUIRE(again);
  CHECK(*again == *expr);
}

}  // namespace

TEST_CASE("trees of cel-go's own tests", "[corpus]") {
  for (const char* name : {"cel-parsing.json", "cel-checking.json", "cel-comprehension.json"}) {
    for (const json& test : load(name)) {
      const std::string text = test["original"]["expr"];
      const std::string error = test.value("error", "");
      if (test.contains("ast")) {
        compare(text, test["ast"]);
        continue;
      }
      // What is beyond cel-go's limits in these tests, or an option there, is no error here.
      const auto says = [&](std::string_view what) { return error.find(what) != std::string::npos; };
      if (error.empty() || says("recursion") || says("unsupported syntax: '`'") ||
          says("overwrites accumulator"))
        continue;
      INFO(text << "\n" << error);
      diag::Sink sink;
      CHECK_FALSE(read(text, sink));
    }
  }
}

TEST_CASE("trees of the conformance tests", "[corpus]") {
  const std::set<std::string> other = {"optionals", "block", "macros2"};
  for (const json& test : load("cel-conformance.json")) {
    if (other.contains(test["profile"])) continue;
    const std::string text = test["expr"];
    const bool optional = text.find(".?") != std::string::npos || text.find("{?") != std::string::npos ||
                          text.find("?{") != std::string::npos;
    if (optional) continue;
    INFO(test["id"]);
    if (test.contains("go_ast")) {
      compare(text, test["go_ast"]);
    } else {
      diag::Sink sink;
      const bool parses = read(text, sink).has_value();
      INFO(text << "\n" << report(sink));
      CHECK(parses);
    }
  }
}
