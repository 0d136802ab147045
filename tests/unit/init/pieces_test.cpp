#include <doctest/doctest.h>

#include "init/init.hpp"
#include "init/kernel_views.hpp"
#include "init/overlay.hpp"
#include "init/program.hpp"

using namespace cmp;
using namespace cmp::init;

TEST_CASE("a report survives the wire") {
  Error error = sys_error("mount 'x'", ENOSPC);
  const auto back = decode(encode({Message::kFailed, 126, error}));
  REQUIRE(back);
  CHECK(back->type == Message::kFailed);
  CHECK(back->exit_code == 126);
  CHECK(back->error.os_errno == ENOSPC);
  CHECK(back->error.code == Code::kSystem);
  CHECK(back->error.message == error.message);
}

TEST_CASE("what is no report is an error") {
  CHECK(!decode(""));
  CHECK(!decode("abc"));
  CHECK(!decode(std::string("\x09\x00\x00\x00\x00\x00\x00", 7)));
  CHECK(!decode(std::string("\x01\x00\x63\x00\x00\x00\x00", 7)));
}

TEST_CASE("views of the kernel are found wherever the host has mounted them, but not the container's own") {
  const char* mountinfo =
      "22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw\n"
      "23 27 0:22 / /sys rw - sysfs sysfs rw\n"
      "24 27 0:23 / /proc-like rw - tmpfs proc rw\n"
      "25 27 0:21 / /srv/a\\040b/proc ro - proc proc rw\n"
      "26 27 0:24 / /ctr/root/proc rw - proc proc rw\n"
      "no line of it\n";
  CHECK(kernel_views(mountinfo, "/ctr/root") == std::vector<std::string>{"/srv/a b/proc", "/sys", "/proc"});
  CHECK(kernel_views("", "/ctr/root").empty());
}

TEST_CASE("overlay options escape what the kernel would split at") {
  const auto options = overlay_options({.lower = {"/a:b", "/c,d"}, .upper = "/u,p", .work = "/w", .at = "/m"});
  CHECK(options.enter == "");
  CHECK(options.data == "lowerdir=/a\\:b:/c\\,d,upperdir=/u\\,p,workdir=/w");
}

TEST_CASE("an overlay that nobody writes into has lower directories alone") {
  CHECK(overlay_options({.lower = {"/a", "/empty"}, .at = "/m"}).data == "lowerdir=/a:/empty");
}

TEST_CASE("many layers are named relative to what they have in common") {
  container::step::MountOverlay overlay{.upper = "/u", .work = "/w", .at = "/m"};
  for (int i = 0; i < 50; ++i) {
    overlay.lower.push_back("/var/lib/cmp/layers/" + std::string(64, 'a') + std::to_string(i) + "/fs");
  }
  const auto options = overlay_options(overlay);
  CHECK(options.enter == "/var/lib/cmp/layers/");
  CHECK(options.data.size() <= kMaxMountData);
  CHECK(options.data.find("lowerdir=" + std::string(64, 'a') + "0/fs:") == 0);
}

TEST_CASE("a file's first bytes say who runs it") {
  using Kind = ExecutableFormat::Kind;
  auto format = read_format("#! /usr/bin/env python3\nprint()\n");
  CHECK(format.kind == Kind::kScript);
  CHECK(format.interpreter == "/usr/bin/env");
  CHECK(read_format("#!/bin/sh\r\n").interpreter == "/bin/sh\r");
  CHECK(read_format("#!").interpreter == "");
  CHECK(read_format("").kind == Kind::kEmpty);
  CHECK(read_format("\177ELF").kind == Kind::kUnknown);
}

TEST_CASE("variables are found by their whole name") {
  const std::vector<std::string> environment = {"PATHS=x", "PATH=/bin", "EMPTY="};
  CHECK(variable(environment, "PATH") == "/bin");
  CHECK(variable(environment, "PAT") == "");
  CHECK(variable(environment, "EMPTY") == "");
}
