#include "cli/report.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// Of wider lines only a part is shown.
constexpr std::size_t kWidestSource = 160;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::string caret_line(const std::string& source, int column) {
  const auto before = static_cast<std::size_t>(column - 1);
  std::string out;
  for (std::size_t at = 0; at < before && at < source.size(); ++at) {
    out += source[at] == '\t' ? "\t" : begins_character(source[at]) ? " " : "";
  }
  return out + "^";
}

/// The part of a long line around the column, which then counts in that part.
std::string excerpt(const std::string& source, int& column) {
  constexpr std::size_t kBefore = 72;
  constexpr std::size_t kShown = 130;
  if (source.size() <= kWidestSource) {
    return source;
  }
  const std::size_t at = std::min(static_cast<std::size_t>(std::max(column, 1)) - 1, source.size());
  std::size_t begin = at > kBefore ? at - kBefore : 0;
  while (begin < source.size() && !begins_character(source[begin])) {
    ++begin;
  }
  std::size_t end = std::min(begin + kShown, source.size());
  while (end < source.size() && !begins_character(source[end])) {
    ++end;
  }
  column -= begin == 0 ? 0 : static_cast<int>(begin) - 3;
  return (begin == 0 ? "" : "...") + source.substr(begin, end - begin) + (end == source.size() ? "" : "...");
}

std::string render_one(const Error& error, const ReadLine& read_line) {
  if (error.where.file.empty()) {
    return fmt::format("error: {}\n", error.message);
  }
  std::string out = fmt::format("{}: {}\n", error.where.str(), error.message);
  const auto line = error.where.known() ? read_line(error.where.file, error.where.line) : std::nullopt;
  if (line) {
    int column = error.where.column;
    const std::string source = excerpt(*line, column);
    out += fmt::format("    {}\n", source);
    if (column > 0 && static_cast<std::size_t>(column) <= source.size()) {
      out += fmt::format("    {}\n", caret_line(source, column));
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

std::string harmless(std::string text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto next = static_cast<unsigned char>(at + 1 < text.size() ? text[at + 1] : 0);
    if (byte == 0xC2U && next >= 0x80U && next < 0xA0U) {
      text.replace(at, 2, "?");
    } else if ((byte < 0x20U && byte != '\t' && byte != '\n') || byte == 0x7FU) {
      text[at] = '?';
    }
  }
  return text;
}

std::string render_error(const Error& error, const ReadLine& read_line) {
  std::string out;
  std::set<std::string> seen;
  render_into(error, read_line, seen, out);
  return harmless(std::move(out));
}

std::optional<std::string> SourceLines::operator()(const std::string& file, int line) {
  const auto [known, fresh] = texts_.try_emplace(file);
  std::string& text = known->second;
  if (fresh) {
    text = sys::read_file(file).value_or("");
  }
  std::size_t start = 0;
  for (int at = 1; at < line; ++at) {
    start = text.find('\n', start);
    if (start == std::string::npos) {
      return std::nullopt;
    }
    ++start;
  }
  if (start == text.size()) {
    return std::nullopt;
  }
  std::string out = text.substr(start, text.find('\n', start) - start);
  if (!out.empty() && out.back() == '\r') {
    out.pop_back();
  }
  return out;
}

int exit_code(const Error& error) {
  return error.code == Code::kInterrupted ? 130 : 1;
}

}  // namespace cmp::cli
