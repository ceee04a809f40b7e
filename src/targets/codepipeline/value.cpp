#include "targets/codepipeline/value.h"

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::codepipeline {
namespace {

constexpr std::string_view kGetAtt = "Fn::GetAtt";

bool is_long_get_att(const yaml::Node& node) {
  if (!node.is_mapping() || node.entries.size() != 1 || node.entries.front().key.text != kGetAtt)
    return false;
  const yaml::Node& pair = node.entries.front().value;
  return pair.is_sequence() && pair.items.size() == 2 && pair.items[0].is_scalar() &&
         pair.items[1].is_scalar();
}

GetAtt long_get_att(const yaml::Node& node) {
  const yaml::Node& pair = node.entries.front().value;
  return {pair.items[0].text, pair.items[1].text, true};
}

bool is_join(const yaml::Node& node) {
  return node.tag == "!Join" && node.is_sequence() && node.items.size() == 2 && node.items[0].is_scalar() &&
         node.items[0].text.empty() && node.items[1].is_sequence();
}

Join join(const yaml::Node& node, codec::Decoder& decoder) {
  Join join;
  for (const yaml::Node& part : node.items[1].items) {
    if (is_long_get_att(part)) {
      join.parts.emplace_back(long_get_att(part));
    } else if (part.is_scalar() && part.tag.empty()) {
      join.parts.emplace_back(part.text);
    } else {
      decoder.wrong(part, "text or Fn::GetAtt");
    }
  }
  return join;
}

yaml::Node encoded(const GetAtt& get) {
  if (!get.is_long) return yaml::tagged("!GetAtt", yaml::string(get.name + "." + get.attribute));
  std::vector<yaml::Node> pair = {yaml::string(get.name), yaml::string(get.attribute)};
  return yaml::mapping({{std::string(kGetAtt), yaml::sequence(std::move(pair), true)}}, true);
}

yaml::Node encoded(const Join& join) {
  std::vector<yaml::Node> parts;
  for (const auto& part : join.parts) {
    parts.push_back(std::visit(Overloaded{[](const std::string& text) { return yaml::string(text); },
                                          [](const GetAtt& get) { return encoded(get); }},
                               part));
  }
  std::vector<yaml::Node> pair = {yaml::quoted(""), yaml::sequence(std::move(parts), true)};
  return yaml::tagged("!Join", yaml::sequence(std::move(pair), true));
}

}  // namespace

void decode_value(const yaml::Node& node, Value& value, codec::Decoder& decoder) {
  if (is_long_get_att(node)) {
    value = long_get_att(node);
  } else if (is_join(node)) {
    value = join(node, decoder);
  } else if (!node.is_scalar()) {
    decoder.wrong(node, "text");
  } else if (node.tag.empty()) {
    value = node.text;
  } else if (node.tag == "!Ref") {
    value = Ref{node.text};
  } else if (node.tag == "!Sub") {
    value = Sub{node.text};
  } else if (const auto dot = node.text.find('.'); node.tag == "!GetAtt" && dot != std::string::npos) {
    value = GetAtt{node.text.substr(0, dot), node.text.substr(dot + 1), false};
  } else {
    decoder.wrong(node, "text, !Ref, !Sub, !GetAtt or !Join");
  }
}

yaml::Node encode_value(const Value& value) {
  return std::visit(Overloaded{
                        [](const std::string& text) { return yaml::string(text); },
                        [](const Ref& ref) { return yaml::tagged("!Ref", yaml::string(ref.name)); },
                        [](const Sub& sub) { return yaml::tagged("!Sub", yaml::string(sub.text)); },
                        [](const GetAtt& get) { return encoded(get); },
                        [](const Join& parts) { return encoded(parts); },
                    },
                    value.of);
}

bool is_empty(const Value& value) {
  const auto* text = std::get_if<std::string>(&value.of);
  return text != nullptr && text->empty();
}

void decode_value(const yaml::Node& node, Bare& value, codec::Decoder& decoder) {
  codec::decode_value(node, value.text, decoder);
}
yaml::Node encode_value(const Bare& value) { return yaml::literal(value.text); }
bool is_empty(const Bare& value) { return value.text.empty(); }

}  // namespace penstock::targets::codepipeline
