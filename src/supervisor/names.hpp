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
#include "net/dns_cache.hpp"
#include "net/dns_message.hpp"
#include "net/dns_zone.hpp"
#include "net/filter_rules.hpp"
#include "net/resolv_conf.hpp"
#include "state/record.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::supervisor {

class Names {
 public:
  using Records = std::function<std::vector<const state::ContainerRecord*>()>;
  /// Containers of other projects on the networks of one that are shared; none where none is.
  using Others = std::function<std::vector<state::ContainerRecord>(const state::ContainerRecord& self)>;

  /// Which families' addresses that stand for services lead anywhere on this host.
  using Balances = std::function<bool(net::filter::Family)>;

  /// \param host     the host's resolv.conf
  /// \param records  gives the containers that exist now
  Names(EventLoop& loop, net::ResolvConf host, Records records, Others others, Balances balances);

  /// Serves a container whose PID 1 (or init) is `pid`. A service that declares port 53 as its own keeps it: what is
  /// asked at 127.0.0.11 is led to another port then. Error kConflict: something in there holds port 53 already.
  [[nodiscard]] Status serve(const state::ContainerRecord& record, pid_t pid);
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
    MonotonicTime zone_until;  ///< what others have on a shared network changes without anybody telling
    std::vector<std::string> nameservers;
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
    std::string key;          ///< by which its answer is kept
    std::vector<std::string> nameservers;
    std::size_t nameserver = 0;  ///< the next one to ask
    net::dns::Bytes received;    ///< by TCP so far
    UniqueFd upstream;
    EventLoop::TimerId timer = 0;
  };

  void on_udp(const std::string& container);
  void on_tcp(const std::string& container);
  void on_connection(const std::string& container, int fd);
  void handle(const std::string& container, Server& server, net::dns::BytesView message, net::dns::Transport transport,
              std::vector<char> asker, int connection);
  [[nodiscard]] const net::dns::Zone& zone_of(const std::string& container, Server& server);
  void forward(const std::shared_ptr<Forwarded>& query);
  [[nodiscard]] bool ask(const std::shared_ptr<Forwarded>& query);
  void on_upstream(const std::shared_ptr<Forwarded>& held, std::uint32_t events);
  void on_upstream_datagram(const std::shared_ptr<Forwarded>& query);
  void on_upstream_stream(const std::shared_ptr<Forwarded>& query, std::uint32_t events);
  void take_answer(const std::shared_ptr<Forwarded>& query, net::dns::BytesView message);
  void next_nameserver(const std::shared_ptr<Forwarded>& query);
  void reply(const std::string& container, const net::dns::Bytes& message, const std::vector<char>& asker,
             int connection);
  void close_connection(Server& server, int fd);
  void forget(const Forwarded& query);

  EventLoop& loop_;
  net::ResolvConf host_;
  Records records_;
  Others others_;
  Balances balances_;
  net::dns::Cache cache_;
  std::map<std::string, std::unique_ptr<Server>> servers_;
  std::map<int, std::shared_ptr<Forwarded>> forwarded_;  ///< by upstream descriptor
};

/// What one container may know. Names with a search domain behind them are ours too, whether they stand for anything
/// now or not: they never go outside. A service's names stand for its virtual address where it has one and that leads
/// somewhere; tasks.NAME stands for its containers then. Pure but for `balances`.
[[nodiscard]] net::dns::Zone make_zone(const state::ContainerRecord& self,
                                       const std::vector<const state::ContainerRecord*>& all,
                                       const std::vector<std::string>& search, const Names::Balances& balances);

}  // namespace cmp::supervisor
