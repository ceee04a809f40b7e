#include "driver/meaning.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace penstock::driver {
namespace {

using Json = nlohmann::ordered_json;
using verify::Cell;

std::string place_of(const SourceManager& sources, Span span) {
  const Place place = sources.place(span.file, span.begin);
  return fmt::format("{}:{}:{}", sources.name(span.file), place.line, place.column);
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string text_of(const Cell& cell) {
  if (!cell.runs) return "-";
  std::string text = fmt::format("{}", cell.step);
  if (cell.turn) text += " turn";
  if (cell.approval) text += " approval";
  return text;
}

/// Columns as wide as their widest cell; the last one ends with its text.
std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 == row.size() ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

/// Why jobs do not run: said once for the model, and for a target where it differs; jobs with the same reason on one line.
std::string reasons_text(const verify::SideBySide& table, const std::string& pipeline) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::vector<std::pair<std::string, std::vector<std::string>>> by_reason;
    for (const verify::Row& row : table.rows) {
      if (row.pipeline != pipeline || row.cells[i].runs || (i > 0 && !row.cells[0].runs)) continue;
      const std::string reason =
          row.cells[i].reason.empty() ? "no job there stands for it" : row.cells[i].reason;
      auto found =
          std::ranges::find(by_reason, reason, &std::pair<std::string, std::vector<std::string>>::first);
      if (found == by_reason.end()) found = by_reason.insert(by_reason.end(), {reason, {}});
      found->second.push_back(row.job);
    }
    for (const auto& [reason, jobs] : by_reason) {
      out += fmt::format("    {}not run: {}: {}\n", i == 0 ? "" : table.columns[i] + ", ", join(jobs, ", "),
                         reason);
    }
  }
  return out;
}

std::vector<std::string> pipelines_of(const verify::SideBySide& table) {
  std::vector<std::string> names;
  for (const verify::Row& row : table.rows) {
    if (std::ranges::find(names, row.pipeline) == names.end()) names.push_back(row.pipeline);
  }
  return names;
}

}  // namespace

std::string proofs_text(const std::vector<verify::Proof>& proofs, const SourceManager& sources) {
  std::string out;
  for (const verify::Proof& proof : proofs) {
    out += fmt::format("{}: {}, {}{}, {} that go otherwise, {} at once: ", proof.target,
                       counted(proof.jobs, "job", "jobs"), counted(proof.events, "event", "events"),
                       proof.sampled ? " (sampled)" : "", counted(proof.outcomes, "run", "runs"),
                       counted(proof.overlaps, "pair of runs", "pairs of runs"));
    out += proof.mismatches.empty() ? "as the model says"
                                    : counted(proof.mismatches.size(), "mismatch", "mismatches");
    if (proof.extra_order > 0)
      out += fmt::format("; {} ordered besides", counted(proof.extra_order, "pair of jobs", "pairs of jobs"));
    out += "\n";
    for (const verify::Mismatch& mismatch : proof.mismatches) {
      out += fmt::format("  {} {} {}\n", place_of(sources, mismatch.span), mismatch.construct, mismatch.what);
      if (!mismatch.event.empty()) out += fmt::format("    on {}\n", mismatch.event);
    }
  }
  return out;
}

std::string proofs_json(const std::vector<verify::Proof>& proofs, const SourceManager& sources) {
  Json all = Json::array();
  for (const verify::Proof& proof : proofs) {
    Json mismatches = Json::array();
    for (const verify::Mismatch& mismatch : proof.mismatches) {
      const Place place = sources.place(mismatch.span.file, mismatch.span.begin);
      mismatches.push_back({{"construct", mismatch.construct},
                            {"what", mismatch.what},
                            {"event", mismatch.event},
                            {"file", sources.name(mismatch.span.file)},
                            {"line", place.line},
                            {"column", place.column}});
    }
    all.push_back({{"target", proof.target},
                   {"jobs", proof.jobs},
                   {"events", proof.events},
                   {"sampled", proof.sampled},
                   {"outcomes", proof.outcomes},
                   {"overlaps", proof.overlaps},
                   {"extra_order", proof.extra_order},
                   {"mismatches", mismatches}});
  }
  return Json{{"penstock", "proofs/v1"}, {"proofs", all}}.dump(2, ' ', false,
                                                               Json::error_handler_t::replace) +
         "\n";
}

std::string simulation_text(const verify::SideBySide& table, const plan::Event& event) {
  std::string out = plan::to_text(event) + "\n";
  for (const std::string& pipeline : pipelines_of(table)) {
    std::vector<std::vector<std::string>> rows = {{pipeline}};
    rows[0].insert(rows[0].end(), table.columns.begin(), table.columns.end());
    for (const verify::Row& row : table.rows) {
      if (row.pipeline != pipeline) continue;
      auto& line = rows.emplace_back(std::vector<std::string>{"  " + row.job});
      for (const Cell& cell : row.cells) line.push_back(text_of(cell));
    }
    out += "\n" + table_text(rows);
    out += reasons_text(table, pipeline);
  }
  if (!table.idle.empty()) out += "\n";
  for (const auto& [pipeline, reason] : table.idle)
    out += fmt::format("  {} does not start: {}\n", pipeline, reason);
  for (const auto& [target, address] : table.helpers)
    out += fmt::format("  {} runs `{}` besides\n", target, address);
  return out;
}

std::string simulation_json(const verify::SideBySide& table, const plan::Event& event) {
  Json rows = Json::array();
  for (const verify::Row& row : table.rows) {
    Json cells = Json::object();
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const Cell& cell = row.cells[i];
      Json one = {{"runs", cell.runs}};
      if (cell.runs)
        one.update({{"step", cell.step}, {"turn", cell.turn}, {"approval", cell.approval}});
      else
        one["reason"] = cell.reason;
      cells[table.columns[i]] = one;
    }
    rows.push_back({{"pipeline", row.pipeline}, {"job", row.job}, {"on", cells}});
  }
  Json idle = Json::object();
  for (const auto& [pipeline, reason] : table.idle) idle[pipeline] = reason;
  Json helpers = Json::array();
  for (const auto& [target, address] : table.helpers)
    helpers.push_back({{"target", target}, {"address", address}});
  return Json{{"penstock", "simulation/v1"},
              {"event", plan::to_text(event)},
              {"jobs", rows},
              {"idle", idle},
              {"besides", helpers}}
             .dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace penstock::driver
