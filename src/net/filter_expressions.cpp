#include "net/filter_expressions.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace cmp::net::filter {

namespace {

constexpr std::uint32_t kValue = NFT_REG_1;
constexpr std::uint32_t kSecond = NFT_REG_2;

class Writer {
 public:
  Writer(NetlinkWriter& out, Family family) : out_(out), family_(family) {}

  void operator()(const expr::InDevice& e) const {
    load_meta(NFT_META_IIFNAME);
    compare_device(e.name, e.is);
  }

  void operator()(const expr::OutDevice& e) const {
    load_meta(NFT_META_OIFNAME);
    compare_device(e.name, e.is);
  }

  void operator()(const expr::OutGroup& e) const {
    load_meta(NFT_META_OIFGROUP);
    compare_host_number(e.group, e.is);
  }

  void operator()(const expr::Source& e) const { compare_range(family_ == Family::kIpv4 ? 12 : 8, e.range, e.is); }

  void operator()(const expr::Destination& e) const {
    compare_range(family_ == Family::kIpv4 ? 16 : 24, e.range, e.is);
  }

  void operator()(const expr::Established& /*e*/) const {
    load_connection(NFT_CT_STATE);
    // The state's bits, as nft numbers them: established and related.
    some_bit_of(NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED));
  }

  void operator()(const expr::Redirected& /*e*/) const {
    load_connection(NFT_CT_STATUS);
    some_bit_of(IPS_DST_NAT);
  }

