#include "net/filter_encode.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "net/filter_expressions.hpp"
#include "net/netlink_writer.hpp"

namespace cmp::net::filter {

namespace {

std::uint8_t protocol_of(Family family) {
  return family == Family::kIpv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

constexpr int message_type(int kind) {
  return (NFNL_SUBSYS_NFTABLES << 8) | kind;
}

/// Appends the two headers; the length is written when the message is closed.
void start_message(Octets& bytes, int type, std::uint8_t family, std::uint16_t flags, std::uint16_t resource,
                   std::uint32_t sequence) {
  NetlinkWriter out(bytes);
  nlmsghdr header{};
  header.nlmsg_type = static_cast<std::uint16_t>(type);
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  header.nlmsg_seq = sequence;
  out.raw(&header, sizeof header);
  const nfgenmsg general{family, NFNETLINK_V0, htons(resource)};
  out.raw(&general, sizeof general);
}

void end_message(Octets& bytes, std::size_t start) {
  const auto length = static_cast<std::uint32_t>(bytes.size() - start);
  std::memcpy(&bytes[start], &length, sizeof length);
}

struct HookPlace {
  std::uint32_t number = 0;
  std::int32_t priority = 0;
};

/// Priorities as in linux/netfilter_ipv4.h: NF_IP_PRI_NAT_DST, FILTER, NAT_SRC.
HookPlace place_of(Hook hook) {
  switch (hook) {
    case Hook::kPrerouting:
      return {NF_INET_PRE_ROUTING, -100};
    case Hook::kForward:
      return {NF_INET_FORWARD, 0};
    case Hook::kOutput:
      return {NF_INET_LOCAL_OUT, -100};
    case Hook::kPostrouting:
    case Hook::kNone:
      break;
  }
  return {NF_INET_POST_ROUTING, 100};
}

}  // namespace

Batch::Batch() {
  start_message(bytes_, NFNL_MSG_BATCH_BEGIN, AF_UNSPEC, 0, NFNL_SUBSYS_NFTABLES, sequence_++);
  close();
}

void Batch::close() {
  end_message(bytes_, open_);
  open_ = bytes_.size();
}

Octets Batch::take() && {
  start_message(bytes_, NFNL_MSG_BATCH_END, AF_UNSPEC, 0, NFNL_SUBSYS_NFTABLES, sequence_++);
  close();
  return std::move(bytes_);
}

void Batch::add_table(const std::string& table, Family family) {
  start_message(bytes_, message_type(NFT_MSG_NEWTABLE), protocol_of(family), NLM_F_CREATE, 0, sequence_++);
  NetlinkWriter(bytes_).put_text(NFTA_TABLE_NAME, table);
  close();
}

void Batch::delete_table(const std::string& table, Family family) {
  start_message(bytes_, message_type(NFT_MSG_DELTABLE), protocol_of(family), 0, 0, sequence_++);
  NetlinkWriter(bytes_).put_text(NFTA_TABLE_NAME, table);
  close();
}

void Batch::add_chain(const Table& table, const Chain& chain) {
  start_message(bytes_, message_type(NFT_MSG_NEWCHAIN), protocol_of(table.family), NLM_F_CREATE, 0, sequence_++);
  NetlinkWriter out(bytes_);
  out.put_text(NFTA_CHAIN_TABLE, table.name);
  out.put_text(NFTA_CHAIN_NAME, chain.name);
  if (chain.hook != Hook::kNone) {
    const HookPlace place = place_of(chain.hook);
    out.nest(NFTA_CHAIN_HOOK, [&] {
      out.put_number(NFTA_HOOK_HOOKNUM, place.number);
      out.put_number(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(place.priority));
    });
    out.put_number(NFTA_CHAIN_POLICY, NF_ACCEPT);
    out.put_text(NFTA_CHAIN_TYPE, chain.nat ? "nat" : "filter");
  }
  close();
}

void Batch::add_rule(const Table& table, const Chain& chain, const Rule& rule) {
  start_message(bytes_, message_type(NFT_MSG_NEWRULE), protocol_of(table.family), NLM_F_CREATE | NLM_F_APPEND, 0,
                sequence_++);
  NetlinkWriter out(bytes_);
  out.put_text(NFTA_RULE_TABLE, table.name);
  out.put_text(NFTA_RULE_CHAIN, chain.name);
  out.nest(NFTA_RULE_EXPRESSIONS, [&] {
    for (const Expression& expression : rule) {
      write_expression(out, expression, table.family);
    }
  });
  close();
}

void Batch::replace(const Table& table) {
  remove(table.name, table.family);
  add_table(table.name, table.family);
  for (const Chain& chain : table.chains) {
    add_chain(table, chain);
  }
  for (const Chain& chain : table.chains) {
    for (const Rule& rule : chain.rules) {
      add_rule(table, chain, rule);
    }
  }
}

void Batch::remove(const std::string& table, Family family) {
  // Made first, so that it can be deleted: a missing one would fail the whole change.
  add_table(table, family);
  delete_table(table, family);
}

Octets list_rules_request(std::uint8_t family, const std::string& table) {
  Octets bytes;
  start_message(bytes, message_type(NFT_MSG_GETRULE), family, NLM_F_DUMP, 0, 1);
  NetlinkWriter(bytes).put_text(NFTA_RULE_TABLE, table);
  end_message(bytes, 0);
  return bytes;
}

Octets list_chains_request() {
  Octets bytes;
  start_message(bytes, message_type(NFT_MSG_GETCHAIN), AF_UNSPEC, NLM_F_DUMP, 0, 1);
  end_message(bytes, 0);
  return bytes;
}

}  // namespace cmp::net::filter
