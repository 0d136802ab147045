#pragma once
// A layer being unpacked. Every name is resolved anew from the layer's root and beneath it (openat2, RESOLVE_IN_ROOT),
// the last component is never followed, and owner, mode and attributes are set through the descriptor of what was just
// made: nothing in an archive reaches a file outside (security.md R3).

#include <sys/types.h>

#include <ctime>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::transfer {

struct Metadata {
  mode_t mode = 0644;  ///< permissions, set-id and sticky bits
  uid_t uid = 0;
  gid_t gid = 0;
  timespec modified{};
  std::vector<std::pair<std::string, std::string>> attributes;  ///< extended ones, as the archive has them
};

/// The components of an archive's name: "./usr//bin/" is usr, bin; "/" is none. kInvalid: it has "..", a NUL or more
/// components than a layer may have.
[[nodiscard]] Result<std::vector<std::string>> components_of(std::string_view name);

/// True for the extended attributes that an image may set: capabilities of files and the user's, overlay's aside.
[[nodiscard]] bool may_have_attribute(std::string_view name);

class LayerTree {
 public:
  /// `root` is an empty directory.
  [[nodiscard]] static Result<LayerTree> open(const std::string& root);

  /// An open directory, which may hold anything.
  [[nodiscard]] static Result<LayerTree> at(int directory);

  // Each one replaces what has the name, except that a directory keeps what is in it.

  [[nodiscard]] Status directory(std::string_view name, const Metadata& metadata);
  /// \returns the new file, to be written; finish_file() comes next.
  [[nodiscard]] Result<UniqueFd> file(std::string_view name);
  [[nodiscard]] static Status finish_file(int fd, const Metadata& metadata);
  [[nodiscard]] Status symbolic_link(std::string_view name, const std::string& target, const Metadata& metadata);
  /// `target` is a name in this layer. Its metadata stays as it is.
  [[nodiscard]] Status hard_link(std::string_view name, std::string_view target);
  /// A FIFO, or one of the devices that harm nobody (null, zero, full, random, urandom, tty).
  [[nodiscard]] Status node(std::string_view name, mode_t type, dev_t device, const Metadata& metadata);
  /// Hides what lower layers have there: overlayfs' character device 0/0.
  [[nodiscard]] Status whiteout(std::string_view directory, const std::string& name);
  /// Hides everything that lower layers have in the directory.
  [[nodiscard]] Status opaque(std::string_view directory);

  /// Times of directories, which change while they are filled.
  [[nodiscard]] Status finish();

 private:
  /// A directory and a name in it.
  struct Place {
    UniqueFd parent;
    std::string name;
    std::string path;  ///< normal form, for messages and sets
  };

  [[nodiscard]] Result<Place> place(std::string_view name);
  [[nodiscard]] Result<UniqueFd> parent_directory(const std::string& path);
  [[nodiscard]] Status set_opaque(int fd, const std::string& path);
  [[nodiscard]] Status remove_whiteouts(int directory);

  UniqueFd root_;
  std::set<std::string> hidden_;  ///< paths that a whiteout of this layer names
  std::set<std::string> opaque_;
  std::vector<std::pair<std::string, timespec>> times_;
};

}  // namespace cmp::transfer
