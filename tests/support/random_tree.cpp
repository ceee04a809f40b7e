#include "support/random_tree.h"

#include <algorithm>

namespace penstock::test {
namespace {

using yaml::Node;

const std::vector<std::string> kWords = {"run",
                                         "npm ci",
                                         "build",
                                         "${{ github.ref }}",
                                         "a.b/c-d",
                                         "x: y",
                                         "# no comment",
                                         "it's",
                                         "\"quoted\"",
                                         "C:\\dir",
                                         "*",
                                         "&a",
                                         "!tag",
                                         "%x",
                                         "@home",
                                         "`tick`",
                                         "é",
                                         "日本",
                                         "🚀",
                                         "a,b",
                                         "[x]",
                                         "{y}",
                                         "- item",
                                         "? key"};

/// Random pieces, put together so that blanks, line ends and indicators meet in every way.
std::string mixed_text(Dice& dice) {
  static const std::vector<std::string> kPieces = {"a",        "b1",
                                                   " ",        "  ",
                                                   "\n",       "\n\n",
                                                   ":",        ": ",
                                                   " #",       "#",
                                                   "-",        "- ",
                                                   "'",        "\"",
                                                   "\\",       "\t",
                                                   ",",        "[",
                                                   "]",        "{",
                                                   "}",        "!",
                                                   "&",        "*",
                                                   "|",        ">",
                                                   "%",        "@",
                                                   "`",        "?",
                                                   "=",        "~",
                                                   "é",        "0",
                                                   "1.",       "e3",
                                                   "/",        "$",
                                                   "\xC2\x85", "\xE2\x80\xA8",
                                                   "\xC2\xA0", "\xEF\xBB\xBF",
                                                   "\x1b",     "\r",
                                                   "🚀"};
  std::string text;
  for (std::size_t i = dice.below(9); i > 0; --i) text += dice.pick(kPieces);
  return text;
}

std::string script(Dice& dice) {
  static const std::vector<std::string> kLines = {"set -eu",    "if true; then", "  echo 'x: y' # c", "fi",
                                                  "",           "   ",           "\ttabbed",          "a \\",
                                                  "trailing  ", "---",           "#!/bin/sh"};
  std::string text;
  for (std::size_t i = 1 + dice.below(5); i > 0; --i) text += dice.pick(kLines) + "\n";
  for (std::size_t i = dice.below(3); i > 0; --i) text += "\n";
  if (dice.one_in(3)) text.pop_back();
  return text;
}

std::string any_text(Dice& dice) {
  switch (dice.below(4)) {
    case 0: return dice.pick(kWords);
    case 1: return dice.pick(troubled_texts());
    case 2: return mixed_text(dice);
    default: return script(dice);
  }
}

Node scalar(Dice& dice) {
  switch (dice.below(8)) {
    case 0: return yaml::quoted(any_text(dice));
    case 1: return yaml::block(script(dice));
    case 2: return yaml::number(static_cast<long>(dice.below(2000)) - 1000);
    case 3: return yaml::boolean(dice.one_in(2));
    case 4: return Node{};
    default: return yaml::string(any_text(dice));
  }
}

Node dressed(Dice& dice, Node node, const TreeOptions& options) {
  if (dice.one_in(8)) node = yaml::with_lead(std::move(node), {any_text(dice), any_text(dice)});
  if (dice.one_in(8)) node = yaml::with_trail(std::move(node), any_text(dice));
  if (dice.one_in(8)) node = yaml::with_blank(std::move(node));
  if (dice.one_in(3)) node = yaml::with_flow(std::move(node));
  const bool core = node.style == yaml::Style::Literal;
  if (options.tags && !core && dice.one_in(6)) node.tag = dice.one_in(2) ? "!Sub" : "!reference";
  return node;
}

Node tree(Dice& dice, std::size_t depth, const TreeOptions& options);

Node collection(Dice& dice, std::size_t depth, const TreeOptions& options) {
  const std::size_t count = dice.below(5);
  if (dice.one_in(2)) {
    Node list = yaml::sequence();
    for (std::size_t i = 0; i < count; ++i) list.items.push_back(tree(dice, depth - 1, options));
    return list;
  }
  Node mapping = yaml::mapping();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = any_text(dice);
    if (mapping.find(key) == nullptr) yaml::add(mapping, key, tree(dice, depth - 1, options));
  }
  return mapping;
}

Node tree(Dice& dice, std::size_t depth, const TreeOptions& options) {
  const bool leaf = depth == 0 || dice.one_in(3);
  return dressed(dice, leaf ? scalar(dice) : collection(dice, depth, options), options);
}

}  // namespace

