#include "cli/table.hpp"

#include <algorithm>

#include "cli/human.hpp"

namespace cmp::cli {

namespace {

void append_row(std::string& out, const TableRow& row, const std::vector<std::size_t>& widths) {
  for (std::size_t column = 0; column < row.size(); ++column) {
    out += row[column];
    if (column + 1 < row.size()) {
      out.append(widths[column] - display_width(row[column]), ' ');
    }
  }
  out += '\n';
}

}  // namespace

std::string render_table(const TableRow& header, const std::vector<TableRow>& rows, std::size_t minimum_width,
                         std::size_t padding) {
  std::vector<std::size_t> widths(header.size(), minimum_width);
  const auto widen = [&](const TableRow& row) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], display_width(row[column]) + padding);
    }
  };
  widen(header);
  std::for_each(rows.begin(), rows.end(), widen);
  std::string out;
  append_row(out, header, widths);
  for (const TableRow& row : rows) {
    append_row(out, row, widths);
  }
  return out;
}

}  // namespace cmp::cli
