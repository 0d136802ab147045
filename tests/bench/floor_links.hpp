#pragma once
// Bridge and veth pairs for the floor, by raw rtnetlink messages (rtnetlink(7)): no library between us and the kernel.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cmp::bench {

/// A netlink socket of the network namespace it was opened in. A failed request ends the program's process with `what`.
class LinkSocket {
 public:
  LinkSocket();
  LinkSocket(const LinkSocket&) = delete;
  LinkSocket& operator=(const LinkSocket&) = delete;
  ~LinkSocket();

  void add_bridge(const std::string& name, std::uint32_t group);
  /// One message: the pair, its end here up on the bridge, the other end in the namespace of `pid` as eth0.
  void add_veth(const std::string& name, unsigned bridge, pid_t pid, std::uint32_t group);
  void set_up(const std::string& name);
  /// `address` in host byte order.
  void add_address(const std::string& name, std::uint32_t address, std::uint8_t prefix);
  /// All devices of a group at once: the kernel waits for its readers once, not once a device.
  void remove_group(std::uint32_t group);

 private:
  class Message;
  void talk(Message& message, const char* what);
  int fd_ = -1;
  std::uint32_t sequence_ = 0;
};

/// Says why on stderr and exits with 1.
[[noreturn]] void fail(const std::string& what);

}  // namespace cmp::bench
