// Conditions of the model in GitHub's language.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "targets/github/events.h"

namespace penstock::targets::github {

using model::EventKind;

namespace {

/// Whether it is a comparison of `github.ref` with a text that begins so.
bool asks_for_ref(const Expression& expression, std::string_view prefix) {
  const std::vector<Expression>* operands = nullptr;
  const auto* operation = std::get_if<Operation>(&expression.node);
  const auto* function = std::get_if<Call>(&expression.node);
  if (operation != nullptr && operation->op == Operator::Equal) operands = &operation->operands;
  if (function != nullptr && function->function == "startsWith") operands = &function->arguments;
  if (operands == nullptr || operands->front() != path("github.ref")) return false;
  const auto* text = std::get_if<Literal>(&operands->back().node);
  return text != nullptr && std::holds_alternative<std::string>(text->value) &&
         std::get<std::string>(text->value).starts_with(prefix);
}

/// How a text is compared with a constant.
enum class Match : unsigned char { Equal, Prefix, Suffix, Infix };

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return lower(c); });
  return text;
}

bool has_letters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
}

bool matches(Match match, std::string_view text, std::string_view constant) {
  switch (match) {
    case Match::Equal: return text == constant;
    case Match::Prefix: return text.starts_with(constant);
    case Match::Suffix: return text.ends_with(constant);
    case Match::Infix: return text.find(constant) != std::string_view::npos;
  }
  return false;
}

/// The glob with all letters small and what is negated wide open: it matches at least the small forms of what the glob matches.
model::Glob lowered(model::Glob glob) {
  const auto lower_class = [](model::Glob::Class& set) {
    const std::size_t count = set.ranges.size();
    for (std::size_t i = 0; i < count; ++i) {
      const auto [first, last] = set.ranges[i];
      if (first <= 'Z' && last >= 'A') set.ranges.emplace_back('a', 'z');
    }
  };
  const auto lower_pieces = [&](auto& pieces) {
    for (auto& piece : pieces) {
      if (auto* text = std::get_if<std::string>(&piece)) *text = lower(std::move(*text));
      if (auto* set = std::get_if<model::Glob::Class>(&piece)) {
        if (set->negated) {
          piece = model::Glob::One{};
        } else {
          lower_class(*set);
        }
      }
    }
  };
  for (model::Glob::Segment& segment : glob.segments) {
    auto* pieces = std::get_if<std::vector<model::Glob::Piece>>(&segment);
    if (pieces == nullptr) continue;
    lower_pieces(*pieces);
    for (model::Glob::Piece& piece : *pieces) {
      if (auto* choice = std::get_if<model::Glob::Choice>(&piece))
        std::ranges::for_each(choice->alternatives, lower_pieces);
    }
  }
  return glob;
}

/// Whether the glob lets a text through that starts with the constant only when case is ignored.
bool prefix_may_differ(const model::Glob& glob, const std::string& constant) {
  const std::string fixed = glob.text.substr(0, glob.text.find_first_of("*?[{"));
  const std::size_t length = std::min(fixed.size(), constant.size());
  if (lower(fixed.substr(0, length)) != lower(constant.substr(0, length))) return false;
  if (fixed.substr(0, length) != constant.substr(0, length)) return true;
  return has_letters(std::string_view(constant).substr(length));
}

bool may_differ(const model::Glob& glob, Match match, const std::string& constant) {
  if (glob.excludes) return false;  // lets nothing through
  if (glob.is_literal())
    return matches(match, glob.text, constant) != matches(match, lower(glob.text), lower(constant));
  if (match == Match::Equal) return lowered(glob).matches(lower(constant));
  return match != Match::Prefix || prefix_may_differ(glob, constant);
}

/// Whether some text that these filters let through is told apart from the constant by its case alone.
bool may_differ(const std::vector<model::Glob>& globs, Match match, const std::string& constant) {
  const bool filtered = std::ranges::any_of(globs, [](const model::Glob& glob) { return !glob.excludes; });
  return !filtered || std::ranges::any_of(
                          globs, [&](const model::Glob& glob) { return may_differ(glob, match, constant); });
}

