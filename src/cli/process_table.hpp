#pragma once
// The host's processes as `ps -ef` shows them.

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/table.hpp"

namespace cmp::cli {

class ProcessTable {
 public:
  /// Reads the names of the host's users.
  ProcessTable();

  /// UID PID PPID C STIME TTY TIME CMD; nothing if the process has ended meanwhile.
  [[nodiscard]] std::optional<TableRow> row(int pid) const;

  /// The rows below their headings. `before`: headings of what the rows have before the columns of row().
  [[nodiscard]] static std::string text(const std::vector<TableRow>& rows, TableRow before = {});

 private:
  [[nodiscard]] std::string user(uid_t uid) const;

  std::map<uid_t, std::string> users_;
};

}  // namespace cmp::cli
