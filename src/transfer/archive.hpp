#pragma once
// Reading tar archives: the only user of libarchive. Names and texts are the archive's bytes.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "transfer/layer_tree.hpp"

struct archive;
struct archive_entry;

namespace cmp::transfer {

enum class EntryKind { kFile, kDirectory, kSymbolicLink, kHardLink, kNode, kOther };

struct Entry {
  EntryKind kind = EntryKind::kOther;
  std::string name;
  std::string target;  ///< of links
  mode_t type = 0;     ///< S_IF* of a node
  dev_t device = 0;    ///< of a node
  std::uint64_t size = 0;
  Metadata metadata;
};

class ArchiveReader {
 public:
  /// Reads the archive from a descriptor. `seen` is called with every byte, in order, those behind the archive's end
  /// included.
  ArchiveReader(int fd, std::function<Status(const void* data, std::size_t size)> seen);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  [[nodiscard]] Status open();
  /// The next entry; nothing at the end.
  [[nodiscard]] Result<std::optional<Entry>> next();
  /// The content of the current entry into a file, holes left out. Errors name neither.
  [[nodiscard]] Status extract(int file);
  /// Reads what comes behind the last entry.
  [[nodiscard]] Status drain();

 private:
  static ssize_t on_read(archive* reader, void* self, const void** data);
  [[nodiscard]] Error failure(std::string_view what);

  int fd_;
  std::function<Status(const void*, std::size_t)> seen_;
  std::vector<char> buffer_;
  std::optional<Error> error_;  ///< of the read callback
  archive* archive_ = nullptr;
  std::uint64_t size_ = 0;  ///< of the current entry
};

}  // namespace cmp::transfer
