#pragma once
#include <cstdio>
#include <cstdlib>

/// Our own bug, never the author's mistake: says where, and ends the program (the driver maps it to exit code 4).
#define PENSTOCK_CHECK(condition)                                               \
  do {                                                                          \
    if (!(condition)) ::penstock::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)

namespace penstock {

[[noreturn]] inline void check_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "penstock: internal error: %s (%s:%d)\nThis is a bug in penstock; please report it.\n",
               what, file, line);
  std::_Exit(4);
}

template <class... Arms>
struct Overloaded : Arms... {
  using Arms::operator()...;
};
template <class... Arms>
Overloaded(Arms...) -> Overloaded<Arms...>;

}  // namespace penstock
