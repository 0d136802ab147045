#include "engine/remembered.hpp"

#include <fmt/core.h>

#include "base/json_fields.hpp"
#include "sys/file.hpp"

namespace cmp::json {

template <>
struct Fields<engine::Remembered> {
  using S = engine::Remembered;
  static constexpr auto list = std::make_tuple(field("networks", &S::networks), field("containers", &S::containers));
};

}  // namespace cmp::json

namespace cmp::engine {

namespace {

Error wrong_pools(std::string_view why) {
  return make_error(Code::kInvalid, fmt::format("default-address-pools: {}", why));
}

Result<net::Pool> pool_of(const json::Json& entry) {
  const auto base = entry.is_object() ? entry.find("base") : entry.end();
  const auto size = entry.is_object() ? entry.find("size") : entry.end();
  if (!entry.is_object() || base == entry.end() || !base->is_string() || size == entry.end() ||
      !size->is_number_integer()) {
    return wrong_pools("an entry is {\"base\": \"10.200.0.0/16\", \"size\": 24}");
  }
  net::Pool pool;
  CMP_TRY(pool.base, net::parse_subnet(base->get<std::string>()).context("default-address-pools"));
  pool.size = size->get<int>();
  constexpr int kSmallest = 29;  // the gateway, and containers beside it
  if (pool.size < pool.base.prefix || pool.size > kSmallest) {
    return wrong_pools(fmt::format("a size of {} is not between {} and {}", pool.size, pool.base.prefix, kSmallest));
  }
  return pool;
}

}  // namespace

Remembered read_remembered(const state::Paths& paths) {
  Remembered remembered;
  const auto text = sys::read_file(paths.addresses());
  const auto parsed = json::Json::parse(text ? *text : "", nullptr, false);
  if (parsed.is_discarded() || !json::from_json(parsed, remembered)) {
    return {};
  }
  return remembered;
}

Status remember(const state::Paths& paths, const AddressPlan& plan) {
  Remembered remembered;
  for (const auto& [key, network] : plan.networks) {
    remembered.networks[network.name] = network.subnet;
  }
  for (const auto& [container, endpoints] : plan.endpoints) {
    for (const state::EndpointRecord& endpoint : endpoints) {
      remembered.containers[container][endpoint.network_name] =
          endpoint.address.empty() ? endpoint.address6 : endpoint.address;
    }
  }
  return sys::write_file_atomically(paths.addresses(), json::to_json(remembered).dump());
}

Result<std::vector<net::Pool>> pools_in(const std::string& text) {
  const auto parsed = json::Json::parse(text, nullptr, false);
  if (!parsed.is_object()) {
    return make_error(Code::kInvalid, "is no JSON object");
  }
  const auto entries = parsed.find("default-address-pools");
  if (entries == parsed.end()) {
    return net::default_pools();
  }
  if (!entries->is_array() || entries->empty()) {
    return wrong_pools("is a list of pools");
  }
  std::vector<net::Pool> pools;
  for (const json::Json& entry : *entries) {
    CMP_TRY(const net::Pool pool, pool_of(entry));
    pools.push_back(pool);
  }
  return pools;
}

Result<std::vector<net::Pool>> read_pools(const state::Roots& roots) {
  const std::string file = state::networks_file(roots);
  if (!sys::exists(file)) {
    return net::default_pools();
  }
  CMP_TRY(const std::string text, sys::read_file(file));
  return pools_in(text).context(fmt::format("'{}'", file));
}

}  // namespace cmp::engine
