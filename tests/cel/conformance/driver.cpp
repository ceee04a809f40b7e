#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/check.h"
#include "cel/check.h"
#include "cel/eval.h"
#include "cel/parse.h"
#include "cel/time.h"

// Reads a case per line and says what the expression is: {"value": …}, or {"error": …} with the stage that gave it.
//   {"expr": "x + 1", "check": true, "container": "a.b", "variables": {"x": "int"}, "bindings": {"x": {"int": "1"}}}
// A type is a name, or an array of `list` or `map` and types. Values have one key, their type: {"list": [{"uint": "1"}]}.

using namespace penstock;
using namespace penstock::cel;
using nlohmann::json;

namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j > bytes.size() ? '=' : kDigits[group >> (18 - 6 * j) & 63];
  }
  return out;
}

std::string from_base64(std::string_view text) {
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    group = group << 6 | static_cast<std::uint32_t>(kDigits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(static_cast<unsigned char>(group >> bits));
  }
  return out;
}

double to_double(const json& value) {
  if (!value.is_string()) return value.get<double>();
  const std::string name = value.get<std::string>();
  if (name == "NaN") return std::nan("");
  if (name == "-0") return -0.0;
  return name == "Infinity" ? HUGE_VAL : -HUGE_VAL;
}

Value to_value(const json& one) {
  const std::string type = one.begin().key();
  const json& data = one.begin().value();
  const auto text = [&] { return data.get<std::string>(); };
  if (type == "null") return {Null{}};
  if (type == "bool") return {data.get<bool>()};
  if (type == "int") return {static_cast<std::int64_t>(std::stoll(text()))};
  if (type == "uint") return {static_cast<std::uint64_t>(std::stoull(text()))};
  if (type == "double") return {to_double(data)};
  if (type == "string") return {text()};
  if (type == "bytes") return {Bytes{from_base64(text())}};
  if (type == "timestamp") return {*parse_timestamp(text())};
  if (type == "duration") return {*parse_duration(text())};
  if (type == "type") return {TypeName{text()}};
  if (type == "list") {
    Values items;
    for (const json& item : data) items.push_back(to_value(item));
    return {std::move(items)};
  }
  PENSTOCK_CHECK(type == "map");
  Entries entries;
  for (const json& entry : data) entries.push_back({to_value(entry[0]), to_value(entry[1])});
  return {std::move(entries)};
}

json from_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value == 0 && std::signbit(value)) return "-0";
  return value;
}

json to_json(const Value& value) {
  return std::visit(Overloaded{
                        [](const Error& one) -> json {
                          return {{"error", one.message}};
                        },
                        [](Null) -> json {
                          return {{"null", nullptr}};
                        },
                        [](bool one) -> json {
                          return {{"bool", one}};
                        },
                        [](std::int64_t one) -> json {
                          return {{"int", std::to_string(one)}};
                        },
                        [](std::uint64_t one) -> json {
                          return {{"uint", std::to_string(one)}};
                        },
                        [](double one) -> json {
                          return {{"double", from_double(one)}};
                        },
                        [](const std::string& one) -> json {
                          return {{"string", one}};
                        },
                        [](const Bytes& one) -> json {
                          return {{"bytes", to_base64(one.data)}};
                        },
                        [](Timestamp one) -> json {
                          return {{"timestamp", to_text(one)}};
                        },
                        [](Duration one) -> json {
                          return {{"duration", to_text(one)}};
                        },
                        [](const TypeName& one) -> json {
                          return {{"type", one.name}};
                        },
                        [](const Shared<Values>& items) -> json {
                          json all = json::array();
                          for (const Value& item : *items) all.push_back(to_json(item));
                          return {{"list", all}};
                        },
                        [](const Shared<Entries>& entries) -> json {
                          json all = json::array();
                          for (const Entry& entry : *entries)
                            all.push_back(json::array({to_json(entry.key), to_json(entry.value)}));
                          return {{"map", all}};
                        },
                    },
                    value.data);
}

Type to_type(const json& type) {
  if (type.is_array()) {
    const bool list = type[0] == "list";
    return list ? types::list(to_type(type[1])) : types::map(to_type(type[1]), to_type(type[2]));
  }
  if (type == "timestamp") return types::kTimestamp;
  if (type == "duration") return types::kDuration;
  const Type* named = named_type(type.get<std::string>());
  return named ? *named : types::kDyn;
}

json reported(const diag::Sink& sink, std::string_view stage) {
  std::string all;
  for (const auto& one : sink.diagnostics()) all += (all.empty() ? "" : "; ") + one.message;
  return {{"error", all}, {"stage", stage}};
}

/// Of a tree that was not checked, a name may lack the container.
Facts unchecked(const Facts& facts, const std::string& container) {
  return {[&facts, container](std::string_view name) -> std::optional<Value> {
            if (!container.empty())
              if (auto value = facts.variable(container + "." + std::string(name))) return value;
            return facts.variable(name);
          },
          {}};
}

json run(const json& test) {
  diag::Sink sink;
  const std::string text = test["expr"];
  auto expr = parse(text, verbatim(FileId{}), sink);
  if (!expr) return reported(sink, "parse");
  Bindings bindings;
  const json bound = test.value("bindings", json::object());
  for (const auto& [name, one] : bound.items()) bindings[name] = to_value(one);
  const std::string container = test.value("container", "");
  const Facts known = facts(bindings);
  json result = json::object();
  Value value;
  if (test.value("check", true)) {
    Environment environment;
    environment.container = container;
    const json variables = test.value("variables", json::object());
    for (const auto& [name, type] : variables.items()) environment.variables.push_back({name, to_type(type)});
    const auto typed = check(std::move(*expr), environment, sink);
    if (!typed) return reported(sink, "check");
    result["type"] = name(typed->type);
    value = evaluate(typed->expr, known);
    // Folding is a second evaluator: what it computes is the same.
    const auto folded = constant(fold(typed->expr, known));
    if (folded && to_json(*folded) != to_json(value)) result["folded"] = to_json(*folded);
  } else {
    value = evaluate(*expr, unchecked(known, container));
  }
  if (const auto* error = value.get<Error>()) {
    result.update({{"error", error->message}, {"stage", "evaluate"}});
  } else {
    result["value"] = to_json(value);
  }
  return result;
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.empty()) continue;
    const json test = json::parse(line);
    json result = run(test);
    std::cout << result.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
  }
}
