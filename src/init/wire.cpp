#include <algorithm>
#include <cstring>

#include <fmt/core.h>

#include "init/init.hpp"

namespace cmp::init {

namespace {

// type, exit code, error code, errno (4 bytes, host order: both ends are one program), then the key, a NUL byte
// and the message.
constexpr std::size_t kHeader = 3 + sizeof(int);
constexpr std::size_t kMaxMessage = 4096;

bool is_known(unsigned char type) {
  return type >= static_cast<unsigned char>(Message::kNamespaces) &&
         type <= static_cast<unsigned char>(Message::kReached);
}

}  // namespace

std::string encode(const Report& report) {
  std::string packet(kHeader, '\0');
  packet[0] = static_cast<char>(report.type);
  packet[1] = static_cast<char>(report.exit_code);
  packet[2] = static_cast<char>(report.error.code);
  std::memcpy(packet.data() + 3, &report.error.os_errno, sizeof(int));
  return packet + report.key + '\0' + report.error.message.substr(0, kMaxMessage);
}

Result<Report> decode(std::string_view packet) {
  if (packet.size() < kHeader || !is_known(static_cast<unsigned char>(packet[0])) ||
      static_cast<unsigned char>(packet[2]) > static_cast<unsigned char>(Code::kInternal)) {
    return make_error(Code::kInternal, fmt::format("init sent {} bytes that are no report", packet.size()));
  }
  Report report;
  report.type = static_cast<Message>(packet[0]);
  report.exit_code = static_cast<unsigned char>(packet[1]);
  report.error.code = static_cast<Code>(packet[2]);
  std::memcpy(&report.error.os_errno, packet.data() + 3, sizeof(int));
  const auto end_of_key = std::min(packet.find('\0', kHeader), packet.size());
  report.key = packet.substr(kHeader, end_of_key - kHeader);
  report.error.message = packet.substr(std::min(end_of_key + 1, packet.size()));
  return report;
}

}  // namespace cmp::init
