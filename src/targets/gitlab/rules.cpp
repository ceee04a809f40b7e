// Conditions over the facts of an event, as GitLab's `rules`. Tree to tree; the meaning is exact, or the author is told.
//
// A condition is brought to a sum of products: each term is a GitLab condition and some tests of changed paths. `rules:changes` can
// stand once in an entry, and cannot be negated; but an entry above that says `never` takes away what it matches.
#include "targets/gitlab/rules.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <variant>

#include "base/check.h"
#include "base/text.h"
#include "cel/eval.h"

namespace penstock::targets::gitlab {
namespace {

PENSTOCK_MESSAGE(NotExpressible, "GitLab's `rules` cannot say {}", std::string);

using cel::Builtin;
using cel::Expr;
using cel::Operator;

/// One product: the condition, and the tests of changed paths (by their position in `Lowering::tests`) that must and must not hold.
struct Term {
  Condition condition;
  std::vector<std::size_t> changed;
  std::vector<std::size_t> unchanged;
  bool has_tests() const { return !changed.empty() || !unchanged.empty(); }
};
/// A sum of products. Empty: false.
using Terms = std::vector<Term>;

void insert(std::vector<std::size_t>& set, const std::vector<std::size_t>& more) {
  for (const std::size_t item : more) {
    if (std::ranges::find(set, item) == set.end()) set.push_back(item);
  }
  std::ranges::sort(set);
}

/// Terms with the same tests are one; a term that is false is none.
void add(Terms& terms, Term term) {
  if (is_false(term.condition)) return;
  for (Term& known : terms) {
    if (known.changed == term.changed && known.unchanged == term.unchanged) {
      known.condition = any_of({std::move(known.condition), std::move(term.condition)});
      return;
    }
  }
  terms.push_back(std::move(term));
}

Terms either(Terms a, Terms b) {
  for (Term& term : b) add(a, std::move(term));
  return a;
}

/// Whether every path that matches a pattern also matches the other, as far as their texts tell: `src/a/*.c` is below `src/**/*`.
bool covers(std::string_view outer, std::string_view inner) {
  constexpr std::string_view kBelow = "**/*";
  return outer == inner ||
         (outer.ends_with(kBelow) && inner.starts_with(outer.substr(0, outer.size() - kBelow.size())));
}

Terms terms(Condition condition) {
  Terms all;
  add(all, {std::move(condition), {}, {}});
  return all;
}

/// The sum when a test is known to hold, or not to.
Terms assume(const Terms& all, std::size_t test, bool holds) {
  Terms left;
  for (Term term : all) {
    std::erase(holds ? term.changed : term.unchanged, test);
    const std::vector<std::size_t>& contrary = holds ? term.unchanged : term.changed;
    if (std::ranges::find(contrary, test) == contrary.end()) add(left, std::move(term));
  }
  return left;
}

class Lowering {
 public:
  Lowering(const Event& event, const Table& facts, diag::Sink& sink)
      : event_(event), facts_(facts), sink_(sink) {}

  Terms lower(const Expr& expr, bool negate);
  Terms changed(const std::vector<model::Glob>& globs, Span span, bool negate);
  Terms both(const Terms& a, const Terms& b) const;
  std::vector<Selection> selections(Terms all, Span span);
  bool refused() const { return refused_; }

 private:
  /// What GitLab cannot say is reported, and we go on to find the next.
  Terms refuse(Span span, std::string what, std::string help) {
    diag::build(sink_, span, kNotExpressible, std::move(what)).help(std::move(help)).emit();
    refused_ = true;
    return {};
  }
  Terms refuse(const Expr& expr, std::string help) {
    return refuse(expr.span, fmt::format("`{}`", cel::print(expr)), std::move(help));
  }
  Terms lower_operation(const cel::Operation& operation, const Expr& expr, bool negate);
  Terms lower_call(const cel::Call& call, const Expr& expr, bool negate);
  Terms lower_comparison(const Expr& left, const Expr& right, const Expr& whole, bool equal);
  Terms lower_in(const Expr& item, const Expr& list, const Expr& whole, bool negate);
  Terms lower_test(Builtin test, const cel::Call& call, const Expr& expr, bool negate);
  bool is_within(std::size_t inner, std::size_t outer) const;
  Terms sum(const std::vector<Expr>& operands, bool negate);
  Terms product(const std::vector<Expr>& operands, bool negate);
  std::optional<Value> value(const Expr& expr);
  Condition compare(const Value& left, const Value& right);

