#include "model/values.h"

#include <catch2/catch.hpp>

#include "support/written.h"

namespace penstock::model {
namespace {

using std::chrono::minutes;
using test::Written;

/// What a check says about a value: nothing, or the diagnostics; both have to agree with its answer.
template <class Check>
std::string said(const Check& check, const std::string& text) {
  Written written(text);
  const bool good = static_cast<bool>(check(written.value(), written.sink()));
  CHECK(good != written.sink().has_errors());
  return written.said();
}

TEST_CASE("names are lower case, digits and single dashes") {
  for (const char* name : {"a", "payments", "a1", "node-22-test", "x1-y2"})
    CHECK(said(check_name, name) == "");
  CHECK(said(check_name, "My_Service") ==
        "bad-name: M: name `My_Service`: it may not begin with `M` (write `my-service`)");
  CHECK(said(check_name, "my_service") ==
        "bad-name: _: name `my_service`: it may not hold `_` (write `my-service`)");
  CHECK(said(check_name, "1st") == "bad-name: 1: name `1st`: it may not begin with `1` (write `st`)");
  CHECK(said(check_name, "bäcker") == "bad-name: ä: name `bäcker`: it may not hold `ä` (write `b-cker`)");
  CHECK(said(check_name, "a-") == "bad-name: -: name `a-`: it may not end in `-` (write `a`)");
  CHECK(said(check_name, "a--b") == "bad-name: --: name `a--b`: it has two `-` in a row (write `a-b`)");
  CHECK(said(check_name, "") ==
        "bad-name: : name ``: it is empty (a name is made of lower-case letters, digits and `-`)");
  CHECK(said(check_name, "$(id)") == "bad-name: $: name `$(id)`: it may not begin with `$` (write `id`)");
  CHECK(said(check_name, std::string(40, 'a')) == "");
  const std::string longer(41, 'a');
  CHECK(said(check_name, longer) == "bad-name: a: name `" + longer + "`: it is longer than 40 characters");
  CHECK(said(check_project_name, std::string(32, 'a')) == "");
  CHECK(said(check_project_name, std::string(33, 'a')).ends_with("it is longer than 32 characters"));
}

TEST_CASE("variables, identifiers, secrets, people") {
  for (const char* name : {"A", "_x", "NODE_ENV", "a1"}) CHECK(said(check_variable, name) == "");
  CHECK(said(check_variable, "node-env") ==
        "bad-variable: -: environment variable `node-env`: scripts cannot read it (it is made of letters, "
        "digits and `_`: write `NODE_ENV`)");
  CHECK(said(check_variable, "1A") ==
        "bad-variable: 1: environment variable `1A`: scripts cannot read it (it is made of letters, digits "
        "and `_`: write `_1A`)");
  CHECK(said(check_variable, "PENSTOCK_X") ==
        "bad-variable: PENSTOCK_: environment variable `PENSTOCK_X`: names that begin with `PENSTOCK_` "
        "belong to Penstock (take another name)");
  CHECK(said(check_variable, "GITHUB_TOKEN") ==
        "bad-variable: GITHUB_: environment variable `GITHUB_TOKEN`: names that begin with `GITHUB_` belong "
        "to GitHub Actions (take another name)");
  CHECK(said(check_variable, "PATH") ==
        "bad-variable: PATH: environment variable `PATH`: it belongs to the shell (take another name)");
  for (const char* name : {"CI", "CIX", "MY_PATH", "PATHS", "XGITHUB_"})
    CHECK(said(check_variable, name) == "");
  CHECK(said(check_variable, "") == "bad-variable: : environment variable ``: it is empty");

  for (const char* name : {"bucket", "use_lockfile", "a-b"}) CHECK(said(check_identifier, name) == "");
  CHECK(said(check_identifier, "a b") ==
        "bad-name:  : name `a b`: it may not hold ` ` (it is made of letters, digits, `_` and `-`)");

  for (const char* name : {"npm-token", "NPM_TOKEN", "a", "npm_x", "team/npm"})
    CHECK(said(check_secret, name) == "");
  CHECK(said(check_secret, "ghp_0123456789abcdefghijABCDEFGHIJ012345") ==
        "bad-secret: ghp_0123456789abcdefghijABCDEFGHIJ012345: secret `ghp_01234567…`: this looks like the "
        "secret itself "
        "(revoke it, store the new one on the platform, and write the name it has there)");
  CHECK(said(check_secret, "npm token") ==
        "bad-secret:  : secret `npm token`: it is no name of a secret (a name begins with a letter and is "
        "made of letters, digits, `-`, `_` and `/`)");

  for (const char* name : {"sre", "acme/platform", "j.doe", "a_b"}) CHECK(said(check_person, name) == "");
  CHECK(said(check_person, "@acme/sre") ==
        "bad-name: @: name `@acme/sre`: it may not begin with `@` (write `acme/sre`)");
  CHECK(said(check_person, "a b").starts_with("bad-name:  : name `a b`: it may not hold ` `"));
}

TEST_CASE("branches are those Git allows") {
  for (const char* name : {"main", "release/1.x", "feature/ä", "a-b_c", "v1.0", "@x", "#1"})
    CHECK(said(check_branch, name) == "");
  CHECK(said(check_branch, "release/*") ==
        "bad-branch: *: branch `release/*`: Git allows no `*` (write one branch, no pattern)");
  CHECK(said(check_branch, "refs/heads/main") ==
        "bad-branch: refs/heads/: branch `refs/heads/main`: it is the name of a reference (write `main`)");
  CHECK(said(check_branch, "my branch") == "bad-branch:  : branch `my branch`: Git allows no space");
  CHECK(said(check_branch, "a..b") == "bad-branch: ..: branch `a..b`: Git allows no `..`");
  CHECK(said(check_branch, "/main") == "bad-branch: /: branch `/main`: it may not begin with `/`");
  CHECK(said(check_branch, "x.lock") == "bad-branch: .lock: branch `x.lock`: it may not end in `.lock`");
  CHECK(said(check_branch, "a:b") == "bad-branch: :: branch `a:b`: Git allows no `:`");
}

TEST_CASE("repositories are owner and name") {
  const auto gitlab = [](const Located<std::string>& written, diag::Sink& sink) {
    return check_repository_name(written, sink);
  };
  for (const char* name : {"acme/payments", "a/b.c", "group/sub/name"}) CHECK(said(gitlab, name) == "");
  const auto github = [](const Located<std::string>& written, diag::Sink& sink) {
    return check_repository_name(written, sink, false);
  };
  CHECK(said(github, "acme/payments") == "");
  CHECK(said(github, "a/b/c") ==
        "bad-repository: a/b/c: repository `a/b/c`: it has 3 parts (write owner and name: `acme/payments`)");
  CHECK(said(github, "payments") ==
        "bad-repository: payments: repository `payments`: it has no owner and name (write owner and name: "
        "`acme/payments`)");
  CHECK(said(github, "https://github.com/acme/payments.git") ==
        "bad-repository: https://github.com/acme/payments.git: repository "
        "`https://github.com/acme/payments.git`: it is an address (write `acme/payments`)");
  CHECK(
      said(github, "git@github.com:acme/payments.git").ends_with("it is an address (write `acme/payments`)"));
  CHECK(said(github, "acme/pay ments") ==
        "bad-repository:  : repository `acme/pay ments`: it may not hold ` ` (write owner and name: "
        "`acme/payments`)");
  CHECK(
      said(github, "acme/..").ends_with("it has no owner and name (write owner and name: `acme/payments`)"));
}

TEST_CASE("paths stay in the repository, in one form") {
  const auto path = [](const std::string& text) {
    Written written(text);
    const auto result = check_path(written.value(), written.sink());
    CHECK(written.said() == "");
    return result.value_or("?");
  };
  CHECK(path("live/network") == "live/network");
  CHECK(path("./live//network/") == "live/network");
  CHECK(path("live/./network") == "live/network");
  CHECK(path(".") == ".");
  CHECK(path("./") == ".");
  CHECK(path("a b/ä") == "a b/ä");
  CHECK(path("./-x") == "-x");
  CHECK(path("..a/b..") == "..a/b..");
  CHECK(said(check_path, "") ==
        "bad-path: : path ``: it is empty (write `.` for the root of the repository)");
  CHECK(said(check_path, "/etc") ==
        "bad-path: /: path `/etc`: it leaves the repository (write it from the root of the repository, "
        "without `/` in front)");
  CHECK(said(check_path, "C:/x").starts_with("bad-path: C:: path `C:/x`: it leaves the repository"));
  CHECK(said(check_path, "live/../x") ==
        "bad-path: ..: path `live/../x`: it may leave the repository (write it from the root of the "
        "repository, without `..`)");
  CHECK(said(check_path, "live\\x") ==
        "bad-path: \\: path `live\\x`: `\\` divides no folders (write `live/x`)");
  CHECK(said(check_path, "live/*") == "bad-path: *: path `live/*`: it is a pattern (write one path)");
  CHECK(
      said(check_path, "-rf") ==
      "bad-path: -: path `-rf`: a tool would take it for an option (write `./-rf` if it is really the name)");
  CHECK(said(check_path, "a\nb") == "bad-path: \n: path `a\nb`: it holds a control character");
}

TEST_CASE("versions are exact, releases may be short") {
  for (const char* version : {"1.12.6", "0.0.0", "1.12.0-rc1", "2.0.0-beta.1"})
    CHECK(said(check_version, version) == "");
  CHECK(said(check_version, "1.12") ==
        "bad-version: 1.12: version `1.12`: it is not exact (write all three numbers: `1.12.6`)");
  CHECK(said(check_version, "v1.12.6") ==
        "bad-version: v: version `v1.12.6`: it may not begin with `v` (write `1.12.6`)");
  CHECK(said(check_version, "^1.12") ==
        "bad-version: ^1.12: version `^1.12`: it is a range (write one version: `1.12.6`)");
  CHECK(said(check_version, "latest") ==
        "bad-version: latest: version `latest`: it is no number (write one version: `1.12.6`)");
  CHECK(said(check_version, "1.02.3") ==
        "bad-version: 1.02.3: version `1.02.3`: it is no version (write three numbers: `1.12.6`)");
  CHECK(said(check_version, "1.2.3-") ==
        "bad-version: 1.2.3-: version `1.2.3-`: it is no version (write three numbers: `1.12.6`)");
  CHECK(said(check_version, "1.2.3; id") ==
        "bad-version: 1.2.3; id: version `1.2.3; id`: it is no version (write three numbers: `1.12.6`)");
  for (const char* release : {"22", "18.5", "1.25.3"}) CHECK(said(check_release, release) == "");
  CHECK(said(check_release, "3.x") ==
        "bad-version: 3.x: version `3.x`: it is no version (write one to three numbers: `22`, `18.5`)");
  CHECK(said(check_release, "lts/*") ==
        "bad-version: lts/*: version `lts/*`: it is no number (write one version: `18.5`)");
}

TEST_CASE("images have a name, a tag or a digest") {
  const std::string digest = "sha256:" + std::string(64, 'a');
  for (const std::string& image :
       std::vector<std::string>{"node:22.12.0", "ghcr.io/acme/tool:1.2", "localhost:5000/x:1",
                                "node@" + digest, "a/b:1@" + digest, "Registry.Example/a:1"}) {
    CHECK(said(check_image, image) == "");
  }
  CHECK(said(check_image, "node") ==
        "moving-image: node: image `node` has no tag: it is another one tomorrow (write the version you mean "
        "behind `node:`)");
  CHECK(said(check_image, "localhost:5000/x") ==
        "moving-image: localhost:5000/x: image `localhost:5000/x` has no tag: it is another one tomorrow "
        "(write the version you mean behind `localhost:5000/x:`)");
  CHECK(said(check_image, "node:latest") ==
        "moving-image: :latest: image `node:latest` is another one tomorrow (write the version you mean "
        "behind `node:`)");
  CHECK(said(check_image, "Node:1") == "bad-image: N: image `Node:1`: its name may not hold capitals");
  CHECK(said(check_image, "a//b:1") ==
        "bad-image: a//b: image `a//b:1`: a name is missing (write name and tag: `node:22.12.0`)");
  CHECK(said(check_image, "https://x/y:1") ==
        "bad-image: https://: image `https://x/y:1`: it is an address (write `x/y:1`)");
  CHECK(said(check_image, "node:") ==
        "bad-image: :: image `node:`: `` is no tag (a tag is made of letters, digits, `.`, `_` and `-`)");
  CHECK(said(check_image, "node:a b") ==
        "bad-image: :a b: image `node:a b`: `a b` is no tag (a tag is made of letters, digits, `.`, `_` and "
        "`-`)");
  CHECK(said(check_image, "node@sha256:abc") ==
        "bad-image: @sha256:abc: image `node@sha256:abc`: `sha256:abc` is no digest (a digest is `sha256:` "
        "and 64 hexadecimal digits)");
  CHECK(said(check_image, "") == "bad-image: : image ``: it is empty (write name and tag: `node:22.12.0`)");
}

TEST_CASE("durations are whole minutes") {
  const auto duration = [](const std::string& text) {
    Written written(text);
    const auto result = parse_duration(written.value(), written.sink());
    CHECK(written.said() == "");
    return result.value_or(minutes{0}).count();
  };
  CHECK(duration("15m") == 15);
  CHECK(duration("1h") == 60);
  CHECK(duration("7d") == 7 * 24 * 60);
  CHECK(duration("1h30m") == 90);
  CHECK(duration("1d2h3m") == 24 * 60 + 123);
  CHECK(duration("400d") == 400 * 24 * 60);
  CHECK(said(parse_duration, "90s") ==
        "bad-duration: 90s: duration `90s`: seconds are too fine for the platforms (write `2m`)");
  CHECK(said(parse_duration, "15") ==
        "bad-duration: 15: duration `15`: a unit is missing (write `15m` for minutes, `h` for hours, `d` for "
        "days)");
  CHECK(said(parse_duration, "15min") ==
        "bad-duration: min: duration `15min`: `min` is no unit (write minutes, hours or days: `15m`, "
        "`1h30m`, `7d`)");
  CHECK(said(parse_duration, "15 m") ==
        "bad-duration:  m: duration `15 m`: ` m` is no unit (write minutes, hours or days: `15m`, `1h30m`, "
        "`7d`)");
  CHECK(said(parse_duration, "1m1h") ==
        "bad-duration: 1h: duration `1m1h`: units go from days to minutes, each once (write minutes, hours "
        "or days: `15m`, `1h30m`, `7d`)");
  CHECK(said(parse_duration, "-1h") ==
        "bad-duration: -1h: duration `-1h`: a number is missing (write minutes, hours or days: `15m`, "
        "`1h30m`, `7d`)");
  CHECK(said(parse_duration, "0m") ==
        "bad-duration: 0m: duration `0m`: it is no time at all (the least is `1m`)");
  CHECK(said(parse_duration, "401d") == "bad-duration: 401d: duration `401d`: it is longer than 400 days");
  CHECK(said(parse_duration, "99999999999999999999m") ==
        "bad-duration: 99999999999999999999: duration `99999999999999999999m`: it is longer than 400 days");
  CHECK(said(parse_duration, "") ==
        "bad-duration: : duration ``: it is empty (write minutes, hours or days: `15m`, `1h30m`, `7d`)");
}

TEST_CASE("time zones are those of the IANA database") {
  for (const char* zone :
       {"Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/UTC", "Asia/Calcutta"})
    CHECK(said(check_timezone, zone) == "");
  CHECK(said(check_timezone, "Europe/Berln") ==
        "bad-timezone: Europe/Berln: there is no time zone `Europe/Berln` (did you mean `Europe/Berlin`?)");
  CHECK(said(check_timezone, "Berlin") ==
        "bad-timezone: Berlin: there is no time zone `Berlin` (did you mean `Europe/Berlin`?)");
  CHECK(said(check_timezone, "europe/berlin") ==
        "bad-timezone: europe/berlin: there is no time zone `europe/berlin` (did you mean `Europe/Berlin`?)");
  CHECK(said(check_timezone, "CEST") ==
        "bad-timezone: CEST: there is no time zone `CEST` (write an IANA name such as `Europe/Berlin`, or "
        "`UTC`)");
  CHECK(said(check_timezone, "") ==
        "bad-timezone: : there is no time zone `` (write an IANA name such as `Europe/Berlin`, or `UTC`)");
}

TEST_CASE("regions and accounts") {
  for (const char* region : {"eu-west-1", "us-gov-west-1", "cn-north-1", "ap-southeast-7"})
    CHECK(said(check_region, region) == "");
  CHECK(said(check_region, "mars-1") ==
        "bad-region: mars-1: `mars-1` is no AWS region (a region is written like `eu-west-1`, `us-east-1`)");
  CHECK(said(check_region, "eu-wset-1") ==
        "bad-region: eu-wset-1: `eu-wset-1` is no AWS region (did you mean `eu-west-1`?)");
  CHECK(said(check_region, "eu-west-1a") ==
        "bad-region: eu-west-1a: `eu-west-1a` is no AWS region (did you mean `eu-west-1`?)");
  CHECK(said(check_account, "111122223333") == "");
  CHECK(said(check_account, "000000000012") == "");
  CHECK(said(check_account, "1111") ==
        "bad-account: 1111: AWS account `1111`: it has 4 digits, not 12 (put it in quotes, with the zeros in "
        "front)");
  CHECK(said(check_account, "1111222233334") ==
        "bad-account: 1111222233334: AWS account `1111222233334`: it has 13 digits, not 12");
  CHECK(said(check_account, "1111-2222-3333") ==
        "bad-account: 1111-2222-3333: AWS account `1111-2222-3333`: it is written without `-` (write "
        "`\"111122223333\"`)");
  CHECK(said(check_account, "1.11122e+11") ==
        "bad-account: 1.11122e+11: AWS account `1.11122e+11`: it has twelve digits and nothing else");
  CHECK(said(check_account, "acme") ==
        "bad-account: acme: AWS account `acme`: it has twelve digits and nothing else");
}

TEST_CASE("each part of an ARN is checked at its place") {
  const std::string looks =
      " (it looks like "
      "`arn:aws:codeconnections:eu-west-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef`)";
  CHECK(said(check_connection_arn, "arn:aws:codeconnections:eu-west-1:999988887777:connection/0a1b2c3d") ==
        "");
  CHECK(said(check_connection_arn,
             "arn:aws-us-gov:codestar-connections:us-gov-west-1:999988887777:connection/0a1b") == "");
  CHECK(said(check_connection_arn, "not-an-arn") ==
        "bad-arn: not-an-arn: `not-an-arn` is not the ARN of a connection: it does not have the six parts of "
        "an ARN" +
            looks);
  CHECK(said(check_connection_arn, "")
            .starts_with("bad-arn: : `` is not the ARN of a connection: it does not have the six parts"));
  const std::string arn = "arn:aws:iam:mars-1:12:connection/";
  CHECK(said(check_connection_arn, arn) ==
        "bad-arn: iam: `" + arn +
            "` is not the ARN of a connection: its service is `iam`, not `codeconnections`" + looks +
            "\nbad-region: mars-1: `mars-1` is no AWS region (a region is written like `eu-west-1`, "
            "`us-east-1`)"
            "\nbad-account: 12: AWS account `12`: it has 2 digits, not 12 (put it in quotes, with the zeros "
            "in front)"
            "\nbad-arn: connection/: `" +
            arn + "` is not the ARN of a connection: it does not end in `connection/` and a name" + looks);
  CHECK(said(check_connection_arn, "arn:aws:codeconnections::999988887777:connection/x")
            .starts_with("bad-arn: arn:aws:codeconnections::999988887777:connection/x: "));
  CHECK(said(check_role, "arn:aws:iam::111122223333:role/team/deploy") == "");
  CHECK(said(check_role, "payments-staging-plan") == "");
  CHECK(said(check_role, "arn:aws:iam::111122223333:user/me") ==
        "bad-arn: user/me: `arn:aws:iam::111122223333:user/me` is not the ARN of a role: it does not end in "
        "`role/` and a name "
        "(it looks like `arn:aws:iam::111122223333:role/deploy`)");
  CHECK(said(check_role, "arn:aws:iam:eu-west-1:111122223333:role/x").starts_with("bad-arn: eu-west-1: "));
  CHECK(said(check_role, "my role") ==
        "bad-arn: my role: `my role` is not the ARN of a role: nor is it the name of one "
        "(a name has up to 64 letters, digits and `+=,.@-_`; an ARN looks like "
        "`arn:aws:iam::111122223333:role/deploy`)");
}

}  // namespace
}  // namespace penstock::model
