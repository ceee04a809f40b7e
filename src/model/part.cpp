#include "model/part.h"

namespace penstock::model {

Span part(const Located<std::string>& written, std::size_t begin, std::size_t end) {
  const Span whole = written.span;
  const std::size_t size = written.value.size();
  const std::size_t quotes =
      whole.end - whole.begin - size;  // wraps around when the value is longer, and is then no 0 or 2
  if (begin >= end || end > size || (quotes != 0 && quotes != 2)) return whole;
  const auto first = static_cast<std::uint32_t>(whole.begin + quotes / 2);
  return {whole.file, first + static_cast<std::uint32_t>(begin), first + static_cast<std::uint32_t>(end)};
}

}  // namespace penstock::model
