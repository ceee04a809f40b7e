// What a build can read and use: the rights of its project's role, variables, secrets, commands (CodeBuild user guide: build-spec-ref).
#include "base/text.h"
#include "targets/codepipeline/simulate_parts.h"

namespace penstock::targets::codepipeline {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string part_text(const std::variant<std::string, GetAtt>& part) {
  if (const auto* text = std::get_if<std::string>(&part)) return *text;
  return written(std::get<GetAtt>(part));
}

/// ` if StringEquals aws:SourceAccount ${AWS::AccountId}`: a right with a condition is less than one without.
std::string conditions(const Conditions& all) {
  std::string out;
  for (const auto& [operation, keys] : all) {
    for (const auto& [key, values] : keys) {
      std::vector<std::string> texts;
      for (const Value& value : values.all) texts.push_back(written(value));
      out += (out.empty() ? " if " : " and ") + operation.value + " " + key.value + " " + join(texts, ",");
    }
  }
  return out;
}

class Rights {
 public:
  explicit Rights(run::Reach& reach) : reach_(reach) {}

  void add(const PolicyDocument& document) {
    for (const Statement& statement : document.statement) {
      if (statement.effect != "Allow") continue;
      const std::string when = conditions(statement.condition);
      for (const std::string& action : statement.action.all) {
        for (const Value& resource : statement.resource.all) {
          reach_.rights.push_back(action + " on " + written(resource) + when);
          if (action == "sts:AssumeRole") roles_.push_back(written(resource));
        }
      }
    }
  }

  void finish() {
    std::ranges::sort(reach_.rights);
    reach_.rights.erase(std::unique(reach_.rights.begin(), reach_.rights.end()), reach_.rights.end());
    reach_.role = join(roles_, " ");
  }

 private:
  run::Reach& reach_;
  std::vector<std::string> roles_;
};

void add_rights(const Template& stack, const Value& role, run::Reach& reach) {
  const auto* get = std::get_if<GetAtt>(&role.of);
  const Role* of = get == nullptr ? nullptr : resource<Role>(stack, get->name);
  Rights rights(reach);
  if (of == nullptr) {
    reach.rights.push_back("everything that " + written(role) + " may do");
  } else {
    for (const InlinePolicy& policy : of->policies) rights.add(policy.document);
    for (const Value& managed : of->managed) {
      const auto* ref = std::get_if<Ref>(&managed.of);
      const auto* policy = ref == nullptr ? nullptr : resource<ManagedPolicy>(stack, ref->name);
      if (policy != nullptr) {
        rights.add(policy->document);
      } else {
        reach.rights.push_back("everything that " + written(managed) + " allows");
      }
    }
  }
  rights.finish();
}

/// Later ones win (build-spec-ref: a call of start-build before the project's definition before the buildspec's declaration).
void set(Pairs& all, const std::string& name, std::string value) {
  const auto known = std::ranges::find(all, name, &Pairs::value_type::first);
  if (known == all.end()) {
    all.emplace_back(name, std::move(value));
  } else {
    known->second = std::move(value);
  }
}

}  // namespace

std::string written(const Value& value) {
  struct Writer {
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const Ref& ref) const { return "${" + ref.name + "}"; }
    std::string operator()(const Sub& sub) const { return sub.text; }
    std::string operator()(const GetAtt& get) const { return "${" + get.name + "." + get.attribute + "}"; }
    std::string operator()(const Join& all) const {
      std::string out;
      for (const auto& part : all.parts) out += part_text(part);
      return out;
    }
  };
  return std::visit(Writer{}, value.of);
}

bool is_source(const Action& action) { return action.type.category == "Source"; }
bool is_approval(const Action& action) {
  return action.type.category == "Approval" && action.type.owner == "AWS" && action.type.provider == "Manual";
}
bool is_build(const Action& action) {
  return (action.type.category == "Build" || action.type.category == "Test") && action.type.owner == "AWS" &&
         action.type.provider == "CodeBuild";
}

const Project* project_of(const Template& stack, const Action& action) {
  if (const auto* ref = std::get_if<Ref>(&action.configuration.project.of))
    return resource<Project>(stack, ref->name);
  for (const auto& [id, of] : stack.resources) {
    const auto* project = std::get_if<Project>(&of.properties);
    if (project != nullptr && project->name == written(action.configuration.project)) return project;
  }
  return nullptr;
}

const Buildspec* buildspec_of(const Tree& tree, const Action& action) {
  const Project* project = project_of(tree.stack, action);
  if (project == nullptr) return nullptr;
  const std::string& path =
      action.configuration.buildspec.empty() ? project->source.buildspec : action.configuration.buildspec;
  const auto found = std::ranges::find(tree.buildspecs, path, &std::pair<std::string, Buildspec>::first);
  return found == tree.buildspecs.end() ? nullptr : &found->second;
}

run::Reach reach_of(const Tree& tree, const Action& action) {
  run::Reach reach;
  const Project* project = project_of(tree.stack, action);
  const Buildspec* spec = buildspec_of(tree, action);
  if (project == nullptr || spec == nullptr) return reach;
  add_rights(tree.stack, project->role, reach);
  for (const auto& [name, value] : spec->env.variables) set(reach.variables, name.value, value);
  for (const BuildVariable& variable : project->environment.variables)
    set(reach.variables, variable.name, written(variable.value));
  for (const auto& [name, value] : action.configuration.variables.all) set(reach.variables, name, value);
  for (const auto& [name, secret] : spec->env.secrets) reach.secrets.emplace_back(name.value, secret);
  for (const Phase* phase : {&spec->phases.install, &spec->phases.pre_build, &spec->phases.build}) {
    for (const auto& [runtime, version] : phase->runtimes)
      reach.commands.push_back("runtime " + runtime.value + " " + version);
    reach.commands.insert(reach.commands.end(), phase->commands.begin(), phase->commands.end());
  }
  return reach;
}

}  // namespace penstock::targets::codepipeline
