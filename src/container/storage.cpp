#include "container/storage.hpp"

#include <charconv>

namespace cmp::container {

std::optional<Bytes> storage_size(const model::Service& service) {
  const auto size = service.storage_opt.find("size");
  if (size == service.storage_opt.end()) {
    return std::nullopt;
  }
  Bytes bytes;
  const char* const end = size->second.data() + size->second.size();
  const auto [rest, code] = std::from_chars(size->second.data(), end, bytes.count);
  return code == std::errc() && rest == end && bytes.count > 0 ? std::optional(bytes) : std::nullopt;
}

}  // namespace cmp::container
