// What must hold of every output, whatever the model: read from the files, not from what made them.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "driver/compile.h"
#include "support/file_test.h"
#include "targets/codepipeline/files.h"
#include "targets/codepipeline/target.h"
#include "yaml/reader.h"

using namespace penstock;
using namespace penstock::targets::codepipeline;

namespace {

constexpr const char* kModels = PENSTOCK_SOURCE_DIR "/tests/targets/codepipeline";

/// One compilation, and the tree of its files.
struct Compiled {
  std::unique_ptr<driver::Compilation> compilation;
  std::shared_ptr<const Tree> tree;

  template <class T>
  std::vector<std::pair<std::string, T>> all() const {
    std::vector<std::pair<std::string, T>> found;
    for (const auto& [id, resource] : tree->stack.resources) {
      if (const auto* of = std::get_if<T>(&resource.properties)) found.emplace_back(id.value, *of);
    }
    return found;
  }

  template <class T>
  T one(const std::string& id) const {
    for (const auto& [name, of] : all<T>()) {
      if (name == id) return of;
    }
    FAIL("no " << id);
    return {};
  }

  Project project(const Action& action) const {
    return one<Project>(std::get<Ref>(action.configuration.project.of).name);
  }

  const Buildspec& buildspec(const Action& action) const {
    const std::string path = action.configuration.buildspec.empty() ? project(action).source.buildspec
                                                                    : action.configuration.buildspec;
    const auto found = std::ranges::find(tree->buildspecs, path, &std::pair<std::string, Buildspec>::first);
    REQUIRE(found != tree->buildspecs.end());
    return found->second;
  }

  bool calls(const Action& action, std::string_view script) const {
    if (action.type.provider != "CodeBuild") return false;
    const Buildspec& spec = buildspec(action);
    for (const Phase* phase : {&spec.phases.pre_build, &spec.phases.build}) {
      for (const std::string& command : phase->commands) {
        if (command.find(script) != std::string::npos) return true;
      }
    }
    return false;
  }

  std::vector<Statement> rights(const Project& project) const {
    const Role role = one<Role>(std::get<GetAtt>(project.role.of).name);
    return role.policies.front().document.statement;
  }
};

Compiled compiled(const std::filesystem::path& file) {
  static const targets::Target* const kTargets[] = {&kTarget};
  Compiled output;
  output.compilation = driver::compile_text("penstock.yaml", test::read_file(file), kTargets, {});
  REQUIRE_FALSE(output.compilation->sink.has_errors());
  SourceManager sources;
  diag::Sink sink;
  std::vector<targets::InputFile> documents;
  yaml::ReadOptions options;
  options.tags = true;
  for (const targets::OutputFile& written : output.compilation->files) {
    if (!written.path.starts_with("codepipeline/") || written.path.ends_with(".json")) continue;
    documents.push_back(
        {written.path, *yaml::read(sources, sources.add(written.path, written.text), sink, options)});
  }
  output.tree = std::any_cast<std::shared_ptr<const Tree>>(read(documents, sink));
  return output;
}

std::vector<std::filesystem::path> models() {
  std::vector<std::filesystem::path> all;
  for (const auto& file : test::files_in(kModels)) {
    if (file.extension() == ".yaml" && !file.filename().string().starts_with("fail_")) all.push_back(file);
  }
  return all;
}

std::string variable(const Action& action, std::string_view name) {
  for (const auto& [key, value] : action.configuration.variables.all) {
    if (key == name) return value;
  }
  return {};
}

/// The pipeline that a schedule starts, by its ARN `…:${Id}`.
std::string started(const Schedule& schedule) {
  const std::string& text = std::get<Sub>(schedule.target.arn.of).text;
  const std::size_t open = text.rfind("${");
  return text.substr(open + 2, text.size() - open - 3);
}

}  // namespace

