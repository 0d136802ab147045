// security_opt and devices.

#include <algorithm>

#include <doctest/doctest.h>

#include "container/devices.hpp"
#include "unit/container/compiled.hpp"

using namespace container_test;

TEST_CASE("security options come with = and :, and only what is understood is taken") {
  const auto with = [](const std::string& option) {
    model::Service service = web();
    service.security_opt = {option};
    return service;
  };
  CHECK(has_line(compiled(with("no-new-privileges:true"), facts()), "no new privileges"));
  CHECK(compiled(with("systempaths=unconfined"), facts()).find("mask ") == std::string::npos);
  CHECK(failure(with("seccomp=unconfined")) == "no error");
  CHECK(has_line(compiled(web(), facts()), "mount cgroup2 on /sys/fs/cgroup ro,nosuid,nodev,noexec"));
  CHECK(has_line(compiled(with("writable-cgroups=true"), facts()),
                 "mount cgroup2 on /sys/fs/cgroup nosuid,nodev,noexec"));
  CHECK(compiled(with("no-new-privileges=false"), facts()).find("no new privileges") == std::string::npos);
  CHECK(failure(with("no-new-privileges:maybe")).find("either true or false, not 'maybe'") != std::string::npos);
  CHECK(failure(with("systempaths=none")).find("has one value") != std::string::npos);
  CHECK(failure(with("seccomp=")).find("'seccomp' needs a value") != std::string::npos);
  CHECK(failure(with("apparmor")).find("'apparmor' needs a value") != std::string::npos);
  CHECK(failure(with("label=size:x")).find("'size:x' is no label") != std::string::npos);
  CHECK(failure(with("label:disable")) == "no error");
  CHECK(failure(with("secomp=unconfined")).find("is no security option (did you mean 'seccomp'?)") !=
        std::string::npos);
}

TEST_CASE("an AppArmor profile or SELinux label that the host cannot give is an error (CVE-2025-64750)") {
  model::Service service = web();
  Facts host = facts();
  service.security_opt = {"apparmor:mine"};
  CHECK(failure(service, host).find("apparmor profile 'mine': AppArmor is not active on this host") !=
        std::string::npos);
  host.has_apparmor = true;
  host.apparmor_default = "docker-default";
  CHECK(has_line(compiled(service, host), "apparmor profile mine"));
  CHECK(has_line(compiled(web(), host), "apparmor profile docker-default"));
  service.security_opt = {"apparmor=unconfined"};
  CHECK(compiled(service, host).find("apparmor") == std::string::npos);
  service.security_opt = {};
  service.privileged = true;
  CHECK(compiled(service, host).find("apparmor") == std::string::npos);

  model::Service labelled = web();
  labelled.security_opt = {"label=type:my_t", "label:level:s0:c1,c2"};
  CHECK(failure(labelled, host).find("label 'type:my_t': SELinux is not active on this host") != std::string::npos);
  host.has_selinux = true;
  const std::string text = compiled(labelled, host);
  CHECK(has_line(text, "selinux label system_u:system_r:my_t:s0:c1,c2"));
  CHECK(text.find("label system_u:object_r:container_file_t:s0:c1,c2\n") != std::string::npos);
  CHECK(text.find("mode=755,size=65536k,context=\"system_u:object_r:container_file_t:s0:c1,c2\"") != std::string::npos);
  CHECK(compiled(web(), host).find("selinux") == std::string::npos);
}

TEST_CASE("device rules are read as Docker writes them, and what is none is refused") {
  const auto rule = [](const char* text) { return parse_device_rule(text); };
  CHECK(*rule("c 1:3 mr") == model::DeviceRule{'c', 1, 3, "mr"});
  CHECK(*rule("a 7:* rmw") == model::DeviceRule{'a', 7, std::nullopt, "rmw"});
  CHECK(*rule("b *:* r") == model::DeviceRule{'b', std::nullopt, std::nullopt, "r"});
  for (const char* text :
       {"", "c", "c 1:3", "d 1:3 r", "c 1-3 r", "c 1:3 x", "c 1:3 rr", "c :3 r", "c 1: r", "c1:3 r"}) {
    CHECK_MESSAGE(!rule(text), text);
  }
}

TEST_CASE("a service gets the default devices, its own, and what its rules allow") {
  model::Service service = web();
  service.device_cgroup_rules = {"c 10:229 rw"};
  Facts with = facts();
  with.devices = {{{.path = "/dev/mine", .major = 8, .minor = 1, .mode = 0640, .type = 'b', .uid = 0, .gid = 6}, "r"},
                  {{.path = "/dev/full", .major = 1, .minor = 5, .mode = 0666}, "rwm"}};
  const std::string text = compiled(service, with);
  CHECK(has_line(text, "device /dev/mine b 8:1 0640 0:6"));
  CHECK(has_line(text, "device /dev/full c 1:5 0666"));
  CHECK(!has_line(text, "device /dev/full c 1:7 0666"));
  const auto rules = device_rules(service, with.devices);
  REQUIRE(rules);
  REQUIRE(*rules);
  const auto has = [&](const model::DeviceRule& rule) {
    return std::ranges::find((*rules).value(), rule) != (*rules)->end();
  };
  CHECK(has({'c', 1, 3, "rwm", false}));
  CHECK(has({'b', 8, 1, "r"}));
  CHECK(has({'c', 10, 229, "rw"}));
  CHECK(has({'c', {}, {}, "m", false}));
  service.device_cgroup_rules = {"c 1:3"};
  CHECK(device_rules(service, {}).error().message.find("'c 1:3' is no rule such as 'c 1:3 rwm'") != std::string::npos);
  service.device_cgroup_rules.clear();
  service.privileged = true;
  CHECK(!device_rules(service, {}).value());
}

TEST_CASE("names of the Container Device Interface are told from paths") {
  CHECK(is_cdi_name("nvidia.com/gpu=all"));
  CHECK(!is_cdi_name("/dev/a=b"));
}
