#include "net/connections.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::net {

namespace {

/// include/net/tcp_states.h.
enum State : unsigned { kEstablished = 0x01, kSynReceived = 0x03, kCloseWait = 0x08, kListen = 0x0A };

struct Row {
  unsigned port = 0, state = 0;
};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) {
      return words;
    }
    line.remove_prefix(begin);
    const auto end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

/// "0: 0100007F:1F90 00000000:0000 0A …". False for the heading.
bool parse_row(std::string_view line, Row& row) {
  const auto words = words_of(line);
  if (words.size() < 4) {
    return false;
  }
  const auto number = [](std::string_view text, unsigned& into) {
    return std::from_chars(text.data(), text.data() + text.size(), into, 16).ec == std::errc();
  };
  const auto colon = words[1].rfind(':');
  return colon != std::string_view::npos && number(words[1].substr(colon + 1), row.port) && number(words[3], row.state);
}

}  // namespace

int count_connections(std::string_view tables) {
  std::vector<Row> rows;
  std::set<unsigned> listening;
  while (!tables.empty()) {
    const auto end = std::min(tables.find('\n'), tables.size());
    if (Row row; parse_row(tables.substr(0, end), row)) {
      rows.push_back(row);
      if (row.state == kListen) {
        listening.insert(row.port);
      }
    }
    tables.remove_prefix(std::min(end + 1, tables.size()));
  }
  return static_cast<int>(std::ranges::count_if(rows, [&](const Row& row) {
    return listening.contains(row.port) &&
           (row.state == kEstablished || row.state == kSynReceived || row.state == kCloseWait);
  }));
}

Result<int> open_connections(pid_t pid) {
  CMP_TRY(std::string tables, sys::read_file(fmt::format("/proc/{}/net/tcp", pid)));
  // A kernel without IPv6 has no such file.
  tables += sys::read_file(fmt::format("/proc/{}/net/tcp6", pid)).value_or("");
  return count_connections(tables);
}

}  // namespace cmp::net
