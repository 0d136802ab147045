#include "supervisor/firewall.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "engine/firewall.hpp"
#include "net/filter_text.hpp"
#include "sys/file.hpp"

namespace cmp::supervisor {

namespace {

/// Changes that come within this time go in one transaction.
constexpr Nanoseconds kGathering = std::chrono::milliseconds(2);
constexpr Nanoseconds kOthersGathering = std::chrono::milliseconds(200);
constexpr std::string_view kGuardPrefix = "cmp-forwarding-";
constexpr const char* kBridgePrefix = "cmpb";  ///< state::bridge_device

bool is_one(const std::string& file) {
  return sys::read_file(file).value_or("0").starts_with('1');
}

/// net.ipv4.ip_forward: the host is a router anyway.
bool host_forwards() {
  return is_one("/proc/sys/net/ipv4/ip_forward");
}

/// Sorted.
std::vector<net::HostAddress> service_addresses(const std::vector<net::filter::Filter>& filters) {
  std::vector<net::HostAddress> addresses;
  for (const net::filter::Filter& filter : filters) {
    for (const net::filter::FilterService& service : filter.services) {
      addresses.push_back({service.bridge, net::filter::address_text(service.address)});
    }
  }
  std::ranges::sort(addresses);
  return addresses;
}

/// Bridges from which a packet may have to be routed: to outside, or back to the same one from a service's address.
std::vector<std::string> routed_bridges(const std::vector<state::NetworkRecord>& networks,
                                        const std::vector<net::filter::Filter>& filters, bool ipv6) {
  std::set<std::string> bridges;
  for (const state::NetworkRecord& network : networks) {
    if (!network.internal && !network.bridge.empty() && !(ipv6 && network.subnet6.empty())) {
      bridges.insert(network.bridge);
    }
  }
  for (const net::filter::Filter& filter : filters) {
    for (const net::filter::FilterService& service : filter.services) {
      if (!ipv6 || filter.family == net::filter::Family::kIpv6) {
        bridges.insert(service.bridge);
      }
    }
  }
  return {bridges.begin(), bridges.end()};
}

std::string force_forwarding(const std::string& device) {
  return fmt::format("/proc/sys/net/ipv6/conf/{}/force_forwarding", device);
}

bool can_forward6() {
  return is_one("/proc/sys/net/ipv6/conf/all/forwarding") || sys::exists(force_forwarding("lo"));
}

}  // namespace

Firewall::Firewall(EventLoop& loop, engine::Context& context, Records records, Notice notice)
    : loop_(loop), context_(context), records_(std::move(records)), notice_(std::move(notice)) {}

bool Firewall::usable() {
  if (!door_ && !refused_) {
    if (auto door = net::PacketFilter::open()) {
      door_ = *std::move(door);
    } else {
      refused_ = true;
      notice_(fmt::format("networks reach nothing outside: {}", door.error().str()));
    }
  }
  return door_.has_value();
}

void Firewall::update_soon() {
  if (soon_ == 0 && !applied_.empty()) {
    soon_ = loop_.after(kGathering, [this] {
      soon_ = 0;
      if (const Status updated = update(); !updated) {
        notice_(updated.error().str());
      }
    });
  }
}

Status Firewall::update() {
  CMP_TRY(const auto networks, state::read_networks(context_.paths));
  auto wanted =
      engine::filters_of(state::filter_table(context_.paths.roots(), context_.paths.project()), networks, records_());
  if (wanted.empty() && applied_.empty()) {
    return std::exchange(looked_, true) ? Status() : remove_leftovers();
  }
  looked_ = true;
  watch();
  if (!usable()) {
    return {};
  }
  if (applied_.empty()) {
    look_at_others();
  }
  for (net::filter::Filter& filter : wanted) {
    filter.forwards = forwards(filter.family);
  }
  if (wanted != applied_) {
    const Status applied = apply(wanted);
    if (!applied && applied.error().code == Code::kUnsupported) {
      door_.reset();
      refused_ = true;
      notice_(fmt::format("networks reach nothing outside: {}", applied.error().str()));
      return {};
    }
    CMP_CHECK(applied);
  }
  return wanted.empty() ? stop_forwarding() : let_forward(networks);
}

bool Firewall::balances(net::filter::Family family) const {
  return door_ && forwards(family) && (family == net::filter::Family::kIpv4 || forwards6_);
}

Status Firewall::apply(const std::vector<net::filter::Filter>& wanted) {
  net::filter::Batch batch;
  for (const net::filter::Filter& filter : wanted) {
    batch.replace(net::filter::project_table(filter));
  }
  for (const net::filter::Filter& filter : applied_) {
    if (std::ranges::find(wanted, filter.family, &net::filter::Filter::family) == wanted.end()) {
      batch.remove(filter.table, filter.family);
    }
  }
  CMP_CHECK(door_->apply(std::move(batch)));
  const auto before = std::exchange(applied_, wanted);
  return place_services(before, wanted);
}

/// The host answers for addresses of services, as they are nobody's: the bridge has them.
Status Firewall::place_services(const std::vector<net::filter::Filter>& before,
                                const std::vector<net::filter::Filter>& wanted) {
  const auto old = service_addresses(before);
  const auto now = service_addresses(wanted);
  std::vector<net::HostAddress> gone, come;
  std::ranges::set_difference(old, now, std::back_inserter(gone));
  std::ranges::set_difference(now, old, std::back_inserter(come));
  CMP_CHECK(context_.links.remove_addresses(gone));
  return context_.links.add_addresses(come);
}

/// A supervisor that was killed in the middle of `down` may have left the table of networks that are gone.
Status Firewall::remove_leftovers() {
  auto door = net::PacketFilter::open();
  const auto chains = door ? door->base_chains() : Result<std::vector<net::ForeignChain>>(door.error());
  const std::string table = state::filter_table(context_.paths.roots(), context_.paths.project());
  if (!chains || std::ranges::find(*chains, table, &net::ForeignChain::table) == chains->end()) {
    return {};
  }
  net::filter::Batch batch;
  batch.remove(table, net::filter::Family::kIpv4);
  batch.remove(table, net::filter::Family::kIpv6);
  return door->apply(std::move(batch));
}

/// The filter stands: what it lets through may be routed. Devices of the host that do not forward are let do so towards
/// our bridges only, which a table of theirs sees to; it also says that it was us.
Status Firewall::let_forward(const std::vector<state::NetworkRecord>& networks) {
  std::vector<std::string> bridges = routed_bridges(networks, applied_, false);
  if (bridges == forwarding_ || bridges.empty()) {
    return {};
  }
  if (host_forwards()) {
    guarded_.clear();
    CMP_CHECK(remove_guards());
  }
  CMP_TRY(const auto uplinks, context_.links.uplinks());
  std::vector<std::string> devices;
  net::filter::Batch guards;
  for (const net::Uplink& uplink : uplinks) {
    if (!uplink.forwarding || guarded_.contains(uplink.name)) {
      guarded_.insert(uplink.name);
      guards.replace(
          net::filter::guard_table(fmt::format("{}{}", kGuardPrefix, uplink.name), uplink.name, net::kBridgeGroup));
      devices.push_back(uplink.name);
    }
  }
  if (!devices.empty()) {
    CMP_CHECK(door_->apply(std::move(guards)));
  }
  devices.insert(devices.end(), bridges.begin(), bridges.end());
  CMP_CHECK(context_.links.set_forwarding(devices, true));
  CMP_CHECK(let_forward6(networks, uplinks));
  forwarding_ = std::move(bridges);
  return {};
}

/// IPv6 has one switch for all devices, which would also end the host's own way of finding its router; newer kernels
/// have one a device beside it.
Status Firewall::let_forward6(const std::vector<state::NetworkRecord>& networks,
                              const std::vector<net::Uplink>& uplinks) {
  std::vector<std::string> devices = routed_bridges(networks, applied_, true);
  forwards6_ = is_one("/proc/sys/net/ipv6/conf/all/forwarding");
  if (devices.empty() || forwards6_) {
    return {};
  }
  if (!sys::exists(force_forwarding(devices.front()))) {
    notice_(
        "networks reach nothing outside by IPv6: this kernel forwards it for all devices or none, and "
        "net.ipv6.conf.all.forwarding is 0");
    return {};
  }
  net::filter::Batch guards;
  for (const net::Uplink& uplink : uplinks) {
    if (sys::exists(force_forwarding(uplink.name)) &&
        (guarded_.contains(uplink.name) || !is_one(force_forwarding(uplink.name)))) {
      guards.replace(net::filter::guard_table(fmt::format("{}{}", kGuardPrefix, uplink.name), uplink.name,
                                              net::kBridgeGroup, net::filter::Family::kIpv6));
      devices.push_back(uplink.name);
    }
  }
  CMP_CHECK(door_->apply(std::move(guards)));
  for (const std::string& device : devices) {
    CMP_CHECK(sys::write_kernel_file(force_forwarding(device), "1"));
  }
  forwards6_ = true;
  return {};
}

/// With the last bridge of the last project the host's own devices are what they were.
Status Firewall::stop_forwarding() {
  forwarding_.clear();
  guarded_.clear();
  CMP_TRY(const bool others, context_.links.any_bridge());
  return others ? Status() : remove_guards();
}

Status Firewall::remove_guards() {
  CMP_TRY(const auto chains, door_->base_chains());
  net::filter::Batch batch;
  std::vector<std::string> devices;
  bool any = false;
  for (const net::ForeignChain& chain : chains) {
    if (!chain.table.starts_with(kGuardPrefix)) {
      continue;
    }
    any = true;
    const std::string device = chain.table.substr(kGuardPrefix.size());
    if (chain.family == "ip") {
      devices.push_back(device);
      batch.remove(chain.table, net::filter::Family::kIpv4);
    } else {
      // The device may be gone, and its switch with it.
      static_cast<void>(sys::write_kernel_file(force_forwarding(device), "0"));
      batch.remove(chain.table, net::filter::Family::kIpv6);
    }
  }
  if (!host_forwards()) {
    CMP_CHECK(context_.links.set_forwarding(devices, false));
  }
  return any ? door_->apply(std::move(batch)) : Status();
}

/// What another table drops is dropped, whatever ours says. Published ports then take the way that is left, by their
/// sockets, and names stand for containers.
void Firewall::look_at_others() {
  const auto chains = door_->base_chains();
  if (!chains) {
    return;
  }
  dropping_.clear();
  // br_netfilter, which Docker loads, shows that chain what goes between two ports of one bridge, too.
  const bool bridged = is_one("/proc/sys/net/bridge/bridge-nf-call-iptables");
  for (const net::ForeignChain& chain : *chains) {
    if (!chain.forward || !chain.drops || lets_through(chain)) {
      continue;
    }
    dropping_.insert(chain.family);
    const std::string name = fmt::format("{} {}", chain.family, chain.table);
    if (told_.insert(fmt::format("{} {}", name, chain.name)).second) {
      notice_(
          fmt::format("chain '{}' of the packet filter's table '{}' drops what it does not know: until it accepts "
                      "what comes from and goes to devices 'cmpb*' (cmp-networking(7), FIREWALLS), networks reach "
                      "nothing outside, and services see the host as the client of published ports{}",
                      chain.name, name,
                      bridged ? "; services do not reach each other (net.bridge.bridge-nf-call-iptables is 1)" : ""));
    }
  }
}

/// Rules that name our bridges are taken to accept what we need.
bool Firewall::lets_through(const net::ForeignChain& chain) {
  std::set<std::string> names{kBridgePrefix};
  for (const state::NetworkRecord& network :
       state::read_networks(context_.paths).value_or(std::vector<state::NetworkRecord>())) {
    if (!network.bridge.empty() && !network.bridge.starts_with(kBridgePrefix)) {
      names.insert(network.bridge);
    }
  }
  return std::ranges::any_of(
      names, [&](const std::string& name) { return door_->table_mentions(chain, name).value_or(false); });
}

bool Firewall::forwards(net::filter::Family family) const {
  const bool v4 = family == net::filter::Family::kIpv4;
  return !dropping_.contains("inet") && !dropping_.contains(v4 ? "ip" : "ip6") && (v4 || can_forward6());
}

/// When somebody writes net.ipv4.ip_forward, every device follows: ours are set again, and a host that forwards needs
/// no guards.
void Firewall::watch() {
  if (watch_ || filter_watch_) {
    return;
  }
  if (auto watch = net::ForwardingWatch::open()) {
    watch_ = *std::move(watch);
    static_cast<void>(loop_.watch(watch_->fd(), EPOLLIN, [this](std::uint32_t) {
      if (watch_->take_news()) {
        on_forwarding_news();
      }
    }));
  }
  if (auto watch = net::FilterWatch::open()) {
    filter_watch_ = *std::move(watch);
    static_cast<void>(loop_.watch(filter_watch_->fd(), EPOLLIN, [this](std::uint32_t) { on_filter_news(); }));
  }
}

/// Somebody has flushed it: all of it comes back, at once.
void Firewall::on_filter_news() {
  const std::string table = state::filter_table(context_.paths.roots(), context_.paths.project());
  const net::FilterNews news = filter_watch_->take_news(table, door_ ? door_->port() : 0);
  if (door_ && news.removed) {
    applied_.clear();
    forwarding_.clear();
    if (const Status updated = update(); !updated) {
      notice_(updated.error().str());
    }
  } else if (door_ && news.others && look_ == 0) {
    // They come by the hundred when a firewall is loaded.
    look_ = loop_.after(kOthersGathering, [this] {
      look_ = 0;
      look_at_others();
      update_soon();
    });
  }
}

void Firewall::on_forwarding_news() {
  forwarding_.clear();
  Status done = door_ ? update() : keep_apart();
  if (!done) {
    notice_(done.error().str());
  }
}

/// Without a filter it is this switch that keeps networks apart.
Status Firewall::keep_apart() {
  CMP_TRY(const auto networks, state::read_networks(context_.paths));
  std::vector<std::string> bridges;
  for (const state::NetworkRecord& network : networks) {
    bridges.push_back(network.bridge);
  }
  return context_.links.set_forwarding(bridges, false);
}

}  // namespace cmp::supervisor
