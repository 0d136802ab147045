#pragma once
// Services and facts to compile, and what is asked of the result.

#include <string>

#include "container/compile.hpp"

namespace container_test {

using namespace cmp;
using namespace cmp::container;

inline model::Service web() {
  model::Service service;
  service.name = "web";
  service.where = {"compose.yaml", 3, 3};
  service.command = std::vector<std::string>{"serve", "--dir", "/srv/my files"};
  return service;
}

inline Facts facts() {
  Facts facts;
  facts.name = "shop-web-1";
  facts.id = std::string(64, 'a');
  facts.lower = {"/l/2", "/l/1"};
  facts.upper = "/c/upper";
  facts.work = "/c/work";
  facts.root = "/c/root";
  facts.cgroup_v2 = true;
  facts.available_capabilities = 0x1fffeffffff;
  return facts;
}

inline std::string compiled(const model::Service& service, const Facts& with) {
  const auto spec = compile(service, with);
  return spec ? render(*spec) : "error: " + spec.error().str();
}

inline std::string failure(const model::Service& service, const Facts& with = facts()) {
  const auto spec = compile(service, with);
  return spec ? "no error" : spec.error().str();
}

inline ResolvedMount mount_of(model::MountType type, const std::string& source, const std::string& target) {
  ResolvedMount resolved;
  resolved.mount.type = type;
  resolved.mount.source = source;
  resolved.mount.target = target;
  resolved.mount.where = {"compose.yaml", 7, 9};
  resolved.host_path = type == model::MountType::kTmpfs ? "" : "/host/" + source;
  return resolved;
}

inline bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace container_test
