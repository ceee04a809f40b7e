#include <catch2/catch.hpp>
#include <random>

#include "cel/eval.h"
#include "cel/total.h"
#include "support.h"

// What must hold for every expression, tried on random ones. The seeds are fixed: a failure comes back.

using namespace penstock;
using namespace penstock::cel;
using namespace penstock::cel::test;

namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t count) { return engine_() % count; }
  bool coin() { return below(2) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937 engine_;
};

Expr leaf(Node node) { return {std::move(node), {}, {}}; }

/// Any tree that the reader could give, well typed or not.
class AnyTree {
 public:
  explicit AnyTree(unsigned seed) : random_(seed) {}
  Expr make(int depth) {
    if (depth == 0) return random_.coin() ? constant() : name();
    switch (random_.below(9)) {
      case 0: return constant();
      case 1: return name();
      case 2: return leaf(Select{many(1, depth), field(), random_.below(4) == 0});
      case 3: return call(depth);
      case 4: return leaf(List{many(random_.below(3), depth)});
      case 5: return map(depth);
      case 6: return message(depth);
      case 7: return comprehension(depth);
      default: return operation(depth);
    }
  }

 private:
  std::vector<Expr> many(std::size_t count, int depth) {
    std::vector<Expr> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(make(depth - 1));
    return all;
  }
  Expr constant() {
    static const std::vector<Constant> all = {Null{},
                                              true,
                                              false,
                                              std::int64_t{0},
                                              std::int64_t{-1},
                                              std::int64_t{42},
                                              INT64_MIN,
                                              INT64_MAX,
                                              std::uint64_t{0},
                                              UINT64_MAX,
                                              0.0,
                                              1.0,
                                              -2.5,
                                              1e300,
                                              5e-324,
                                              0.1,
                                              std::string(),
                                              std::string("a\"b'c"),
                                              std::string("\\d+\\.x"),
                                              std::string("\\\"\n\r\t\x01\x7f"),
                                              std::string("\0nul", 4),
                                              std::string("\u00e9\u2764\U0001F601"),
                                              std::string("${{ }}"),
                                              Bytes{},
                                              Bytes{std::string("\xff\x00z\"\\", 5)}};
    return leaf(Literal{random_.pick(all)});
  }
  std::string identifier() {
    static const std::vector<std::string> all = {"a",   "b1",  "_c", "in_", "has", "all",
                                                 "not", "and", "e5", "r",   "x0"};
    return random_.pick(all);
  }
  std::string field() {
    static const std::vector<std::string> all = {"f",   "while", "in",  "true", "a-b",
                                                 "a.b", "x/y z", "all", "e1"};
    return random_.pick(all);
  }
  Expr name() { return leaf(Ident{identifier(), random_.below(5) == 0}); }
  Expr call(int depth) {
    const bool method = random_.coin();
    const std::string function = random_.coin() ? "f" : "g_2";
    return leaf(Call{function, many(random_.below(3) + (method ? 1 : 0), depth), method,
                     !method && random_.below(5) == 0});
  }
  Expr map(int depth) {
    Map node;
    for (std::size_t i = random_.below(3); i > 0; --i)
      node.entries.push_back({make(depth - 1), make(depth - 1)});
    return leaf(std::move(node));
  }
  Expr message(int depth) {
    Message node{random_.coin() ? "T" : "a.b.T", {}, random_.below(5) == 0};
    for (std::size_t i = random_.below(3); i > 0; --i) node.fields.push_back({field(), make(depth - 1)});
    return leaf(std::move(node));
  }
  Expr comprehension(int depth) {
    const auto macro = static_cast<Macro>(random_.below(5));
    const std::size_t steps = macro == Macro::Map && random_.coin() ? 2 : 1;
    return leaf(Comprehension{macro, identifier(), many(1 + steps, depth)});
  }
  Expr operation(int depth) {
    const auto op = static_cast<Operator>(random_.below(18));
    if (op == Operator::And) return all_of(many(2 + random_.below(2), depth), {});
    if (op == Operator::Or) return any_of(many(2 + random_.below(2), depth), {});
    const std::size_t count = op == Operator::Not || op == Operator::Negate ? 1
                              : op == Operator::Conditional                 ? 3
                                                                            : 2;
    return leaf(Operation{op, many(count, depth)});
  }

  Random random_;
};

