#pragma once
#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/source.h"
#include "diag/kind.h"

namespace penstock::diag {

/// The other half of a story: "first written here".
struct Label {
  Span span;
  std::string text;
};

struct Diagnostic {
  Kind kind;
  Severity severity;
  Span span;
  std::string message;
  std::vector<Label> labels;
  std::vector<std::string> helps;
};

/// Collects what a run has to say. `diagnostics()` gives it in the order of the files.
class Sink {
 public:
  void add(Diagnostic diagnostic);
  bool has_errors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  bool empty() const { return diagnostics_.empty(); }
  /// Everything so far, sorted by place (same place: as reported); what was said twice about one place stands once.
  std::vector<Diagnostic> diagnostics() const;

 private:
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
};

/// The wording of one kind of diagnostic; number and types of its arguments are checked by the compiler.
template <class... Args>
struct Message {
  Kind kind;
  fmt::format_string<Args...> text;
};

/// Declares `kName`, the message of the kind `Name`. Stands above the function that reports it.
#define PENSTOCK_MESSAGE(name, text, ...) \
  const ::penstock::diag::Message<__VA_ARGS__> k##name { ::penstock::diag::Kind::name, text }

/// A diagnostic under construction. It must be emitted.
class [[nodiscard]] Builder {
 public:
  Builder(Sink& sink, Diagnostic diagnostic) : sink_(&sink), diagnostic_(std::move(diagnostic)) {}
  Builder(Builder&& other) noexcept
      : sink_(std::exchange(other.sink_, nullptr)), diagnostic_(std::move(other.diagnostic_)) {}
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;
  Builder& operator=(Builder&&) = delete;
  ~Builder() { PENSTOCK_CHECK(sink_ == nullptr); }

  Builder&& label(Span span, std::string text) && {
    diagnostic_.labels.push_back({span, std::move(text)});
    return std::move(*this);
  }
  /// What to write instead. An empty text adds nothing.
  Builder&& help(std::string text) && {
    if (!text.empty()) diagnostic_.helps.push_back(std::move(text));
    return std::move(*this);
  }
  void emit() && { std::exchange(sink_, nullptr)->add(std::move(diagnostic_)); }

 private:
  Sink* sink_;
  Diagnostic diagnostic_;
};

template <class... Args>
Builder build(Sink& sink, Span span, const Message<Args...>& message,
              const std::type_identity_t<Args>&... args) {
  return {sink,
          {message.kind,
           severity(message.kind),
           span,
           fmt::vformat(message.text, fmt::make_format_args(args...)),
           {},
           {}}};
}

template <class... Args>
void report(Sink& sink, Span span, const Message<Args...>& message,
            const std::type_identity_t<Args>&... args) {
  build(sink, span, message, args...).emit();
}

}  // namespace penstock::diag
