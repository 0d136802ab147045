#include "transfer/hash.hpp"

#include <array>

#include <fmt/core.h>

#include <openssl/evp.h>

namespace cmp::transfer {

Hasher::Hasher() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Hasher::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

void Hasher::update(const void* data, std::size_t size) {
  EVP_DigestUpdate(context_.get(), data, size);
  size_ += size;
}

image::Digest Hasher::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context_.get(), bytes.data(), &length);
  image::Digest digest;
  for (unsigned at = 0; at < length; ++at) {
    digest.hex += fmt::format("{:02x}", bytes.at(at));
  }
  return digest;
}

}  // namespace cmp::transfer