  const Event& event_;
  const Table& facts_;
  diag::Sink& sink_;
  std::vector<std::vector<std::string>> tests_;  // the patterns of each
  bool refused_ = false;
};

Terms Lowering::lower(const Expr& expr, bool negate) {
  if (const bool* known = cel::literal<bool>(expr)) return terms(constant(*known != negate));
  if (const auto* operation = std::get_if<cel::Operation>(&expr.node))
    return lower_operation(*operation, expr, negate);
  if (const auto* call = std::get_if<cel::Call>(&expr.node)) return lower_call(*call, expr, negate);
  if (const auto* ident = std::get_if<cel::Ident>(&expr.node);
      ident != nullptr && ident->name == "pull_request.fork") {
    const bool request = event_.kind == model::EventKind::PullRequest;
    const Condition fork = request ? from_fork(facts_) : constant(false);
    return terms(negate ? negated(fork) : fork);
  }
  return refuse(expr,
                "compare facts of the event with texts, and join the comparisons with `&&`, `||` and `!`");
}

/// Whether the first test holds only when the second does.
bool Lowering::is_within(std::size_t inner, std::size_t outer) const {
  return std::ranges::all_of(tests_[inner], [&](const std::string& pattern) {
    return std::ranges::any_of(tests_[outer],
                               [&](const std::string& wider) { return covers(wider, pattern); });
  });
}

Terms Lowering::both(const Terms& a, const Terms& b) const {
  Terms product;
  for (const Term& left : a) {
    for (const Term& right : b) {
      Term term{all_of({left.condition, right.condition}), left.changed, left.unchanged};
      insert(term.changed, right.changed);
      insert(term.unchanged, right.unchanged);
      const std::vector<std::size_t> all = term.changed;
      std::erase_if(term.changed, [&](std::size_t outer) {  // what a narrower test says already
        return std::ranges::any_of(all, [&](std::size_t inner) {
          return inner != outer && is_within(inner, outer) && (inner < outer || !is_within(outer, inner));
        });
      });
      const auto contradicts = [&](std::size_t test) {
        return std::ranges::find(term.unchanged, test) != term.unchanged.end();
      };
      if (std::ranges::none_of(all, contradicts)) add(product, std::move(term));
    }
  }
  return product;
}

Terms Lowering::sum(const std::vector<Expr>& operands, bool negate) {
  Terms all;
  for (const Expr& operand : operands) all = either(std::move(all), lower(operand, negate));
  return all;
}

Terms Lowering::product(const std::vector<Expr>& operands, bool negate) {
  Terms all = terms(constant(true));
  for (const Expr& operand : operands) all = both(all, lower(operand, negate));
  return all;
}

Terms Lowering::lower_operation(const cel::Operation& operation, const Expr& expr, bool negate) {
  const auto& operands = operation.operands;
  switch (operation.op) {
    case Operator::And: return negate ? sum(operands, true) : product(operands, false);
    case Operator::Or: return negate ? product(operands, true) : sum(operands, false);
    case Operator::Not: return lower(operands[0], !negate);
    case Operator::Equal: return lower_comparison(operands[0], operands[1], expr, !negate);
    case Operator::NotEqual: return lower_comparison(operands[0], operands[1], expr, negate);
    case Operator::In: return lower_in(operands[0], operands[1], expr, negate);
    case Operator::Conditional:
      return either(both(lower(operands[0], false), lower(operands[1], negate)),
                    both(lower(operands[0], true), lower(operands[2], negate)));
    case Operator::Negate:
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
    case Operator::Add:
    case Operator::Subtract:
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::Remainder:
    case Operator::Index: break;
  }
  return refuse(expr, "its expressions have `==`, `!=`, `=~` and `!~`, and no arithmetic");
}

/// A text that is known, or a variable.
std::optional<Value> Lowering::value(const Expr& expr) {
  if (const std::string* text = cel::literal<std::string>(expr)) return *text;
  if (const auto* ident = std::get_if<cel::Ident>(&expr.node)) {
    if (auto known = value_of(ident->name, event_, facts_)) return known;
    refuse(expr, "no variable of GitLab holds this fact when a pipeline is created");
    return std::nullopt;
  }
  refuse(expr, "only facts of the event and texts can be compared");
  return std::nullopt;
}

Condition Lowering::compare(const Value& left, const Value& right) {
  const auto operand = [](const Value& of) {
    return std::visit([](const auto& item) { return Operand(item); }, of);
  };
  const auto* a = std::get_if<std::string>(&left);
  const auto* b = std::get_if<std::string>(&right);
  if (a != nullptr && b != nullptr) return constant(*a == *b);
  if (left == right) return constant(true);
  return a != nullptr ? Condition{Compare{operand(right), true, operand(left)}}
                      : Condition{Compare{operand(left), true, operand(right)}};
}

Terms Lowering::lower_comparison(const Expr& left, const Expr& right, const Expr& whole, bool equal) {
  // `changed("a") == true`: one side is a boolean that is known.
  if (const bool* known = cel::literal<bool>(left)) return lower(right, *known != equal);
  if (const bool* known = cel::literal<bool>(right)) return lower(left, *known != equal);
  const auto is_text = [](const Expr& expr) {
    return std::holds_alternative<cel::Ident>(expr.node) || cel::literal<std::string>(expr) != nullptr;
  };
  if (!is_text(left) || !is_text(right))
    return refuse(whole, "only facts of the event and texts can be compared");
  const auto a = value(left), b = value(right);
  if (!a || !b) return {};
  const Condition condition = compare(*a, *b);
  return terms(equal ? condition : negated(condition));
}

Terms Lowering::lower_in(const Expr& item, const Expr& list, const Expr& whole, bool negate) {
  const auto* items = std::get_if<cel::List>(&list.node);
  if (items == nullptr) return refuse(whole, "only a list that is written out can be searched");
  const auto searched = value(item);
  std::vector<Condition> any;
  for (const Expr& one : items->items) {
    const auto wanted = value(one);
    if (searched && wanted) any.push_back(compare(*searched, *wanted));
  }
  const Condition condition = any_of(std::move(any));
  return terms(negate ? negated(condition) : condition);
}

/// Both languages have the same expressions, RE2's.
std::optional<bool> matches(const std::string& text, const std::string& expression) {
  const Expr call{cel::Call{"matches", {cel::string(text, {}), cel::string(expression, {})}, true}, {}, {}};
  const cel::Value value = cel::evaluate(call, {});
  const bool* result = value.get<bool>();
  return result != nullptr ? std::optional(*result) : std::nullopt;
}

/// What is known now is decided now.
std::optional<bool> decided(Builtin test, const std::string& text, const std::string& argument) {
  switch (test) {
    case Builtin::StartsWith: return text.starts_with(argument);
    case Builtin::EndsWith: return text.ends_with(argument);
    case Builtin::Contains: return text.find(argument) != std::string::npos;
    case Builtin::Matches: return matches(text, argument);
    case Builtin::Size: break;
  }
  return std::nullopt;
}

std::string test_expression(Builtin test, const std::string& argument) {
  switch (test) {
    case Builtin::StartsWith: return "^" + escaped(argument);
    case Builtin::EndsWith: return escaped(argument) + "$";
    case Builtin::Contains: return escaped(argument);
    case Builtin::Matches:
    case Builtin::Size: return argument;
  }
  return argument;
}

Terms Lowering::lower_test(Builtin test, const cel::Call& call, const Expr& expr, bool negate) {
  if (test == Builtin::Size || call.arguments.size() != 2) return refuse(expr, "compare with `\"\"` instead");
  const auto text = value(call.arguments[0]);
  if (!text) return {};
  const std::string* argument = cel::literal<std::string>(call.arguments[1]);
  if (argument == nullptr)
    return refuse(expr, "a pattern of GitLab's has no variables in it: write the text itself");
  if (const auto* known = std::get_if<std::string>(&*text)) {
    if (const auto result = decided(test, *known, *argument)) return terms(constant(*result != negate));
  }
  if (argument->empty()) return terms(constant(!negate));
  Condition match{Match{std::visit([](const auto& item) { return Operand(item); }, *text), !negate,
                        test_expression(test, *argument)}};
  return terms(std::move(match));
}

Terms Lowering::lower_call(const cel::Call& call, const Expr& expr, bool negate) {
  if (const auto test = cel::builtin(call.function)) return lower_test(*test, call, expr, negate);
  if (call.function != "changed") return refuse(expr, {});
  std::vector<model::Glob> globs;
  for (const Expr& argument : call.arguments) {
    const std::string* text = cel::literal<std::string>(argument);
    const auto glob = text != nullptr ? model::parse_glob({*text, argument.span}, sink_) : std::nullopt;
    if (!glob) return refuse(argument, "write the pattern itself");
    globs.push_back(*glob);
  }
  return changed(globs, expr.span, negate);
}

/// Only pushes and requests have a difference to look at; without one, everything counts as changed.
Terms Lowering::changed(const std::vector<model::Glob>& globs, Span span, bool negate) {
  if (event_.kind != model::EventKind::Push && event_.kind != model::EventKind::PullRequest)
    return terms(constant(!negate));
  std::vector<std::string> patterns;
  for (const model::Glob& glob : globs) {
    if (glob.excludes)
      return refuse(glob.span, fmt::format("that paths like `{}` do not count", glob.text),
                    "name the paths that count instead");
    patterns.push_back(pattern(glob));
  }
  const auto limit = static_cast<std::size_t>(facts_.number("limits.changes"));
  if (patterns.size() > limit)
    return refuse(span, fmt::format("{} patterns: {} are the most", patterns.size(), limit),
                  "join some of them with `{a,b}`");
  const auto found = std::ranges::find(tests_, patterns);
  const auto test = static_cast<std::size_t>(found - tests_.begin());
  if (found == tests_.end()) tests_.push_back(std::move(patterns));
  Term term{constant(true), {}, {}};
  (negate ? term.unchanged : term.changed).push_back(test);
  return {std::move(term)};
}

/// Two lists of patterns under one condition are one list: either of them is enough.
void append(std::vector<Selection>& list, Selection entry, std::size_t limit) {
  if (!list.empty() && !entry.changes.empty()) {
    Selection& last = list.back();
    const bool same = last.selected && last.condition == entry.condition && !last.changes.empty();
    if (same && last.changes.size() + entry.changes.size() <= limit) {
      for (std::string& pattern : entry.changes) {
        if (std::ranges::any_of(last.changes,
                                [&](const std::string& wider) { return covers(wider, pattern); }))
          continue;
        std::erase_if(last.changes, [&](const std::string& narrower) { return covers(pattern, narrower); });
        last.changes.push_back(std::move(pattern));
      }
      return;
    }
  }
  list.push_back(std::move(entry));
}

/// The sum as a list of which the first entry that matches decides.
std::vector<Selection> Lowering::selections(Terms all, Span span) {
  std::vector<Selection> list;
  const auto negative = [&]() -> std::optional<std::size_t> {
    for (const Term& term : all) {
      if (!term.unchanged.empty()) return term.unchanged.front();
    }
    return std::nullopt;
  };
  while (const auto test = negative()) {
    const Terms with = assume(all, *test, true);
    if (std::ranges::any_of(with, &Term::has_tests)) {
      refuse(span, "a condition in which one test of changed paths depends on another",
             "split the job, or test the paths together in one `changed(…)`");
      return {};
    }
    const Condition run = with.empty() ? constant(false) : with.front().condition;
    if (!is_false(run)) list.push_back({run, tests_[*test], true});
    if (!is_true(run)) list.push_back({constant(true), tests_[*test], false});
    all = assume(all, *test, false);
  }
  for (Term& term : all) {
    if (term.changed.size() > 1) {
      refuse(span, "that paths of two lists must both have changed",
             "split the job, or test the paths together in one `changed(…)`");
      return {};
    }
    std::vector<std::string> patterns =
        term.changed.empty() ? std::vector<std::string>{} : tests_[term.changed.front()];
    append(list, {std::move(term.condition), std::move(patterns), true},
           static_cast<std::size_t>(facts_.number("limits.changes")));
  }
  // What is last in the list must be an entry that selects: a `never` at the end takes away nothing.
  while (!list.empty() && !list.back().selected) list.pop_back();
  return list;
}

/// The condition where the variable has this text.
Condition assume(const Condition& condition, const Name& variable, const std::string& text) {
  const auto each = [&](const std::vector<Condition>& parts) {
    std::vector<Condition> all;
    for (const Condition& part : parts) all.push_back(assume(part, variable, text));
    return all;
  };
  return std::visit(
      Overloaded{[&](const AllOf& all) { return all_of(each(all.parts)); },
                 [&](const AnyOf& any) { return any_of(each(any.parts)); },
                 [&](const Defined& defined) -> Condition {
                   return defined.variable == variable ? constant(!text.empty()) : Condition{defined};
                 },
                 [&](const Compare& compare) -> Condition {
                   const auto* other = std::get_if<std::string>(&compare.right);
                   if (compare.left != Operand{variable} || other == nullptr) return {compare};
                   return constant((*other == text) == compare.equal);
                 },
                 [&](const Match& match) -> Condition {
                   const auto result =
                       match.text == Operand{variable} ? matches(text, match.expression) : std::nullopt;
                   return result ? constant(*result == match.found) : Condition{match};
                 }},
      condition.node);
}

/// A variable whose text one part of a conjunction says needs no other test: `$X == "a" && $X =~ /^a/` is `$X == "a"`.
Condition without_repetition(const Condition& condition) {
  const auto* all = std::get_if<AllOf>(&condition.node);
  if (all == nullptr) return condition;
  std::vector<Condition> parts = all->parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto* compare = std::get_if<Compare>(&parts[i].node);
    const auto* variable = compare != nullptr && compare->equal ? std::get_if<Name>(&compare->left) : nullptr;
    const auto* text = variable != nullptr ? std::get_if<std::string>(&compare->right) : nullptr;
    if (text == nullptr) continue;
    const Name name = *variable;
    const std::string value = *text;
    for (std::size_t j = 0; j < parts.size(); ++j) {
      if (j != i) parts[j] = assume(parts[j], name, value);
    }
  }
  return all_of(std::move(parts));
}

/// Many comparisons of one variable with texts are one expression: `$X == "a" || $X == "b" || …` is `$X =~ /^(?:a|b|…)$/`.
std::vector<Condition> joined(const std::vector<Condition>& parts, bool equal) {
  constexpr std::size_t kFew = 3;
  const auto text_of = [&](const Condition& part, const Operand* variable) -> const std::string* {
    const auto* compare = std::get_if<Compare>(&part.node);
    const bool fits = compare != nullptr && compare->equal == equal &&
                      std::holds_alternative<Name>(compare->left) &&
                      (variable == nullptr || compare->left == *variable);
    return fits ? std::get_if<std::string>(&compare->right) : nullptr;
  };
  std::vector<Condition> out;
  std::vector<Operand> done;
  for (const Condition& part : parts) {
    if (text_of(part, nullptr) == nullptr) {
      out.push_back(part);
      continue;
    }
    const Operand variable = std::get<Compare>(part.node).left;
    if (std::ranges::find(done, variable) != done.end()) continue;
    std::vector<std::string> texts;
    for (const Condition& other : parts) {
      if (const std::string* text = text_of(other, &variable)) texts.push_back(escaped(*text));
    }
    if (texts.size() <= kFew) {
      out.push_back(part);
      continue;
    }
    done.push_back(variable);
    out.push_back({Match{variable, equal, fmt::format("^(?:{})$", join(texts, "|"))}});
  }
  return out;
}

Condition compact(const Condition& condition) {
  const auto each = [](const std::vector<Condition>& parts) {
    std::vector<Condition> all;
    for (const Condition& part : parts) all.push_back(compact(part));
    return all;
  };
  if (const auto* all = std::get_if<AllOf>(&condition.node)) return all_of(joined(each(all->parts), false));
  if (const auto* any = std::get_if<AnyOf>(&condition.node)) return any_of(joined(each(any->parts), true));
  return condition;
}

/// A condition that is too long is several entries with the same answer: each alternative is one.
void split(const Condition& condition, std::size_t limit, std::vector<Condition>& out) {
  if (tokens(condition) <= limit) return out.push_back(condition);
  if (const auto* any = std::get_if<AnyOf>(&condition.node)) {
    for (const Condition& part : any->parts) split(part, limit, out);
    return;
  }
  if (const auto* all = std::get_if<AllOf>(&condition.node)) {
    const auto is_any = [](const Condition& part) { return std::holds_alternative<AnyOf>(part.node); };
    const auto found = std::ranges::find_if(all->parts, is_any);
    if (found != all->parts.end()) {
      for (const Condition& alternative : std::get<AnyOf>(found->node).parts) {
        std::vector<Condition> parts = all->parts;
        parts[static_cast<std::size_t>(found - all->parts.begin())] = alternative;
        split(all_of(std::move(parts)), limit, out);
      }
      return;
    }
  }
  out.push_back(condition);
}

constexpr std::string_view kSpecial = R"(*?[]{}\,)";

std::string escaped_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '$') {
      out += "[$]";  // GitLab would take it for a variable
      continue;
    }
    if (kSpecial.find(c) != std::string_view::npos && c != ',') out += '\\';
    out += c;
  }
  return out;
}

