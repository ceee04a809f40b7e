#include "targets/codepipeline/names.h"

#include <fmt/core.h>

#include <cctype>
#include <cstdint>

namespace penstock::targets::codepipeline {
namespace {

/// FNV-1a: the same on every machine, and only names depend on it.
std::string digest(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return fmt::format("{:08x}", hash).substr(0, 6);
}

}  // namespace

std::string bounded(const std::string& name, std::size_t limit) {
  if (name.size() <= limit) return name;
  std::string head = name.substr(0, limit - 7);
  while (!head.empty() && head.back() == '-') head.pop_back();
  return head + "-" + digest(name);
}

std::string pascal(std::string_view name) {
  std::string out;
  bool starts = true;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      starts = true;
      continue;
    }
    out += starts ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts = false;
  }
  return out;
}

std::string artifact_word(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return out;
}

std::string Names::get(const std::string& wanted, const std::string& thing) {
  const auto known = of_.find(thing);
  if (known != of_.end()) return known->second;
  std::string free = wanted;
  for (int i = 2; taken_.contains(free); ++i) free = fmt::format("{}{}{}", wanted, separator_, i);
  taken_.insert(free);
  of_.emplace(thing, free);
  return free;
}

}  // namespace penstock::targets::codepipeline
