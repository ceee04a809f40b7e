// A few values of each kind of function, for machines without the judges: tests/cel/run asks for all of them.
#include <catch2/catch.hpp>

#include "cel/eval.h"
#include "support.h"

using namespace penstock;
using namespace penstock::cel;
using namespace penstock::cel::test;

namespace {

std::string evaluated(std::string_view text) {
  diag::Sink sink;
  const auto typed = check(read(text, sink).value(), {}, sink);
  if (!typed) return report(sink);
  const Value value = evaluate(typed->expr, {});
  const auto* error = value.get<Error>();
  return error ? error->message : print(value);
}

}  // namespace

TEST_CASE("functions have the values that they should") {
  const auto* const text = GENERATE(
      "1u + 2u == 3u && 7u / 2u == 3u && 7u % 4u == 3u",
      "0.1 + 0.2 != 0.3 && 1.0 / 0.0 == double('Infinity')", "dyn(1) == 1.0 && dyn(2u) > 1.5 && dyn(-1) < 0u",
      "b'a' + b'\\xff' == b'a\\xff' && size(b'\\xff') == 1",
      "{'a': 1, 2: 'b'} == {2: 'b', 'a': 1} && 'a' in {'a': null}",
      "type(type(1)) == type && type([]) == list",
      "int('-7') == -7 && uint(3.9) == 3u && double('1e3') == 1000.0 && bool('True')",
      "string(1e21) == '1e+21' && string(1e20) == '100000000000000000000' && string(1e-7) == '1e-7'",
      "string(b'\\xc3\\xa9') == 'é' && bytes('é') == b'\\xc3\\xa9' && string(-0.0) == '-0'",
      "'añb'.charAt(1) == 'ñ' && 'añb'.indexOf('b') == 2 && 'aba'.lastIndexOf('a', 1) == 0",
      "'Ab-ß'.upperAscii() == 'AB-ß' && '\\u2003x '.trim() == 'x' && 'añ'.reverse() == 'ña'",
      "'a-b-c'.split('-', 2) == ['a', 'b-c'] && 'ab'.split('') == ['a', 'b'] && ['a', 'b'].join('+') == "
      "'a+b'",
      "'aaa'.replace('a', 'b', 2) == 'bba' && 'ab'.replace('', '.') == '.a.b.' && 'abc'.substring(1, 2) == "
      "'b'",
      "'%s|%d|%.2f|%x|%b|%e'.format([[1, 'a'], 7, 1.005, 255, 5, 0.5]) == '[1, "
      "a]|7|1.00|ff|101|5.000000e-01'",
      "strings.quote('a\\n\"b\\\\') == r'\"a\\n\\\"b\\\\\"'",
      "math.greatest(1, 2.5, 3u) == 3u && math.least([4, 2]) == 2 && math.round(-2.5) == -3.0",
      "math.bitShiftRight(-1, 63) == 1 && math.bitAnd(6u, 3u) == 2u && math.sign(-0.5) == -1.0",
      "timestamp('2024-02-29T23:30:00-01:00') == timestamp('2024-03-01T00:30:00Z')",
      "timestamp('2024-03-31T00:59:59Z').getHours('Europe/Berlin') == 1",
      "timestamp('2024-03-31T01:00:00Z').getHours('Europe/Berlin') == 3",
      "timestamp('2024-12-31T00:00:00Z').getDayOfYear() == 365 && timestamp(0).getDayOfWeek('-01:00') == 3",
      "string(duration('-1h0.5s')) == '-3600.5s' && duration('90m').getHours() == 1",
      "timestamp('2024-03-01T00:00:00Z') - timestamp('2024-02-29T00:00:00.5Z') == duration('23h59m59.5s')",
      "has({'a': {'b': 1}}.a.b) && !has({'a': 1}.b)",
      "[[1, 2], [3]].map(x, x.map(y, y * 2)) == [[2, 4], [6]]");
  CAPTURE(text);
  CHECK(evaluated(text) == "true");
}

TEST_CASE("what has no value says why") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"18446744073709551615u + 1u", "the result does not fit a uint"},
      {"0u - 1u", "the result does not fit a uint"},
      {"int(1e19)", "1e+19 is not an int of 64 bits"},
      {"uint(-1)", "-1 is not a uint of 64 bits"},
      {"bool('yes')", "\"yes\" is not a bool"},
      {"string(b'\\xff')", "the bytes are not UTF-8"},
      {"timestamp('2023-02-29T00:00:00Z')", "\"2023-02-29T00:00:00Z\" is not a timestamp"},
      {"timestamp('9999-12-31T23:59:59Z') + duration('1s')", "the moment is outside of the years 1 to 9999"},
      {"duration('1d')", "\"1d\" is not a duration"},
      {"timestamp(0).getHours('Mars/Olympus')", "`Mars/Olympus` is not a time zone"},
      {"'abc'.substring(2, 1)", "2 is behind 1"},
      {"'abc'.charAt(4)", "the text has no character 4"},
      {"'%d'.format(['a'])", "`%d` does not show values of type string"},
      {"'%y'.format([1])", "`%` starts no clause that is known"},
      {"'%s %s'.format([1])", "the format has more than 1 clauses"},
      {"{1.5: 1}", "a double cannot be a key"},
      {"math.bitShiftLeft(1, -1)", "bits cannot be shifted by -1"},
      {"dyn('a') + 1", "`+` does not work on such values"},
  }));
  CAPTURE(text);
  CHECK(evaluated(text) == expected);
}
