#pragma once
// Where a registry is really asked: itself or its mirrors, with TLS or without.

#include <string>
#include <vector>

#include "base/result.hpp"

namespace cmp::transfer {

struct Endpoint {
  std::string url;   ///< "https://registry-1.docker.io", no slash at the end
  std::string host;  ///< "registry-1.docker.io", "127.0.0.1:5000": for messages and credentials
  bool tls_verify = true;
  bool may_be_plain = false;  ///< a registry on this machine that may have no TLS: if https fails, http is tried
  std::string ca_file;        ///< a private CA beside the system's; "" is none
};

/// Mirrors first, the registry itself last. $CMP_REGISTRIES or /etc/cmp/registries.json, if there is one, says more:
///   {"docker.io": {"mirrors": ["https://mirror.lan", "http://127.0.0.1:5000"]},
///    "registry.lan:5000": {"plain_http": true}, "other.lan": {"ca_file": "/etc/ssl/lan.pem", "tls_verify": false}}
/// Without a ca_file, ca.crt in /etc/docker/certs.d/HOST or /etc/containers/certs.d/HOST is one.
[[nodiscard]] Result<std::vector<Endpoint>> endpoints_of(const std::string& registry, bool tls_verify);

/// The same from the text of a configuration ("" is none). Pure.
[[nodiscard]] Result<std::vector<Endpoint>> endpoints_in(const std::string& text, const std::string& registry);

/// True for localhost and addresses of the loopback device, with or without a port.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace cmp::transfer
