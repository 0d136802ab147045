#pragma once
// A directory tree as a tar archive: everything is opened without following links, beneath the directory it was found
// in, however the tree is changed meanwhile.

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

struct archive;
struct archive_entry;

namespace cmp::transfer {

/// What lies elsewhere and is mounted in the tree.
enum class Mounted {
  kIncluded,
  kEmpty,  ///< an empty file or directory stands for it
};

class TreeArchive {
 public:
  /// Writes to the descriptor, which stays the caller's.
  TreeArchive(int fd, Mounted mounted);
  ~TreeArchive();
  TreeArchive(const TreeArchive&) = delete;
  TreeArchive& operator=(const TreeArchive&) = delete;

  /// What `fd` is (O_PATH will do), under this name; with "" what is in the directory, without itself.
  [[nodiscard]] Status add(int fd, const std::string& name);
  [[nodiscard]] Status finish();

 private:
  [[nodiscard]] Status add_found(int fd, const struct stat& info, const std::string& name);
  [[nodiscard]] Status add_children(int fd, const std::string& name);
  [[nodiscard]] Status add_content(int fd, std::uint64_t size);
  [[nodiscard]] Status write(std::string_view data);
  [[nodiscard]] Error failure();

  archive* archive_;
  Mounted mounted_;
  bool failed_ = false;
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;  ///< files with several names, by their first one
};

}  // namespace cmp::transfer
