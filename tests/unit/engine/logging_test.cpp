#include "engine/logging.hpp"

#include <doctest/doctest.h>

using namespace cmp;  // NOLINT(google-build-using-namespace): a test
using engine::log_plan;

namespace {

state::LogBounds bounds(const model::Logging& logging) {
  const auto found = log_plan(logging);
  REQUIRE(found);
  REQUIRE(found->kept);
  return *found->kept;
}

}  // namespace

TEST_CASE("logs are bounded where nothing is said") {
  CHECK(bounds({}).max_bytes == 20'000'000);
  CHECK(bounds({}).files == 5);
  CHECK(bounds({.driver = "local", .options = {}}).files == 5);
}

TEST_CASE("max-size has decimal units and means one file unless max-file says more") {
  struct Row {
    const char* text;
    std::uint64_t bytes;
  };

  for (const Row row : {Row{"10m", 10'000'000}, Row{"1.5k", 1500}, Row{"2GB", 2'000'000'000}, Row{"300", 300},
                        Row{"64 kb", 64'000}, Row{"-1", 0}}) {
    CAPTURE(row.text);
    const auto found = bounds({.driver = "json-file", .options = {{"max-size", row.text}}});
    CHECK(found.max_bytes == row.bytes);
    CHECK(found.files == 1);
  }
  CHECK(bounds({.driver = "", .options = {{"max-size", "1m"}, {"max-file", "7"}}}).files == 7);
}

TEST_CASE("the driver none keeps nothing") {
  const auto found = log_plan({.driver = "none", .options = {}});
  REQUIRE(found);
  CHECK_FALSE(found->kept);
  CHECK_FALSE(found->sent);
}

TEST_CASE("what no driver has is refused by name") {
  struct Row {
    model::Logging logging;
    const char* part;
  };

  const Row rows[] = {{{"fluentd", {}}, "driver 'fluentd'"},
                      {{"json-file", {{"max-size", "ten"}}}, "max-size 'ten'"},
                      {{"json-file", {{"max-size", "10q"}}}, "max-size '10q'"},
                      {{"json-file", {{"max-file", "0"}}}, "max-file '0'"},
                      {{"", {{"max-sise", "1m"}}}, "no option 'max-sise' (did you mean 'max-size'?)"},
                      {{"journald", {{"max-size", "1m"}}}, "the driver journald has no option 'max-size'"},
                      {{"json-file", {{"mode", "fast"}}}, "mode 'fast' is not blocking or non-blocking"},
                      {{"json-file", {{"max-buffer-size", "4m"}}}, "max-buffer-size needs 'mode: non-blocking'"},
                      {{"json-file", {{"compress", "yes"}}}, "compress 'yes' is not true or false"},
                      {{"json-file", {{"env-regex", "("}}}, "env-regex '(' is not a regular expression"},
                      {{"syslog", {{"tag", "{{.ImageNme}}"}}},
                       "'{{.ImageNme}}' is no field of a container (did you mean '{{.ImageName}}'?)"},
                      {{"syslog", {{"tag", "a{{.Name"}}}, "has a '{{' without '}}'"},
                      {{"syslog", {{"syslog-facility", "deamon"}}}, "syslog-facility 'deamon' is not a facility"},
                      {{"syslog", {{"syslog-format", "x"}}}, "syslog-format 'x' is not rfc3164"},
                      {{"syslog", {{"syslog-address", "tcp://h:1"}}}, "only sockets of this host and udp"},
                      {{"syslog", {{"syslog-address", "udp://name:1"}}}, "is not udp://ADDRESS:PORT, in numbers"},
                      {{"syslog", {{"syslog-address", "here"}}}, "is not unixgram:///PATH"}};
  for (const Row& row : rows) {
    const auto found = log_plan(row.logging);
    REQUIRE_FALSE(found);
    CAPTURE(found.error().message);
    CHECK(found.error().message.find(row.part) != std::string::npos);
  }
}

TEST_CASE("journald and syslog keep a cache and say where lines go") {
  const auto journal = log_plan({.driver = "journald", .options = {{"cache-max-size", "1m"}, {"labels", "a,b"}}});
  REQUIRE(journal);
  CHECK(journal->kept->max_bytes == 1'000'000);
  CHECK(journal->kept->files == 5);
  REQUIRE(journal->sent);
  CHECK(journal->sent->address == "/run/systemd/journal/socket");
  CHECK(journal->sent->tag == "{{.ID}}");
  CHECK(journal->sent->labels == std::vector<std::string>{"a", "b"});
  const auto local = log_plan({.driver = "syslog", .options = {{"syslog-facility", "local3"}}});
  REQUIRE(local);
  CHECK(local->sent->address == "/dev/log");
  CHECK(local->sent->facility == 19);
  CHECK(local->sent->format == engine::SyslogFormat::kLocal);
  const auto far = log_plan({.driver = "syslog", .options = {{"syslog-address", "udp://192.0.2.1:5514"}}});
  REQUIRE(far);
  CHECK(far->sent->format == engine::SyslogFormat::kRfc3164);
  CHECK(engine::udp_address(far->sent->address)->port == 5514);
  CHECK(engine::udp_address("udp://192.0.2.1")->port == 514);
}

TEST_CASE("options that change nothing are named") {
  using Texts = std::vector<std::string>;
  const auto none = engine::log_options_without_effect({.driver = "", .options = {{"max-size", "1m"}}});
  CHECK(none == Texts{});
  const auto two =
      engine::log_options_without_effect({.driver = "", .options = {{"compress", "true"}, {"tag", "{{.Name}}"}}});
  CHECK(two == Texts{"compress: log files are kept as they are, within their bound",
                     "tag: the driver json-file keeps lines without attributes"});
  CHECK(engine::log_options_without_effect({.driver = "journald", .options = {{"tag", "x"}}}) == Texts{});
}
