#include "cli/oci_arguments.hpp"

#include <doctest/doctest.h>

using namespace cmp;  // NOLINT(google-build-using-namespace): a test

TEST_CASE("oci: options stand before and after the command, with a blank or an equals sign") {
  const auto parsed = cli::parse_oci_arguments({"--root=/r", "--log-format", "json", "--systemd-cgroup", "create", "-b",
                                                "/b", "--pid-file=/p", "c1", "--debug"});
  REQUIRE(parsed.has_value());
  CHECK(parsed->command == "create");
  CHECK(parsed->text("root") == "/r");
  CHECK(parsed->text("log-format") == "json");
  CHECK(parsed->text("bundle") == "/b");
  CHECK(parsed->text("pid-file") == "/p");
  CHECK(parsed->flag("systemd-cgroup"));
  CHECK(parsed->operands == std::vector<std::string>{"c1"});
}

TEST_CASE("oci: what follows the id of an exec is the program's own") {
  const auto parsed = cli::parse_oci_arguments({"exec", "-e", "A=1", "-e", "B=2", "c1", "sh", "-c", "echo --env"});
  REQUIRE(parsed.has_value());
  CHECK(parsed->all("env") == std::vector<std::string>{"A=1", "B=2"});
  CHECK(parsed->operands == std::vector<std::string>{"c1", "sh", "-c", "echo --env"});
}

TEST_CASE("oci: unknown words are refused") {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"creat", "x"}, {"create", "--force", "x"}, {"create"}, {"state", "a", "b"}, {"create", "--bundle"}}) {
    CHECK_FALSE(cli::parse_oci_arguments(words).has_value());
  }
  CHECK_FALSE(cli::parse_oci_arguments({"create", "--preserve-fds", "x", "c"})->number("preserve-fds").has_value());
}
