#include "cel/template.h"

#include "base/check.h"
#include "base/text.h"

namespace penstock::cel {
namespace {

constexpr std::string_view kOpen = "${{";
constexpr std::string_view kEscaped = "$${{";
constexpr std::string_view kClose = "}}";

PENSTOCK_MESSAGE(UnclosedInterpolation, "`${{{{` is not closed");

void add_text(Template& text, std::string_view more) {
  if (more.empty()) return;
  if (text.parts.empty() || !std::holds_alternative<std::string>(text.parts.back()))
    text.parts.emplace_back(std::string());
  std::get<std::string>(text.parts.back()) += more;
}

class Reader {
 public:
  Reader(std::string_view text, const Positions& positions, diag::Sink& sink)
      : text_(text), positions_(positions), sink_(sink) {}
  Template read();

 private:
  void interpolation();

  std::string_view text_;
  const Positions& positions_;
  diag::Sink& sink_;
  std::size_t at_ = 0;
  Template result_;
};

Template Reader::read() {
  while (at_ < text_.size()) {
    const std::size_t dollar = text_.find('$', at_);
    add_text(result_, text_.substr(at_, dollar - at_));
    if (dollar == std::string_view::npos) break;
    at_ = dollar;
    if (text_.substr(at_).starts_with(kEscaped)) {
      add_text(result_, kOpen);
      at_ += kEscaped.size();
    } else if (text_.substr(at_).starts_with(kOpen)) {
      interpolation();
    } else {
      add_text(result_, "$");
      ++at_;
    }
  }
  return std::move(result_);
}

void Reader::interpolation() {
  const std::size_t begin = at_;
  const std::size_t errors = sink_.errors();
  Prefix prefix = parse_braced(text_, begin + kOpen.size(), positions_, sink_);
  at_ = prefix.end;
  if (prefix.expr) result_.parts.emplace_back(std::move(*prefix.expr));
  if (prefix.closed) return;
  // After a mistake the text goes on behind the next `}}`.
  const std::size_t close = text_.find(kClose, at_);
  at_ = close == std::string_view::npos ? text_.size() : close + kClose.size();
  if (sink_.errors() > errors) return;
  diag::build(sink_, positions_(begin, begin + kOpen.size()), kUnclosedInterpolation)
      .help("end the expression with `}}`; write `$${{` for the characters `${{`")
      .emit();
}

}  // namespace

std::optional<std::string> Template::constant() const {
  if (parts.empty()) return std::string();
  if (parts.size() > 1 || !std::holds_alternative<std::string>(parts.front())) return std::nullopt;
  return std::get<std::string>(parts.front());
}

std::optional<Template> parse_template(std::string_view text, const Positions& positions, diag::Sink& sink) {
  const std::size_t before = sink.errors();
  Template result = Reader(text, positions, sink).read();
  if (sink.errors() != before) return std::nullopt;
  return result;
}

std::string print(const Template& text) {
  std::string out;
  for (const auto& part : text.parts) {
    std::visit(Overloaded{
                   [&](const std::string& one) { out += replaced(one, kOpen, kEscaped); },
                   [&](const Expr& expr) {
                     // A `$` of the text would make an escape of what follows: it becomes an expression, too.
                     if (out.ends_with('$')) out.replace(out.size() - 1, 1, "${{ \"$\" }}");
                     out.append(kOpen).append(" ").append(print(expr)).append(" ").append(kClose);
                   },
               },
               part);
  }
  return out;
}

std::optional<std::string> to_text(const Value& value) {
  if (const auto* text = value.get<std::string>()) return *text;
  if (const auto* number = value.get<std::int64_t>()) return std::to_string(*number);
  if (const auto* flag = value.get<bool>()) return *flag ? "true" : "false";
  return std::nullopt;
}

Template fold(const Template& text, const Facts& facts) {
  Template result;
  for (const auto& part : text.parts) {
    if (const auto* fixed = std::get_if<std::string>(&part)) {
      add_text(result, *fixed);
      continue;
    }
    Expr expr = fold(std::get<Expr>(part), facts);
    const std::optional<Value> value = constant(expr);
    const std::optional<std::string> known = value ? to_text(*value) : std::nullopt;
    if (known)
      add_text(result, *known);
    else
      result.parts.emplace_back(std::move(expr));
  }
  return result;
}

}  // namespace penstock::cel
