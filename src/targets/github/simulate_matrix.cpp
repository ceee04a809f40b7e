#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "targets/github/simulate_level.h"

/// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
namespace penstock::targets::github {
namespace {

using Axis = std::pair<std::string, std::vector<Data>>;

struct Source {
  std::vector<Axis> axes;
  std::vector<Object> include;
  std::vector<Object> exclude;
};

/// Replaces texts with expressions in a matrix that is written as such.
Data resolved(const Data& value, const Scope& scope) {
  if (const auto* text = std::get_if<std::string>(&value.is)) {
    const std::size_t open = text->find("${{");
    if (open == std::string::npos) return value;
    const std::size_t close = text->rfind("}}");
    if (open != 0 || close == std::string::npos || close + 2 != text->size())
      return Unknown{"a text with an expression in a matrix"};
    const auto expression = parse_expression(std::string_view(*text).substr(3, close - 3));
    return expression ? evaluate(*expression, scope) : Data(Unknown{"an expression that cannot be read"});
  }
  if (const Array* array = value.array()) {
    Array made;
    for (const Data& item : array->items) made.items.push_back(resolved(item, scope));
    return made;
  }
  if (const Object* object = value.object()) {
    Object made;
    for (const auto& [name, member] : object->members) made.set(name, resolved(member, scope));
    return made;
  }
  return value;
}

std::optional<std::vector<Object>> objects(const Data& value) {
  const Array* array = value.array();
  if (array == nullptr) return std::nullopt;
  std::vector<Object> all;
  for (const Data& item : array->items) {
    if (item.object() == nullptr) return std::nullopt;
    all.push_back(*item.object());
  }
  return all;
}

/// Nothing and a reason, if the matrix is not known.
std::optional<Source> source(const Matrix& matrix, const Scope& scope, std::string& why) {
  Source made;
  for (const auto& [name, texts] : matrix.axes)
    made.axes.emplace_back(name, std::vector<Data>(texts.begin(), texts.end()));
  for (const Matrix::Entry& entry : matrix.include) {
    Object row;
    for (const auto& [name, text] : entry) row.set(name, text);
    made.include.push_back(std::move(row));
  }
  if (matrix.other.is_null()) return made;
  const Data whole = resolved(data(matrix.other), scope);
  const Object* object = whole.object();
  if (object == nullptr) {
    why = whole.unknown() != nullptr ? whole.unknown()->why : "its matrix is no mapping";
    return std::nullopt;
  }
  for (const auto& [name, value] : object->members) {
    if (name == "include" || name == "exclude") {
      auto entries = objects(value);
      if (!entries) why = value.unknown() != nullptr ? value.unknown()->why : "its matrix is not lists";
      if (!entries) return std::nullopt;
      (name == "include" ? made.include : made.exclude) = std::move(*entries);
    } else if (const Array* array = value.array()) {
      made.axes.emplace_back(name, array->items);
    } else {
      why = value.unknown() != nullptr ? value.unknown()->why : "its matrix is not lists";
      return std::nullopt;
    }
  }
  return made;
}

/// The same on all leaves.
bool matches(const Data& value, const Data& filter) {
  if (const Object* object = filter.object()) {
    const Object* of = value.object();
    return of != nullptr && std::ranges::all_of(object->members, [&](const auto& one) {
             const Data* found = of->find(one.first);
             return found != nullptr && matches(*found, one.second);
           });
  }
  return truth(equals(value, filter)) == true;
}

bool is_axis(const Source& source, const std::string& name) {
  return std::ranges::any_of(source.axes,
                             [&](const Axis& axis) { return same_ignoring_case(axis.first, name); });
}

/// Whether what a row names of the axes is what the combination has.
bool meets(const Source& source, const Object& combination, const Object& row) {
  return std::ranges::all_of(row.members, [&](const auto& one) {
    if (!is_axis(source, one.first)) return true;
    const Data* found = combination.find(one.first);
    return found != nullptr && matches(*found, one.second);
  });
}

std::vector<Object> combinations(const Source& source) {
  std::vector<Object> all;
  if (source.axes.empty()) return all;
  all.emplace_back();
  for (const auto& [name, values] : source.axes) {
    std::vector<Object> longer;
    for (const Object& one : all) {
      for (const Data& value : values) {
        longer.push_back(one);
        longer.back().set(name, value);
      }
    }
    all = std::move(longer);
  }
  std::erase_if(all, [&](const Object& one) {
    return std::ranges::any_of(source.exclude, [&](const Object& row) { return meets(source, one, row); });
  });
  return all;
}

/// The values on the leaves: of a combination those of the axes, what `include` adds to it is not shown.
std::string suffix(const Object& shown) {
  std::string text;
  const std::function<void(const Data&)> add = [&](const Data& value) {
    if (const Object* object = value.object()) {
      for (const auto& [name, member] : object->members) add(member);
    } else if (const Array* array = value.array()) {
      for (const Data& item : array->items) add(item);
    } else if (const std::string leaf = to_text(value); !leaf.empty()) {
      text += (text.empty() ? "" : ", ") + leaf;
    }
  };
  for (const auto& [name, value] : shown.members) add(value);
  return text.empty() ? text : " (" + text + ")";
}

}  // namespace

Rows rows(const Job& job, const Scope& scope) {
  Rows made;
  if (!job.strategy || is_empty(job.strategy->matrix)) {
    made.all.emplace_back();
    return made;
  }
  const auto from = source(job.strategy->matrix, scope, made.why_not);
  if (!from) {
    made.all.emplace_back();
    return made;
  }
  for (const Object& one : combinations(*from)) made.all.push_back({one, suffix(one)});
  const std::size_t own = made.all.size();
  for (const Object& row : from->include) {
    bool met = false;
    for (std::size_t i = 0; i < own; ++i) {
      Object original;
      for (const Axis& axis : from->axes) original.set(axis.first, *made.all[i].values.find(axis.first));
      if (!meets(*from, original, row)) continue;
      met = true;
      for (const auto& [name, value] : row.members) {
        if (!is_axis(*from, name)) made.all[i].values.set(name, value);
      }
    }
    if (!met) made.all.push_back({row, suffix(row)});
  }
  if (made.all.empty()) {
    made.why_not = "its matrix has no combination";
    made.all.emplace_back();
  }
  return made;
}

}  // namespace penstock::targets::github
