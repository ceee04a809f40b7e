#pragma once
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "codec/fields.h"
#include "targets/github/expression.h"

/// GitHub's workflows and composite actions as plain structs. What a real file holds besides is kept in `others`.
namespace penstock::targets::github {

using codec::Named;
using codec::Others;

/// Text with `${{ … }}` in it. A file's text whose expressions we cannot read is one literal part.
struct Text {
  std::vector<std::variant<std::string, Expression>> parts;

  Text() = default;
  Text(std::string literal) : parts{std::move(literal)} {}
  Text(const char* literal) : parts{std::string(literal)} {}
  Text(Expression expression) : parts{std::move(expression)} {}
  Text(std::vector<std::variant<std::string, Expression>> all) : parts(std::move(all)) {}
};
void decode_value(const yaml::Node& node, Text& value, codec::Decoder& decoder);
yaml::Node encode_value(const Text& value);
bool is_empty(const Text& value);

/// What an input of an action, a limit or a switch may be.
struct Value {
  std::variant<Text, long, bool> is;

  Value() = default;
  Value(Text text) : is(std::move(text)) {}
  Value(std::string text) : is(Text(std::move(text))) {}
  Value(const char* text) : is(Text(text)) {}
  Value(long number) : is(number) {}
  Value(bool flag) : is(flag) {}
};
void decode_value(const yaml::Node& node, Value& value, codec::Decoder& decoder);
yaml::Node encode_value(const Value& value);
bool is_empty(const Value& value);

/// `if:`, which needs no `${{ }}`.
struct Condition {
  std::variant<Expression, std::string> is;  // text: what we cannot read
};
void decode_value(const yaml::Node& node, Condition& value, codec::Decoder& decoder);
yaml::Node encode_value(const Condition& value);
bool is_empty(const Condition& value);

/// One name or a list of them; written as a list on one line.
struct Names {
  std::vector<std::string> all;
};
void decode_value(const yaml::Node& node, Names& value, codec::Decoder& decoder);
yaml::Node encode_value(const Names& value);
bool is_empty(const Names& value);

/// An action at a commit, with the tag of that commit as a comment; or a path.
struct Reference {
  std::string to;
  std::string version;
};
void decode_value(const yaml::Node& node, Reference& value, codec::Decoder& decoder);
yaml::Node encode_value(const Reference& value);
bool is_empty(const Reference& value);

/// `permissions`: what is not listed is none.
struct Permissions {
  struct Grant {
    std::string scope;
    std::string level;
    std::string why;  // a comment
  };
  std::vector<Grant> grants;
  std::string all;  // `read-all`, `write-all`
};
void decode_value(const yaml::Node& node, Permissions& value, codec::Decoder& decoder);
yaml::Node encode_value(const Permissions& value);

struct Concurrency {
  Text group;
  std::optional<Value> cancel_in_progress;
  std::string queue;
  Others others;
  std::vector<std::string> comment;
};
void decode_value(const yaml::Node& node, Concurrency& value, codec::Decoder& decoder);
yaml::Node encode_value(const Concurrency& value);

struct RunDefaults {
  std::string shell;
  Others others;
};
struct Defaults {
  std::optional<RunDefaults> run;
};
std::span<const codec::Row> rows(const RunDefaults*);
std::span<const codec::Row> rows(const Defaults*);

// --- what starts a workflow

struct Push {
  Names branches;
  Names tags;
  Names paths;
  Others others;
};
struct PullRequest {
  Names branches;
  Names paths;
  Others others;
};
struct Schedule {
  std::string cron;
  std::string timezone;
  Others others;
};
struct CallSecret {
  std::optional<bool> required;
  Others others;
};
struct WorkflowCall {
  Named<CallSecret> secrets;
  Others others;
};
std::span<const codec::Row> rows(const Push*);
std::span<const codec::Row> rows(const PullRequest*);
std::span<const codec::Row> rows(const Schedule*);
std::span<const codec::Row> rows(const CallSecret*);
std::span<const codec::Row> rows(const WorkflowCall*);

struct Dispatch {
  Others others;
};
std::span<const codec::Row> rows(const Dispatch*);

struct Triggers {
  std::optional<Push> push;
  std::optional<PullRequest> pull_request;
  std::vector<Schedule> schedule;
  std::optional<Dispatch> workflow_dispatch;
  std::optional<WorkflowCall> workflow_call;
  Others others;
};
void decode_value(const yaml::Node& node, Triggers& value, codec::Decoder& decoder);
yaml::Node encode_value(const Triggers& value);
bool is_empty(const Triggers& value);

// --- jobs

struct Step {
  std::string name;
  std::string id;
  std::optional<Condition> condition;
  Reference uses;
  Named<Value> with;
  std::string shell;
  Named<Text> env;
  std::string run;
  Others others;
  std::vector<std::string> comment;  // above the step
};
std::span<const codec::Row> rows(const Step*);

struct Environment {
  Text name;
  Others others;  // `url`
};
void decode_value(const yaml::Node& node, Environment& value, codec::Decoder& decoder);
yaml::Node encode_value(const Environment& value);

struct Container {
  Text image;
  Others others;
};
void decode_value(const yaml::Node& node, Container& value, codec::Decoder& decoder);
yaml::Node encode_value(const Container& value);

/// Combinations of axes, and rows that add to combinations or are combinations of their own.
struct Matrix {
  using Entry = std::vector<std::pair<std::string, std::string>>;
  std::vector<std::pair<std::string, std::vector<std::string>>> axes;
  std::vector<Entry> include;
  yaml::Node other;  // a matrix that is not made of texts
};
void decode_value(const yaml::Node& node, Matrix& value, codec::Decoder& decoder);
yaml::Node encode_value(const Matrix& value);
bool is_empty(const Matrix& value);

struct Strategy {
  std::optional<Value> fail_fast;
  Matrix matrix;
  Others others;
};
std::span<const codec::Row> rows(const Strategy*);

/// A job with steps, or the call of a reusable workflow (`uses`).
struct Job {
  Text name;
  Names needs;
  std::optional<Condition> condition;
  Reference uses;
  yaml::Node runs_on;
  std::optional<Value> timeout_minutes;
  std::optional<Environment> environment;
  std::optional<Concurrency> concurrency;
  std::optional<Permissions> permissions;
  std::optional<Strategy> strategy;
  Named<Text> outputs;
  Named<Text> env;
  std::optional<Defaults> defaults;
  std::optional<Container> container;
  std::vector<Step> steps;
  Named<Value> with;
  Named<Text> secrets;
  Others others;
  std::vector<std::string> comment;            // above the job
  std::vector<std::string> condition_comment;  // above its `if`
};
std::span<const codec::Row> rows(const Job*);

struct Workflow {
  std::string name;
  Text run_name;
  Triggers on;
  std::optional<Permissions> permissions;
  Named<Text> env;
  std::optional<Concurrency> concurrency;
  std::optional<Defaults> defaults;
  Named<Job> jobs;
  Others others;
  std::vector<std::string> comment;  // at the head of the file, behind the line that every generated file has
};
std::span<const codec::Row> rows(const Workflow*);

// --- composite actions

struct Input {
  std::string description;
  std::optional<bool> required;
  std::string initial;  // `default`
  Others others;
};
struct Output {
  std::string description;
  Text value;
  Others others;
};
struct Runs {
  std::string kind;  // `using`
  std::vector<Step> steps;
  Others others;
};
struct Action {
  std::string name;
  std::string description;
  Named<Input> inputs;
  Named<Output> outputs;
  Runs runs;
  Others others;
};
std::span<const codec::Row> rows(const Input*);
std::span<const codec::Row> rows(const Output*);
std::span<const codec::Row> rows(const Runs*);
std::span<const codec::Row> rows(const Action*);

/// Everything under `.github/`, each with its path.
struct Tree {
  std::vector<std::pair<std::string, Workflow>> workflows;
  std::vector<std::pair<std::string, Action>> actions;
};

template <class T>
void put(Named<T>& named, std::string key, T value) {
  named.emplace_back(Located<std::string>{std::move(key), {}}, std::move(value));
}

}  // namespace penstock::targets::github
