#pragma once
// Where an image on disk is read from: a directory, or an archive, whose members are copied into a directory of the
// store first. Only regular files are read, beneath the directory (CVE-2026-53489).

#include <map>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"

namespace cmp::transfer {

class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  Files(Files&&) = delete;
  Files& operator=(Files&&) = delete;
  virtual ~Files() = default;

  /// kNotFound: there is no such file.
  [[nodiscard]] virtual Result<UniqueFd> open(const std::string& name) const = 0;
  [[nodiscard]] Result<std::string> read(const std::string& name, std::size_t limit_bytes) const;
};

/// The directory of an `oci:` reference, or the archive of the other two.
[[nodiscard]] Result<std::unique_ptr<Files>> open_files(const image::Store& store, const image::Reference& reference);

}  // namespace cmp::transfer
