#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/part.h"
#include "model/values.h"

namespace penstock::model {
namespace {

using Written = Located<std::string>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }

PENSTOCK_MESSAGE(BadPath, "path `{}`: {}", std::string, std::string);

bool fail_path(const Written& written, std::size_t begin, std::size_t end, std::string what, std::string help,
               diag::Sink& sink) {
  diag::build(sink, part(written, begin, end), kBadPath, written.value, std::move(what))
      .help(std::move(help))
      .emit();
  return false;
}

bool check_path_text(const Written& written, diag::Sink& sink) {
  const std::string& text = written.value;
  if (text.empty())
    return fail_path(written, 0, 0, "it is empty", "write `.` for the root of the repository", sink);
  if (text[0] == '/' || text[0] == '~' || (text.size() > 1 && text[1] == ':'))
    return fail_path(written, 0, text[0] == '/' || text[0] == '~' ? 1 : 2, "it leaves the repository",
                     "write it from the root of the repository, without `/` in front", sink);
  if (text[0] == '-')
    return fail_path(written, 0, 1, "a tool would take it for an option",
                     "write `./" + text + "` if it is really the name", sink);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\')
      return fail_path(written, at, at + 1, "`\\` divides no folders",
                       "write `" + replaced(text, "\\", "/") + "`", sink);
    if (is_control(text[at])) return fail_path(written, at, at + 1, "it holds a control character", "", sink);
    if (text[at] == '*' || text[at] == '?')
      return fail_path(written, at, at + 1, "it is a pattern", "write one path", sink);
  }
  return true;
}

PENSTOCK_MESSAGE(BadVersion, "version `{}`: {}", std::string, std::string);

bool fail_version(const Written& written, Span span, std::string what, std::string help, diag::Sink& sink) {
  diag::build(sink, span, kBadVersion, written.value, std::move(what)).help(std::move(help)).emit();
  return false;
}

/// What both kinds of versions are not: empty, `v1.2`, `^1.2`, `latest`.
bool check_version_start(const Written& written, const std::string& example, diag::Sink& sink) {
  const std::string& text = written.value;
  if (text.empty())
    return fail_version(written, written.span, "it is empty", "write `" + example + "`", sink);
  if (text.size() > 1 && (text[0] == 'v' || text[0] == 'V') && is_digit(text[1]))
    return fail_version(written, part(written, 0, 1), "it may not begin with `" + text.substr(0, 1) + "`",
                        "write `" + text.substr(1) + "`", sink);
  if (!is_digit(text[0])) {
    const bool range = std::string_view("^~<>=*! ").find(text[0]) != std::string_view::npos;
    return fail_version(written, written.span, range ? "it is a range" : "it is no number",
                        "write one version: `" + example + "`", sink);
  }
  return true;
}

bool is_number(std::string_view text) {
  return is_digits(text) && text.size() <= 9 && (text.size() == 1 || text[0] != '0');
}

PENSTOCK_MESSAGE(BadImage, "image `{}`: {}", std::string, std::string);
PENSTOCK_MESSAGE(MovingImage, "image `{}` {}", std::string, std::string);

/// Splits `registry:5000/path:tag@sha256:…` and checks each part at its place.
class ImageReader {
 public:
  ImageReader(const Written& written, diag::Sink& sink)
      : written_(written), text_(written.value), sink_(sink) {}

  bool read() {
    if (text_.empty()) return fail(0, 0, "it is empty", "write name and tag: `node:22.12.0`");
    if (const auto scheme = text_.find("://"); scheme != std::string::npos)
      return fail(0, scheme + 3, "it is an address", "write `" + text_.substr(scheme + 3) + "`");
    const std::size_t at = std::min(text_.find('@'), text_.size());
    const std::size_t slash = text_.rfind('/', at);
    const std::size_t colon = std::min(text_.find(':', slash == std::string::npos ? 0 : slash), at);
    if (!read_name(colon) || !read_tag(colon, at) || !read_digest(at)) return false;
    if (at == text_.size()) warn(colon, at);
    return true;
  }

 private:
  bool fail(std::size_t begin, std::size_t end, std::string what, std::string help) {
    diag::build(sink_, part(written_, begin, end), kBadImage, text_, std::move(what))
        .help(std::move(help))
        .emit();
    return false;
  }

