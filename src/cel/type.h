#pragma once
#include <string>
#include <vector>

namespace penstock::cel {

struct Type {
  enum class Kind : unsigned char { Error, Dyn, Bool, Int, String, List };
  Kind kind = Kind::Error;
  std::vector<Type> parameters;  // of a list: what it holds

  friend bool operator==(const Type&, const Type&) = default;
};

namespace types {
inline const Type kError{Type::Kind::Error, {}};  // of what was reported: fits everywhere
inline const Type kDyn{Type::Kind::Dyn, {}};
inline const Type kBool{Type::Kind::Bool, {}};
inline const Type kInt{Type::Kind::Int, {}};
inline const Type kString{Type::Kind::String, {}};
Type list(Type of);
}  // namespace types

/// `string`, `list(string)`.
std::string name(const Type& type);
/// Whether a value of one type can stand where the other is wanted. `Dyn` and `Error` fit everywhere, also inside of lists.
bool fits(const Type& type, const Type& wanted);
/// The type of what is one or the other: `Dyn` when they differ.
Type join(const Type& a, const Type& b);

}  // namespace penstock::cel
