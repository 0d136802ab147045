#include "state/log_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::state {

namespace {

/// One entry of an index: bytes from `offset` on were captured at `time_ns`.
struct Mark {
  std::uint64_t offset;
  std::uint64_t time_ns;
};

static_assert(sizeof(Mark) == 16);

Result<std::uint64_t> file_size(int fd) {
  struct stat info {};

  if (::fstat(fd, &info) != 0) {
    return sys_error("stat");
  }
  return static_cast<std::uint64_t>(info.st_size);
}

Status append_mark(int index, std::uint64_t offset, WallTime time) {
  const Mark mark{offset, static_cast<std::uint64_t>(time.time_since_epoch().count())};
  return sys::write_all(index, {reinterpret_cast<const char*>(&mark), sizeof mark});
}

WallTime wall_time(std::uint64_t time_ns) {
  return WallTime(Nanoseconds(static_cast<std::int64_t>(time_ns)));
}

/// pread(2) of everything from `offset` on.
Result<std::string> read_from(int fd, std::uint64_t offset) {
  std::string out;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(offset + out.size()));
    if (got < 0 && errno != EINTR) {
      return sys_error("read");
    }
    if (got == 0) {
      return out;
    }
    if (got > 0) {
      out.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
}

/// Opens a file that may not exist yet; an empty descriptor then.
Result<UniqueFd> open_if_there(const std::string& file) {
  auto fd = sys::open_file(file, O_RDONLY);
  if (!fd && fd.error().os_errno == ENOENT) {
    return UniqueFd();
  }
  return fd;
}

}  // namespace

Result<LogWriter> LogWriter::open(const std::string& file, WallTime now) {
  LogWriter writer;
  CMP_TRY(writer.data_, sys::open_file(file, O_WRONLY | O_CREAT, 0640));
  CMP_TRY(writer.index_, sys::open_file(file + ".idx", O_RDWR | O_CREAT | O_APPEND, 0640));
  CMP_TRY(writer.size_, file_size(writer.data_.get()));
  CMP_TRY(const std::string marks, read_from(writer.index_.get(), 0));
  // Bytes that were moved just before a crash have no mark yet. Their place is known only as "after the last marked
  // chunk began", so they share its time unless nothing was marked at all.
  if (marks.size() < sizeof(Mark) && writer.size_ > 0) {
    CMP_CHECK(append_mark(writer.index_.get(), 0, now));
  }
  return writer;
}

Result<std::uint64_t> LogWriter::drain(int fifo, WallTime now) {
  constexpr std::size_t kChunk = 1U << 20U;
  std::uint64_t moved = 0;
  for (;;) {
    auto offset = static_cast<off_t>(size_);
    const ssize_t got = ::splice(fifo, nullptr, data_.get(), &offset, kChunk, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0 && errno != EAGAIN) {
      return sys_error("move output to the log");
    }
    if (got <= 0) {
      return moved;
    }
    CMP_CHECK(append_mark(index_.get(), size_, now));
    size_ += static_cast<std::uint64_t>(got);
    moved += static_cast<std::uint64_t>(got);
  }
}

Result<std::uint64_t> LogWriter::copy(int controller, WallTime now) {
  std::array<char, 4096> buffer{};
  std::uint64_t moved = 0;
  for (;;) {
    const ssize_t got = ::read(controller, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    // EIO: nobody has the terminal open any more (pty(7)).
    if (got < 0 && errno != EAGAIN && errno != EIO) {
      return sys_error("read the terminal");
    }
    if (got <= 0) {
      return moved;
    }
    const auto count = static_cast<std::size_t>(got);
    if (::pwrite(data_.get(), buffer.data(), count, static_cast<off_t>(size_)) != got) {
      return sys_error("write to the log");
    }
    CMP_CHECK(append_mark(index_.get(), size_, now));
    size_ += count;
    moved += count;
  }
}

LogReader::LogReader(const Paths& paths, const std::string& container) {
  streams_[0].file = paths.log_file(container, "out");
  streams_[1].file = paths.log_file(container, "err");
  streams_[1].is_stderr = true;
}

Status LogReader::load_marks(Stream& stream) {
  CMP_TRY(const std::string text, read_from(stream.index.get(), stream.index_offset));
  for (std::size_t at = 0; at + sizeof(Mark) <= text.size(); at += sizeof(Mark)) {
    Mark mark{};
    std::copy_n(text.data() + at, sizeof mark, reinterpret_cast<char*>(&mark));
    stream.marks.emplace_back(mark.offset, mark.time_ns);
    stream.index_offset += sizeof mark;
  }
  return {};
}

WallTime LogReader::time_at(Stream& stream, std::uint64_t offset) {
  while (stream.marks.size() > 1 && stream.marks[1].first <= offset) {
    stream.marks.erase(stream.marks.begin());
  }
  return stream.marks.empty() ? stream.partial_time : wall_time(stream.marks.front().second);
}

Status LogReader::read_stream(Stream& stream, std::vector<LogLine>& out, bool final) {
  if (!stream.data) {
    CMP_TRY(stream.data, open_if_there(stream.file));
    CMP_TRY(stream.index, open_if_there(stream.file + ".idx"));
  }
  if (!stream.data || !stream.index) {
    stream.data.reset();
    return {};
  }
  // Data first: a mark is written after its bytes, so what has just been read may lack its mark, which then comes with
  // the next call; marks that are too new do no harm.
  CMP_TRY(const std::string text, read_from(stream.data.get(), stream.offset));
  CMP_CHECK(load_marks(stream));
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = std::min(newline, text.size());
    if (stream.partial.empty()) {
      stream.partial_time = time_at(stream, stream.offset + begin);
    }
    stream.partial.append(text, begin, end - begin);
    begin = end + 1;
    if (newline != std::string::npos) {
      out.push_back({stream.partial_time, stream.is_stderr, std::exchange(stream.partial, {}), true});
    }
  }
  stream.offset += text.size();
  if (final && !stream.partial.empty()) {
    out.push_back({stream.partial_time, stream.is_stderr, std::exchange(stream.partial, {}), false});
  }
  return {};
}

Result<std::vector<LogLine>> LogReader::read(bool final) {
  std::vector<LogLine> lines;
  CMP_CHECK(read_stream(streams_[0], lines, final).context(fmt::format("log '{}'", streams_[0].file)));
  const auto middle = static_cast<std::ptrdiff_t>(lines.size());
  CMP_CHECK(read_stream(streams_[1], lines, final).context(fmt::format("log '{}'", streams_[1].file)));
  std::ranges::inplace_merge(lines, lines.begin() + middle, {}, &LogLine::time);
  return lines;
}

}  // namespace cmp::state