  bool read_name(std::size_t end) {
    std::size_t begin = 0;
    const auto parts = split(std::string_view(text_).substr(0, end), '/');
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string_view name = parts[i];
      const bool host = i == 0 && parts.size() > 1;  // may have capitals and a port
      if (name.empty()) return fail(0, end, "a name is missing", "write name and tag: `node:22.12.0`");
      for (std::size_t at = 0; at < name.size(); ++at) {
        const char c = name[at];
        if (is_lower(c) || is_digit(c) ||
            (at > 0 && std::string_view("._-").find(c) != std::string_view::npos))
          continue;
        if (host && (is_upper(c) || c == ':')) continue;
        return fail(
            begin + at, begin + at + 1,
            "its name may not hold " + (is_upper(c) ? "capitals" : "`" + std::string(1, c) + "` here"), "");
      }
      begin += name.size() + 1;
    }
    return true;
  }

  bool read_tag(std::size_t colon, std::size_t end) {
    if (colon == end) return true;
    const auto allowed = [](char c) {
      return is_lower(c) || is_upper(c) || is_digit(c) ||
             std::string_view("._-").find(c) != std::string_view::npos;
    };
    const std::string tag = text_.substr(colon + 1, end - colon - 1);
    if (tag.empty() || tag.size() > 128 || !std::ranges::all_of(tag, allowed) || tag[0] == '.' ||
        tag[0] == '-')
      return fail(colon, end, "`" + tag + "` is no tag",
                  "a tag is made of letters, digits, `.`, `_` and `-`");
    return true;
  }

  bool read_digest(std::size_t at) {
    if (at == text_.size()) return true;
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
    const std::string digest = text_.substr(at + 1);
    const std::string hex = digest.starts_with("sha256:") ? digest.substr(7) : "";
    if (hex.size() != 64 || !std::ranges::all_of(hex, is_hex))
      return fail(at, text_.size(), "`" + digest + "` is no digest",
                  "a digest is `sha256:` and 64 hexadecimal digits");
    return true;
  }

  void warn(std::size_t colon, std::size_t end) {
    const std::string tag = text_.substr(colon, end - colon);
    if (!tag.empty() && tag != ":latest") return;
    const std::string what =
        tag.empty() ? "has no tag: it is another one tomorrow" : "is another one tomorrow";
    diag::build(sink_, tag.empty() ? written_.span : part(written_, colon, end), kMovingImage, text_, what)
        .help("write the version you mean behind `" + text_.substr(0, colon) + ":`")
        .emit();
  }

  const Written& written_;
  const std::string& text_;
  diag::Sink& sink_;
};

}  // namespace

std::optional<std::string> check_path(const Written& written, diag::Sink& sink) {
  if (!check_path_text(written, sink)) return std::nullopt;
  std::string path;
  std::size_t begin = 0;
  for (const std::string_view name : split(written.value, '/')) {
    if (name == "..") {
      fail_path(written, begin, begin + 2, "it may leave the repository",
                "write it from the root of the repository, without `..`", sink);
      return std::nullopt;
    }
    if (!name.empty() && name != ".") (path += path.empty() ? "" : "/") += name;
    begin += name.size() + 1;
  }
  return path.empty() ? "." : path;
}

bool check_version(const Written& written, diag::Sink& sink) {
  if (!check_version_start(written, "1.12.6", sink)) return false;
  const std::string& text = written.value;
  const std::size_t dash = std::min(text.find('-'), text.size());
  const auto parts = split(std::string_view(text).substr(0, dash), '.');
  const auto suffix_character = [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || c == '.' || c == '-';
  };
  const std::string suffix = text.substr(dash);
  const bool suffix_good =
      suffix.empty() || (suffix.size() > 1 && std::ranges::all_of(suffix, suffix_character));
  if (parts.size() < 3 && std::ranges::all_of(parts, is_number))
    return fail_version(written, written.span, "it is not exact", "write all three numbers: `1.12.6`", sink);
  if (parts.size() != 3 || !std::ranges::all_of(parts, is_number) || !suffix_good)
    return fail_version(written, written.span, "it is no version", "write three numbers: `1.12.6`", sink);
  return true;
}

bool check_release(const Written& written, diag::Sink& sink) {
  if (!check_version_start(written, "18.5", sink)) return false;
  const auto parts = split(written.value, '.');
  if (parts.size() <= 3 && std::ranges::all_of(parts, is_number)) return true;
  return fail_version(written, written.span, "it is no version", "write one to three numbers: `22`, `18.5`",
                      sink);
}

bool check_image(const Written& written, diag::Sink& sink) { return ImageReader(written, sink).read(); }

}  // namespace penstock::model
