#pragma once
#include <time.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace penstock::bench {

/// Milliseconds of repeated runs of one thing.
class Sample {
 public:
  void add(double milliseconds) { runs_.push_back(milliseconds); }
  double min() const { return *std::ranges::min_element(runs_); }
  double median() const {
    std::vector<double> sorted = runs_;
    std::ranges::sort(sorted);
    return sorted[sorted.size() / 2];
  }

 private:
  std::vector<double> runs_;
};

/// How long a call took.
template <class Call>
double milliseconds_of(const Call& call) {
  const auto begin = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// How much processor time a call of this thread took: a busy machine does not change it much.
template <class Call>
double processor_milliseconds_of(const Call& call) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  };
  const double begin = now();
  call();
  return now() - begin;
}

}  // namespace penstock::bench
