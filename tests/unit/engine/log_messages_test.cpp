#include "engine/log_messages.hpp"

#include <doctest/doctest.h>

#include "engine/log_tag.hpp"

using namespace cmp;  // NOLINT(google-build-using-namespace): a test

namespace {

state::ContainerRecord shop_web() {
  state::ContainerRecord record;
  record.id = "0123456789abcdef";
  record.name = "shop-web-1";
  record.image = "nginx:1.27";
  record.command = {"nginx", "-g"};
  record.labels = {{"team", "red"}, {"com.example.tier", "1"}, {"other", "x"}};
  record.service_definition.environment = {{"STAGE", "test"}, {"SECRET", "no"}};
  record.service_definition.image_id = "sha256:fedcba98765432100";
  return record;
}

engine::LogTarget journal() {
  engine::LogTarget target;
  target.tag = "{{.Name}}";
  return target;
}

engine::LogTarget syslog(engine::SyslogFormat format) {
  engine::LogTarget target = journal();
  target.kind = engine::LogTarget::Kind::kSyslog;
  target.format = format;
  return target;
}

std::string one(const engine::LogTarget& target, const state::LogLine& line) {
  const auto messages = engine::log_messages(engine::log_sender(target, shop_web(), "host", 7), line);
  REQUIRE(messages.size() == 1);
  return messages.front();
}

}  // namespace

TEST_CASE("a tag is filled in with what a container is") {
  const auto expand = [](const char* text) { return engine::expand_log_tag(text, shop_web()); };
  CHECK(expand("{{.ImageName}}/{{ .Name }}/{{.ID}}") == "nginx:1.27/shop-web-1/0123456789ab");
  CHECK(expand("{{.FullID}} {{.ImageID}} {{.ImageFullID}}") ==
        "0123456789abcdef fedcba987654 sha256:fedcba98765432100");
  CHECK(expand("{{.DaemonName}}: {{.Command}}") == "cmp: nginx -g");
  CHECK(expand("plain") == "plain");
}

TEST_CASE("a line of the journal has Docker's fields") {
  engine::LogTarget target = journal();
  target.labels = {"team"};
  target.labels_regex = "^com[.]";
  target.env = {"STAGE"};
  const std::string message = one(target, {WallTime(), true, "a line", true});
  CHECK(message.starts_with("MESSAGE=a line\nPRIORITY=3\nSYSLOG_IDENTIFIER=shop-web-1\nSYSLOG_TIMESTAMP="));
  CHECK(message.find("\nCONTAINER_NAME=shop-web-1\nCONTAINER_ID=0123456789ab\nCONTAINER_ID_FULL=0123456789abcdef\n") !=
        std::string::npos);
  CHECK(message.ends_with("IMAGE_NAME=nginx:1.27\nCOM_EXAMPLE_TIER=1\nTEAM=red\nSTAGE=test\n"));
}

TEST_CASE("a value with line ends goes with its length") {
  const std::string message = one(journal(), {WallTime(), false, "a\nb", true});
  CHECK(message.starts_with(std::string("MESSAGE\n\3\0\0\0\0\0\0\0a\nb\nPRIORITY=6\n", 31)));
}

TEST_CASE("a long line is cut and says so") {
  const auto sender = engine::log_sender(journal(), shop_web(), "host", 7);
  const auto messages = engine::log_messages(sender, {WallTime(), false, std::string(40000, 'x'), true});
  REQUIRE(messages.size() == 3);
  CHECK(messages[0].starts_with("MESSAGE=" + std::string(16384, 'x') + "\n"));
  CHECK(messages[1].find("CONTAINER_PARTIAL_MESSAGE=true") != std::string::npos);
  CHECK(messages[2].find("CONTAINER_PARTIAL_MESSAGE") == std::string::npos);
  CHECK(engine::log_messages(sender, {WallTime(), false, "", true}).size() == 1);
}

TEST_CASE("syslog has its four forms") {
  const state::LogLine line{WallTime(std::chrono::seconds(86400 * 31 + 3)), false, "text", true};
  const std::string local = one(syslog(engine::SyslogFormat::kLocal), line);
  CHECK(local.starts_with("<30>"));
  CHECK(local.ends_with(" shop-web-1[7]: text"));
  CHECK(one(syslog(engine::SyslogFormat::kRfc3164), line).ends_with(" host shop-web-1[7]: text"));
  CHECK(one(syslog(engine::SyslogFormat::kRfc5424), line).ends_with(" host shop-web-1 7 shop-web-1 - text"));
  const std::string micro = one(syslog(engine::SyslogFormat::kRfc5424Micro), line);
  CHECK(micro.starts_with("<30>1 1970-0"));
  CHECK(micro.find(":03.000000") != std::string::npos);
}
