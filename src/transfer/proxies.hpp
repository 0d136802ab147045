#pragma once
// Proxies between this machine and registries.

#include <functional>
#include <string>

namespace cmp::transfer {

/// What libcurl does not find by itself (libcurl-env(3)), so that the variables mean what they mean to Docker
/// (golang.org/x/net/http/httpproxy).
struct Proxies {
  std::string plain;       ///< for http: URLs; "" leaves it to libcurl, which never looks at HTTP_PROXY
  std::string exceptions;  ///< for CURLOPT_NOPROXY: this machine's own addresses are never asked for through a proxy
};

/// `variable` gives a variable's value, or "" if it is not set.
[[nodiscard]] Proxies proxies_of(const std::function<std::string(const char*)>& variable);

[[nodiscard]] Proxies proxies_from_environment();

}  // namespace cmp::transfer