std::string_view fact_of(const cel::Expr& expr) {
  const auto* name = std::get_if<cel::Ident>(&expr.node);
  return name ? std::string_view(name->name) : std::string_view{};
}

bool is_text_fact(std::string_view name) {
  return name == "event.kind" || name == "ref.branch" || name == "ref.tag" || name == "pull_request.source" ||
         name == "pull_request.target";
}

bool asks_only_for_kind(const cel::Expr& expr) {
  return cel::variables(expr) == std::vector<std::string>{"event.kind"};
}

}  // namespace

/// Lowers one condition; keeps where it was not exact.
class Conditions {
 public:
  explicit Conditions(const Events& events) : events_(events) {}

  Expression lower(const cel::Expr& expr, Kinds kinds) {
    if (const bool* value = cel::literal<bool>(expr)) return literal(*value);
    if (const std::string_view fact = fact_of(expr); !fact.empty()) return flag(fact, expr, kinds);
    if (const auto* call = std::get_if<cel::Call>(&expr.node)) return lower_call(*call, expr, kinds);
    if (const auto* operation = std::get_if<cel::Operation>(&expr.node))
      return lower_operation(*operation, expr, kinds);
    return refuse(expr);
  }

  std::vector<Doubt> take_doubts() { return std::move(doubts_); }

 private:
  Expression refuse(const cel::Expr& expr) {
    doubts_.push_back({expr.span, fmt::format("`{}` in a condition", cel::print(expr)), true});
    return literal(false);
  }

  Expression flag(std::string_view fact, const cel::Expr& expr, Kinds kinds) {
    constexpr std::string_view kChanges = "changes.";
    if (fact.starts_with(kChanges)) {
      return equal(path(fmt::format("needs.{}.outputs.{}", events_.changes_, fact.substr(kChanges.size()))),
                   github::literal(std::string("true")));
    }
    if (fact != "pull_request.fork") return refuse(expr);
    return all_of(
        {events_.is(EventKind::PullRequest, kinds),
         not_equal(path("github.event.pull_request.head.repo.full_name"), path("github.repository"))});
  }

  Expression lower_operation(const cel::Operation& operation, const cel::Expr& expr, Kinds kinds) {
    switch (operation.op) {
      case cel::Operator::And: return lower_all(operation.operands, kinds);
      case cel::Operator::Or: {
        std::vector<Expression> any;
        for (const cel::Expr& operand : operation.operands) any.push_back(lower(operand, kinds));
        return any_of(std::move(any));
      }
      case cel::Operator::Not: return negation(lower(operation.operands.front(), kinds));
      case cel::Operator::Equal:
        return lower_equal(operation.operands[0], operation.operands[1], expr, kinds);
      case cel::Operator::NotEqual:
        return negation(lower_equal(operation.operands[0], operation.operands[1], expr, kinds));
      case cel::Operator::In: return lower_in(operation.operands[0], operation.operands[1], expr, kinds);
      case cel::Operator::Conditional: {
        return any_of({lower_all({operation.operands[0], operation.operands[1]}, kinds),
                       lower_all({cel::negation(operation.operands[0]), operation.operands[2]}, kinds)});
      }
      case cel::Operator::Negate:
      case cel::Operator::Less:
      case cel::Operator::LessEqual:
      case cel::Operator::Greater:
      case cel::Operator::GreaterEqual:
      case cel::Operator::Add:
      case cel::Operator::Subtract:
      case cel::Operator::Multiply:
      case cel::Operator::Divide:
      case cel::Operator::Remainder:
      case cel::Operator::Index: break;
    }
    return refuse(expr);
  }

  /// Each conjunct is lowered for the kinds of events that those before it leave; what asks for the kind comes first.
  Expression lower_all(const std::vector<cel::Expr>& operands, Kinds kinds) {
    std::vector<const cel::Expr*> order;
    for (const cel::Expr& operand : operands) order.push_back(&operand);
    std::ranges::stable_partition(order,
                                  [](const cel::Expr* operand) { return asks_only_for_kind(*operand); });
    std::vector<Expression> all;
    for (const cel::Expr* operand : order) {
      all.push_back(lower(*operand, kinds));
      kinds = possible(*operand, kinds);
    }
    return without_obvious(all_of(std::move(all)));
  }

