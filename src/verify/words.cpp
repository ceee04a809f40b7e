#include "verify/words.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <unordered_set>

#include "base/check.h"
#include "cel/eval.h"

namespace penstock::verify {
namespace {

constexpr std::size_t kMostTexts = 4096;  // candidates for the classes of one kind of text
constexpr std::size_t kMostNear = 48;
constexpr std::size_t kMostSets = 64;

// --- texts that a glob matches

using Texts = std::vector<std::string>;

Texts times(const Texts& left, const Texts& right) {
  Texts all;
  for (const std::string& l : left) {
    for (const std::string& r : right) {
      if (all.size() < 64) all.push_back(l + r);
    }
  }
  return all;
}

std::string one_of(const model::Glob::Class& set) {
  const auto within = [&](char c) {
    return std::ranges::any_of(set.ranges,
                               [&](const auto& range) { return range.first <= c && c <= range.second; });
  };
  for (int c = 'a'; c <= 'z'; ++c) {
    if (within(static_cast<char>(c)) != set.negated) return {static_cast<char>(c)};
  }
  for (int c = '!'; c <= '~'; ++c) {
    if (c != '/' && within(static_cast<char>(c)) != set.negated) return {static_cast<char>(c)};
  }
  return {};
}

/// Texts for one piece; `fill` is what wildcards become.
template <class Piece>
Texts texts_of(const Piece& piece, const Texts& fill) {
  if (const auto* literal = std::get_if<std::string>(&piece)) return {*literal};
  if (std::holds_alternative<model::Glob::One>(piece)) return {"q"};
  if (const auto* set = std::get_if<model::Glob::Class>(&piece)) return {one_of(*set)};
  if constexpr (std::is_same_v<Piece, model::Glob::Piece>) {
    if (const auto* choice = std::get_if<model::Glob::Choice>(&piece)) {
      Texts all;
      for (const auto& alternative : choice->alternatives) {
        Texts made = {""};
        for (const auto& part : alternative) made = times(made, texts_of(part, fill));
        all.insert(all.end(), made.begin(), made.end());
      }
      return all;
    }
  }
  Texts any;  // `*`: nothing that holds a `/`
  for (const std::string& text : fill) {
    if (text.find('/') == std::string::npos) any.push_back(text);
  }
  return any;
}

Texts texts_of(const model::Glob& glob, const Texts& fill) {
  Texts all = {""};
  bool first = true;
  for (const model::Glob::Segment& segment : glob.segments) {
    Texts made;
    if (std::holds_alternative<model::Glob::Deep>(segment)) {
      Texts next;
      for (const std::string& before : all) {
        next.push_back(before);  // no segment at all
        for (const std::string& text : fill) {
          if (!text.empty()) next.push_back(before + (first ? "" : "/") + text);
        }
      }
      all = std::move(next);
      first = all.size() == 1 && all.front().empty();
      continue;
    }
    made = {""};
    for (const model::Glob::Piece& piece : std::get<std::vector<model::Glob::Piece>>(segment))
      made = times(made, texts_of(piece, fill));
    Texts next;
    for (const std::string& before : all) {
      for (const std::string& text : made) {
        if (next.size() < 64) next.push_back(before.empty() ? text : before + "/" + text);
      }
    }
    all = std::move(next);
    first = false;
  }
  std::erase_if(all, [&](const std::string& text) { return text.empty() || !glob.matches(text); });
  return all;
}

Atom atom_of(const model::Glob& glob) {
  return {[&glob](std::string_view text) { return glob.matches(text); }, texts_of(glob, {"", "x", "x/y"})};
}

// --- what conditions ask

Atom equals(std::string literal) {
  return {[literal](std::string_view text) { return text == literal; }, {literal}};
}

std::optional<Atom> atom_of(const cel::Call& call) {
  const auto known = cel::builtin(call.function);
  if (!known || call.arguments.size() != 2) return std::nullopt;
  const auto* literal = cel::literal<std::string>(call.arguments[1]);
  if (literal == nullptr) return std::nullopt;
  const std::string text = *literal;
  // The expression itself, asked of a text, is the judge: no second meaning of the functions.
  const cel::Expr asked = {call, {}, {}};
  const auto* variable = std::get_if<cel::Ident>(&call.arguments[0].node);
  if (variable == nullptr) return std::nullopt;
  const std::string name = variable->name;
  const auto holds = [asked, name](std::string_view value) {
    const cel::Bindings bindings = {{name, cel::Value{std::string(value)}}};
    const cel::Value result = cel::evaluate(asked, cel::facts(bindings));
    const bool* answer = result.get<bool>();
    return answer != nullptr && *answer;
  };
  std::string plain;  // of a regular expression, what it is without its signs
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() &&
        std::ispunct(static_cast<unsigned char>(text[i + 1])) != 0) {
      plain += text[++i];
    } else if (std::string_view("^$*+?()[]{}|\\").find(text[i]) == std::string_view::npos) {
      plain += text[i] == '.' ? 'x' : text[i];
    }
  }
  return Atom{holds, {text, text + "x", "x" + text, "x" + text + "y", plain, plain + "1", plain + "1.2.3"}};
}

