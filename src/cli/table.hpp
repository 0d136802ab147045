#pragma once
// Tables as Docker's tab writer lays them out: a column is as wide as its widest cell plus the padding, at least the
// minimum; the last one has no blanks behind it. Pure.

#include <string>
#include <vector>

namespace cmp::cli {

using TableRow = std::vector<std::string>;

/// The header and the rows, one line each. Rows have as many cells as the header.
[[nodiscard]] std::string render_table(const TableRow& header, const std::vector<TableRow>& rows,
                                       std::size_t minimum_width = 10, std::size_t padding = 3);

}  // namespace cmp::cli
