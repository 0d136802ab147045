#pragma once
// The resolver of each container at 127.0.0.11: sockets in its network namespace, served by the supervisor's loop. What
// a container may know is the names of the networks it is in; everything with a dot goes to the host's name servers.

#include <netinet/in.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "net/dns_message.hpp"
#include "net/dns_zone.hpp"
#include "state/record.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::supervisor {

class Names {
 public:
  /// \param records  gives the containers that exist now
  Names(EventLoop& loop, std::vector<std::string> nameservers,
        std::function<std::vector<const state::ContainerRecord*>()> records);

  /// Serves a container whose PID 1 (or init) is `pid`. Error kConflict: something in there holds port 53 already.
  [[nodiscard]] Status serve(const std::string& container, pid_t pid);
  void stop(const std::string& container);
  /// Containers or addresses have changed: zones are built anew when they are next asked for.
  void invalidate();

 private:
  struct Connection {
    UniqueFd fd;
    net::dns::Bytes received;
  };

  struct Server {
    UniqueFd udp, tcp;
    std::unique_ptr<net::dns::Zone> zone;
    std::map<int, Connection> connections;
    std::size_t turn = 0;
  };

  /// A query on its way to a name server of the host.
  struct Forwarded {
    std::string container;
    net::dns::Query query;
    net::dns::Bytes message;
    std::vector<char> asker;  ///< sockaddr of the container's client (UDP), or empty
    int connection = -1;      ///< TCP connection that waits, or -1
    std::size_t nameserver = 0;
    UniqueFd upstream;
    EventLoop::TimerId timer = 0;
  };

  void on_udp(const std::string& container);
  void on_tcp(const std::string& container);
  void on_connection(const std::string& container, int fd);
  void handle(const std::string& container, Server& server, net::dns::BytesView message, net::dns::Transport transport,
              std::vector<char> asker, int connection);
  [[nodiscard]] const net::dns::Zone& zone_of(const std::string& container, Server& server);
  void forward(std::shared_ptr<Forwarded> query);
  void on_upstream(const std::shared_ptr<Forwarded>& held);
  void next_nameserver(const std::shared_ptr<Forwarded>& query);
  void reply(const std::string& container, const net::dns::Bytes& message, const std::vector<char>& asker,
             int connection);
  void close_connection(Server& server, int fd);
  void forget(const Forwarded& query);

  EventLoop& loop_;
  std::vector<std::string> nameservers_;
  std::function<std::vector<const state::ContainerRecord*>()> records_;
  std::map<std::string, std::unique_ptr<Server>> servers_;
  std::map<int, std::shared_ptr<Forwarded>> forwarded_;  ///< by upstream descriptor
};

/// What one container may know. Pure.
[[nodiscard]] net::dns::Zone make_zone(const state::ContainerRecord& self,
                                       const std::vector<const state::ContainerRecord*>& all);

}  // namespace cmp::supervisor
