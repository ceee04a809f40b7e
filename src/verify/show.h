#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "plan/event.h"
#include "verify/verify.h"

namespace penstock::verify {

/// What becomes of one job in the model or on one target.
struct Cell {
  bool runs = false;
  std::size_t step = 0;  // the longest chain of jobs that ends with this one
  bool turn = false;
  bool approval = false;
  std::string reason;  // why it does not run
};

struct Row {
  std::string pipeline;
  std::string job;
  std::vector<Cell> cells;  // the model's, then the targets'
};

/// One event in the model and on each target, side by side.
struct SideBySide {
  std::vector<std::string> columns;  // "model", then the targets
  std::vector<Row> rows;
  std::vector<std::pair<std::string, std::string>> idle;  // pipelines of the model that do not start, and why
  std::vector<std::pair<std::string, std::string>>
      helpers;  // target and address of jobs that run and are none of the model's
};

SideBySide side_by_side(const plan::Plan& plan, const std::vector<Subject>& subjects,
                        const plan::Event& event);

}  // namespace penstock::verify
