#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/ast.h"
#include "model/glob.h"
#include "plan/plan.h"

/// Texts that tell conditions apart: branches, tags and paths for which a model's triggers and conditions give different answers.
namespace penstock::verify {

/// Something that is asked of one text: a glob, a comparison.
struct Atom {
  std::function<bool(std::string_view)> holds;
  std::vector<std::string> seeds;  // texts near it: some for which it holds, if we can make them
};

/// What a model asks of each kind of text.
struct Atoms {
  std::vector<Atom> branches;  // of a push
  std::vector<Atom> tags;
  std::vector<Atom> targets;  // of requests
  std::vector<Atom> sources;
  std::vector<std::vector<model::Glob>> changes;  // lists that are asked of the changed paths
};
Atoms atoms(const plan::Plan& plan);

/// The shortest text found for each set of answers that some text gives, and then near misses: other case, a letter more or less.
/// `others` are texts that the emitted files speak of, and the model need not.
struct Words {
  std::vector<std::string> classes;
  std::vector<std::string> near;
};
Words words(const std::vector<Atom>& atoms, const std::vector<std::string>& others, std::string_view usual);

/// Sets of changed paths that tell the lists apart, the empty set among them.
std::vector<std::vector<std::string>> changed_sets(const std::vector<std::vector<model::Glob>>& lists,
                                                   const std::vector<std::string>& others);

}  // namespace penstock::verify
