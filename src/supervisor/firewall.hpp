#pragma once
// Keeps the kernel's packet filter as the project's networks and containers need it, one transaction a change; lets the
// host forward from and to our bridges, and nothing else for our sake. Without nf_tables networks reach nothing
// outside, and the loop forwards published ports.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/context.hpp"
#include "net/filter_rules.hpp"
#include "net/filter_watch.hpp"
#include "net/forwarding_watch.hpp"
#include "net/packet_filter.hpp"
#include "state/record.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::supervisor {

class Firewall {
 public:
  using Records = std::function<std::vector<const state::ContainerRecord*>()>;
  using Notice = std::function<void(const std::string&)>;

  /// \param notice  told once what cannot be had on this host
  Firewall(EventLoop& loop, engine::Context& context, Records records, Notice notice);

  /// Brings the filter to what the records say now, and then lets bridges forward. Without networks nothing of ours is
  /// left in it. A host without nf_tables is no error, but a notice.
  [[nodiscard]] Status update();
  /// The same a moment later, once for everything that happens until then.
  void update_soon();
  /// Whether an address that stands for a service leads to its containers here.
  [[nodiscard]] bool balances(net::filter::Family family) const;

 private:
  [[nodiscard]] bool usable();
  [[nodiscard]] Status apply(const std::vector<net::filter::Filter>& wanted);
  [[nodiscard]] Status place_services(const std::vector<net::filter::Filter>& before,
                                      const std::vector<net::filter::Filter>& wanted);
  [[nodiscard]] Status let_forward(const std::vector<state::NetworkRecord>& networks);
  [[nodiscard]] Status let_forward6(const std::vector<state::NetworkRecord>& networks,
                                    const std::vector<net::Uplink>& uplinks);
  [[nodiscard]] Status stop_forwarding();
  [[nodiscard]] Status remove_guards();
  [[nodiscard]] Status remove_leftovers();
  [[nodiscard]] Status keep_apart();
  void on_forwarding_news();
  void on_filter_news();
  void look_at_others();
  [[nodiscard]] bool lets_through(const net::ForeignChain& chain);
  [[nodiscard]] bool forwards(net::filter::Family family) const;
  void watch();

  EventLoop& loop_;
  engine::Context& context_;
  Records records_;
  Notice notice_;
  std::optional<net::PacketFilter> door_;
  std::optional<net::ForwardingWatch> watch_;
  std::optional<net::FilterWatch> filter_watch_;
  bool looked_ = false;             ///< whether an earlier supervisor has left something
  std::set<std::string> dropping_;  ///< families in which somebody else's chain drops what is forwarded from or to us
  std::set<std::string> told_;      ///< which chains those are
  bool forwards6_ = false;          ///< IPv6, between our bridges' containers at least
  bool refused_ = false;            ///< this kernel has no nf_tables, and that was told
  std::vector<net::filter::Filter> applied_;
  std::vector<std::string> forwarding_;  ///< bridges that were let forward
  std::set<std::string> guarded_;        ///< devices of the host that this supervisor has let forward
  EventLoop::TimerId soon_ = 0;
  EventLoop::TimerId look_ = 0;
};

}  // namespace cmp::supervisor
