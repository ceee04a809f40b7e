// Runs commands in turn, N times each, and measures every run from its start to its end. One turn before is not counted: it warms the
// disk's cache.
//   bench_measure RUNS COMMAND...      a COMMAND is words between spaces; `{}` in it is a new empty folder in $TMPDIR
// Prints a line for each command: wall time min and median in milliseconds, least processor time, peak resident memory in KiB
// (the most of all runs). Standard output and error of the commands are dropped; a command that fails ends the measurement.
#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "sample.h"

namespace penstock::bench {
namespace {

struct Command {
  std::string line;
  Sample wall;
  Sample processor;
  long peak = 0;
};

/// Becomes the program itself, without a shell whose start would be counted too.
[[noreturn]] void become(const std::string& line) {
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  std::istringstream stream(line);
  std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  std::_Exit(127);
}

std::string with_folder(std::string line, const std::string& folder) {
  for (std::size_t at = line.find("{}"); at != std::string::npos; at = line.find("{}", at + folder.size()))
    line.replace(at, 2, folder);
  return line;
}

double milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

bool run(Command& command, bool counted) {
  std::string folder = std::filesystem::temp_directory_path() / "penstock-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return false;
  const std::string line = with_folder(command.line, folder);
  int status = 0;
  rusage usage{};
  const double wall = milliseconds_of([&] {
    const pid_t child = ::fork();
    if (child == 0) become(line);
    ::wait4(child, &status, 0, &usage);
  });
  std::filesystem::remove_all(folder);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return false;
  if (!counted) return true;
  command.wall.add(wall);
  command.processor.add(milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime));
  command.peak = std::max(command.peak, usage.ru_maxrss);
  return true;
}

int measure(int runs, std::vector<Command> commands) {
  for (int turn = 0; turn <= runs; ++turn) {
    for (Command& command : commands) {
      if (run(command, turn > 0)) continue;
      fmt::print(stderr, "bench_measure: this failed: {}\n", command.line);
      return 1;
    }
  }
  for (const Command& command : commands) {
    fmt::print("{:.2f} {:.2f} {:.2f} {}\n", command.wall.min(), command.wall.median(),
               command.processor.min(), command.peak);
  }
  return 0;
}

}  // namespace
}  // namespace penstock::bench

int main(int count, char** values) {
  const std::span<char*> arguments(values, static_cast<std::size_t>(count));
  const int runs = count > 2 ? std::atoi(arguments[1]) : 0;
  if (runs < 1) {
    fmt::print(stderr, "usage: bench_measure RUNS COMMAND...\n");
    return 2;
  }
  std::vector<penstock::bench::Command> commands;
  for (const char* line : arguments.subspan(2)) commands.push_back({line, {}, {}, 0});
  return penstock::bench::measure(runs, std::move(commands));
}
