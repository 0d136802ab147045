#include <algorithm>
#include <charconv>
#include <span>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/counters.hpp"
#include "cgroup/dialect.hpp"
#include "cgroup/directory.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

void add_counters(const OpenGroup& group, std::span<const Counter> counters, Usage& usage) {
  for (const auto& counter : counters) {
    // Most files are in one hierarchy only; a missing one is no error.
    const auto text = sys::read_file_at(group.directory.get(), std::string(counter.file));
    if (text) {
      usage.*counter.into = value_in(*text, counter.key).value_or(0) / counter.divisor;
    }
  }
}

void add_io(const OpenGroup& group, Usage& usage) {
  const auto text = sys::read_file_at(group.directory.get(), std::string(dialect_of(*group.hierarchy).io_file));
  if (text) {
    const Transferred sums = transferred_in(*text);
    usage.read_bytes = usage.read_bytes.value_or(0) + sums.read_bytes;
    usage.written_bytes = usage.written_bytes.value_or(0) + sums.written_bytes;
  }
}

/// The pids controller is joined only if a limit asks for it; without it the list of threads is counted.
std::uint64_t count_threads(const OpenGroup& group) {
  const auto text = sys::read_file_at(group.directory.get(), std::string(dialect_of(*group.hierarchy).threads_file));
  return text ? static_cast<std::uint64_t>(std::ranges::count(*text, '\n')) : 0;
}

}  // namespace

std::optional<std::uint64_t> value_in(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!key.empty()) {
      if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ') {
        continue;
      }
      line.remove_prefix(key.size() + 1);
    }
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    return error == std::errc() ? std::optional(value) : std::nullopt;
  }
  return std::nullopt;
}

Transferred transferred_in(std::string_view text) {
  Transferred out;
  const auto number_at = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::from_chars(text.data() + at, text.data() + text.size(), value);
    return value;
  };
  const auto sum = [&](std::string_view word) {
    std::uint64_t total = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      total += number_at(at + word.size());
    }
    return total;
  };
  out.read_bytes = sum(" rbytes=") + sum(" Read ");
  out.written_bytes = sum(" wbytes=") + sum(" Write ");
  return out;
}

namespace {

Result<Usage> read_usage(const Layout& layout, const Group& group, bool live) {
  CMP_TRY(const auto groups, open_everywhere(layout, group));
  if (groups.empty()) {
    return make_error(Code::kNotFound, fmt::format("cgroup '{}': no such group", group.path));
  }
  Usage out;
  for (const auto& one : groups) {
    add_counters(one, dialect_of(*one.hierarchy).counters, out);
    if (live) {
      add_counters(one, dialect_of(*one.hierarchy).live_counters, out);
      add_io(one, out);
    }
  }
  if (out.pids == 0) {
    out.pids = count_threads(groups.front());
  }
  return out;
}

}  // namespace

Result<Usage> usage(const Layout& layout, const Group& group) {
  return read_usage(layout, group, false);
}

Result<Usage> live_usage(const Layout& layout, const Group& group) {
  return read_usage(layout, group, true);
}

}  // namespace cmp::cgroup
