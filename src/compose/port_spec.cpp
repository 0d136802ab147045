#include "compose/port_spec.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include <fmt/core.h>

namespace cmp::compose {
namespace {

struct Parts {
  std::string_view ip, host, container;
  std::string protocol = "tcp";
};

Error invalid(std::string message) {
  return make_error(Code::kInvalid, std::move(message));
}

Parts split(std::string_view text) {
  Parts parts;
  const std::size_t last = text.rfind(':');
  parts.container = last == std::string_view::npos ? text : text.substr(last + 1);
  if (last != std::string_view::npos) {
    const std::string_view rest = text.substr(0, last);
    const std::size_t before = rest.rfind(':');
    parts.host = before == std::string_view::npos ? rest : rest.substr(before + 1);
    parts.ip = before == std::string_view::npos ? std::string_view() : rest.substr(0, before);
  }
  const std::size_t slash = parts.container.find('/');
  if (slash != std::string_view::npos) {
    std::string_view protocol = parts.container.substr(slash + 1);
    protocol = protocol.substr(0, protocol.find('/'));
    parts.container = parts.container.substr(0, slash);
    parts.protocol = protocol.empty() ? "tcp" : std::string(protocol);
    std::ranges::transform(parts.protocol, parts.protocol.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  return parts;
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && !text.empty() ? std::optional(value) : std::nullopt;
}

Result<std::string> address(std::string_view text) {
  std::string_view bare = text;
  if (bare.starts_with('[') && bare.ends_with(']')) {
    bare = bare.substr(1, bare.size() - 2);
  }
  if (!bare.empty() && !is_ip_address(bare)) {
    return invalid(fmt::format("invalid IP address: {}", text));
  }
  return std::string(bare);
}

std::string published(const PortRange& host, const PortRange& container, int index) {
  const int number = host.first + index;
  return container.size() == 1 && host.size() > 1 ? fmt::format("{}-{}", number, host.last) : fmt::format("{}", number);
}

Result<PortRange> host_range(const Parts& parts, const PortRange& container) {
  const auto host = parse_port_range(parts.host);
  if (!host) {
    return invalid(fmt::format("invalid hostPort: {}", parts.host));
  }
  if (host->size() != container.size() && container.size() != 1) {
    return invalid(
        fmt::format("invalid ranges specified for container and host Ports: {} and {}", parts.container, parts.host));
  }
  return *host;
}

/// What orders ports as their digits are ordered as text: 98, 99, 100 become 100, 98, 99.
std::pair<int, int> rank_as_text(std::uint16_t port) {
  int five_digits = port;
  while (five_digits > 0 && five_digits < 10'000) {
    five_digits *= 10;
  }
  return {five_digits, port};
}

}  // namespace

bool is_ip_address(std::string_view text) {
  const std::string copy(text);
  std::array<unsigned char, sizeof(in6_addr)> buffer{};
  return ::inet_pton(AF_INET, copy.c_str(), buffer.data()) == 1 ||
         ::inet_pton(AF_INET6, copy.c_str(), buffer.data()) == 1;
}

std::optional<PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = port_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : port_number(text.substr(dash + 1));
  return first && last && *first <= *last ? std::optional(PortRange{*first, *last}) : std::nullopt;
}

Result<std::vector<PortSpec>> parse_port_spec(std::string_view text) {
  const Parts parts = split(text);
  if (parts.protocol != "tcp" && parts.protocol != "udp" && parts.protocol != "sctp") {
    return invalid(fmt::format("invalid proto: {} (one of tcp, udp, sctp)", parts.protocol));
  }
  CMP_TRY(const std::string ip, address(parts.ip));
  if (parts.container.empty()) {
    return invalid(fmt::format("no port specified: {}<empty>", text));
  }
  const auto container = parse_port_range(parts.container);
  if (!container) {
    return invalid(fmt::format("invalid containerPort: {}", parts.container));
  }
  std::optional<PortRange> host;
  if (!parts.host.empty()) {
    CMP_TRY(host, host_range(parts, *container));
  }
  std::vector<PortSpec> ports;
  for (int index = 0; index < container->size(); ++index) {
    ports.push_back({ip, static_cast<std::uint16_t>(container->first + index),
                     host ? published(*host, *container, index) : std::string(), parts.protocol});
  }
  std::ranges::sort(ports, {}, [](const PortSpec& port) { return rank_as_text(port.target); });
  return ports;
}

}  // namespace cmp::compose
