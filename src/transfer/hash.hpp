#pragma once
// SHA-256 of a stream, with the processor's instructions for it: everything that comes in is hashed on its way.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "image/digest.hpp"

struct evp_md_ctx_st;

namespace cmp::transfer {

class Hasher {
 public:
  Hasher();

  void update(const void* data, std::size_t size);

  /// How many bytes it was given.
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// The digest of all of them; nothing may be added afterwards.
  [[nodiscard]] image::Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };

  std::unique_ptr<evp_md_ctx_st, Free> context_;
  std::uint64_t size_ = 0;
};

}  // namespace cmp::transfer