class Collector {
 public:
  explicit Collector(Atoms& atoms) : atoms_(atoms) {}

  void add(const model::Trigger& trigger) {
    auto& names = trigger.kind == model::EventKind::PullRequest ? atoms_.targets : atoms_.branches;
    for (const model::Glob& glob : trigger.branches) names.push_back(atom_of(glob));
    for (const model::Glob& glob : trigger.tags) atoms_.tags.push_back(atom_of(glob));
    add(trigger.paths);
  }

  void add(const cel::Expr& condition) {
    cel::for_each(condition, [&](const cel::Expr& expr) {
      if (const auto* call = std::get_if<cel::Call>(&expr.node)) return add(*call);
      const auto* operation = std::get_if<cel::Operation>(&expr.node);
      if (operation == nullptr || operation->operands.size() != 2) return;
      const auto compare = [&](const cel::Expr& left, const cel::Expr& right) {
        const auto* variable = std::get_if<cel::Ident>(&left.node);
        if (variable == nullptr) return;
        if (const auto* text = cel::literal<std::string>(right)) add(variable->name, equals(*text));
        if (const auto* list = std::get_if<cel::List>(&right.node)) {
          for (const cel::Expr& item : list->items) {
            if (const auto* text = cel::literal<std::string>(item)) add(variable->name, equals(*text));
          }
        }
      };
      compare(operation->operands[0], operation->operands[1]);
      compare(operation->operands[1], operation->operands[0]);
    });
  }

 private:
  void add(const std::vector<model::Glob>& list) {
    if (!list.empty()) atoms_.changes.push_back(list);
  }

  void add(const cel::Call& call) {
    if (call.function == "changed") {
      std::vector<model::Glob> list;
      diag::Sink sink;
      for (const cel::Expr& argument : call.arguments) {
        const auto* text = cel::literal<std::string>(argument);
        if (text == nullptr) continue;
        if (auto glob = model::parse_glob({*text, {}}, sink)) list.push_back(std::move(*glob));
      }
      return add(list);
    }
    if (auto atom = atom_of(call)) add(std::get<cel::Ident>(call.arguments[0].node).name, std::move(*atom));
  }

  void add(std::string_view variable, Atom atom) {
    if (variable == "ref.branch") atoms_.branches.push_back(std::move(atom));
    if (variable == "ref.tag") atoms_.tags.push_back(std::move(atom));
    if (variable == "pull_request.target") atoms_.targets.push_back(std::move(atom));
    if (variable == "pull_request.source") atoms_.sources.push_back(std::move(atom));
  }

  Atoms& atoms_;
};

// --- choosing

Texts near(const std::string& text) {
  Texts all;
  std::string other = text;
  for (char& c : other) {
    const auto u = static_cast<unsigned char>(c);
    c = static_cast<char>(std::isupper(u) != 0 ? std::tolower(u) : std::toupper(u));
  }
  all.push_back(other);
  all.push_back(text + "x");
  all.push_back("x" + text);
  all.push_back(text + "/x");
  all.push_back("x/" + text);
  if (text.size() > 1) all.push_back(text.substr(0, text.size() - 1));
  return all;
}