  /// `github.ref == 'refs/heads/main'` says that it is a branch.
  static Expression without_obvious(Expression expression) {
    auto* both = std::get_if<Operation>(&expression.node);
    if (both == nullptr || both->op != Operator::And) return expression;
    std::vector<Expression> left = both->operands;
    for (const auto& [type, prefix] : {std::pair{"branch", "refs/heads/"}, std::pair{"tag", "refs/tags/"}}) {
      const bool said =
          std::ranges::any_of(left, [&](const Expression& one) { return asks_for_ref(one, prefix); });
      if (said) std::erase(left, equal(path("github.ref_type"), github::literal(std::string(type))));
    }
    return all_of(std::move(left));
  }

 public:
  /// The kinds of events for which a condition can hold.
  Kinds possible(const cel::Expr& expr, Kinds kinds) const {
    Kinds left;
    for (const EventKind kind : kinds.all()) {
      Kinds one;
      one.add(kind);
      if (constant(Conditions(events_).lower(expr, one)) != false) left.add(kind);
    }
    return left;
  }

 private:
  Expression lower_equal(const cel::Expr& left, const cel::Expr& right, const cel::Expr& expr, Kinds kinds) {
    const auto* text = cel::literal<std::string>(right);
    if (text == nullptr && cel::literal<std::string>(left) != nullptr)
      return lower_equal(right, left, expr, kinds);
    if (text != nullptr && is_text_fact(fact_of(left)))
      return compare(fact_of(left), Match::Equal, *text, expr, kinds);
    const bool* flag = cel::literal<bool>(right);
    if (flag == nullptr && cel::literal<bool>(left) != nullptr) return lower_equal(right, left, expr, kinds);
    if (flag != nullptr) return *flag ? lower(left, kinds) : negation(lower(left, kinds));
    return refuse(expr);
  }

  Expression lower_in(const cel::Expr& item, const cel::Expr& list, const cel::Expr& expr, Kinds kinds) {
    const auto* items = std::get_if<cel::List>(&list.node);
    if (items == nullptr) return refuse(expr);
    std::vector<Expression> any;
    for (const cel::Expr& one : items->items) any.push_back(lower_equal(item, one, expr, kinds));
    return any_of(std::move(any));
  }

  Expression lower_call(const cel::Call& call, const cel::Expr& expr, Kinds kinds) {
    const auto function = cel::builtin(call.function);
    const bool readable =
        call.method && call.arguments.size() == 2 && is_text_fact(fact_of(call.arguments[0]));
    const auto* text = readable ? cel::literal<std::string>(call.arguments[1]) : nullptr;
    if (!function || text == nullptr) return refuse(expr);
    switch (*function) {
      case cel::Builtin::StartsWith:
        return compare(fact_of(call.arguments[0]), Match::Prefix, *text, expr, kinds);
      case cel::Builtin::EndsWith:
        return compare(fact_of(call.arguments[0]), Match::Suffix, *text, expr, kinds);
      case cel::Builtin::Contains:
        return compare(fact_of(call.arguments[0]), Match::Infix, *text, expr, kinds);
      case cel::Builtin::Matches: return lower_pattern(fact_of(call.arguments[0]), *text, expr, kinds);
      case cel::Builtin::Size: break;
    }
    return refuse(expr);
  }

  /// GitHub knows no patterns in conditions. Fixed text with an open end, as a glob gives it, is a prefix.
  Expression lower_pattern(std::string_view fact, std::string_view pattern, const cel::Expr& expr,
                           Kinds kinds) {
    constexpr std::string_view kAnything = ".+", kOneSegment = "[^/]*";
    if (!pattern.starts_with('^') || !pattern.ends_with('$')) return refuse(expr);
    pattern = pattern.substr(1, pattern.size() - 2);
    const std::string fixed = fixed_text(pattern);
    if (pattern.empty()) return compare(fact, Match::Equal, fixed, expr, kinds);
    if (pattern == kAnything && fixed.empty()) return holds_something(fact, kinds);
    if (fixed.empty() || (pattern != kAnything && pattern != kOneSegment)) return refuse(expr);
    if (pattern == kOneSegment) {
      doubts_.push_back({expr.span, fmt::format("GitHub's conditions have no patterns: whatever begins with "
                                                "`{}` counts, behind a further `/` too",
                                                fixed)});
    }
    return compare(fact, Match::Prefix, fixed, expr, kinds);
  }

