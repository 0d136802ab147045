#pragma once
// --format of the commands that list things: a table, JSON, or a template of Go, with or without a table around it
// ("table {{.Name}}\t{{.Status}}"). Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/go_template.hpp"
#include "cli/table.hpp"

namespace cmp::cli {

/// What a command can show.
struct Listing {
  TableRow columns;                            ///< names of fields, for the table without a template
  std::map<std::string, std::string> headers;  ///< of fields whose header is not just their name in capitals
  std::vector<TemplateRow> rows;
};

class RowFormat {
 public:
  /// "", "table", "json", or a template. Errors: kInvalid, with `--format: ` in front.
  [[nodiscard]] static Result<RowFormat> parse(const std::string& text);

  /// "LocalVolumes" is LOCAL VOLUMES.
  [[nodiscard]] static std::string header(const std::string& field);

  [[nodiscard]] bool json() const { return kind_ == Kind::kJson; }

  /// The listing as asked for, whole lines. JSON is one object a line. Errors: kInvalid, a field that there is not.
  [[nodiscard]] Result<std::string> render(const Listing& listing) const;

 private:
  enum class Kind { kTable, kJson, kLines };

  Kind kind_ = Kind::kTable;
  std::optional<Template> template_;
};

}  // namespace cmp::cli
