// Writes random documents for the readers of others to judge: DIR/N.yaml, and DIR/N.json with what it must mean.
//   yaml_dump DIR [COUNT]
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "support/random_tree.h"
#include "yaml/writer.h"

namespace {

using namespace penstock;
using Json = nlohmann::ordered_json;

Json meaning(const yaml::Node& node);

Json untagged(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::Kind::Null: return nullptr;
    case yaml::Kind::Scalar:
      return node.style == yaml::Style::Literal ? Json::parse(node.text) : Json(node.text);
    case yaml::Kind::Sequence: {
      Json items = Json::array();
      for (const yaml::Node& item : node.items) items.push_back(meaning(item));
      return items;
    }
    case yaml::Kind::Mapping: {
      Json entries = Json::object();
      for (const yaml::Entry& entry : node.entries) entries[entry.key.text] = meaning(entry.value);
      return entries;
    }
  }
  return {};
}

Json meaning(const yaml::Node& node) {
  return node.tag.empty() ? untagged(node) : Json{{node.tag, untagged(node)}};
}

/// The readers differ on what a tag on nothing is.
void untag_nulls(yaml::Node& node) {
  if (node.is_null()) node.tag.clear();
  for (yaml::Node& item : node.items) untag_nulls(item);
  for (yaml::Entry& entry : node.entries) untag_nulls(entry.value);
}

void dump(const std::filesystem::path& folder, const std::string& name, yaml::Node node) {
  untag_nulls(node);
  std::ofstream(folder / (name + ".yaml"), std::ios::binary)
      << yaml::write(node, {"a document to be read by others"});
  std::ofstream(folder / (name + ".json"), std::ios::binary) << meaning(node).dump() << "\n";
}

/// One document for each string of known trouble, in every place a string can have.
void dump_troubled(const std::filesystem::path& folder) {
  std::size_t number = 0;
  for (const std::string& text : test::troubled_texts()) {
    yaml::Node node = yaml::mapping(
        {{"value", yaml::string(text)}, {text + "!", yaml::quoted(text)}, {"block", yaml::block(text)}});
    yaml::add(node, "list",
              yaml::sequence({yaml::string(text), yaml::sequence({yaml::block(text)}),
                              yaml::mapping({{text, yaml::string(text)}})}));
    yaml::add(node, "flow",
              yaml::sequence({yaml::string(text), yaml::mapping({{text, yaml::string(text)}}, true)}, true));
    dump(folder, "trouble" + std::to_string(number), std::move(node));
    dump(folder, "root" + std::to_string(number++), yaml::string(text));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: yaml_dump DIR [COUNT]\n";
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  const std::size_t documents = count > 2 ? std::stoul(arguments[2]) : 3000;
  std::filesystem::create_directories(folder);
  dump_troubled(folder);
  for (std::size_t i = 0; i < documents; ++i) {
    test::Dice dice(static_cast<std::uint32_t>(i));
    dump(folder, "random" + std::to_string(i), test::random_tree(dice, {.tags = i % 3 == 0}));
  }
  return 0;
}
