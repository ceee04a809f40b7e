#pragma once
#include <string>
#include <vector>

namespace penstock::cel {

struct Type {
  enum class Kind : unsigned char {
    Error,  // of what was reported: fits everywhere
    Dyn,    // known only when it runs
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    TypeOf,  // `type(int)`: the type of a type
    List,
    Map,
    Parameter,  // stands for one type in a function's signature, or for one that is still to be found
  };
  Kind kind = Kind::Error;
  std::vector<Type> parameters =
      {};           // of a list: what it holds; of a map: its keys and values; of a type: that type
  unsigned id = 0;  // of a Parameter

  friend bool operator==(const Type&, const Type&) = default;
};

namespace types {
inline const Type kError{Type::Kind::Error};
inline const Type kDyn{Type::Kind::Dyn};
inline const Type kNull{Type::Kind::Null};
inline const Type kBool{Type::Kind::Bool};
inline const Type kInt{Type::Kind::Int};
inline const Type kUint{Type::Kind::Uint};
inline const Type kDouble{Type::Kind::Double};
inline const Type kString{Type::Kind::String};
inline const Type kBytes{Type::Kind::Bytes};
inline const Type kTimestamp{Type::Kind::Timestamp};
inline const Type kDuration{Type::Kind::Duration};
Type list(Type of);
Type map(Type key, Type value);
Type type_of(Type type);
Type parameter(unsigned id);
}  // namespace types

/// `string`, `list(string)`.
std::string name(const Type& type);
/// Whether a value of one type can stand where the other is wanted. `Dyn` and `Error` fit everywhere, also inside of lists.
bool fits(const Type& type, const Type& wanted);

/// The type of the type that an expression names: `int`, `google.protobuf.Duration`.
const Type* named_type(std::string_view name);

}  // namespace penstock::cel
