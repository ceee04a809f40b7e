// Build-time tool: turns data files into tables, so that the program parses no YAML of ours when it starts.
//   embed table OUT NAMESPACE FUNCTION FILE        one YAML file as a `Table` of dotted paths
//   embed texts OUT NAMESPACE FUNCTION FILE...     files as a list of `EmbeddedText`
#include <fmt/core.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "diag/render.h"
#include "yaml/reader.h"

namespace {

using namespace penstock;

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read " + path);
  return text.str();
}

/// A C++ string literal, in pieces that compilers take.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  std::size_t line = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n\"\n    \"";
      line = 0;
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte > 0x7e || c == '?') {
      out += fmt::format("\\{:03o}", byte);
    } else {
      out += c;
    }
    if (++line > 4000) {
      out += "\"\n    \"";
      line = 0;
    }
  }
  return out + "\"";
}

void flatten(const yaml::Node& node, const std::string& path, std::string& out) {
  const auto below = [&](std::string_view key) {
    return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
  };
  for (std::size_t i = 0; i < node.items.size(); ++i) flatten(node.items[i], below(std::to_string(i)), out);
  for (const yaml::Entry& entry : node.entries) flatten(entry.value, below(entry.key.text), out);
  if (node.items.empty() && node.entries.empty()) {
    out += fmt::format("  {{{}, {}}},\n", quoted(path), quoted(node.text));
  }
}

std::string table(const std::string& file) {
  SourceManager sources;
  diag::Sink sink;
  const FileId id = sources.add(file, slurp(file));
  const auto document = yaml::read(sources, id, sink);
  if (!document || sink.has_errors()) {
    std::cerr << diag::render_text(sink.diagnostics(), sources, false);
    throw std::runtime_error("cannot embed " + file);
  }
  std::string rows;
  flatten(*document, "", rows);
  return rows;
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string generate(const std::vector<std::string>& arguments) {
  const std::string &mode = arguments.at(0), &space = arguments.at(2), &function = arguments.at(3);
  std::string out = "// Generated at build time by src/embed. Do not edit.\n#include \"base/table.h\"\n\n";
  out += fmt::format("namespace {} {{\nnamespace {{\n", space);
  if (mode == "table") {
    out += fmt::format("constexpr ::penstock::Row kRows[] = {{\n{}}};\n", table(arguments.at(4)));
    out += fmt::format(
        "}}\n::penstock::Table {0}();\n::penstock::Table {0}() {{ return ::penstock::Table(kRows); }}\n}}\n",
        function);
  } else {
    out += "constexpr ::penstock::EmbeddedText kTexts[] = {\n";
    for (std::size_t i = 4; i < arguments.size(); ++i) {
      out += fmt::format("  {{{}, {}}},\n", quoted(name_of(arguments[i])), quoted(slurp(arguments[i])));
    }
    out += fmt::format("}};\n}}\nstd::span<const ::penstock::EmbeddedText> {0}();\n", function);
    out += fmt::format("std::span<const ::penstock::EmbeddedText> {}() {{ return kTexts; }}\n}}\n", function);
  }
  return out;
}

}  // namespace

int main(int count, char** values) {
  try {
    const std::vector<std::string> arguments(values + 1, values + count);
    std::ofstream(arguments.at(1), std::ios::binary) << generate(arguments);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "embed: " << error.what() << "\n";
    return 1;
  }
}
