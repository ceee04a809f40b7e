#include "yaml/node.h"

namespace penstock::yaml {
namespace {

Node scalar(std::string text, Style style) {
  Node node;
  node.kind = Kind::Scalar;
  node.style = style;
  node.text = std::move(text);
  return node;
}

Node changed(Node node, auto change) {
  Trivia trivia = node.trivia ? *node.trivia : Trivia{};
  change(trivia);
  node.trivia = std::make_shared<const Trivia>(std::move(trivia));
  return node;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

Node string(std::string text) { return scalar(std::move(text), Style::Plain); }
Node quoted(std::string text) { return scalar(std::move(text), Style::Quoted); }
Node block(std::string text) { return scalar(std::move(text), Style::Block); }
Node literal(std::string text) { return scalar(std::move(text), Style::Literal); }
Node number(long value) { return literal(std::to_string(value)); }
Node boolean(bool value) { return literal(value ? "true" : "false"); }

Node sequence(std::vector<Node> items, bool flow) {
  Node node;
  node.kind = Kind::Sequence;
  node.items = std::move(items);
  return flow ? with_flow(std::move(node)) : node;
}

Node mapping(std::vector<std::pair<std::string, Node>> entries, bool flow) {
  Node node;
  node.kind = Kind::Mapping;
  for (auto& [key, value] : entries) add(node, std::move(key), std::move(value));
  return flow ? with_flow(std::move(node)) : node;
}

Node tagged(std::string tag, Node node) {
  node.tag = std::move(tag);
  return node;
}

Node with_trail(Node node, std::string comment) {
  return changed(std::move(node), [&](Trivia& trivia) { trivia.trail = std::move(comment); });
}
Node with_lead(Node node, std::vector<std::string> lines) {
  return changed(std::move(node), [&](Trivia& trivia) { trivia.lead = std::move(lines); });
}
Node with_blank(Node node) {
  return changed(std::move(node), [](Trivia& trivia) { trivia.blank_before = true; });
}
Node with_flow(Node node) {
  return changed(std::move(node), [](Trivia& trivia) { trivia.flow = true; });
}

void add(Node& mapping, std::string key, Node value) {
  mapping.entries.push_back({string(std::move(key)), std::move(value)});
}

}  // namespace penstock::yaml
