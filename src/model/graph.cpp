#include "model/graph.h"

#include "base/text.h"

namespace penstock::model {
namespace {

PENSTOCK_MESSAGE(DependencyCycle, "`{}` {} itself: {}", std::string, std::string, std::string);

enum class Mark : unsigned char { New, Open, Done };

class Walk {
 public:
  Walk(std::span<const GraphNode> nodes, std::string_view verb, diag::Sink& sink)
      : nodes_(nodes), verb_(verb), sink_(sink), marks_(nodes.size(), Mark::New) {}

  bool run() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (marks_[i] == Mark::New) visit(i);
    }
    return acyclic_;
  }

 private:
  struct Frame {
    std::size_t node;
    std::size_t next = 0;
  };

  /// Depth first with a stack of our own: a chain of ten thousand jobs is no reason to crash.
  void visit(std::size_t start) {
    path_.push_back({start});
    marks_[start] = Mark::Open;
    while (!path_.empty()) {
      const std::size_t node = path_.back().node;
      if (path_.back().next == nodes_[node].needs.size()) {
        marks_[node] = Mark::Done;
        path_.pop_back();
        continue;
      }
      const auto [need, span] = nodes_[node].needs[path_.back().next++];
      if (marks_[need] == Mark::Open) {
        report(need, span);
      } else if (marks_[need] == Mark::New) {
        marks_[need] = Mark::Open;
        path_.push_back({need});
      }
    }
  }

  void report(std::size_t need, Span span) {
    acyclic_ = false;
    std::vector<std::string> names;
    const auto first = std::ranges::find(path_, need, &Frame::node);
    for (auto frame = first; frame != path_.end(); ++frame) names.push_back(nodes_[frame->node].name);
    names.push_back(nodes_[need].name);
    diag::report(sink_, span, kDependencyCycle, nodes_[need].name, std::string(verb_), join(names, " → "));
  }

  std::span<const GraphNode> nodes_;
  std::string_view verb_;
  diag::Sink& sink_;
  std::vector<Mark> marks_;
  std::vector<Frame> path_;
  bool acyclic_ = true;
};

}  // namespace

bool check_acyclic(std::span<const GraphNode> nodes, std::string_view verb, diag::Sink& sink) {
  return Walk(nodes, verb, sink).run();
}

}  // namespace penstock::model
