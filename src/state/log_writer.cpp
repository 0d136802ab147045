#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include <fmt/core.h>

#include "state/log_files.hpp"
#include "state/log_store.hpp"
#include "sys/file.hpp"

namespace cmp::state {

namespace {

Result<std::uint64_t> file_size(int fd) {
  struct stat info {};

  if (::fstat(fd, &info) != 0) {
    return sys_error("stat");
  }
  return static_cast<std::uint64_t>(info.st_size);
}

Status append_mark(int index, std::uint64_t offset, WallTime time) {
  const log::Mark mark{offset, static_cast<std::uint64_t>(time.time_since_epoch().count())};
  return sys::write_all(index, {reinterpret_cast<const char*>(&mark), sizeof mark});
}

Status rename_if_there(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
    return sys_error(fmt::format("rename '{}'", from));
  }
  return {};
}

bool has_input(int fd) {
  pollfd item{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&item, 1, 0) > 0 && (item.revents & POLLIN) != 0;
}

/// Every file of the log becomes one older; the oldest is overwritten. Data before index: what a crash leaves in
/// between is an index whose file has gone ahead, which open() sends after it.
Status age(const std::string& file, int files) {
  for (int number = files - 1; number > 0; --number) {
    const std::string from = log::generation(file, number - 1), to = log::generation(file, number);
    CMP_CHECK(rename_if_there(from, to));
    CMP_CHECK(rename_if_there(log::index_of(from), log::index_of(to)));
  }
  if (files <= 1 && (::unlink(file.c_str()) != 0 || ::unlink(log::index_of(file).c_str()) != 0)) {
    return sys_error(fmt::format("remove '{}'", file));
  }
  return {};
}

}  // namespace

Result<LogWriter> LogWriter::open(const std::string& file, const LogBounds& bounds, WallTime now) {
  LogWriter writer;
  writer.file_ = file;
  writer.bounds_ = bounds;
  if (!sys::exists(file) && bounds.files > 1) {
    CMP_CHECK(rename_if_there(log::index_of(file), log::index_of(log::generation(file, 1))));
  }
  CMP_CHECK(writer.open_files(now));
  return writer;
}

Status LogWriter::open_files(WallTime now) {
  CMP_TRY(data_, sys::open_file(file_, O_WRONLY | O_CREAT, 0640));
  CMP_TRY(index_, sys::open_file(log::index_of(file_), O_RDWR | O_CREAT | O_APPEND, 0640));
  CMP_TRY(size_, file_size(data_.get()));
  CMP_TRY(const std::string marks, log::read_from(index_.get(), 0));
  // Bytes that were moved just before a crash have no mark yet. Their place is known only as "after the last marked
  // chunk began", so they share its time unless nothing was marked at all.
  if (marks.size() < sizeof(log::Mark) && size_ > 0) {
    CMP_CHECK(append_mark(index_.get(), 0, now));
  }
  return {};
}

Result<std::size_t> LogWriter::room(int from, WallTime now) {
  constexpr std::uint64_t kChunk = 1U << 20U;
  if (bounds_.max_bytes == 0) {
    return kChunk;
  }
  if (size_ >= bounds_.max_bytes) {
    if (!has_input(from)) {
      return 0;  // a full file stays the current one until there is something for the next
    }
    CMP_CHECK(age(file_, bounds_.files));
    CMP_CHECK(open_files(now));
  }
  return std::min(kChunk, bounds_.max_bytes - size_);
}

Status LogWriter::took(std::size_t bytes, WallTime now) {
  CMP_CHECK(append_mark(index_.get(), size_, now));
  size_ += bytes;
  return {};
}

Result<std::uint64_t> LogWriter::drain(int fifo, WallTime now) {
  std::uint64_t moved = 0;
  for (;;) {
    CMP_TRY(const std::size_t most, room(fifo, now));
    if (most == 0) {
      return moved;
    }
    auto offset = static_cast<off_t>(size_);
    const ssize_t got = ::splice(fifo, nullptr, data_.get(), &offset, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0 && errno != EAGAIN) {
      return sys_error("move output to the log");
    }
    if (got <= 0) {
      return moved;
    }
    CMP_CHECK(took(static_cast<std::size_t>(got), now));
    moved += static_cast<std::uint64_t>(got);
  }
}

Result<std::uint64_t> LogWriter::copy(int controller, WallTime now) {
  std::array<char, 4096> buffer{};
  std::uint64_t moved = 0;
  for (;;) {
    CMP_TRY(const std::size_t most, room(controller, now));
    if (most == 0) {
      return moved;
    }
    const ssize_t got = ::read(controller, buffer.data(), std::min(most, buffer.size()));
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
    CMP_CHECK(took(count, now));
    moved += count;
  }
}

Status remove_log(const std::string& file) {
  for (int number = 0;; ++number) {
    const std::string path = log::generation(file, number);
    const bool there = sys::exists(path) || sys::exists(log::index_of(path));
    CMP_CHECK(sys::remove_tree(path));
    CMP_CHECK(sys::remove_tree(log::index_of(path)));
    if (!there && number > 0) {
      return {};
    }
  }
}

}  // namespace cmp::state