/// Texts of expressions that the checker admits, over the facts of `environment()`.
class TypedText {
 public:
  explicit TypedText(unsigned seed) : random_(seed) {}
  std::string condition(int depth) {
    if (depth == 0)
      return pick({"true", "false", "pull_request.fork", "event.kind == \"push\"", "ref.branch == \"a\"",
                   "changed(\"a\")"});
    const auto inner = [&] { return "(" + condition(depth - 1) + ")"; };
    switch (random_.below(14)) {
      case 0: return inner() + " && " + inner();
      case 1: return inner() + " || " + inner() + " || " + inner();
      case 2: return "!" + inner();
      case 3: return inner() + " ? " + inner() + " : " + inner();
      case 4: return inner() + pick({" == ", " != ", " < "}) + inner();
      case 5: return text(depth) + pick({" == ", " != ", " < ", " >= "}) + text(depth);
      case 6: return number(depth) + pick({" == ", " != ", " <= ", " > "}) + number(depth);
      case 7: return text(depth) + " in " + texts(depth);
      case 8: return text(depth) + pick({".startsWith(", ".endsWith(", ".contains("}) + text(depth) + ")";
      case 9:
        return text(depth) + ".matches(" + pick({"\"^a\"", "r\"\\w+\"", "\"(\" + ref.branch", "\"b$\""}) +
               ")";
      case 10:
        return texts(depth) + pick({".all", ".exists", ".exists_one"}) + "(v, v == " + text(depth) + ")";
      case 11: return texts(depth) + ".exists(v, " + condition(depth - 1) + " && v != \"b\")";
      case 12: return "changed(" + text(depth) + ", " + text(depth) + ")";
      default: return texts(depth) + " == " + texts(depth);
    }
  }

 private:
  std::string pick(const std::vector<std::string>& all) { return random_.pick(all); }
  std::string text(int depth) {
    if (depth <= 0 || random_.coin())
      return pick({"\"a\"", "\"b\"", "\"\"", "ref.branch", "ref.tag", "event.kind", "vars.X"});
    switch (random_.below(3)) {
      case 0: return "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
      case 1: return "((" + condition(depth - 1) + ") ? " + text(depth - 1) + " : " + text(depth - 1) + ")";
      default: return texts(depth - 1) + "[" + number(depth - 1) + "]";
    }
  }
  std::string number(int depth) {
    if (depth <= 0 || random_.coin())
      return pick({"0", "1", "-1", "2", "9223372036854775807", "pull_request.number"});
    if (random_.below(4) == 0) return "size(" + text(depth - 1) + ")";
    if (random_.below(4) == 0) return "math.twice(" + number(depth - 1) + ")";
    return "(" + number(depth - 1) + pick({" + ", " - ", " * ", " / ", " % "}) + number(depth - 1) + ")";
  }
  std::string texts(int depth) {
    if (depth <= 0 || random_.coin())
      return pick({"[]", "[\"a\"]", "[\"a\", \"b\"]", "[ref.branch, \"a\"]", "pull_request.labels"});
    if (random_.below(4) == 0) return "(" + texts(depth - 1) + " + " + texts(depth - 1) + ")";
    if (random_.below(3) == 0) return texts(depth - 1) + ".filter(v, v != " + text(depth - 1) + ")";
    return texts(depth - 1) + ".map(v, " + pick({"", "v == \"a\", ", "v == ref.tag, "}) + "v + " +
           text(depth - 1) + ")";
  }

  Random random_;
};

using Values = std::vector<Value>;

/// All that the facts of random expressions can be.
const std::vector<std::pair<std::string, Values>>& choices() {
  static const std::vector<std::pair<std::string, Values>> all = {
      {"event.kind", {{"push"}, {"tag"}}},
      {"ref.branch", {{"a"}, {"b"}}},
      {"ref.tag", {{""}, {"a"}}},
      {"vars.X", {{"b"}}},
      {"pull_request.fork", {{false}, {true}}},
      {"pull_request.number", {{std::int64_t{0}}, {std::int64_t{2}}}},
      {"pull_request.labels", {{Values{}}, {Values{{"a"}, {"b"}}}}},
  };
  return all;
}

std::optional<Value> call(std::string_view function, std::span<const Value> arguments) {
  if (function == "math.twice") return Value{*arguments[0].get<std::int64_t>() % 1000 * 2};
  return Value{arguments.size() == 1};
}

template <class Visit>
void for_all_assignments(Bindings& bindings, std::size_t from, const Visit& visit) {
  if (from == choices().size()) return visit();
  const auto& [name, values] = choices()[from];
  for (const Value& value : values) {
    bindings[name] = value;
    for_all_assignments(bindings, from + 1, visit);
  }
}

/// The facts as above. Comparing with what is never equal is a mistake for authors, and no matter here.
Environment facts_of(std::vector<std::string> kinds) {
  Environment all = environment();
  all.variables.front().values = std::move(kinds);
  return all;
}

