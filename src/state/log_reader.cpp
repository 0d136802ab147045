#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "state/log_files.hpp"
#include "state/log_store.hpp"
#include "sys/file.hpp"

namespace cmp::state {

namespace {

WallTime wall_time(std::uint64_t time_ns) {
  return WallTime(Nanoseconds(static_cast<std::int64_t>(time_ns)));
}

/// Opens a file that may not exist yet; an empty descriptor then.
Result<UniqueFd> open_if_there(const std::string& file) {
  auto fd = sys::open_file(file, O_RDONLY);
  if (!fd && fd.error().os_errno == ENOENT) {
    return UniqueFd();
  }
  return fd;
}

/// 0 if there is no such file.
std::uint64_t inode_of(const std::string& file) {
  struct stat info {};

  return ::stat(file.c_str(), &info) == 0 ? info.st_ino : 0;
}

std::uint64_t inode_of(int fd) {
  struct stat info {};

  return ::fstat(fd, &info) == 0 ? info.st_ino : 0;
}

}  // namespace

LogReader::LogReader(const Paths& paths, const std::string& container) {
  streams_[0].file = paths.log_file(container, "out");
  streams_[1].file = paths.log_file(container, "err");
  streams_[1].is_stderr = true;
}

LogReader::LogReader(const Paths& paths, const std::string& container, const LogPlace& place)
    : LogReader(paths, container) {
  streams_[0].done = place.streams[0];
  streams_[1].done = place.streams[1];
}

/// The files of the log, oldest first, that are newer than the one with inode `known` (all of them if it is gone).
Result<std::vector<LogReader::Part>> LogReader::open_newer(const std::string& file, std::uint64_t known) {
  std::vector<Part> parts;
  for (int number = 0;; ++number) {
    const std::string path = log::generation(file, number);
    Part part;
    CMP_TRY(part.data, open_if_there(path));
    CMP_TRY(part.index, open_if_there(log::index_of(path)));
    part.inode = part.data ? inode_of(part.data.get()) : 0;
    const bool seen = std::ranges::find(parts, part.inode, &Part::inode) != parts.end();
    if (!part.data || !part.index || part.inode == known) {
      break;
    }
    // The writer has renamed the file between two looks: the same one, met again under its new name.
    if (!seen) {
      parts.push_back(std::move(part));
    }
  }
  std::ranges::reverse(parts);
  return parts;
}

Status LogReader::load_marks(Part& part) {
  CMP_TRY(const std::string text, log::read_from(part.index.get(), part.index_offset));
  for (std::size_t at = 0; at + sizeof(log::Mark) <= text.size(); at += sizeof(log::Mark)) {
    log::Mark mark{};
    std::copy_n(text.data() + at, sizeof mark, reinterpret_cast<char*>(&mark));
    part.marks.emplace_back(mark.offset, mark.time_ns);
    part.index_offset += sizeof mark;
  }
  return {};
}

WallTime LogReader::time_at(Stream& stream, Part& part, std::uint64_t offset) {
  while (part.marks.size() > 1 && part.marks[1].first <= offset) {
    part.marks.erase(part.marks.begin());
  }
  return part.marks.empty() ? stream.partial_time : wall_time(part.marks.front().second);
}

Status LogReader::read_part(Stream& stream, Part& part, std::vector<LogLine>& out, std::uint64_t most) {
  // Data first: a mark is written after its bytes, so what has just been read may lack its mark, which then comes with
  // the next call; marks that are too new do no harm.
  CMP_TRY(const std::string text, log::read_from(part.data.get(), part.offset, most));
  CMP_CHECK(load_marks(part));
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = std::min(newline, text.size());
    if (stream.partial.empty()) {
      stream.partial_time = time_at(stream, part, part.offset + begin);
    }
    stream.partial.append(text, begin, end - begin);
    begin = end + 1;
    if (newline != std::string::npos) {
      out.push_back({stream.partial_time, stream.is_stderr, std::exchange(stream.partial, {}), true});
      stream.done = {part.inode, part.offset + begin};
    }
  }
  part.offset += text.size();
  return {};
}

/// Just opened: what has been read before this reader is passed over.
void LogReader::go_to_place(Stream& stream) {
  const auto there = std::ranges::find(stream.parts, stream.done.inode, &Part::inode);
  if (stream.done.inode == 0 || there == stream.parts.end()) {
    return;
  }
  there->offset = stream.done.offset;
  stream.parts.erase(stream.parts.begin(), there);
}

Status LogReader::read_stream(Stream& stream, std::vector<LogLine>& out, bool final, std::uint64_t most) {
  // Looked for before anything is read: what a file gets before it is renamed is then in it.
  const std::uint64_t known = stream.parts.empty() ? 0 : stream.parts.back().inode;
  if (known == 0 || inode_of(stream.file) != known) {
    CMP_TRY(auto newer, open_newer(stream.file, known));
    std::ranges::move(newer, std::back_inserter(stream.parts));
    if (known == 0) {
      go_to_place(stream);
    }
  }
  while (!stream.parts.empty()) {
    Part& part = stream.parts.front();
    const std::uint64_t before = part.offset;
    CMP_CHECK(read_part(stream, part, out, most));
    // The last one may grow; one that has more than was asked for is gone on with by the next call.
    if (stream.parts.size() == 1 || part.offset - before >= most) {
      break;
    }
    stream.parts.erase(stream.parts.begin());
  }
  if (final && !stream.partial.empty()) {
    out.push_back({stream.partial_time, stream.is_stderr, std::exchange(stream.partial, {}), false});
    stream.done = {stream.parts.back().inode, stream.parts.back().offset};
  }
  return {};
}

Result<std::vector<LogLine>> LogReader::read(bool final, std::uint64_t most) {
  std::vector<LogLine> lines;
  CMP_CHECK(read_stream(streams_[0], lines, final, most).context(fmt::format("log '{}'", streams_[0].file)));
  const auto middle = static_cast<std::ptrdiff_t>(lines.size());
  CMP_CHECK(read_stream(streams_[1], lines, final, most).context(fmt::format("log '{}'", streams_[1].file)));
  std::ranges::inplace_merge(lines, lines.begin() + middle, {}, &LogLine::time);
  return lines;
}

}  // namespace cmp::state
