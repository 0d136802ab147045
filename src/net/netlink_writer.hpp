#pragma once
// Writes netlink messages and their attributes (netlink(7)), for messages libnl knows nothing about.

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace cmp::net {

/// Appends to bytes that belong to somebody else. Attributes are padded to four bytes, as the kernel wants them.
class NetlinkWriter {
 public:
  explicit NetlinkWriter(std::vector<unsigned char>& bytes) : bytes_(bytes) {}

  void raw(const void* data, std::size_t size) {
    const auto* start = static_cast<const unsigned char*>(data);
    bytes_.insert(bytes_.end(), start, start + size);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }

  /// An attribute of bytes.
  void put(int type, const void* data, std::size_t size) {
    const nlattr header{static_cast<std::uint16_t>(sizeof(nlattr) + size), static_cast<std::uint16_t>(type)};
    raw(&header, sizeof header);
    raw(data, size);
  }

  /// A string with its final zero.
  void put_text(int type, std::string_view text) {
    std::vector<char> bytes(text.begin(), text.end());
    bytes.push_back('\0');
    put(type, bytes.data(), bytes.size());
  }

  /// A number in network byte order, as everything nf_tables says is.
  void put_number(int type, std::uint32_t value) {
    const std::uint32_t swapped = __builtin_bswap32(value);
    put(type, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? &swapped : &value, sizeof value);
  }

  /// What `fill` writes is inside of an attribute.
  template <typename Fill>
  void nest(int type, Fill fill) {
    const std::size_t start = bytes_.size();
    const nlattr header{0, static_cast<std::uint16_t>(static_cast<unsigned>(type) | NLA_F_NESTED)};
    raw(&header, sizeof header);
    fill();
    const auto length = static_cast<std::uint16_t>(bytes_.size() - start);
    std::memcpy(&bytes_[start], &length, sizeof length);
  }

 private:
  std::vector<unsigned char>& bytes_;
};

}  // namespace cmp::net
