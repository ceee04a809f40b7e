// The kinds of values that have no field table: principals, variables of an action, resources.
#include "targets/codepipeline/tree.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace penstock::targets::codepipeline {
namespace {

/// In the order of the alternatives of `Properties`.
constexpr std::array<std::string_view, 13> kTypes = {"AWS::KMS::Key",
                                                     "AWS::KMS::Alias",
                                                     "AWS::S3::Bucket",
                                                     "AWS::S3::BucketPolicy",
                                                     "AWS::SNS::Topic",
                                                     "AWS::SNS::TopicPolicy",
                                                     "AWS::IAM::ManagedPolicy",
                                                     "AWS::Logs::LogGroup",
                                                     "AWS::IAM::Role",
                                                     "AWS::CodeBuild::Project",
                                                     "AWS::CodePipeline::Pipeline",
                                                     "AWS::Scheduler::Schedule",
                                                     "AWS::CodeStarNotifications::NotificationRule"};
static_assert(kTypes.size() == std::variant_size_v<Properties>);

template <std::size_t I = 0>
void decode_properties(std::size_t index, const yaml::Node& node, Properties& properties,
                       codec::Decoder& decoder) {
  if constexpr (I < std::variant_size_v<Properties>) {
    if (I != index) return decode_properties<I + 1>(index, node, properties, decoder);
    codec::Kind<std::variant_alternative_t<I, Properties>>::decode(node, properties.emplace<I>(), decoder);
  }
}

}  // namespace

void decode_value(const yaml::Node& node, Principal& value, codec::Decoder& decoder) {
  if (node.is_scalar() && node.text == "*") {
    value.everyone = true;
    return;
  }
  if (!codec::expect_mapping(node, decoder)) return;
  if (const yaml::Node* service = node.find("Service")) decode_value(*service, value.service, decoder);
  if (const yaml::Node* aws = node.find("AWS")) decode_value(*aws, value.aws, decoder);
}

yaml::Node encode_value(const Principal& value) {
  if (value.everyone) return yaml::string("*");
  yaml::Node node = yaml::mapping();
  if (!is_empty(value.service)) yaml::add(node, "Service", encode_value(value.service));
  if (!is_empty(value.aws)) yaml::add(node, "AWS", encode_value(value.aws));
  return node;
}

bool is_empty(const Principal& value) {
  return !value.everyone && is_empty(value.service) && is_empty(value.aws);
}

void decode_value(const yaml::Node& node, ActionVariables& value, codec::Decoder& decoder) {
  const auto json =
      node.is_scalar() ? nlohmann::ordered_json::parse(node.text, nullptr, false) : nlohmann::ordered_json();
  const auto text = [](const nlohmann::ordered_json& item, const char* key) {
    return item.contains(key) && item[key].is_string();
  };
  // A variable of another type is the name of a secret, not its value.
  const auto plain = [](const nlohmann::ordered_json& item) {
    return !item.contains("type") || item["type"] == "PLAINTEXT";
  };
  if (!json.is_array() || !std::ranges::all_of(json, [&](const auto& item) {
        return text(item, "name") && text(item, "value") && plain(item);
      })) {
    return decoder.wrong(node, "a JSON list of names and values");
  }
  for (const auto& item : json)
    value.all.emplace_back(item["name"].get<std::string>(), item["value"].get<std::string>());
}

yaml::Node encode_value(const ActionVariables& value) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& [name, text] : value.all) json.push_back({{"name", name}, {"value", text}});
  return yaml::string(json.dump());
}

bool is_empty(const ActionVariables& value) { return value.all.empty(); }

void decode_value(const yaml::Node& node, Resource& value, codec::Decoder& decoder) {
  if (!codec::expect_mapping(node, decoder)) return;
  const yaml::Node* type = node.find("Type");
  const yaml::Node* properties = node.find("Properties");
  if (type == nullptr || properties == nullptr)
    return decoder.wrong(node, "a resource with Type and Properties");
  std::size_t index = kTypes.size();
  codec::decode_choice(*type, kTypes, index, decoder);
  decode_properties(index, *properties, value.properties, decoder);
  const yaml::Node* deletion = node.find("DeletionPolicy");
  value.retain = deletion != nullptr && deletion->text == "Retain";
}

yaml::Node encode_value(const Resource& value) {
  yaml::Node node = yaml::mapping({{"Type", yaml::string(std::string(kTypes.at(value.properties.index())))}});
  if (value.retain) {
    yaml::add(node, "DeletionPolicy", yaml::string("Retain"));
    yaml::add(node, "UpdateReplacePolicy", yaml::string("Retain"));
  }
  yaml::add(node, "Properties",
            std::visit([](const auto& properties) { return codec::encode(properties); }, value.properties));
  return node;
}

bool is_empty(const Resource&) { return false; }

}  // namespace penstock::targets::codepipeline
