#include "cli/log_follower.hpp"

#include <set>
#include <string_view>

#include "state/log_sources.hpp"

namespace cmp::cli {

namespace {

/// "shop-web-1.out.idx" to "shop-web-1".
std::string container_of(std::string_view file) {
  for (const std::string_view suffix : {".idx", ".out", ".err"}) {
    if (file.ends_with(suffix)) {
      file.remove_suffix(suffix.size());
    }
  }
  return std::string(file);
}

}  // namespace

Result<LogFollower> LogFollower::open(const state::Paths& paths) {
  CMP_TRY(auto watch, sys::DirectoryWatch::open(paths.logs_dir()));
  return LogFollower(paths, std::move(watch));
}

void LogFollower::add(const std::string& container) {
  readers_.try_emplace(container, paths_, container);
}

Status LogFollower::take(const std::string& container, state::LogReader& reader, bool final,
                         std::vector<SourcedLine>& out) {
  CMP_TRY(auto lines, reader.read(final));
  append_wanted(out, container, std::move(lines), {});
  return {};
}

Result<std::vector<SourcedLine>> LogFollower::take_changed() {
  const auto changes = watch_.take();
  if (changes.lost) {
    return take_all();
  }
  std::set<std::string> containers;
  for (const std::string& name : changes.names) {
    containers.insert(container_of(name));
  }
  std::vector<SourcedLine> lines;
  for (const std::string& container : containers) {
    if (const auto reader = readers_.find(container); reader != readers_.end()) {
      CMP_CHECK(take(container, reader->second, false, lines));
    }
  }
  sort_by_time(lines);
  return lines;
}

Result<std::vector<SourcedLine>> LogFollower::take_all() {
  std::vector<SourcedLine> lines;
  for (auto& [container, reader] : readers_) {
    CMP_CHECK(take(container, reader, false, lines));
  }
  sort_by_time(lines);
  return lines;
}

Result<std::vector<SourcedLine>> LogFollower::take_rest(const std::string& container) {
  std::vector<SourcedLine> lines;
  for (const std::string& source : {state::hooks_log(container), container}) {
    if (const auto reader = readers_.find(source); reader != readers_.end()) {
      CMP_CHECK(take(source, reader->second, true, lines));
    }
  }
  sort_by_time(lines);
  return lines;
}

}  // namespace cmp::cli
