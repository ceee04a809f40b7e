#pragma once
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "codec/fields.h"
#include "yaml/node.h"

/// `.gitlab-ci.yml` and the files it includes, as plain structs. A key that no struct knows is kept in `others`, so that a file
/// that somebody else wrote can be read, and written again without loss.
namespace penstock::targets::gitlab {

using codec::Named;
using codec::Others;

/// A value of `variables`. GitLab and its runner expand `$X` in it; `expand: false` keeps it as it is.
struct Variable {
  std::string value;
  std::string description;           // of the form for a manual pipeline
  std::vector<std::string> options;  // of that form
  bool expand = true;
  friend bool operator==(const Variable&, const Variable&) = default;
};
using Variables = Named<Variable>;

/// One text, or a list of them: `extends`, `paths` of a report.
struct Texts {
  std::vector<std::string> all;
  friend bool operator==(const Texts&, const Texts&) = default;
};

/// One entry of `rules`: its conditions hold together; the first entry that matches decides.
struct Rule {
  std::string condition;  // `if`
  std::optional<yaml::Node> changes;
  std::string when;
  std::optional<bool> allow_failure;
  Variables variables;
  Others others;
};

struct AutoCancel {
  std::string on_new_commit;
  Others others;
};

/// A line above a key, for people. Not read back.
struct Note {
  std::string key;
  std::vector<std::string> lines;
};

struct Workflow {
  std::vector<Note> notes;
  std::string name;
  AutoCancel auto_cancel;
  std::vector<Rule> rules;
  Others others;
};

/// One entry of `needs`; written as the name alone when that says it all.
struct Need {
  std::string job;
  bool artifacts = true;
  bool optional = false;
  Others others;
};

struct Image {
  std::string name;
  std::vector<std::string> entrypoint;
  bool has_entrypoint = false;  // an empty one is not the image's own
  Others others;
};

struct Environment {
  std::string name;
  std::string url;
  std::string action;
  std::string deployment_tier;
  Others others;
};

struct IdToken {
  Texts audience;
  Others others;
};

struct Reports {
  Texts junit;
  Texts terraform;
  Others others;
};

struct Artifacts {
  std::string name;
  std::string when;
  std::string access;
  std::string expire_in;
  std::vector<std::string> paths;
  std::vector<std::string> exclude;
  Reports reports;
  Others others;
};

/// `allow_failure`: for every exit code, or for these.
struct AllowFailure {
  std::optional<bool> always;
  std::vector<long> exit_codes;
};

struct Job {
  std::vector<std::string> comment;  // above the job; not read back
  std::vector<Note> notes;
  Texts extends;
  std::string stage;
  Image image;
  std::vector<std::string> tags;
  std::optional<std::vector<Need>> needs;
  std::string timeout;
  std::optional<bool> interruptible;
  std::string resource_group;
  Environment environment;
  std::string manual_confirmation;
  Named<IdToken> id_tokens;
  Variables variables;
  std::vector<std::string> before_script;
  std::vector<std::string> script;
  std::vector<std::string> after_script;
  Artifacts artifacts;
  AllowFailure allow_failure;
  std::string when;
  std::optional<std::vector<Rule>> rules;
  Others others;
};

/// `default`: what a job has that does not say it itself.
struct Default {
  std::vector<Note> notes;
  Image image;
  std::optional<bool> interruptible;
  std::vector<std::string> before_script;
  Others others;
};

struct Include {
  std::string local;
  Others others;
};

/// One file. Every key that is none of GitLab's own is a job.
struct Root {
  Workflow workflow;
  std::vector<std::string> stages;
  Variables variables;
  Default defaults;
  std::vector<Include> include;
  Named<Job> jobs;
  Others others;  // `image`, `cache` and their kind at the top, and what is no mapping
};

struct File {
  std::string path;
  std::vector<std::string> purpose;  // comment lines below the first; not read back
  Root root;
};

struct Tree {
  std::vector<File> files;  // `.gitlab-ci.yml` first
};

std::span<const codec::Row> rows(const Rule*);
std::span<const codec::Row> rows(const AutoCancel*);
std::span<const codec::Row> rows(const Workflow*);
std::span<const codec::Row> rows(const Environment*);
std::span<const codec::Row> rows(const IdToken*);
std::span<const codec::Row> rows(const Reports*);
std::span<const codec::Row> rows(const Artifacts*);
std::span<const codec::Row> rows(const Job*);
std::span<const codec::Row> rows(const Default*);
std::span<const codec::Row> rows(const Include*);

// What has more than one spelling.
void decode_value(const yaml::Node& node, Variable& value, codec::Decoder& decoder);
yaml::Node encode_value(const Variable& value);
bool is_empty(const Variable& value);
void decode_value(const yaml::Node& node, Texts& value, codec::Decoder& decoder);
yaml::Node encode_value(const Texts& value);
bool is_empty(const Texts& value);
void decode_value(const yaml::Node& node, Need& value, codec::Decoder& decoder);
yaml::Node encode_value(const Need& value);
bool is_empty(const Need& value);
void decode_value(const yaml::Node& node, Image& value, codec::Decoder& decoder);
yaml::Node encode_value(const Image& value);
bool is_empty(const Image& value);
void decode_value(const yaml::Node& node, AllowFailure& value, codec::Decoder& decoder);
yaml::Node encode_value(const AllowFailure& value);
bool is_empty(const AllowFailure& value);
void decode_value(const yaml::Node& node, Root& value, codec::Decoder& decoder);
yaml::Node encode_value(const Root& value);
bool is_empty(const Root& value);

}  // namespace penstock::targets::gitlab