std::string character_class(const model::Glob::Class& characters) {
  std::string out = characters.negated ? "[^" : "[";
  const auto put = [&](char c) {
    if (std::string_view(R"(\]^-[!)").find(c) != std::string_view::npos) out += '\\';
    out += c;
  };
  for (const auto& [first, last] : characters.ranges) {
    put(first);
    if (last == first) continue;
    out += '-';
    put(last);
  }
  return out + "]";
}

template <class Pieces>
std::string pieces_pattern(const Pieces& pieces);

struct PiecePrinter {
  std::string operator()(const std::string& text) const { return escaped_pattern(text); }
  std::string operator()(model::Glob::Any) const { return "*"; }
  std::string operator()(model::Glob::One) const { return "?"; }
  std::string operator()(const model::Glob::Class& characters) const { return character_class(characters); }
  std::string operator()(const model::Glob::Choice& choice) const {
    std::vector<std::string> alternatives;
    for (const auto& alternative : choice.alternatives) {
      std::string text = pieces_pattern(alternative);
      alternatives.push_back(replaced(text, ",", "\\,"));
    }
    return fmt::format("{{{}}}", join(alternatives, ","));
  }
};

template <class Pieces>
std::string pieces_pattern(const Pieces& pieces) {
  std::string out;
  for (const auto& piece : pieces) out += std::visit(PiecePrinter{}, piece);
  return out;
}

}  // namespace

