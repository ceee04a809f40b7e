#include "targets/codepipeline/native.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"

namespace penstock::targets::codepipeline {
namespace {

using Json = nlohmann::ordered_json;

/// What the intrinsics of a pipeline stand for, by the literal names of the template.
class Names {
 public:
  explicit Names(const Template& stack) : stack_(stack), made_(stack.metadata.penstock) {}

  std::string text(const yaml::Node& node) const {
    Value value;
    diag::Sink sink;
    codec::Decoder decoder(sink);
    decode_value(node, value, decoder);
    return text(value);
  }

 private:
  std::string text(const Value& value) const {
    return std::visit(Overloaded{
                          [](const std::string& literal) { return literal; },
                          [&](const Ref& ref) { return ref_text(ref.name); },
                          [&](const Sub& sub) { return sub_text(sub.text); },
                          [&](const GetAtt& get) { return arn(get.name); },
                          [](const Join&) { return std::string(); },
                      },
                      value.of);
  }

  /// `AWS::Partition` of a region.
  std::string partition() const {
    if (made_.region.starts_with("cn-")) return "aws-cn";
    return made_.region.starts_with("us-gov-") ? "aws-us-gov" : "aws";
  }

  const Properties* resource(std::string_view id) const {
    const auto found = std::ranges::find(
        stack_.resources, id, [](const auto& entry) { return std::string_view(entry.first.value); });
    return found == stack_.resources.end() ? nullptr : &found->second.properties;
  }

  std::string ref_text(const std::string& name) const {
    if (name == "AWS::AccountId") return made_.account;
    if (name == "AWS::Region") return made_.region;
    if (name == "AWS::Partition") return partition();
    for (const auto& [parameter, of] : stack_.parameters) {
      if (parameter.value == name) return of.preset;
    }
    const Properties* of = resource(name);
    PENSTOCK_CHECK(of != nullptr);
    if (const auto* bucket = std::get_if<Bucket>(of)) return text(bucket->name);
    if (const auto* project = std::get_if<Project>(of)) return project->name;
    if (const auto* topic = std::get_if<Topic>(of))
      return fmt::format("arn:{}:sns:{}:{}:{}", partition(), made_.region, made_.account, topic->name);
    PENSTOCK_CHECK(false);
    return {};
  }

  std::string sub_text(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
      const std::size_t open = text.find("${");
      out += text.substr(0, open);
      if (open == std::string_view::npos) break;
      const std::size_t close = text.find('}', open);
      out += ref_text(std::string(text.substr(open + 2, close - open - 2)));
      text.remove_prefix(close + 1);
    }
    return out;
  }

  /// The key has no name of its own; its alias has, and within one account CodePipeline takes an alias's ARN.
  std::string arn(std::string_view id) const {
    const Properties* of = resource(id);
    PENSTOCK_CHECK(of != nullptr);
    if (const auto* role = std::get_if<Role>(of))
      return fmt::format("arn:{}:iam::{}:role/{}", partition(), made_.account, role->name);
    PENSTOCK_CHECK(std::holds_alternative<Key>(*of));
    const auto& alias = std::get<KeyAlias>(*resource(std::string(id) + "Alias"));
    return fmt::format("arn:{}:kms:{}:{}:{}", partition(), made_.region, made_.account, alias.name);
  }

  const Template& stack_;
  const Made& made_;
};

std::string camel(std::string key) {
  key.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(key.front())));
  return key;
}

/// The same tree with keys as the API has them; those of a configuration are the same in both.
Json lowered(const yaml::Node& node, const Names& names, bool keep_keys = false) {
  if (node.is_sequence()) {
    Json all = Json::array();
    for (const yaml::Node& item : node.items) all.push_back(lowered(item, names, keep_keys));
    return all;
  }
  if (node.is_mapping() && node.find("Fn::GetAtt") == nullptr) {
    Json all = Json::object();
    for (const yaml::Entry& entry : node.entries) {
      const std::string& key = entry.key.text;
      all[keep_keys ? key : camel(key)] = lowered(entry.value, names, keep_keys || key == "Configuration");
    }
    return all;
  }
  if (node.is_scalar() && node.style == yaml::Style::Literal) return Json::parse(node.text);
  return names.text(node);
}

}  // namespace

std::string native_json(const Pipeline& pipeline, const Template& stack) {
  Json json = lowered(codec::encode(pipeline), Names(stack));
  json.erase("restartExecutionOnUpdate");  // only CloudFormation knows it
  return Json({{"pipeline", std::move(json)}}).dump(2) + "\n";
}

}  // namespace penstock::targets::codepipeline
