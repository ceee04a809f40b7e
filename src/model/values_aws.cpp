#include <algorithm>
#include <array>

#include "base/table.h"
#include "base/text.h"
#include "model/part.h"
#include "model/values.h"

namespace penstock::model {

Table aws_facts();  // templates/aws.yaml, embedded

namespace {

using Written = Located<std::string>;

std::vector<std::string_view> all_regions() {
  std::vector<std::string_view> regions;
  const Table table = aws_facts();
  for (const std::string_view partition : table.keys("partitions")) {
    const auto some = table.list("partitions." + std::string(partition));
    regions.insert(regions.end(), some.begin(), some.end());
  }
  return regions;
}

/// The part of a value between two places, as a value of its own.
Written piece(const Written& written, std::size_t begin, std::size_t end) {
  return {written.value.substr(begin, end - begin), part(written, begin, end)};
}

PENSTOCK_MESSAGE(BadRegion, "`{}` is no AWS region", std::string);
PENSTOCK_MESSAGE(BadAccount, "AWS account `{}`: {}", std::string, std::string);
PENSTOCK_MESSAGE(BadArn, "`{}` is not the ARN of {}: {}", std::string, std::string, std::string);

struct ArnForm {
  std::string_view what;
  std::array<std::string_view, 2> services;
  bool has_region;
  std::string_view resource;  // what it begins with
  std::string_view example;
};

constexpr ArnForm kConnection = {
    "a connection",
    {"codeconnections", "codestar-connections"},
    true,
    "connection/",
    "arn:aws:codeconnections:eu-west-1:111122223333:connection/01234567-89ab-cdef-0123-456789abcdef"};
constexpr ArnForm kRole = {"a role", {"iam", "iam"}, false, "role/", "arn:aws:iam::111122223333:role/deploy"};

/// Reads `arn:partition:service:region:account:resource` and checks each part at its place.
class ArnReader {
 public:
  ArnReader(const Written& written, const ArnForm& form, diag::Sink& sink)
      : written_(written), form_(form), sink_(sink) {}

  bool read() {
    const std::string& text = written_.value;
    std::array<std::size_t, 7> at{};  // where each part begins, and one behind the end
    for (std::size_t i = 1; i < 6; ++i) {
      const std::size_t colon = text.find(':', at.at(i - 1));
      if (colon == std::string::npos || !text.starts_with("arn:"))
        return fail(written_, "it does not have the six parts of an ARN");
      at.at(i) = colon + 1;
    }
    at.at(6) = text.size() + 1;
    const auto piece_at = [&](std::size_t i) { return piece(written_, at.at(i), at.at(i + 1) - 1); };
    bool good = check_partition(piece_at(1));
    good = check_service(piece_at(2)) && good;
    good = check_arn_region(piece_at(3)) && good;
    good = check_account(piece_at(4), sink_) && good;
    return check_resource(piece_at(5)) && good;
  }

 private:
  /// An empty part has no place of its own.
  bool fail(const Written& place, std::string what) {
    const Span span = place.value.empty() ? written_.span : place.span;
    diag::build(sink_, span, kBadArn, written_.value, std::string(form_.what), std::move(what))
        .help("it looks like `" + std::string(form_.example) + "`")
        .emit();
    return false;
  }

  bool check_partition(const Written& written) {
    const auto partitions = aws_facts().keys("partitions");
    if (std::ranges::find(partitions, written.value) != partitions.end()) return true;
    return fail(written, "there is no partition `" + written.value + "`");
  }

  bool check_service(const Written& written) {
    if (std::ranges::find(form_.services, written.value) != form_.services.end()) return true;
    return fail(written,
                "its service is `" + written.value + "`, not `" + std::string(form_.services[0]) + "`");
  }

  bool check_arn_region(const Written& written) {
    if (form_.has_region)
      return written.value.empty() ? fail(written, "it has no region") : check_region(written, sink_);
    return written.value.empty() || fail(written, "it has a region");
  }

  bool check_resource(const Written& written) {
    const std::string_view text = written.value;
    const auto allowed = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             std::string_view("+=,.@-_/").find(c) != std::string_view::npos;
    };
    if (text.starts_with(form_.resource) && text.size() > form_.resource.size() && !text.ends_with('/') &&
        std::ranges::all_of(text, allowed))
      return true;
    return fail(written, "it does not end in `" + std::string(form_.resource) + "` and a name");
  }

  const Written& written_;
  const ArnForm& form_;
  diag::Sink& sink_;
};

}  // namespace

bool check_region(const Written& written, diag::Sink& sink) {
  static const std::vector<std::string_view> kRegions = all_regions();
  if (std::ranges::find(kRegions, written.value) != kRegions.end()) return true;
  const std::string_view near = nearest(written.value, kRegions);
  diag::build(sink, written.span, kBadRegion, written.value)
      .help(near.empty() ? "a region is written like `eu-west-1`, `us-east-1`"
                         : "did you mean `" + std::string(near) + "`?")
      .emit();
  return false;
}

bool check_account(const Written& written, diag::Sink& sink) {
  const std::string& text = written.value;
  const auto fail = [&](Span span, std::string what, std::string help) {
    diag::build(sink, span, kBadAccount, text, std::move(what)).help(std::move(help)).emit();
    return false;
  };
  const std::string digits = replaced(text, "-", "");
  if (digits != text && digits.size() == 12 && is_digits(digits))
    return fail(written.span, "it is written without `-`", "write `\"" + digits + "\"`");
  if (const auto wrong = text.find_first_not_of("0123456789"); wrong != std::string::npos)
    return fail(written.span, "it has twelve digits and nothing else", "");
  if (text.size() == 12) return true;
  return fail(written.span, "it has " + std::to_string(text.size()) + " digits, not 12",
              text.size() < 12 ? "put it in quotes, with the zeros in front" : "");
}

bool check_connection_arn(const Written& written, diag::Sink& sink) {
  return ArnReader(written, kConnection, sink).read();
}

bool check_role(const Written& written, diag::Sink& sink) {
  const std::string& text = written.value;
  if (text.find(':') != std::string::npos || text.find('/') != std::string::npos)
    return ArnReader(written, kRole, sink).read();
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("+=,.@-_").find(c) != std::string_view::npos;
  };
  if (!text.empty() && text.size() <= 64 && std::ranges::all_of(text, allowed)) return true;
  diag::build(sink, written.span, kBadArn, text, "a role", "nor is it the name of one")
      .help("a name has up to 64 letters, digits and `+=,.@-_`; an ARN looks like `" +
            std::string(kRole.example) + "`")
      .emit();
  return false;
}

}  // namespace penstock::model