const std::vector<std::string>& troubled_texts() {
  static const std::vector<std::string> kTexts = {"",
                                                  " ",
                                                  "  ",
                                                  "\n",
                                                  "\n\n",
                                                  "\t",
                                                  " \n",
                                                  "\n ",
                                                  "a\n",
                                                  "a\n\n",
                                                  "a\n\n\n",
                                                  " a\n",
                                                  "  a\nb\n",
                                                  "\n a\n",
                                                  "\na\n",
                                                  "a\n \n",
                                                  "a\n  \nb\n",
                                                  "a \nb \n",
                                                  "\ta\n",
                                                  "a\n\tb\n",
                                                  "a\n\t\n",
                                                  "a\nb",
                                                  "a\n---\nb\n",
                                                  "a\n...\n",
                                                  "# a\nb\n",
                                                  "- a\n- b\n",
                                                  "a: b\nc: d\n",
                                                  "|",
                                                  ">",
                                                  "|-",
                                                  "> a",
                                                  "~",
                                                  "null",
                                                  "Null",
                                                  "NULL",
                                                  "nULL",
                                                  "true",
                                                  "True",
                                                  "TRUE",
                                                  "tRue",
                                                  "false",
                                                  "yes",
                                                  "Yes",
                                                  "YES",
                                                  "no",
                                                  "No",
                                                  "on",
                                                  "On",
                                                  "ON",
                                                  "off",
                                                  "Off",
                                                  "y",
                                                  "Y",
                                                  "n",
                                                  "N",
                                                  "0",
                                                  "-0",
                                                  "+0",
                                                  "7",
                                                  "007",
                                                  "0755",
                                                  "0o17",
                                                  "0x1F",
                                                  "0b11",
                                                  "1_000",
                                                  "1,000",
                                                  "1.",
                                                  ".5",
                                                  ".",
                                                  "..",
                                                  "...",
                                                  "-.5",
                                                  "+.5",
                                                  "3.10",
                                                  "1.2.3",
                                                  "1e3",
                                                  "1E3",
                                                  "1e+3",
                                                  "1.0e-3",
                                                  ".inf",
                                                  "-.inf",
                                                  "+.Inf",
                                                  ".nan",
                                                  ".NaN",
                                                  "Infinity",
                                                  "NaN",
                                                  "12:30",
                                                  "12:30:45",
                                                  "190:20:30.15",
                                                  "-1:30",
                                                  "2024-01-01",
                                                  "2001-12-14t21:59:43.10-05:00",
                                                  "2001-12-14 21:59:43.10 -5",
                                                  "2024-1-1",
                                                  "=",
                                                  "<<",
                                                  "!",
                                                  "!!str",
                                                  "!a b",
                                                  "&",
                                                  "&a",
                                                  "*",
                                                  "*a",
                                                  "-",
                                                  "--",
                                                  "---",
                                                  "--- a",
                                                  "-a",
                                                  "- a",
                                                  "--check",
                                                  "?",
                                                  "? a",
                                                  "?a",
                                                  ":",
                                                  ": a",
                                                  ":a",
                                                  "a:",
                                                  "a: b",
                                                  "a:b",
                                                  "a :b",
                                                  "a #b",
                                                  "a# b",
                                                  "#a",
                                                  "a #",
                                                  "%a",
                                                  "@a",
                                                  "`a`",
                                                  "'",
                                                  "''",
                                                  "'a'",
                                                  "it's",
                                                  "\"",
                                                  "\"a\"",
                                                  "say \"x\"",
                                                  "\\",
                                                  "\\n",
                                                  "a\\",
                                                  "\"\\'",
                                                  "[",
                                                  "]",
                                                  "[]",
                                                  "{",
                                                  "}",
                                                  "{}",
                                                  "{{ a }}",
                                                  "[a",
                                                  "a]",
                                                  "a, b",
                                                  ",",
                                                  "a?b",
                                                  "${{ a }}",
                                                  "$CI",
                                                  "a  b",
                                                  " a",
                                                  "a ",
                                                  "a\tb",
                                                  "\xC2\x85",
                                                  "a\xC2\x85"
                                                  "b",
                                                  "\xE2\x80\xA8",
                                                  "a\xE2\x80\xA9"
                                                  "b",
                                                  "\xC2\xA0",
                                                  "\xEF\xBB\xBF",
                                                  "a\xEF\xBB\xBF",
                                                  "\x1b[31m",
                                                  "\x07",
                                                  "\x7f",
                                                  "\r",
                                                  "a\r\nb",
                                                  "a\rb",
                                                  "é",
                                                  "日本語",
                                                  "🚀",
                                                  "\xC2\x80",
                                                  "\xEF\xBF\xBD",
                                                  "0x",
                                                  "0o",
                                                  "0b",
                                                  "08",
                                                  "09.5",
                                                  "1e",
                                                  "e3",
                                                  "_1",
                                                  "1_",
                                                  "1__0",
                                                  "+1",
                                                  "+",
                                                  "++",
                                                  "-1",
                                                  "-1-2",
                                                  "1-2",
                                                  "1:2",
                                                  "1:2:3",
                                                  "0:0",
                                                  "60:60",
                                                  "1.5:2",
                                                  "0.0.0.0",
                                                  "0 6 * * 1-5",
                                                  "* * * * *",
                                                  "https://x.y/z?a=b#c",
                                                  "a: ",
                                                  "null ",
                                                  "~/x",
                                                  "a\nb: c",
                                                  std::string(130, 'x'),
                                                  std::string(600, 'y') + ": z",
                                                  std::string(200, ' ') + "z"};
  return kTexts;
}

Node random_tree(Dice& dice, const TreeOptions& options) {
  const std::size_t depth = 1 + dice.below(4);
  return dice.one_in(10) ? tree(dice, 0, options) : dressed(dice, collection(dice, depth, options), options);
}

}  // namespace penstock::test