TEST_CASE("a schedule starts nothing that applies, and nothing that could") {
  int seen = 0;
  for (const auto& model : models()) {
    const Compiled output = compiled(model);
    for (const auto& [id, schedule] : output.all<Schedule>()) {
      const Pipeline pipeline = output.one<Pipeline>(started(schedule));
      CHECK(pipeline.triggers.empty());
      for (const Stage& stage : pipeline.stages) {
        for (const Action& action : stage.actions) {
          if (action.type.provider != "CodeBuild") continue;
          ++seen;
          INFO(model << " " << pipeline.name << " " << action.name);
          CHECK_FALSE(output.calls(action, "apply.sh"));
          for (const Statement& statement : output.rights(output.project(action))) {
            for (const Value& resource : statement.resource.all) {
              const auto* arn = std::get_if<std::string>(&resource.of);
              CHECK_FALSE((arn != nullptr && arn->ends_with("-apply")));
            }
          }
        }
      }
    }
  }
  CHECK(seen > 10);
}

TEST_CASE("every schedule of a model is there, in its time zone") {
  for (const auto& model : models()) {
    const Compiled output = compiled(model);
    std::multiset<std::string> wanted, found;
    const model::Project& project = output.compilation->project;
    if (project.drift) wanted.insert(project.drift->schedule.timezone);
    for (const model::Pipeline& pipeline : project.pipelines) {
      for (const model::Trigger& trigger : pipeline.triggers) {
        if (trigger.schedule) wanted.insert(trigger.schedule->timezone);
      }
    }
    std::set<std::string> descriptions;
    for (const auto& [id, schedule] : output.all<Schedule>()) {
      if (descriptions.insert(schedule.description).second) found.insert(schedule.timezone);
    }
    CHECK(wanted == found);
  }
}

TEST_CASE("a plan is made, judged, approved and applied in one stage, in this order") {
  int applies = 0, approved = 0;
  for (const auto& model : models()) {
    const Compiled output = compiled(model);
    for (const auto& [id, pipeline] : output.all<Pipeline>()) {
      for (const Stage& stage : pipeline.stages) {
        for (const Action& apply : stage.actions) {
          if (!output.calls(apply, "apply.sh")) continue;
          ++applies;
          INFO(model << " " << stage.name << "/" << apply.name);
          const auto plan = std::ranges::find_if(stage.actions, [&](const Action& action) {
            return output.calls(action, "plan.sh") &&
                   variable(action, "PENSTOCK_STACK") == variable(apply, "PENSTOCK_STACK");
          });
          REQUIRE(plan != stage.actions.end());
          CHECK(plan->order < apply.order);
          CHECK(variable(apply, "PENSTOCK_PLAN_DIGEST") == "#{" + plan->space + ".DIGEST}");
          CHECK(variable(apply, "PENSTOCK_ARTIFACT") == plan->outputs.front().name);
          CHECK(pipeline.mode == "QUEUED");
          const std::string environment = variable(apply, "PENSTOCK_ENVIRONMENT");
          const auto& environments = output.compilation->project.environments;
          const auto of = std::ranges::find(environments, environment, &model::Environment::name);
          const long asked = std::ranges::count_if(stage.actions, [&](const Action& action) {
            return action.type.category == "Approval" && plan->order < action.order &&
                   action.order < apply.order;
          });
          CHECK(asked == (of->approvals ? of->approvals->count : 0));
          approved += of->approvals ? 1 : 0;
          // Left out only when nothing is to be delivered, and only where somebody would be asked.
          CHECK(stage.before.all.empty() == !of->approvals);
        }
      }
    }
  }
  CHECK(applies > 10);
  CHECK(approved > 5);
}

TEST_CASE("an environment comes after those it is behind") {
  for (const char* name : {"live-infra", "identities"}) {
    const Compiled output = compiled(std::string(kModels) + "/" + name + ".yaml");
    std::map<std::string, std::pair<std::size_t, std::size_t>> stages;  // first plan, last apply
    const Pipeline pipeline = output.one<Pipeline>("DeliveryPipeline");
    for (std::size_t i = 0; i < pipeline.stages.size(); ++i) {
      for (const Action& action : pipeline.stages[i].actions) {
        const std::string environment = variable(action, "PENSTOCK_ENVIRONMENT");
        if (environment.empty()) continue;
        const auto place = stages.try_emplace(environment, i, i).first;
        place->second.second = i;
      }
    }
    for (const model::Environment& environment : output.compilation->project.environments) {
      for (const model::EnvironmentId before : environment.after) {
        const std::string& earlier = output.compilation->project.environments[before].name;
        REQUIRE(stages.contains(earlier));
        CHECK(stages[earlier].second < stages[environment.name].first);
      }
    }
  }
}