  /// The text with which a regular expression begins; what is left stays in `pattern`.
  static std::string fixed_text(std::string_view& pattern) {
    std::string text;
    while (!pattern.empty()) {
      const bool escaped = pattern.front() == '\\' && pattern.size() > 1 &&
                           std::ispunct(static_cast<unsigned char>(pattern[1])) != 0;
      if (!escaped && std::string_view("\\.[]()*+?|{}^$").find(pattern.front()) != std::string_view::npos)
        break;
      text += pattern[escaped ? 1 : 0];
      pattern.remove_prefix(escaped ? 2 : 1);
    }
    return text;
  }

  /// The kinds for which a fact may hold something.
  static Kinds domain(std::string_view fact, Kinds kinds) {
    Kinds some;
    const auto add = [&](EventKind kind) {
      if (kinds.has(kind)) some.add(kind);
    };
    if (fact == "ref.branch") {
      for (const EventKind kind : {EventKind::Push, EventKind::Schedule, EventKind::Manual}) add(kind);
    } else if (fact == "ref.tag") {
      for (const EventKind kind : {EventKind::Tag, EventKind::Manual}) add(kind);
    } else {
      add(EventKind::PullRequest);
    }
    return some;
  }

  Expression compare(std::string_view fact, Match match, const std::string& text, const cel::Expr& expr,
                     Kinds kinds) {
    if (fact == "event.kind") return compare_kind(match, text, kinds);
    if (match != Match::Equal && text.empty()) return literal(true);
    const Kinds some = domain(fact, kinds);
    if (some.empty()) return literal(matches(match, "", text));
    if (text.empty()) return is_empty(fact, some, kinds);
    if (const auto answer = answered_by_triggers(fact, match, text, some, kinds)) return literal(*answer);
    doubt(fact, match, text, expr, some);
    const std::string prefix = events_.ref(fact);
    if (prefix.empty()) return compared(match, events_.value(fact), text);
    if (match == Match::Equal || match == Match::Prefix)
      return compared(match, path("github.ref"), prefix + text);
    return all_of({holds_something(fact, kinds), compared(match, events_.value(fact), text)});
  }

  /// The texts that a trigger lets through, if these are known.
  std::optional<std::vector<std::string>> texts_on(EventKind kind, std::string_view fact) const {
    const model::Trigger* trigger = events_.trigger(kind);
    if (trigger == nullptr || fact == "pull_request.source") return std::nullopt;
    switch (kind) {
      case EventKind::Push:
      case EventKind::PullRequest: return literals(trigger->branches);
      case EventKind::Tag: return literals(trigger->tags);
      case EventKind::Schedule: return std::vector<std::string>{events_.project_.default_branch};
      case EventKind::Manual: break;  // a person chooses the ref
    }
    return std::nullopt;
  }

  static std::optional<std::vector<std::string>> literals(const std::vector<model::Glob>& globs) {
    std::vector<std::string> texts;
    for (const model::Glob& glob : globs) {
      if (!glob.excludes && !glob.is_literal()) return std::nullopt;
      if (!glob.excludes) texts.push_back(glob.text);
    }
    return texts.empty() ? std::nullopt : std::optional(texts);
  }

  /// The triggers may let through only what passes, or nothing that does: `on: push: { branches: [main] }`.
  std::optional<bool> answered_by_triggers(std::string_view fact, Match match, const std::string& text,
                                           Kinds some, Kinds kinds) const {
    bool all = some.bits() == kinds.bits(), none = true;
    for (const EventKind kind : some.all()) {
      const auto texts = texts_on(kind, fact);
      if (!texts) return std::nullopt;
      for (const std::string& one : *texts) {
        const bool passes = matches(match, one, text);
        all = all && passes;
        none = none && !passes;
      }
    }
    if (all) return true;
    return none ? std::optional(false) : std::nullopt;
  }