  void operator()(const expr::ToHost& /*e*/) const {
    expression("fib", [&] {
      out_.put_number(NFTA_FIB_DREG, kValue);
      out_.put_number(NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
      out_.put_number(NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
    });
    compare_host_number(RTN_LOCAL, true);
  }

  void operator()(const expr::DestinationPort& e) const {
    load_meta(NFT_META_L4PROTO);
    const std::uint8_t protocol = protocol_number(e.protocol);
    compare(&protocol, sizeof protocol, true);
    load_packet(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
    const std::uint16_t port = htons(e.port);
    compare(&port, sizeof port, true);
  }

  void operator()(const expr::EveryNth& e) const {
    expression("numgen", [&] {
      out_.put_number(NFTA_NG_DREG, kValue);
      out_.put_number(NFTA_NG_MODULUS, e.n);
      out_.put_number(NFTA_NG_TYPE, NFT_NG_INCREMENTAL);
      out_.put_number(NFTA_NG_OFFSET, 0);
    });
    compare_host_number(0, true);
  }

  void operator()(const expr::Accept& /*e*/) const { verdict(NF_ACCEPT, ""); }

  void operator()(const expr::Drop& /*e*/) const { verdict(NF_DROP, ""); }

  void operator()(const expr::Jump& e) const { verdict(NFT_JUMP, e.chain); }

  void operator()(const expr::ChangeDestination& e) const {
    immediate(kValue, e.target.address.data(), e.target.address.size());
    if (e.target.port != 0) {
      const std::uint16_t port = htons(e.target.port);
      immediate(kSecond, &port, sizeof port);
    }
    expression("nat", [&] {
      out_.put_number(NFTA_NAT_TYPE, NFT_NAT_DNAT);
      out_.put_number(NFTA_NAT_FAMILY, family_ == Family::kIpv4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
      out_.put_number(NFTA_NAT_REG_ADDR_MIN, kValue);
      if (e.target.port != 0) {
        out_.put_number(NFTA_NAT_REG_PROTO_MIN, kSecond);
      }
    });
  }

  void operator()(const expr::Masquerade& /*e*/) const {
    expression("masq", [] {});
  }

 private:
  template <typename Fill>
  void expression(std::string_view name, Fill fill) const {
    out_.nest(NFTA_LIST_ELEM, [&] {
      out_.put_text(NFTA_EXPR_NAME, name);
      out_.nest(NFTA_EXPR_DATA, fill);
    });
  }

  void data(int type, const void* bytes, std::size_t size) const {
    out_.nest(type, [&] { out_.put(NFTA_DATA_VALUE, bytes, size); });
  }

  void load_meta(std::uint32_t key) const {
    expression("meta", [&] {
      out_.put_number(NFTA_META_KEY, key);
      out_.put_number(NFTA_META_DREG, kValue);
    });
  }

  void load_connection(std::uint32_t key) const {
    expression("ct", [&] {
      out_.put_number(NFTA_CT_KEY, key);
      out_.put_number(NFTA_CT_DREG, kValue);
    });
  }

  void load_packet(std::uint32_t base, std::uint32_t offset, std::size_t size) const {
    expression("payload", [&] {
      out_.put_number(NFTA_PAYLOAD_DREG, kValue);
      out_.put_number(NFTA_PAYLOAD_BASE, base);
      out_.put_number(NFTA_PAYLOAD_OFFSET, offset);
      out_.put_number(NFTA_PAYLOAD_LEN, static_cast<std::uint32_t>(size));
    });
  }

  void compare(const void* bytes, std::size_t size, bool equal) const {
    expression("cmp", [&] {
      out_.put_number(NFTA_CMP_SREG, kValue);
      out_.put_number(NFTA_CMP_OP, equal ? NFT_CMP_EQ : NFT_CMP_NEQ);
      data(NFTA_CMP_DATA, bytes, size);
    });
  }

  void compare_host_number(std::uint32_t number, bool equal) const { compare(&number, sizeof number, equal); }

  void compare_device(const std::string& name, bool equal) const {
    std::array<char, IFNAMSIZ> padded{};
    std::copy_n(name.begin(), std::min(name.size(), padded.size() - 1), padded.begin());
    compare(padded.data(), padded.size(), equal);
  }

  void mask(const std::string& bits) const {
    const std::string zeros(bits.size(), '\0');
    expression("bitwise", [&] {
      out_.put_number(NFTA_BITWISE_SREG, kValue);
      out_.put_number(NFTA_BITWISE_DREG, kValue);
      out_.put_number(NFTA_BITWISE_LEN, static_cast<std::uint32_t>(bits.size()));
      data(NFTA_BITWISE_MASK, bits.data(), bits.size());
      data(NFTA_BITWISE_XOR, zeros.data(), zeros.size());
    });
  }

  void some_bit_of(std::uint32_t bits) const {
    mask(std::string(reinterpret_cast<const char*>(&bits), sizeof bits));
    compare_host_number(0, false);
  }

  void compare_range(std::uint32_t offset, const Range& range, bool is) const {
    load_packet(NFT_PAYLOAD_NETWORK_HEADER, offset, range.address.size());
    if (static_cast<std::size_t>(range.prefix) < range.address.size() * 8) {
      std::string bits(range.address.size(), '\0');
      for (int bit = 0; bit < range.prefix; ++bit) {
        auto& byte = bits[static_cast<std::size_t>(bit) / 8];
        byte = static_cast<char>(static_cast<unsigned char>(byte) | (0x80U >> (static_cast<unsigned>(bit) % 8)));
      }
      mask(bits);
    }
    compare(range.address.data(), range.address.size(), is);
  }

  void immediate(std::uint32_t target, const void* bytes, std::size_t size) const {
    expression("immediate", [&] {
      out_.put_number(NFTA_IMMEDIATE_DREG, target);
      data(NFTA_IMMEDIATE_DATA, bytes, size);
    });
  }

  void verdict(int code, const std::string& chain) const {
    expression("immediate", [&] {
      out_.put_number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
      out_.nest(NFTA_IMMEDIATE_DATA, [&] { out_.nest(NFTA_DATA_VERDICT, [&] { verdict_data(code, chain); }); });
    });
  }

  void verdict_data(int code, const std::string& chain) const {
    out_.put_number(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(code));
    if (!chain.empty()) {
      out_.put_text(NFTA_VERDICT_CHAIN, chain);
    }
  }

  NetlinkWriter& out_;
  Family family_;
};

}  // namespace

void write_expression(NetlinkWriter& out, const Expression& expression, Family family) {
  std::visit(Writer(out, family), expression);
}

}  // namespace cmp::net::filter