Expr checked(std::string_view text) {
  diag::Sink sink;
  auto typed = check(read(text, sink).value(), facts_of({}), sink);
  INFO(text << "\n" << report(sink));
  REQUIRE(typed);
  REQUIRE(typed->type == types::kBool);
  return std::move(typed->expr);
}

bool same_value(const Value& a, const Value& b) { return a == b || (a.is_error() && b.is_error()); }

}  // namespace

TEST_CASE("what is printed reads as the same tree") {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const Expr expr = AnyTree(seed).make(1 + static_cast<int>(seed % 5));
    const std::string text = print(expr);
    diag::Sink sink;
    const auto again = read(text, sink);
    INFO(seed << ": " << text << "\n" << report(sink));
    REQUIRE(again);
    REQUIRE(*again == expr);
    REQUIRE(print(*again) == text);
  }
}

TEST_CASE("least parentheses: without any pair the tree is another, or none") {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const Expr expr = AnyTree(seed).make(3);
    const std::string text = print(expr);
    for (std::size_t open = 0; open < text.size(); ++open) {
      // Only parentheses that group: not those of calls, not those in text.
      const bool groups =
          text[open] == '(' &&
          (open == 0 || std::string_view("(![{,: -").find(text[open - 1]) != std::string_view::npos);
      if (!groups || text.find('"') != std::string::npos) continue;
      std::size_t close = open;
      for (int depth = 0; close < text.size(); ++close) {
        depth += text[close] == '(' ? 1 : text[close] == ')' ? -1 : 0;
        if (depth == 0) break;
      }
      std::string without = text;
      without.erase(close, 1).erase(open, 1);
      diag::Sink sink;
      const auto other = read(without, sink);
      INFO(text << "  →  " << without);
      REQUIRE((!other || !(*other == expr)));
    }
  }
}

TEST_CASE("a checked expression is printed, read and checked to itself") {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const std::string text = TypedText(seed).condition(1 + static_cast<int>(seed % 3));
    INFO(seed);
    const Expr expr = checked(text);
    REQUIRE(checked(print(expr)) == expr);
  }
}

TEST_CASE("folding changes no value, whatever is known before") {
  for (unsigned seed = 0; seed < 120; ++seed) {
    Random random(seed);
    const std::string text = TypedText(seed).condition(1 + static_cast<int>(seed % 3));
    INFO(seed);
    const Expr expr = checked(text);
    std::vector<bool> is_known;
    for (std::size_t i = 0; i <= choices().size(); ++i) is_known.push_back(random.coin());
    Bindings all;
    for_all_assignments(all, 0, [&] {
      Bindings some;
      for (std::size_t i = 0; i < choices().size(); ++i)
        if (is_known[i]) some[choices()[i].first] = all[choices()[i].first];
      Facts partly = facts(some);
      if (is_known.back()) partly.call = call;
      Facts whole = facts(all);
      whole.call = call;
      const Expr folded = fold(expr, partly);
      const Value before = evaluate(expr, whole);
      const Value after = evaluate(folded, whole);
      INFO(seed << ": " << text << "\n→ " << print(folded));
      REQUIRE(same_value(before, after));
      REQUIRE(fold(folded, partly) == folded);
      const Expr rest = fold(folded, whole);
      REQUIRE(same_value(evaluate(rest, whole), before));
      // A bool that is known is a literal: nothing of it is left to lower.
      if (before.get<bool>()) REQUIRE(literal<bool>(rest));
    });
  }
}

TEST_CASE("what cannot fail has a value for every assignment") {
  int total = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    const std::string text = TypedText(seed).condition(1 + static_cast<int>(seed % 2));
    const Expr expr = checked(text);
    if (fallible(expr, facts_of({}))) continue;
    ++total;
    Bindings all;
    for_all_assignments(all, 0, [&] {
      Facts whole = facts(all);
      whole.call = call;
      INFO(seed << ": " << text);
      REQUIRE_FALSE(evaluate(expr, whole).is_error());
    });
  }
  CHECK(total > 100);
}

TEST_CASE("a verdict holds for every assignment") {
  int decided = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    const std::string text = TypedText(seed).condition(1 + static_cast<int>(seed % 2));
    INFO(seed);
    const Expr expr = checked(text);
    const auto verdict = always(expr, facts_of({"push", "tag"}));
    if (!verdict) continue;
    ++decided;
    Bindings all;
    for_all_assignments(all, 0, [&] {
      Facts whole = facts(all);
      whole.call = call;
      INFO(seed << ": " << text);
      REQUIRE(evaluate(expr, whole) == Value{*verdict});
    });
  }
  CHECK(decided > 20);
}
