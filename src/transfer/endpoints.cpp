#include "transfer/endpoints.hpp"

#include <cstdlib>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "sys/file.hpp"

namespace cmp::transfer {

namespace {

using Json = nlohmann::json;

constexpr const char* kConfiguration = "/etc/cmp/registries.json";

std::string host_of(const std::string& url) {
  const auto scheme = url.find("://");
  const std::string rest = scheme == std::string::npos ? url : url.substr(scheme + 3);
  return rest.substr(0, rest.find('/'));
}

/// The name under which Docker Hub is asked is not its name.
std::string api_host(const std::string& registry) {
  return registry == "docker.io" ? "registry-1.docker.io" : registry;
}

Endpoint endpoint_at(std::string url) {
  while (url.ends_with('/')) {
    url.pop_back();
  }
  Endpoint endpoint;
  endpoint.host = host_of(url);
  endpoint.url = url.find("://") == std::string::npos ? "https://" + url : std::move(url);
  return endpoint;
}

Result<Json> section_of(const std::string& text, const std::string& registry) {
  if (text.empty()) {
    return Json::object();
  }
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return make_error(Code::kInvalid, "it is no JSON object");
  }
  const auto section = json.find(registry);
  if (section == json.end()) {
    return Json::object();
  }
  for (auto it = section->is_object() ? section->begin() : section->end(); it != section->end(); ++it) {
    const std::string& key = it.key();
    const bool flag = key == "plain_http" || key == "tls_verify";
    if (!(flag && it->is_boolean()) && !(key == "ca_file" && it->is_string()) &&
        !(key == "mirrors" && it->is_array())) {
      return make_error(Code::kInvalid, fmt::format("'{}': '{}' is not known or has a wrong value (known: mirrors, "
                                                    "plain_http, tls_verify, ca_file)",
                                                    registry, key));
    }
  }
  return section->is_object() ? Result<Json>(*section)
                              : make_error(Code::kInvalid, fmt::format("'{}' must be an object", registry));
}

std::string find_ca(const std::string& host) {
  for (const char* directory : {"/etc/docker/certs.d", "/etc/containers/certs.d"}) {
    std::string file = fmt::format("{}/{}/ca.crt", directory, host);
    if (sys::exists(file)) {
      return file;
    }
  }
  return "";
}

}  // namespace

bool is_loopback(std::string_view host) {
  const std::string_view name =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return name == "localhost" || name == "[::1]" || name.starts_with("127.");
}

Result<std::vector<Endpoint>> endpoints_in(const std::string& text, const std::string& registry) {
  CMP_TRY(const Json section, section_of(text, registry));
  std::vector<Endpoint> endpoints;
  for (const Json& mirror : section.value("mirrors", Json::array())) {
    if (!mirror.is_string()) {
      return make_error(Code::kInvalid, fmt::format("'{}': a mirror is a URL", registry));
    }
    endpoints.push_back(endpoint_at(mirror.get<std::string>()));
  }
  const bool plain = section.value("plain_http", false);
  Endpoint own = endpoint_at((plain ? "http://" : "https://") + api_host(registry));
  own.may_be_plain = !plain && is_loopback(own.host);
  own.tls_verify = section.value("tls_verify", true);
  own.ca_file = section.value("ca_file", "");
  endpoints.push_back(std::move(own));
  return endpoints;
}

Result<std::vector<Endpoint>> endpoints_of(const std::string& registry, bool tls_verify) {
  const char* named = std::getenv("CMP_REGISTRIES");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string file = named == nullptr ? kConfiguration : named;
  std::string text;
  if (named != nullptr || sys::exists(file)) {
    CMP_TRY(text, sys::read_file(file));
  }
  CMP_TRY(std::vector<Endpoint> endpoints, endpoints_in(text, registry).context(fmt::format("'{}'", file)));
  for (Endpoint& endpoint : endpoints) {
    endpoint.tls_verify = endpoint.tls_verify && tls_verify;
    endpoint.ca_file = endpoint.ca_file.empty() ? find_ca(endpoint.host) : endpoint.ca_file;
  }
  return endpoints;
}

}  // namespace cmp::transfer