  static Expression compared(Match match, Expression value, std::string text) {
    switch (match) {
      case Match::Equal: return equal(std::move(value), literal(std::move(text)));
      case Match::Prefix: return call("startsWith", {std::move(value), literal(std::move(text))});
      case Match::Suffix: return call("endsWith", {std::move(value), literal(std::move(text))});
      case Match::Infix: return call("contains", {std::move(value), literal(std::move(text))});
    }
    return literal(false);
  }

  Expression compare_kind(Match match, const std::string& text, Kinds kinds) const {
    std::vector<Expression> any;
    std::size_t matching = 0;
    for (const EventKind kind : kinds.all()) {
      if (!matches(match, name(kind), text)) continue;
      ++matching;
      any.push_back(events_.is(kind, kinds));
    }
    return matching == kinds.all().size() ? literal(true) : any_of(std::move(any));
  }

  Expression holds_something(std::string_view fact, Kinds kinds) const {
    if (events_.ref(fact).empty()) return events_.is(EventKind::PullRequest, kinds);
    const bool always =
        fact == "ref.tag" ? kinds.only(EventKind::Tag) : kinds.within({EventKind::Push, EventKind::Schedule});
    return always ? literal(true) : call("startsWith", {path("github.ref"), literal(events_.ref(fact))});
  }

  Expression is_empty(std::string_view fact, Kinds some, Kinds kinds) const {
    return some.empty() ? literal(true) : negation(holds_something(fact, kinds));
  }

  /// GitHub ignores case: that may be seen when an event can hold the same text in another case.
  void doubt(std::string_view fact, Match match, const std::string& text, const cel::Expr& expr, Kinds some) {
    if (!has_letters(text)) return;
    const bool exact = std::ranges::all_of(
        some.all(), [&](EventKind kind) { return !may_differ_on(kind, fact, match, text); });
    if (exact) return;
    const bool filtered = fact != "pull_request.source" && !some.has(EventKind::Manual);
    doubts_.push_back(
        {expr.span,
         fmt::format("GitHub ignores case: a `{}` that differs from `{}` only in that counts too{}", fact,
                     text, filtered ? "; branches or tags listed in the trigger keep it out" : "")});
  }

  bool may_differ_on(EventKind kind, std::string_view fact, Match match, const std::string& text) const {
    const model::Trigger* trigger = events_.trigger(kind);
    if (trigger == nullptr || fact == "pull_request.source") return true;
    switch (kind) {
      case EventKind::Push:
      case EventKind::PullRequest: return may_differ(trigger->branches, match, text);
      case EventKind::Tag: return may_differ(trigger->tags, match, text);
      case EventKind::Schedule:
        return may_differ({model::literal_glob(events_.project_.default_branch, {})}, match, text);
      case EventKind::Manual: return true;  // a person chooses the ref
    }
    return true;
  }

  const Events& events_;
  std::vector<Doubt> doubts_;
};

Kinds Events::kinds(const plan::Job& job) const {
  return job.when ? Conditions(*this).possible(*job.when, kinds_) : kinds_;
}

Expression Events::selected(const plan::Job& job, Kinds kinds) const {
  std::vector<Expression> all;
  if (job.when) {
    Conditions conditions(*this);
    all.push_back(conditions.lower(*job.when, kinds));
    kinds = conditions.possible(*job.when, kinds);
  }
  if (job.excludes_forks && kinds.has(EventKind::PullRequest)) all.push_back(not_fork(kinds));
  return all_of(std::move(all));
}

std::vector<Doubt> Events::doubts(const plan::Job& job) const {
  if (!job.when) return {};
  Conditions conditions(*this);
  conditions.lower(*job.when, kinds_);
  return conditions.take_doubts();
}

}  // namespace penstock::targets::github