std::optional<std::vector<Selection>> select(const Event& event, const cel::Expr* when, bool excludes_forks,
                                             const Table& facts, diag::Sink& sink) {
  Lowering lowering(event, facts, sink);
  const Span span = when != nullptr ? when->span : event.span;
  Terms all = when != nullptr ? lowering.lower(*when, false) : terms(constant(true));
  if (!event.paths.empty()) all = lowering.both(lowering.changed(event.paths, event.span, false), all);
  const bool can_be_fork = excludes_forks && event.kind == model::EventKind::PullRequest;
  if (can_be_fork) all = lowering.both(terms(negated(from_fork(facts))), all);
  const std::vector<Selection> list = lowering.selections(std::move(all), span);
  if (lowering.refused()) return std::nullopt;
  const auto limit = static_cast<std::size_t>(facts.number("limits.expression_tokens"));
  std::vector<Selection> written;
  for (const Selection& selection : list) {
    std::vector<Condition> parts;
    split(compact(without_repetition(all_of({event.guard, selection.condition}))), limit, parts);
    for (Condition& part : parts) {
      if (is_false(part)) continue;
      if (tokens(part) > limit) {
        diag::build(sink, span, kNotExpressible,
                    fmt::format("a condition of {} words: {} are the most", tokens(part), limit))
            .help("split the job")
            .emit();
        return std::nullopt;
      }
      written.push_back({std::move(part), selection.changes, selection.selected});
    }
  }
  return written;
}

bool always_selected(const std::vector<Selection>& selections, const Event& event) {
  return selections.size() == 1 && selections.front().selected && selections.front().changes.empty() &&
         selections.front().condition == event.guard;
}

/// `**` crosses folders only before a slash: at the end GitLab would take it for `*`.
std::string pattern(const model::Glob& glob) {
  std::string out;
  for (std::size_t i = 0; i < glob.segments.size(); ++i) {
    if (i > 0) out += "/";
    if (const auto* pieces = std::get_if<std::vector<model::Glob::Piece>>(&glob.segments[i])) {
      out += pieces_pattern(*pieces);
    } else {
      out += i + 1 == glob.segments.size() ? "**/*" : "**";
    }
  }
  return out;
}

}  // namespace penstock::targets::gitlab
