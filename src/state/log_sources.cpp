#include "state/log_sources.hpp"

#include <fmt/core.h>

#include "model/hooks.hpp"
#include "sys/file.hpp"

namespace cmp::state {

namespace {

constexpr std::size_t kMostTail = 2048;

std::string joined_tail(const std::vector<const LogLine*>& lines, std::size_t most) {
  std::string text;
  const std::size_t first = lines.size() > most ? lines.size() - most : 0;
  for (std::size_t i = first; i < lines.size(); ++i) {
    text += (text.empty() ? "" : "\n") + lines[i]->text;
  }
  return text.size() > kMostTail ? text.substr(text.size() - kMostTail) : text;
}

}  // namespace

std::string hooks_log(const std::string& container) {
  return container + "~hooks";
}

std::vector<LogSource> log_sources(const ContainerRecord& record) {
  std::vector<LogSource> sources = {{record.name, record.name}};
  const model::Service& service = record.service_definition;
  if (!service.post_start.empty() || !service.pre_stop.empty()) {
    sources.push_back({hooks_log(record.name), record.name + " ->"});
  }
  for (std::size_t i = 0; i < service.pre_start.size(); ++i) {
    const int number = service.pre_start[i].per_replica ? record.number : 0;
    sources.push_back({model::hook_container(record.project, record.service, i, number),
                       fmt::format("{}-{} pre_start[{}] ->", record.project, record.service, i)});
  }
  return sources;
}

Status remove_logs(const Paths& paths, const ContainerRecord& record) {
  if (record.labels.contains("com.docker.compose.hook")) {
    return {};
  }
  for (const LogSource& source : log_sources(record)) {
    for (const char* stream : {"out", "err"}) {
      CMP_CHECK(remove_log(paths.log_file(source.name, stream)));
    }
  }
  return sys::remove_tree(paths.log_file(record.name, kSentPlace));
}

std::string log_tail(const Paths& paths, const std::string& name, WallTime since, std::size_t lines) {
  LogReader reader(paths, name);
  const auto read = reader.read(true);
  if (!read) {
    return "";
  }
  std::vector<const LogLine*> out, err;
  for (const LogLine& line : *read) {
    if (line.time >= since && !line.text.empty()) {
      (line.is_stderr ? err : out).push_back(&line);
    }
  }
  return joined_tail(err.empty() ? out : err, lines);
}

}  // namespace cmp::state
