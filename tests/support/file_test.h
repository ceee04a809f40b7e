#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/source.h"
#include "diag/sink.h"

/// A test is a file that says itself what must be reported about it. Comments below a line mark what is wrong in it:
///
///     needs: [tset]
///     #       ^^^^ error[unknown-job]: job `tset` is not defined
///     #       help: did you mean `test`?
///
/// - The carets stand below exactly the text that is underlined. Several such comments may follow one line; all belong to the
///   nearest line above that is none. `error`, `warning` and `note` are the severities. The message is compared as a whole.
/// - What begins in the first column is marked with the `#` itself: in `#^^^` the first of four columns is the `#`.
/// - `# help: …` below a mark: the diagnostic must have this help. Without such lines helps are not looked at.
/// - `#   ---- label: first written here` below a line: some diagnostic must have this label there. Also optional, also with `#`
///   for the first column (`#--- label: …`).
/// - Where no comment can stand below the line (in a block scalar, behind the last line), or the text is empty or goes over
///   several lines, the place is written in figures, anywhere in the file: `# error[slug] LINE:COLUMN: message`, or
///   `# error[slug] LINE:COLUMN-COLUMN: message` with the last column as well. Columns count characters from 1.
///
/// Everything marked must be reported, and nothing else may be. A file whose name begins with `fail_` must mark an error.
///
///     TEST_CASE("broken models") {
///       for (const auto& file : test::files_in(PENSTOCK_SOURCE_DIR "/tests/syntax", "fail_")) {
///         INFO(file);
///         CHECK(test::problems_of(file, [](SourceManager& sources, FileId id, diag::Sink& sink) { … }) == "");
///       }
///     }
namespace penstock::test {

/// Reads the file and reports to the sink: a phase, or several.
using Check = std::function<void(SourceManager& sources, FileId file, diag::Sink& sink)>;

/// What differs between what the file marks and what the check reports, for people; empty when nothing does.
std::string problems_of(const std::filesystem::path& file, const Check& check);

/// The same for a text that is not in a file.
std::string problems_of_text(const std::string& name, const std::string& text, const Check& check);

/// The files of a folder, not of those below, whose name begins so, sorted.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder,
                                            std::string_view prefix = {});

std::string read_file(const std::filesystem::path& file);

}  // namespace penstock::test
