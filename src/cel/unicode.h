#pragma once
#include <string>
#include <string_view>

/// Text is UTF-8; the language counts characters (code points).
namespace penstock::cel {

void append_utf8(std::string& out, char32_t code);
bool is_utf8(std::string_view bytes);
/// The characters of a text, and a text of characters. A byte that belongs to no character stands for one of its own.
std::u32string characters(std::string_view text);
std::string utf8(std::u32string_view characters);

}  // namespace penstock::cel
