// Who holds a port: the kernel's socket tables give the socket's inode, /proc/PID/fd the process that has it open.

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <set>

#include <fmt/core.h>

#include "base/words.hpp"
#include "net/published.hpp"
#include "sys/file.hpp"

namespace cmp::net {

namespace {

template <typename T>
bool read_number(std::string_view text, int base, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end == text.data() + text.size();
}

/// The kernel prints each 32-bit word of an address as a number of the host's own byte order.
bool read_address(std::string_view hex, std::string& bytes) {
  constexpr std::size_t kDigits = 8;
  for (std::size_t at = 0; at < hex.size(); at += kDigits) {
    std::uint32_t word = 0;
    if (!read_number(hex.substr(at, kDigits), 16, word)) {
      return false;
    }
    std::array<char, sizeof word> raw{};
    std::memcpy(raw.data(), &word, sizeof word);
    bytes.append(raw.data(), raw.size());
  }
  return bytes.size() == 4 || bytes.size() == 16;
}

bool is_wildcard(const std::string& address) {
  return std::ranges::all_of(address, [](char c) { return c == '\0'; });
}

std::string address_bytes(const std::string& ip) {
  std::array<char, 16> raw{};
  if (::inet_pton(AF_INET6, ip.c_str(), raw.data()) == 1) {
    return {raw.data(), 16};
  }
  return ::inet_pton(AF_INET, ip.c_str(), raw.data()) == 1 ? std::string(raw.data(), 4) : std::string(4, '\0');
}

/// What the symbolic links in /proc/PID/fd of the sockets that keep the port say: "socket:[INODE]".
std::set<std::string> holding_sockets(const std::string& ip, std::uint16_t port, Protocol protocol) {
  const std::string wanted = address_bytes(ip);
  std::set<std::string> sockets;
  for (const char* family : {"", "6"}) {
    const auto text = sys::read_file(fmt::format("/proc/thread-self/net/{}{}", protocol_name(protocol), family));
    for (const SocketEntry& entry : text ? parse_socket_table(*text, protocol) : std::vector<SocketEntry>{}) {
      if (entry.holds_port && entry.port == port && addresses_collide(entry.local, wanted)) {
        sockets.insert(fmt::format("socket:[{}]", entry.inode));
      }
    }
  }
  return sockets;
}

bool has_open(const std::string& pid, const std::set<std::string>& sockets) {
  const std::string directory = fmt::format("/proc/{}/fd", pid);
  const auto names = sys::list_directory(directory);
  // A process that ended meanwhile, or that we may not look into, has no names here.
  return names && std::ranges::any_of(*names, [&](const std::string& name) {
           std::array<char, 64> target{};
           const ssize_t size = ::readlink(fmt::format("{}/{}", directory, name).c_str(), target.data(), target.size());
           return size > 0 && sockets.contains(std::string(target.data(), static_cast<std::size_t>(size)));
         });
}

/// A supervisor or guardian of another run directory says in its title whose it is: "cmp:[supervisor shop]".
std::string project_of(const std::string& pid) {
  const std::string title = sys::read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("");
  const auto begin = title.starts_with("cmp:[") ? title.find(' ') : std::string::npos;
  const auto end = title.rfind(']');
  return begin == std::string::npos || end == std::string::npos ? "" : title.substr(begin + 1, end - begin - 1);
}

std::string describe_process(const std::string& pid) {
  if (const std::string project = project_of(pid); !project.empty()) {
    return fmt::format("cmp's project '{}' (pid {})", project, pid);
  }
  std::string name = sys::read_file(fmt::format("/proc/{}/comm", pid)).value_or("?\n");
  name.pop_back();
  return fmt::format("{} (pid {})", name, pid);
}

}  // namespace

std::vector<SocketEntry> parse_socket_table(std::string_view text, Protocol protocol) {
  constexpr std::size_t kLocal = 1;
  constexpr std::size_t kState = 3;
  constexpr std::size_t kInode = 9;
  constexpr std::string_view kListening = "0A";
  std::vector<SocketEntry> entries;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.size() <= kInode) {
      continue;
    }
    SocketEntry entry;
    const std::size_t colon = std::min(words[kLocal].find(':'), words[kLocal].size() - 1);
    if (read_address(words[kLocal].substr(0, colon), entry.local) &&
        read_number(words[kLocal].substr(colon + 1), 16, entry.port) && read_number(words[kInode], 10, entry.inode)) {
      entry.holds_port = protocol == Protocol::kUdp || words[kState] == kListening;
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

bool addresses_collide(const std::string& a, const std::string& b) {
  return a == b || is_wildcard(a) || is_wildcard(b);
}

std::string port_holder(const std::string& ip, std::uint16_t port, Protocol protocol) {
  const auto sockets = holding_sockets(ip, port, protocol);
  const auto names = sockets.empty() ? std::vector<std::string>{} : sys::list_directory("/proc").value_or({});
  for (const std::string& name : names) {
    int pid = 0;
    if (read_number(name, 10, pid) && has_open(name, sockets)) {
      return describe_process(name);
    }
  }
  return "";
}

}  // namespace cmp::net
