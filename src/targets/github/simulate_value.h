#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Values of GitHub's expressions, and how they turn into each other.
/// https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#literals
namespace penstock::targets::github {

struct Array;
struct Object;

/// What the files do not tell: a variable set outside, an output of a job that has not ended. Or a mistake in an expression.
struct Unknown {
  std::string why;
  bool mistake = false;
  std::optional<bool> truth = {};  // of `unknown && false`
  std::string written = {};        // the text of what is not known, where it was given to an action
};
struct Null {};

/// Arrays and objects are equal to themselves only, so they are held by reference.
struct Data {
  std::variant<Null, bool, double, std::string, std::shared_ptr<const Array>, std::shared_ptr<const Object>,
               Unknown>
      is;

  Data() = default;
  Data(bool flag) : is(flag) {}
  Data(double number) : is(number) {}
  Data(std::string text) : is(std::move(text)) {}
  Data(const char* text) : is(std::string(text)) {}
  Data(Unknown unknown) : is(std::move(unknown)) {}
  Data(Array array);
  Data(Object object);

  const Array* array() const;
  const Object* object() const;
  const Unknown* unknown() const { return std::get_if<Unknown>(&is); }
};

struct Array {
  std::vector<Data> items;
  bool filtered = false;  // made by `.*`: what follows is asked of each item
};

/// Names ignore case.
struct Object {
  std::vector<std::pair<std::string, Data>> members;
  std::string open = {};  // why a member that is not listed is unknown; empty: it is null

  const Data* find(std::string_view name) const;
  void set(std::string name, Data value);
};

bool same_ignoring_case(std::string_view a, std::string_view b);
/// Of each letter; equal ignoring case is equal in upper case.
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);

/// Nothing, if it is not known.
std::optional<bool> truth(const Data& value);
double to_number(const Data& value);
/// Of what is known.
std::string to_text(const Data& value);
std::string to_text(double number);

Data equals(const Data& a, const Data& b);
/// -1, 0, 1; nothing where no order holds.
std::optional<int> order(const Data& a, const Data& b);

std::string to_json(const Data& value);
Data from_json(const std::string& text);

}  // namespace penstock::targets::github
