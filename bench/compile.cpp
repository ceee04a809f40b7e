// Times the whole compile of a model in memory, and beside it, run by run, yaml-cpp's event parse of the same bytes: the model's and
// those of the YAML and JSON files that the compile wrote.
//   bench_compile MODEL RUNS [TARGET...]
// Prints one line: least processor time of a compile, of a parse (milliseconds), bytes read, bytes of YAML and JSON written, all bytes
// written, files.
#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>

#include "diag/render.h"
#include "driver/compile.h"
#include "sample.h"
#include "targets/registry.h"
#include "yaml_events.h"

namespace penstock::bench {
namespace {

bool is_parsed(std::string_view path) {
  return path.ends_with(".yml") || path.ends_with(".yaml") || path.ends_with(".json");
}

int run(const char* path, int runs, const std::vector<std::string>& targets) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto compile = [&] {
    return driver::compile_text(path, text, targets::registry(), {targets, false});
  };
  const auto first = compile();
  if (first->sink.has_errors()) {
    fmt::print(stderr, "{}", diag::render_text(first->sink.diagnostics(), first->sources, false));
    return 1;
  }
  std::vector<std::string_view> parsed = {text};
  std::size_t written = 0;
  std::size_t all = 0;
  for (const auto& output : first->files) {
    all += output.text.size();
    if (!is_parsed(output.path)) continue;
    written += output.text.size();
    parsed.push_back(output.text);
  }
  Sample compiling;
  Sample parsing;
  for (int i = 0; i < runs; ++i) {
    compiling.add(processor_milliseconds_of([&] { compile(); }));
    std::size_t failed = 0;
    parsing.add(processor_milliseconds_of([&] {
      for (const std::string_view one : parsed) failed += count_yaml_events(one) == 0 ? 1 : 0;
    }));
    if (failed > 0) {
      fmt::print(stderr, "bench_compile: yaml-cpp does not read {} of the files\n", failed);
      return 1;
    }
  }
  fmt::print("{:.3f} {:.3f} {} {} {} {}\n", compiling.min(), parsing.min(), text.size(), written, all,
             first->files.size());
  return 0;
}

}  // namespace
}  // namespace penstock::bench

int main(int count, char** values) {
  const std::span<char*> arguments(values, static_cast<std::size_t>(count));
  int runs = 0;
  if (count > 2) {
    const std::string_view number = arguments[2];
    std::from_chars(number.data(), number.data() + number.size(), runs);
  }
  if (runs < 1) {
    fmt::print(stderr, "usage: bench_compile MODEL RUNS [TARGET...]\n");
    return 2;
  }
  return penstock::bench::run(arguments[1], runs, {arguments.begin() + 3, arguments.end()});
}
