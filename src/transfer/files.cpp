#include "transfer/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/in_root.hpp"
#include "transfer/archive.hpp"
#include "transfer/decompress.hpp"

namespace cmp::transfer {

namespace {

constexpr std::uint64_t kMaxMembers = 10'000;

Error missing(const std::string& where, const std::string& name) {
  return make_error(Code::kNotFound, fmt::format("'{}' has no file '{}'", where, name));
}

class DirectoryFiles : public Files {
 public:
  DirectoryFiles(std::string path, UniqueFd directory) : path_(std::move(path)), directory_(std::move(directory)) {}

  [[nodiscard]] Result<UniqueFd> open(const std::string& name) const override {
    auto file = sys::open_beneath(directory_.get(), name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file) {
      return file.error().os_errno == ENOENT ? missing(path_, name)
                                             : std::move(file).error().context(fmt::format("'{}'", path_));
    }

    struct stat info {};

    if (::fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
      return make_error(Code::kInvalid, fmt::format("'{}': '{}' is no regular file", path_, name));
    }
    return file;
  }

 private:
  std::string path_;
  UniqueFd directory_;
};

/// The members of an archive as unnamed files.
class ArchiveFiles : public Files {
 public:
  ArchiveFiles(std::string path, std::map<std::string, UniqueFd> members)
      : path_(std::move(path)), members_(std::move(members)) {}

  [[nodiscard]] Result<UniqueFd> open(const std::string& name) const override {
    const auto member = members_.find(name);
    if (member == members_.end()) {
      return missing(path_, name);
    }
    // An own position for each reader.
    return sys::open_file(fmt::format("/proc/self/fd/{}", member->second.get()), O_RDONLY);
  }

 private:
  std::string path_;
  std::map<std::string, UniqueFd> members_;
};

std::string normal(const std::vector<std::string>& parts) {
  std::string path;
  for (const std::string& part : parts) {
    path += (path.empty() ? "" : "/") + part;
  }
  return path;
}

/// An archive that can be read from its beginning: a pipe is copied.
Result<UniqueFd> open_archive(const image::Store& store, const std::string& path) {
  CMP_TRY(UniqueFd archive, sys::open_file(path, O_RDONLY));
  if (::lseek(archive.get(), 0, SEEK_CUR) >= 0) {
    return archive;
  }
  CMP_TRY(UniqueFd copy, sys::open_file(store.paths().parts(), O_TMPFILE | O_RDWR, 0600));
  std::vector<char> buffer(1U << 20U);
  for (;;) {
    const ssize_t got = ::read(archive.get(), buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR) {
      return sys_error(fmt::format("read '{}'", path));
    }
    if (got == 0) {
      break;
    }
    CMP_CHECK(sys::write_all(copy.get(), {buffer.data(), static_cast<std::size_t>(got < 0 ? 0 : got)}));
  }
  ::lseek(copy.get(), 0, SEEK_SET);
  return copy;
}

/// Reads the archive once; each member goes to a file that nobody can see and that is gone when we are.
Result<std::map<std::string, UniqueFd>> members_of(const image::Store& store, int archive) {
  std::map<std::string, UniqueFd> members;
  ArchiveReader reader(archive, [](const void*, std::size_t) { return Status(); });
  CMP_CHECK(reader.open());
  for (;;) {
    CMP_TRY(const std::optional<Entry> entry, reader.next());
    if (!entry) {
      return members;
    }
    CMP_TRY(const std::vector<std::string> parts, components_of(entry->name));
    if (entry->kind == EntryKind::kDirectory) {
      continue;
    }
    if (entry->kind != EntryKind::kFile) {
      return make_error(Code::kUnsupported, fmt::format("member '{}' is no regular file", entry->name));
    }
    if (members.size() >= kMaxMembers) {
      return make_error(Code::kInvalid, fmt::format("more than {} members", kMaxMembers));
    }
    CMP_TRY(UniqueFd file, sys::open_file(store.paths().parts(), O_TMPFILE | O_RDWR, 0600));
    CMP_CHECK(reader.extract(file.get()));
    members[normal(parts)] = std::move(file);
  }
}

}  // namespace

Result<std::string> Files::read(const std::string& name, std::size_t limit_bytes) const {
  CMP_TRY(const UniqueFd file, open(name));
  return sys::read_all(file.get(), limit_bytes).context(fmt::format("'{}'", name));
}

Result<std::unique_ptr<Files>> open_files(const image::Store& store, const image::Reference& reference) {
  if (reference.source == image::Source::kOciLayout) {
    CMP_TRY(UniqueFd directory, sys::open_file(reference.path, O_PATH | O_DIRECTORY));
    return std::unique_ptr<Files>(new DirectoryFiles(reference.path, std::move(directory)));
  }
  CMP_TRY(UniqueFd archive, open_archive(store, reference.path));
  CMP_TRY(Unpacked plain, Unpacked::start(std::move(archive)));
  auto members = members_of(store, plain.output());
  const Status packed = plain.finish();
  if (!packed && (members || packed.error().code == Code::kInvalid)) {
    return packed.error();
  }
  if (!members) {
    return std::move(members).error().context(fmt::format("'{}'", reference.path));
  }
  return std::unique_ptr<Files>(new ArchiveFiles(reference.path, *std::move(members)));
}

}  // namespace cmp::transfer
