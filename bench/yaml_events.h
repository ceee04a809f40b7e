#pragma once
#include <cstddef>
#include <string_view>

namespace penstock::bench {

/// Reads every document of a text with yaml-cpp's event parser, keeps nothing, and counts the events. Zero for a text that is no YAML.
std::size_t count_yaml_events(std::string_view text);

}  // namespace penstock::bench
