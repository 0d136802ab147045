#include "base/sha256.hpp"

#include <sha256.h>
#include <sys/types.h>

#include <array>
#include <cstdint>

namespace cmp {

std::string sha256_hex(std::string_view data) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  SHA256Data(reinterpret_cast<const std::uint8_t*>(data.data()), data.size(), text.data());
  return text.data();
}

}  // namespace cmp
