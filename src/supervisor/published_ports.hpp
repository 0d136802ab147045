#pragma once
// Published ports through the supervisor's loop: bound before anything starts, so that a conflict is found while
// nothing has happened; connections go to a running container of the service.

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/project.hpp"
#include "net/forwarder.hpp"
#include "net/udp_relay.hpp"
#include "state/record.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::supervisor {

class PublishedPorts {
 public:
  struct Site {
    /// Gives the containers that exist now.
    std::function<std::vector<const state::ContainerRecord*>()> records;
    /// Who of another project publishes a port: "project 'shop', service 'web'", or "".
    std::function<std::string(const state::PublishedPort&)> neighbours;
    /// Keeps a socket beyond this process's life: nobody is refused while a new supervisor is on its way.
    std::function<void(const std::string& name, int fd)> hold;
    std::function<void(const std::string& name)> drop;
  };

  PublishedPorts(EventLoop& loop, Site site) : loop_(loop), site_(std::move(site)) {}

  /// The sockets that an earlier supervisor has had held, by name; bind() takes them instead of new ones.
  void inherit(std::map<std::string, UniqueFd>& held);
  /// Gives up those that nobody has taken.
  void forget_inherited();
  /// Name and descriptor of each socket.
  [[nodiscard]] std::map<std::string, int> sockets() const;

  /// Binds what `service` publishes and is not bound yet. \returns the host's side of each, in the service's order;
  /// what is on every address has two, IPv4's and IPv6's, unless the host has no IPv6 or somebody else the port there.
  /// Errors name the holder and the place in the file; what was bound by this call is released again.
  [[nodiscard]] Result<std::vector<state::PublishedPort>> bind(const model::Service& service);
  /// Gives up what no container of the set publishes that runs, will run again by itself, or waits for its start.
  void keep_only(const std::vector<const state::ContainerRecord*>& containers);

 private:
  struct Key {
    std::string service, host_ip, published, protocol;
    std::uint16_t target = 0;
    bool twin = false;  ///< the IPv6 side of a port on every address
    friend auto operator<=>(const Key&, const Key&) = default;
    /// "listen/tcp/127.0.0.1/8080/80/web": unlike the name of any container.
    [[nodiscard]] std::string name() const;
  };

  struct Listener {
    UniqueFd fd;
    state::PublishedPort shown;
    SourcePos where;                       ///< in the file
    std::unique_ptr<net::UdpRelay> relay;  ///< udp: to `relay_target`
    net::SocketAddress relay_target;
    EventLoop::TimerId expiry = 0;
    std::size_t turn = 0;
    int at_once = 1;  ///< connections that are accepted before others get their turn
    int alone = 0;    ///< so many more are taken to come one after the other
  };

  [[nodiscard]] Result<state::PublishedPort> bind_one(const Key& key, const model::Port& port);
  [[nodiscard]] std::string publisher(const state::PublishedPort& port) const;
  void show(const Key& key, std::vector<state::PublishedPort>& shown) const;
  void bind_ipv6_too(const Key& key, const model::Port& port, int number);
  [[nodiscard]] static Key twin_of(Key key);
  void on_connection(const Key& key);
  void on_datagram(const Key& key, int fd);
  void aim_relay(const Key& key, Listener& listener);
  void arm_expiry(const Key& key, Listener& listener);
  void watch_relay(const Key& key, const std::vector<int>& fds);

  /// A connection and what its two descriptors are watched for.
  struct Connection {
    net::Forward forward;
    std::array<std::uint32_t, 2> watched{};
  };

  [[nodiscard]] bool accept_one(const Key& key, Listener& listener);
  void watch_forward(const std::shared_ptr<Connection>& connection);
  /// A running container of the service, in turn; nothing if there is none.
  [[nodiscard]] std::optional<net::SocketAddress> choose_target(const Key& key, Listener& listener) const;
  void release(const Key& key);

  EventLoop& loop_;
  Site site_;
  std::map<std::string, UniqueFd> inherited_;
  std::map<Key, Listener> listeners_;
};

}  // namespace cmp::supervisor