/// Whether git could have it as the name of a branch or tag, or as a path.
bool is_name(const std::string& text) {
  return !text.empty() && text.size() < 200 && text.front() != '/' && text.back() != '/' &&
         text.front() != '-' && text.find("//") == std::string::npos &&
         text.find("..") == std::string::npos &&
         text.find_first_of(" ~^:?*[\\$\n{}\"'") == std::string::npos && text.back() != '.' && text != "@";
}

bool shorter(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

Atoms atoms(const plan::Plan& plan) {
  Atoms all;
  Collector collector(all);
  for (const plan::Pipeline& pipeline : plan.pipelines) {
    for (const model::Trigger& trigger : pipeline.triggers) collector.add(trigger);
    for (const plan::Job& job : pipeline.jobs) {
      if (job.when) collector.add(*job.when);
    }
  }
  return all;
}

Words words(const std::vector<Atom>& atoms, const std::vector<std::string>& others, std::string_view usual) {
  std::set<std::string> candidates = {std::string(usual), "other"};
  for (const Atom& atom : atoms) candidates.insert(atom.seeds.begin(), atom.seeds.end());
  candidates.insert(others.begin(), others.end());
  // Two wildcards may match one text: what one atom matches, put where another has its own end or beginning.
  const std::vector<std::string> singles(candidates.begin(), candidates.end());
  for (const std::string& left : singles) {
    for (const std::string& right : singles) {
      if (candidates.size() >= kMostTexts) break;
      if (left == right) continue;
      candidates.insert(left + right);
      candidates.insert(left + "/" + right);
    }
  }
  std::erase_if(candidates, [](const std::string& text) { return !is_name(text); });
  std::vector<std::string> sorted(candidates.begin(), candidates.end());
  std::ranges::sort(sorted, shorter);
  Words words;
  std::set<std::vector<bool>> seen;
  const auto take = [&](const std::string& text) {
    std::vector<bool> answers;
    for (const Atom& atom : atoms) answers.push_back(atom.holds(text));
    if (seen.insert(std::move(answers)).second) words.classes.push_back(text);
  };
  take(std::string(usual));
  for (const std::string& text : sorted) take(text);
  std::unordered_set<std::string> taken(words.classes.begin(), words.classes.end());
  const auto add = [&](const std::string& text) {
    if (words.near.size() < kMostNear && is_name(text) && taken.insert(text).second)
      words.near.push_back(text);
  };
  for (const std::string& text : others) add(text);
  for (const std::string& text : words.classes) {
    for (const std::string& other : near(text)) add(other);
  }
  return words;
}

std::vector<std::vector<std::string>> changed_sets(const std::vector<std::vector<model::Glob>>& lists,
                                                   const std::vector<std::string>& others) {
  std::vector<Atom> asked;
  for (const auto& list : lists) {
    Atom atom{[&list](std::string_view path) { return model::selects(list, path); }, {}};
    for (const model::Glob& glob : list) {
      const Atom one = atom_of(glob);
      atom.seeds.insert(atom.seeds.end(), one.seeds.begin(), one.seeds.end());
    }
    asked.push_back(std::move(atom));
  }
  const Words paths = words(asked, others, "other/file");
  std::vector<std::vector<std::string>> sets = {{}};
  std::set<std::vector<bool>> seen;
  const auto answers = [&](const std::vector<std::string>& set) {
    std::vector<bool> all;
    for (const Atom& atom : asked)
      all.push_back(std::ranges::any_of(set, [&](const std::string& path) { return atom.holds(path); }));
    return all;
  };
  for (const std::string& path : paths.classes) {
    sets.push_back({path});
    seen.insert(answers(sets.back()));
  }
  // Two paths answer yes where one of them does.
  const std::size_t singles = sets.size();
  for (std::size_t i = 1; i < singles; ++i) {
    for (std::size_t k = i + 1; k < singles && sets.size() < kMostSets; ++k) {
      std::vector<std::string> both = {sets[i][0], sets[k][0]};
      if (seen.insert(answers(both)).second) sets.push_back(std::move(both));
    }
  }
  if (!lists.empty()) {
    for (const std::string& path : paths.near) sets.push_back({path});
  }
  return sets;
}

}  // namespace penstock::verify
