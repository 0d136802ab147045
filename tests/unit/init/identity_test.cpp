#include "init/identity.hpp"

#include <doctest/doctest.h>

namespace {

using cmp::container::Credentials;
using cmp::init::resolve_identity;

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    "empty:x::5::/empty:/bin/sh\n"
    "redis:x:999:998:redis:/var/lib/redis:/bin/false\n"
    "redis:x:1:1:second:/second:/bin/false\n"
    "1000:x:7:7:a name of digits:/digits:/bin/sh\n"
    "last:x:50:51:no newline:/last:/bin/sh";
constexpr std::string_view kGroup =
    "root:x:0:\nredis:x:998:\naudio:x:29:redis,other\nvideo:x:44:other\nbad:x:x:redis\n";

std::string resolved(const std::string& user, std::vector<std::string> group_add = {}) {
  Credentials credentials;
  credentials.user = user;
  credentials.group_add = std::move(group_add);
  const auto identity = resolve_identity(credentials, kPasswd, kGroup);
  if (!identity) {
    return "error: " + identity.error().message;
  }
  std::string text = std::to_string(identity->ids.uid) + ":" + std::to_string(identity->ids.gid) + " [";
  for (const auto group : identity->ids.groups) {
    text += " " + std::to_string(group);
  }
  return text + " ] " + identity->home;
}

}  // namespace

TEST_CASE("users resolve as Docker has it") {
  CHECK(resolved("") == "0:0 [ 0 ] /root");
  CHECK(resolved("0") == "0:0 [ 0 ] /root");
  CHECK(resolved("redis") == "999:998 [ 998 29 ] /var/lib/redis");
  CHECK(resolved("999") == "999:998 [ 998 29 ] /var/lib/redis");
  CHECK(resolved("redis:video") == "999:44 [ 44 ] /var/lib/redis");
  CHECK(resolved("redis:0") == "999:0 [ 0 ] /var/lib/redis");
  CHECK(resolved("1234") == "1234:0 [ 0 ] /");
  CHECK(resolved("1234:55") == "1234:55 [ 55 ] /");
  CHECK(resolved(":29") == "0:29 [ 29 ] /root");
  CHECK(resolved("last") == "50:51 [ 51 ] /last");
  CHECK(resolved("redis:") == "999:998 [ 998 29 ] /var/lib/redis");
}

TEST_CASE("digits are an id and never a name") {
  CHECK(resolved("1000") == "1000:0 [ 0 ] /");
  CHECK(resolved("2147483647") == "2147483647:0 [ 0 ] /");
}

TEST_CASE("group_add takes names and numbers, without doubles") {
  CHECK(resolved("1000:1000", {"2000", "audio", "1000"}) == "1000:1000 [ 1000 2000 29 ] /");
  CHECK(resolved("0", {"nobody-knows"}) == "error: group_add: the container's /etc/group has no group 'nobody-knows'");
}

TEST_CASE("what is no user is refused and never becomes root") {
  for (const char* user : {"2147483648", "4294967295", "4294967296", "99999999999999999999", "-1", "0x0", " 0", "0 ",
                           "root\n", "empty", "broken line", "nobody"}) {
    CHECK_MESSAGE(resolved(user).find("error: ") == 0, user);
  }
  CHECK(resolved("root:4294967296").find("error: group ") == 0);
}
