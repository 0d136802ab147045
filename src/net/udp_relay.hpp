#pragma once
// A published UDP port in user space. A state machine for somebody else's event loop, as Forward is for TCP.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "net/socket_address.hpp"

namespace cmp::net {

/// Datagrams of each client go to the container from a socket of that client's own, so that answers find their way
/// back; they come from the address the client wrote to. A client that is silent both ways for kIdle is forgotten; when
/// there are kMostClients, a new one takes the place of the one silent longest.
class UdpRelay {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kIdle{90};
  static constexpr std::size_t kMostClients = 1024;

  /// `published` is a socket of bind_published(…, kUdp).
  UdpRelay(UniqueFd published, const SocketAddress& upstream);

  /// The published socket, as on_ready() knows it.
  [[nodiscard]] int published_fd() const { return published_.get(); }

  /// Every descriptor to watch for EPOLLIN, sorted.
  [[nodiscard]] std::vector<int> descriptors() const;
  /// Goes on after epoll reported something for one of them; at most 64 datagrams. Returns the descriptors to watch
  /// from now on in addition. Those no longer needed are closed, and so leave epoll by themselves.
  std::vector<int> on_ready(int fd, Time now);
  /// Forgets clients that were silent for too long.
  void expire(Time now);
  /// When expire() has something to do next; nothing without clients.
  [[nodiscard]] std::optional<Time> next_expiry() const;

 private:
  struct Client {
    UniqueFd socket;      ///< connected to the container
    std::string address;  ///< the client's, as the kernel gave it
    std::string local;    ///< control message that makes the answer come from where the client wrote to
    Time last_used;
  };

  std::vector<int> take_requests(Time now);
  void pass_answers(Client& client, Time now);
  [[nodiscard]] Client* find_or_add(const std::string& address, const std::string& local, Time now,
                                    std::vector<int>& added);
  void forget(std::map<int, Client>::iterator client);

  UniqueFd published_;
  SocketAddress upstream_;
  std::map<int, Client> clients_;             ///< by descriptor
  std::map<std::string, int> descriptor_of_;  ///< by address and local part
  std::vector<char> buffer_;
};

}  // namespace cmp::net
