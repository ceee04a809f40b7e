// Texts of the model as values of `variables`.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "targets/gitlab/shape.h"

namespace penstock::targets::gitlab {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// `%NAME%`, which GitLab takes for a variable as well.
bool has_percent_name(std::string_view text) {
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 1)) {
    std::size_t end = i + 1;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end > i + 1 && end < text.size() && text[end] == '%') return true;
  }
  return false;
}

/// A reference to a variable, in braces where the next character could belong to its name.
std::string reference(std::string_view name, std::string_view behind) {
  return !behind.empty() && is_word(behind.front()) ? fmt::format("${{{}}}", name) : fmt::format("${}", name);
}

/// The parts of a text in the pipelines of one event: texts and names of variables.
std::optional<std::vector<Value>> values(const model::Text& text, const Event& event, const Table& facts) {
  std::vector<Value> all;
  for (const auto& part : text.parts) {
    if (const auto* constant = std::get_if<std::string>(&part)) {
      all.push_back(*constant);
    } else if (const auto* variable = std::get_if<model::VariableRef>(&part)) {
      all.push_back(Name{variable->name});
    } else {
      const auto value = value_of(std::get<model::FactRef>(part).name, event, facts);
      if (!value) return std::nullopt;
      all.push_back(*value);
    }
  }
  return all;
}

std::string expanded(const std::vector<Value>& values) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const auto* text = std::get_if<std::string>(&values[i])) {
      out += replaced(*text, "$", "$$");
      continue;
    }
    const auto* next = i + 1 < values.size() ? std::get_if<std::string>(&values[i + 1]) : nullptr;
    out += reference(std::get<Name>(values[i]).text, next != nullptr ? *next : std::string_view{});
  }
  return out;
}

bool reads(const std::vector<Value>& values, std::string_view name) {
  return std::ranges::any_of(values, [&](const Value& value) {
    const auto* read = std::get_if<Name>(&value);
    return read != nullptr && read->text == name;
  });
}

/// One text of one job, in every event in which the job can be.
class Entry {
 public:
  Entry(const JobShaping& at, const std::string& name, const model::Text& text)
      : at_(at), name_(name), text_(text) {}

  void add_to(Variables& variables, std::vector<Variables>& by_event) const {
    if (text_.is_constant()) {
      variables.push_back({{name_, {}}, literal(text_.constant())});
      return;
    }
    std::vector<std::optional<std::string>> all;
    for (std::size_t i = 0; i < at_.pipeline.events.size(); ++i) {
      all.push_back(at_.planned.selections[i].empty() ? std::nullopt : in(at_.pipeline.events[i]));
    }
    const auto said = [](const auto& value) { return value.has_value(); };
    const auto first = std::ranges::find_if(all, said);
    if (first == all.end()) return;
    const bool same =
        std::ranges::all_of(all, [&](const auto& value) { return !value || *value == **first; });
    if (same) return add(variables, name_, **first);
    by_event.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i]) add(by_event[i], name_, *all[i]);
    }
  }

 private:
  /// The value in the pipelines of an event; nothing when the variable is there already, or when it cannot be said.
  std::optional<std::string> in(const Event& event) const {
    const auto parts = values(text_, event, at_.shaping.facts());
    if (!parts) {
      refuse("a fact that no variable of GitLab holds", {});
      return std::nullopt;
    }
    if (parts->size() == 1 && parts->front() == Value{Name{name_}}) return std::nullopt;
    if (reads(*parts, name_)) {
      refuse(
          fmt::format("a variable `{}` that is made from the project's variable of the same name, which wins",
                      name_),
          "give it another name");
      return std::nullopt;
    }
    for (const Value& part : *parts) {
      const auto* text = std::get_if<std::string>(&part);
      if (text != nullptr && has_percent_name(*text)) {
        refuse(fmt::format("`{}` beside an interpolation: it takes `%NAME%` for a variable", *text),
               "put the two into variables of their own");
        return std::nullopt;
      }
    }
    return expanded(*parts);
  }

  void refuse(std::string what, std::string help) const {
    at_.shaping.refuse(fmt::format("{}.env.{}", at_.construct, name_), text_.span, std::move(what),
                       std::move(help));
  }

  const JobShaping& at_;
  const std::string& name_;
  const model::Text& text_;
};

}  // namespace

void add(Variables& variables, std::string name, std::string value) {
  variables.push_back({{std::move(name), {}}, Variable{std::move(value), {}, {}, true}});
}

Variable literal(std::string text) {
  const bool expands = text.find('$') == std::string::npos && !has_percent_name(text);
  return {std::move(text), {}, {}, expands};
}

void add_texts(const JobShaping& at, const model::NamedTexts& texts, Variables& variables,
               std::vector<Variables>& by_event) {
  for (const auto& [name, text] : texts) Entry(at, name, text).add_to(variables, by_event);
}

}  // namespace penstock::targets::gitlab
