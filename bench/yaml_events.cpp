#include "yaml_events.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>
#include <string>

namespace penstock::bench {
namespace {

using YAML::anchor_t;
using YAML::Mark;

class Counter : public YAML::EventHandler {
 public:
  void OnDocumentStart(const Mark&) override { ++count_; }
  void OnDocumentEnd() override { ++count_; }
  void OnNull(const Mark&, anchor_t) override { ++count_; }
  void OnAlias(const Mark&, anchor_t) override { ++count_; }
  void OnScalar(const Mark&, const std::string&, anchor_t, const std::string&) override { ++count_; }
  void OnSequenceStart(const Mark&, const std::string&, anchor_t, YAML::EmitterStyle::value) override {
    ++count_;
  }
  void OnSequenceEnd() override { ++count_; }
  void OnMapStart(const Mark&, const std::string&, anchor_t, YAML::EmitterStyle::value) override { ++count_; }
  void OnMapEnd() override { ++count_; }
  std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

/// A text as a stream, without a copy that would be counted against yaml-cpp.
class View : public std::streambuf {
 public:
  explicit View(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // the interface wants it; nothing is written
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

std::size_t count_yaml_events(std::string_view text) {
  View view(text);
  std::istream stream(&view);
  Counter counter;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(counter)) {
    }
  } catch (const YAML::Exception&) {
    return 0;
  }
  return counter.count();
}

}  // namespace penstock::bench
