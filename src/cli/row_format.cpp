#include "cli/row_format.hpp"

#include <cctype>

#include <fmt/core.h>

namespace cmp::cli {

namespace {

using Json = nlohmann::json;

void replace_escape(std::string& text, const std::string& escape, const std::string& by) {
  for (std::size_t at = text.find(escape); at != std::string::npos; at = text.find(escape, at + by.size())) {
    text.replace(at, escape.size(), by);
  }
}

std::string header_of(const Listing& listing, const std::string& field) {
  const auto known = listing.headers.find(field);
  return known == listing.headers.end() ? RowFormat::header(field) : known->second;
}

/// The row of a table's header: every field's value is its header.
TemplateRow headers_of(const Listing& listing) {
  TemplateRow out{.fields = Json::object(),
                  .label = [](const std::string& key) { return RowFormat::header(key.substr(key.rfind('.') + 1)); }};
  const Json& fields = listing.rows.empty() ? out.fields : listing.rows.front().fields;
  for (const auto& [field, value] : fields.items()) {
    out.fields[field] = header_of(listing, field);
  }
  for (const std::string& field : listing.columns) {
    out.fields[field] = header_of(listing, field);
  }
  for (const auto& [field, header] : listing.headers) {
    out.fields[field] = header;
  }
  return out;
}

/// `most`: what follows the last cell belongs to it.
TableRow cells_of(const std::string& line, std::size_t most) {
  TableRow out;
  std::size_t at = 0;
  for (std::size_t tab = line.find('\t'); tab != std::string::npos && out.size() + 1 < most;
       tab = line.find('\t', at)) {
    out.push_back(line.substr(at, tab - at));
    at = tab + 1;
  }
  out.push_back(line.substr(at));
  return out;
}

std::string plain_table(const Listing& listing) {
  TableRow header;
  for (const std::string& field : listing.columns) {
    header.push_back(header_of(listing, field));
  }
  std::vector<TableRow> rows;
  for (const TemplateRow& row : listing.rows) {
    TableRow cells;
    for (const std::string& field : listing.columns) {
      cells.push_back(go_template::printed(row.fields.at(field)));
    }
    rows.push_back(std::move(cells));
  }
  return render_table(header, rows);
}

}  // namespace

std::string RowFormat::header(const std::string& field) {
  std::string out;
  for (std::size_t at = 0; at < field.size(); ++at) {
    const auto c = static_cast<unsigned char>(field[at]);
    const bool begins = at > 0 && std::isupper(c) != 0 && std::islower(static_cast<unsigned char>(field[at - 1])) != 0;
    out += begins ? " " : "";
    out += static_cast<char>(std::toupper(c));
  }
  return out;
}

Result<RowFormat> RowFormat::parse(const std::string& text) {
  RowFormat out;
  if (text.empty() || text == "table") {
    return out;
  }
  if (text == "json") {
    out.kind_ = Kind::kJson;
    return out;
  }
  const bool table = text.starts_with("table") && text.size() > 5 && (text[5] == ' ' || text[5] == '\t');
  std::string body = table ? text.substr(std::min(text.find_first_not_of(" \t", 5), text.size())) : text;
  if (body.find("{{") == std::string::npos) {
    return make_error(
        Code::kInvalid,
        fmt::format("--format: '{}' is neither table nor json, nor a template such as '{{{{.Name}}}}'", text));
  }
  replace_escape(body, "\\t", "\t");
  replace_escape(body, "\\n", "\n");
  auto parsed = Template::parse(body);
  if (!parsed) {
    return std::move(parsed).error().context("--format");
  }
  out.kind_ = table ? Kind::kTable : Kind::kLines;
  out.template_ = *std::move(parsed);
  return out;
}

Result<std::string> RowFormat::render(const Listing& listing) const {
  std::string out;
  if (kind_ == Kind::kJson) {
    for (const TemplateRow& row : listing.rows) {
      out += row.fields.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    }
    return out;
  }
  if (!template_) {
    return plain_table(listing);
  }
  std::vector<std::string> lines;
  for (const TemplateRow& row : listing.rows) {
    CMP_TRY(std::string line, template_->render(row).context("--format"));
    out += line + '\n';
    lines.push_back(std::move(line));
  }
  if (kind_ == Kind::kLines) {
    return out;
  }
  CMP_TRY(const std::string titles, template_->render(headers_of(listing)).context("--format"));
  const TableRow header = cells_of(titles, titles.size() + 1);
  std::vector<TableRow> rows;
  for (const std::string& line : lines) {
    rows.push_back(cells_of(line, header.size()));
    rows.back().resize(header.size());
  }
  return render_table(header, rows);
}

}  // namespace cmp::cli
