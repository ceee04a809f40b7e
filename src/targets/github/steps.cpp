#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/text.h"
#include "targets/github/shape.h"

namespace penstock::targets::github {
namespace {

/// `"true"` in our data files is a switch, anything else text.
Value value_from(std::string_view text) {
  if (text == "true" || text == "false") return {text == "true"};
  return {std::string(text)};
}

bool is_literal(const std::string& path) { return path.find_first_of("*?[") == std::string::npos; }

/// Where upload-artifact looks for a path: the part before the first wildcard.
std::string search_path(const std::string& path) {
  if (is_literal(path)) return path;
  const std::size_t slash = path.rfind('/', path.find_first_of("*?["));
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool is_below(const std::string& path, const std::string& folder) {
  return folder.empty() || path.starts_with(folder + "/");
}

/// Where it looks for all of them; what lies below another is looked through anyway.
std::vector<std::string> search_paths(const std::vector<std::string>& paths) {
  std::vector<std::string> all, outer;
  for (const std::string& path : paths) all.push_back(search_path(path));
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::ranges::copy_if(all, std::back_inserter(outer), [&](const std::string& path) {
    return std::ranges::none_of(
        all, [&](const std::string& other) { return other != path && is_below(path, other); });
  });
  return outer;
}

std::string common_folder(const std::string& a, const std::string& b) {
  std::vector<std::string> common;
  const auto first = split(a, '/'), second = split(b, '/');
  for (std::size_t i = 0; i < std::min(first.size(), second.size()) && first[i] == second[i]; ++i)
    common.emplace_back(first[i]);
  return join(common, "/");
}

/// What an upload is told, and the folder in which its content lies: upload-artifact cuts off what all paths have in common.
struct Content {
  std::vector<std::string> lines;
  std::string root;
  bool reshaped = false;  // a single path was made a pattern
};

std::vector<std::string> without_braces(const std::string& path) {
  const std::size_t open = path.find('{'), close = path.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {path};
  std::vector<std::string> all;
  for (const std::string_view choice :
       split(std::string_view(path).substr(open + 1, close - open - 1), ',')) {
    for (std::string& rest : without_braces(path.substr(close + 1)))
      all.push_back(path.substr(0, open) + std::string(choice) + rest);
  }
  return all;
}

/// A path without wildcards may be a file, which then lies at the top, or a folder, whose content then does. As a pattern both lie
/// under the folder above them.
std::string as_pattern(std::string path) {
  const char last = path.back();
  path.pop_back();
  return path + "[" + last + "]";
}

Content content_of(const model::Upload& upload) {
  Content content;
  std::vector<std::string> excluded;
  for (const std::string& written : upload.paths) {
    for (std::string& path : without_braces(written))
      (path.starts_with('!') ? excluded : content.lines).push_back(std::move(path));
  }
  std::vector<std::string> roots = search_paths(content.lines);
  if (roots.size() == 1 && std::ranges::find(content.lines, roots[0]) != content.lines.end()) {
    std::ranges::transform(content.lines, content.lines.begin(),
                           [](std::string& path) { return is_literal(path) ? as_pattern(path) : path; });
    roots = search_paths(content.lines);
    content.reshaped = true;
  }
  content.root = roots.front();
  for (const std::string& root : roots) content.root = common_folder(content.root, root);
  content.lines.insert(content.lines.end(), excluded.begin(), excluded.end());
  return content;
}

std::string lines(const std::vector<std::string>& all) {
  return all.size() == 1 ? all.front() : join(all, "\n") + "\n";
}

const model::Upload* find_upload(const plan::Job& job, const std::string& artifact) {
  const auto* work = std::get_if<plan::Steps>(&job.work);
  if (work == nullptr) return nullptr;
  for (const model::Step& step : work->steps) {
    const auto* upload = std::get_if<model::Upload>(&step.action);
    if (upload != nullptr && upload->artifact == artifact) return upload;
  }
  return nullptr;
}

/// Steps of one hand-written job.
class Writer {
 public:
  Writer(const Shaping& shaping, const plan::Pipeline& pipeline, const plan::Job& job, const Events& events,
         Kinds kinds)
      : shaping_(shaping), pipeline_(pipeline), job_(job), events_(events), kinds_(kinds) {}

  Step write(const model::Step& step) const {
    return std::visit([&](const auto& action) { return write(action, step.span); }, step.action);
  }

 private:
  Step write(const model::Run& run, Span) const {
    Step step = run_step(run.name, run.script);
    if (run.shell == model::Shell::Bash) step.shell = kBash;
    for (const auto& [name, text] : run.env) put(step.env, name, events_.text(text, kinds_));
    return step;
  }

  Step write(const model::Setup& setup, Span span) const {
    return setup_step(shaping_, setup.tool, Text(setup.version), span);
  }

  Step write(const model::Checkout& checkout, Span) const {
    return checkout_step(shaping_, checkout.history);
  }

  Step write(const model::Upload& upload, Span span) const {
    const Content content = content_of(upload);
    Step step = action_step(shaping_, "upload-artifact", fmt::format("Keep {}", upload.artifact));
    if (content.reshaped)
      step.comment = {"A pattern, so that what is kept keeps its place: a single path would lie at the top."};
    put(step.with, "name", Value(upload.artifact));
    put(step.with, "path", Value(lines(content.lines)));
    put(step.with, "if-no-files-found", Value("error"));
    put(step.with, "include-hidden-files", Value(true));
    put(step.with, "retention-days", Value(days(upload, span)));
    report(upload, span);
    return step;
  }

  Step write(const model::Download& download, Span) const {
    Step step = action_step(shaping_, "download-artifact", fmt::format("Get {}", download.artifact));
    put(step.with, "name", Value(download.artifact));
    const model::Upload* upload = find_upload(pipeline_.jobs[download.from], download.artifact);
    PENSTOCK_CHECK(upload != nullptr);
    if (std::string root = content_of(*upload).root; !root.empty())
      put(step.with, "path", Value(std::move(root)));
    return step;
  }

  std::string construct(const model::Upload& upload) const {
    return fmt::format("pipelines.{}.jobs.{}.artifacts.{}", pipeline_.name, job_.name, upload.artifact);
  }

  long days(const model::Upload& upload, Span span) const {
    const std::chrono::days exact = std::chrono::ceil<std::chrono::days>(upload.keep);
    if (exact != upload.keep)
      shaping_.approximated(construct(upload), span,
                            fmt::format("artifacts are kept for whole days: {}", exact.count()));
    const long limit = shaping_.facts().number("limits.retention_days");
    if (exact.count() > limit) {
      shaping_.approximated(
          construct(upload), span,
          fmt::format("kept for {} days at most, unless the settings of a private repository allow more",
                      limit));
    }
    return exact.count();
  }

  void report(const model::Upload& upload, Span span) const {
    shaping_.approximated(construct(upload), span,
                          "files lose their mode: call a script by its interpreter, `sh publish.sh`");
  }

  const Shaping& shaping_;
  const plan::Pipeline& pipeline_;
  const plan::Job& job_;
  const Events& events_;
  Kinds kinds_;
};

}  // namespace

Step action_step(const Shaping& shaping, std::string_view action, std::string name) {
  Step step;
  step.name = std::move(name);
  step.uses.to = shaping.catalog().get(fmt::format("actions.{}.uses", action));
  step.uses.version = shaping.catalog().get(fmt::format("actions.{}.version", action));
  PENSTOCK_CHECK(!step.uses.to.empty());
  return step;
}

Step checkout_step(const Shaping& shaping, bool history) {
  Step step = action_step(shaping, "checkout", history ? "Check out with history" : "Check out");
  if (history) put(step.with, "fetch-depth", Value(0L));
  put(step.with, "persist-credentials", Value(false));
  return step;
}

Step run_step(std::string name, std::string script) {
  Step step;
  step.name = std::move(name);
  step.run = std::move(script);
  return step;
}

Step setup_step(const Shaping& shaping, std::string_view tool, Text version, Span span) {
  const std::string at = fmt::format("setup.{}.github", tool);
  const Table& catalog = shaping.catalog();
  if (!catalog.has(at)) {
    shaping.refuse(fmt::format("setup.{}", tool), span,
                   fmt::format("how to set up `{}`: the catalog names no action", tool),
                   "add it to the catalog, or install it in a script");
    return {};
  }
  Step step;
  step.name = catalog.get(at + ".name");
  step.uses = {std::string(catalog.get(at + ".uses")), std::string(catalog.get(at + ".version"))};
  put(step.with, std::string(catalog.get(at + ".with")), Value(std::move(version)));
  for (const std::string_view key : catalog.keys(at + ".always")) {
    put(step.with, std::string(key), value_from(catalog.get(fmt::format("{}.always.{}", at, key))));
  }
  return step;
}

std::vector<Step> written_steps(const Shaping& shaping, const plan::Pipeline& pipeline, const plan::Job& job,
                                const Events& events, Kinds kinds) {
  const Writer writer(shaping, pipeline, job, events, kinds);
  std::vector<Step> steps;
  for (const model::Step& step : std::get<plan::Steps>(job.work).steps) steps.push_back(writer.write(step));
  return steps;
}

}  // namespace penstock::targets::github
