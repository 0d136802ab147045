#include "transfer/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

namespace cmp::transfer {

namespace {

constexpr std::size_t kBuffer = 1U << 20U;

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

std::vector<std::pair<std::string, std::string>> attributes_of(archive_entry* entry) {
  std::vector<std::pair<std::string, std::string>> attributes;
  archive_entry_xattr_reset(entry);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    attributes.emplace_back(name, std::string(static_cast<const char*>(value), size));
  }
  return attributes;
}

EntryKind kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) {
    return EntryKind::kHardLink;
  }
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return EntryKind::kFile;
    case AE_IFDIR:
      return EntryKind::kDirectory;
    case AE_IFLNK:
      return EntryKind::kSymbolicLink;
    case AE_IFCHR:
    case AE_IFBLK:
    case AE_IFIFO:
      return EntryKind::kNode;
    default:
      return EntryKind::kOther;
  }
}

Entry entry_of(archive_entry* raw) {
  Entry entry;
  entry.kind = kind_of(raw);
  entry.name = text_of(archive_entry_pathname(raw));
  entry.target =
      entry.kind == EntryKind::kHardLink ? text_of(archive_entry_hardlink(raw)) : text_of(archive_entry_symlink(raw));
  entry.type = archive_entry_filetype(raw);
  entry.device = archive_entry_rdev(raw);
  entry.size = archive_entry_size_is_set(raw) != 0 ? static_cast<std::uint64_t>(archive_entry_size(raw)) : 0;
  entry.metadata.mode = archive_entry_perm(raw) & 07777U;
  entry.metadata.uid = static_cast<uid_t>(archive_entry_uid(raw));
  entry.metadata.gid = static_cast<gid_t>(archive_entry_gid(raw));
  entry.metadata.modified = {.tv_sec = archive_entry_mtime(raw), .tv_nsec = archive_entry_mtime_nsec(raw)};
  entry.metadata.attributes = attributes_of(raw);
  return entry;
}

Status write_at(int file, const void* data, std::size_t size, off_t offset) {
  const char* rest = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::pwrite(file, rest, size, offset);
    if (written < 0 && errno != EINTR) {
      return sys_error("write");
    }
    if (written > 0) {
      rest += written;
      size -= static_cast<std::size_t>(written);
      offset += written;
    }
  }
  return {};
}

}  // namespace

ArchiveReader::ArchiveReader(int fd, std::function<Status(const void*, std::size_t)> seen)
    : fd_(fd), seen_(std::move(seen)), buffer_(kBuffer), archive_(archive_read_new()) {}

ArchiveReader::~ArchiveReader() {
  archive_read_free(archive_);
}

ssize_t ArchiveReader::on_read(archive* reader, void* self, const void** data) {
  auto& me = *static_cast<ArchiveReader*>(self);
  ssize_t got = 0;
  do {
    got = ::read(me.fd_, me.buffer_.data(), me.buffer_.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    me.error_ = sys_error("read archive");
  } else if (Status seen = me.seen_(me.buffer_.data(), static_cast<std::size_t>(got)); !seen) {
    me.error_ = std::move(seen).error();
  }
  if (me.error_) {
    archive_set_error(reader, EIO, "read");
    return -1;
  }
  *data = me.buffer_.data();
  return got;
}

Error ArchiveReader::failure(std::string_view what) {
  if (error_) {
    return *error_;
  }
  const char* why = archive_error_string(archive_);
  return make_error(Code::kInvalid, fmt::format("{}: {}", what, why == nullptr ? "unknown reason" : why));
}

Status ArchiveReader::open() {
  archive_read_support_format_tar(archive_);
  archive_read_support_format_empty(archive_);
  archive_read_support_filter_none(archive_);
  if (archive_read_open(archive_, this, nullptr, on_read, nullptr) != ARCHIVE_OK) {
    return failure("it is no tar archive");
  }
  return {};
}

Result<std::optional<Entry>> ArchiveReader::next() {
  archive_entry* raw = nullptr;
  const int code = archive_read_next_header(archive_, &raw);
  if (code == ARCHIVE_EOF) {
    return std::optional<Entry>();
  }
  // A warning is about something like the character set of a name; the name's bytes are there.
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
    return failure("damaged archive");
  }
  Entry entry = entry_of(raw);
  size_ = entry.size;
  return std::optional<Entry>(std::move(entry));
}

Status ArchiveReader::extract(int file) {
  const void* data = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  std::uint64_t end = 0;
  for (;;) {
    const int code = archive_read_data_block(archive_, &data, &size, &offset);
    if (code == ARCHIVE_EOF) {
      break;
    }
    if (code != ARCHIVE_OK) {
      return failure("damaged archive");
    }
    CMP_CHECK(write_at(file, data, size, offset));
    end = static_cast<std::uint64_t>(offset) + size;
  }
  // A hole at the end.
  if (end < size_ && ::ftruncate(file, static_cast<off_t>(size_)) != 0) {
    return sys_error("set size");
  }
  return {};
}

Status ArchiveReader::drain() {
  const void* data = nullptr;
  while (!error_ && on_read(archive_, this, &data) > 0) {
  }
  return error_ ? Status(*error_) : Status();
}

}  // namespace cmp::transfer
