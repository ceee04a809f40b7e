#include "plan/fidelity.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace penstock::plan {
namespace {

constexpr std::array<std::string_view, 4> kGrades = {"exact", "exact after set-up", "approximated",
                                                     "refused"};

std::string key_of(const std::string& target, const std::string& rest) { return target + '\n' + rest; }

}  // namespace

std::string_view name(Grade grade) { return kGrades.at(static_cast<std::size_t>(grade)); }

void Report::exact(std::string target, std::string construct, Span span) {
  add({std::move(target), std::move(construct), span, Grade::Exact, {}});
}

void Report::after_setup(std::string target, std::string construct, Span span, std::string how) {
  add({std::move(target), std::move(construct), span, Grade::AfterSetup, std::move(how)});
}

void Report::approximated(std::string target, std::string construct, Span span, std::string how) {
  add({std::move(target), std::move(construct), span, Grade::Approximated, std::move(how)});
}

void Report::refused(std::string target, std::string construct, Span span, std::string how) {
  add({std::move(target), std::move(construct), span, Grade::Refused, std::move(how)});
}

void Report::setup(std::string target, std::string title, std::vector<std::string> values) {
  const auto [place, is_new] = item_at_.try_emplace(key_of(target, title), items_.size());
  if (is_new) {
    items_.push_back({std::move(target), std::move(title), std::move(values)});
    return;
  }
  std::vector<std::string>& known = items_[place->second].values;
  for (std::string& value : values) {
    if (std::ranges::find(known, value) == known.end()) known.push_back(std::move(value));
  }
}

// `exact` says that there is nothing else to say: it gives way to any other entry of its construct, whichever came first.
void Report::add(Fidelity entry) {
  std::vector<std::size_t>& said = fidelity_at_[key_of(entry.target, entry.construct)];
  for (const std::size_t at : said) {
    Fidelity& known = fidelity_[at];
    if (entry.grade == Grade::Exact || (known.grade == entry.grade && known.how == entry.how)) return;
    if (known.grade == Grade::Exact) {
      known = std::move(entry);
      return;
    }
  }
  said.push_back(fidelity_.size());
  fidelity_.push_back(std::move(entry));
}

}  // namespace penstock::plan
