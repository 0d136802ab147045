#include "cli/report.hpp"

#include <set>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// Wider lines say more than they help.
constexpr std::size_t kWidestSource = 160;

std::string caret_line(const std::string& source, int column) {
  const auto before = static_cast<std::size_t>(column - 1);
  std::string out;
  for (std::size_t at = 0; at < before && at < source.size(); ++at) {
    const bool inside = (static_cast<unsigned char>(source[at]) & 0xC0U) == 0x80U;
    out += source[at] == '\t' ? "\t" : inside ? "" : " ";
  }
  return out + "^";
}

std::string render_one(const Error& error, const ReadLine& read_line) {
  if (error.where.file.empty()) {
    return fmt::format("error: {}\n", error.message);
  }
  std::string out = fmt::format("{}: {}\n", error.where.str(), error.message);
  const auto source = error.where.known() ? read_line(error.where.file, error.where.line) : std::nullopt;
  if (source && source->size() <= kWidestSource) {
    out += fmt::format("    {}\n", *source);
    if (error.where.column > 0 && static_cast<std::size_t>(error.where.column) <= source->size()) {
      out += fmt::format("    {}\n", caret_line(*source, error.where.column));
    }
  }
  return out;
}

void render_into(const Error& error, const ReadLine& read_line, std::set<std::string>& seen, std::string& out) {
  std::string text = render_one(error, read_line);
  if (seen.insert(text).second) {
    out += text;
  }
  for (const Error& other : error.others) {
    render_into(other, read_line, seen, out);
  }
}

}  // namespace

std::string render_error(const Error& error, const ReadLine& read_line) {
  std::string out;
  std::set<std::string> seen;
  render_into(error, read_line, seen, out);
  return out;
}

std::optional<std::string> line_of_file(const std::string& file, int line) {
  const auto text = sys::read_file(file);
  if (!text) {
    return std::nullopt;
  }
  std::size_t start = 0;
  for (int at = 1; at < line; ++at) {
    start = text->find('\n', start);
    if (start == std::string::npos) {
      return std::nullopt;
    }
    ++start;
  }
  std::string out = text->substr(start, text->find('\n', start) - start);
  if (!out.empty() && out.back() == '\r') {
    out.pop_back();
  }
  return out;
}

int exit_code(const Error& error) {
  return error.code == Code::kInterrupted ? 130 : 1;
}

}  // namespace cmp::cli