TEST_CASE("the report runs whatever the detectors find") {
  const Compiled output = compiled(std::string(kModels) + "/live-infra.yaml");
  const Pipeline pipeline = output.one<Pipeline>("DriftPipeline");
  REQUIRE(pipeline.stages.size() == 3);
  std::set<std::string> left, read;
  for (const Action& detect : pipeline.stages[1].actions) {
    const std::string& command = output.buildspec(detect).phases.build.commands.front();
    REQUIRE(command.find("|| echo") != std::string::npos);
    CHECK(command.find("drift.sh") < command.find("|| echo"));
    left.insert(detect.outputs.front().name);
  }
  for (const Action& report : pipeline.stages[2].actions) {
    CHECK(report.inputs.size() <= 5);
    for (const ArtifactName& input : report.inputs) read.insert(input.name);
    CHECK(output.calls(report, "report.sh aws"));
  }
  read.erase("Checkout");
  CHECK(read == left);
}

TEST_CASE("a role reaches only the artifacts of its own pipeline") {
  for (const auto& model : models()) {
    const Compiled output = compiled(model);
    std::vector<std::string> prefixes;
    for (const auto& [id, pipeline] : output.all<Pipeline>()) {
      std::set<std::string> reached;
      const auto reach = [&](const std::string& role) {
        const Role whole = output.one<Role>(role);
        for (const Statement& statement : whole.policies.front().document.statement) {
          if (statement.sid == "Artifacts")
            reached.insert(std::get<Sub>(statement.resource.all.front().of).text);
        }
      };
      reach(std::get<GetAtt>(pipeline.role.of).name);
      for (const Stage& stage : pipeline.stages) {
        for (const Action& action : stage.actions) {
          if (action.type.provider == "CodeBuild")
            reach(std::get<GetAtt>(output.project(action).role.of).name);
        }
      }
      INFO(model << " " << pipeline.name);
      REQUIRE(reached.size() == 1);
      const std::string pattern = *reached.begin();
      REQUIRE(pattern.starts_with("${ArtifactBucket.Arn}/"));
      REQUIRE(pattern.ends_with("*"));
      prefixes.push_back(pattern.substr(22, pattern.size() - 23));
      // The store may cut the name after twenty characters or keep it whole.
      CHECK((pipeline.name + "/").starts_with(prefixes.back()));
      CHECK((pipeline.name.substr(0, 20) + "/").starts_with(prefixes.back()));
    }
    for (const std::string& one : prefixes) {
      CHECK(std::ranges::count_if(prefixes,
                                  [&](const std::string& other) { return other.starts_with(one); }) == 1);
    }
  }
}

TEST_CASE("builds of requests can take no role that applies") {
  const Compiled output = compiled(std::string(kModels) + "/identities.yaml");
  std::map<std::string, std::set<std::string>> taken;
  for (const auto& [id, project] : output.all<Project>()) {
    for (const Statement& statement : output.rights(project)) {
      if (statement.sid != "Identity") continue;
      for (const Value& role : statement.resource.all)
        taken[project.name].insert(std::get<std::string>(role.of));
    }
  }
  CHECK(taken["shop-request-plan-live"] ==
        std::set<std::string>{"arn:aws:iam::444455556666:role/shop-live-plan"});
  CHECK(taken["shop-delivery-plan-live"] ==
        std::set<std::string>{"arn:aws:iam::444455556666:role/shop-live-plan"});
  CHECK(taken["shop-delivery-apply-live"] ==
        std::set<std::string>{"arn:aws:iam::444455556666:role/shop-live-apply"});
  CHECK(taken["shop-drift-detect-live"] ==
        std::set<std::string>{"arn:aws:iam::444455556666:role/shop-live-plan"});
}

TEST_CASE("nothing that anybody may write stands in a command") {
  for (const auto& model : models()) {
    const Compiled output = compiled(model);
    for (const auto& [path, spec] : output.tree->buildspecs) {
      for (const Phase* phase : {&spec.phases.install, &spec.phases.pre_build, &spec.phases.build}) {
        for (const std::string& command : phase->commands) {
          INFO(path << ": " << command);
          CHECK(command.find("#{") == std::string::npos);
          CHECK(command.find("${{") == std::string::npos);
        }
      }
    }
  }
}
