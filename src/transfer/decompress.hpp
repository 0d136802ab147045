#pragma once
// Decompression in a process of its own, on another core than what is done with its output.

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sys/process.hpp"

namespace cmp::transfer {

/// How a blob is packed, told by its first bytes: what a manifest calls it is often wrong.
enum class Packing { kNone, kGzip, kZstd, kUnknown };

[[nodiscard]] Packing packing_of(std::string_view first_bytes);

/// A blob's content, to be read from `output` until its end; then finish() tells whether it was whole.
class Unpacked {
 public:
  /// Starts at the current position of `blob`. A blob that is not packed is read as it is.
  [[nodiscard]] static Result<Unpacked> start(UniqueFd blob);

  [[nodiscard]] int output() const { return output_.get(); }

  /// Waits for the process. Errors: what was wrong with the packed data.
  [[nodiscard]] Status finish();

 private:
  UniqueFd output_, complaint_;
  sys::Child child_;
};

}  // namespace cmp::transfer
