#include "image/config.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

namespace {

using namespace cmp::image;  // NOLINT(google-build-using-namespace): a test of this namespace
using cmp::model::Service;
using Words = std::vector<std::string>;

ImageConfig config_of(const std::string& config) {
  const auto parsed = parse_config(fmt::format(
      R"({{"os":"linux","architecture":"amd64","rootfs":{{"type":"layers","diff_ids":["{}"]}},"config":{}}})",
      digest_of("x").str(), config));
  REQUIRE(parsed);
  return *parsed;
}

/// Without warnings.
void apply(const ImageConfig& config, Service& service) {
  CHECK(apply_defaults(config, service).empty());
}

TEST_CASE("the program: an entrypoint of the service drops the image's command") {
  const ImageConfig config = config_of(R"({"Entrypoint":["/entry"],"Cmd":["serve","now"]})");
  Service service;
  apply(config, service);
  CHECK(service.entrypoint == Words{"/entry"});
  CHECK(service.command == Words{"serve", "now"});
  Service commanded;
  commanded.command = Words{"other"};
  apply(config, commanded);
  CHECK(commanded.entrypoint == Words{"/entry"});
  CHECK(commanded.command == Words{"other"});
  Service entered;
  entered.entrypoint = Words{"/own"};
  apply(config, entered);
  CHECK(entered.entrypoint == Words{"/own"});
  CHECK_FALSE(entered.command);
}

TEST_CASE("the service's environment wins, and what it takes away stays away") {
  const ImageConfig config = config_of(R"({"Env":["A=1","B=2","C=x=y","D"]})");
  Service service;
  service.environment = {{"A", "own"}, {"B", std::nullopt}};
  apply(config, service);
  CHECK(service.environment ==
        std::map<std::string, std::optional<std::string>>{{"A", "own"}, {"B", std::nullopt}, {"C", "x=y"}, {"D", ""}});
}

TEST_CASE("a volume of the image becomes an anonymous one unless something is mounted there") {
  const ImageConfig config = config_of(R"({"Volumes":{"/data/":{},"/var/lib/x":{},"relative":{}}})");
  Service service;
  service.volumes.push_back({.type = cmp::model::MountType::kBind, .source = "/srv", .target = "/var/lib/x"});
  apply(config, service);
  REQUIRE(service.volumes.size() == 2);
  CHECK(service.volumes[1].type == cmp::model::MountType::kVolume);
  CHECK(service.volumes[1].source.empty());
  CHECK(service.volumes[1].target == "/data");
}

TEST_CASE("the health check is the image's, with the times of the service if it has some") {
  const ImageConfig config =
      config_of(R"({"Healthcheck":{"Test":["CMD","probe"],"Interval":5000000000,"Retries":7},"StopSignal":"SIGINT"})");
  Service service;
  apply(config, service);
  CHECK(service.healthcheck.test == Words{"CMD", "probe"});
  CHECK(service.healthcheck.interval == std::chrono::seconds(5));
  CHECK(service.healthcheck.retries == 7);
  CHECK(service.stop_signal == "SIGINT");
  Service timed;
  timed.positions["healthcheck"] = {};
  timed.healthcheck.interval = std::chrono::seconds(1);
  apply(config, timed);
  CHECK(timed.healthcheck.test == Words{"CMD", "probe"});
  CHECK(timed.healthcheck.interval == std::chrono::seconds(1));
  Service off;
  off.healthcheck.test = {"NONE"};
  apply(config, off);
  CHECK_FALSE(off.healthcheck.enabled());
}

TEST_CASE("an image may not set the labels that steer tools") {
  const ImageConfig config =
      config_of(R"({"Labels":{"com.docker.compose.project":"evil","cmp.x":"1","a":"image","b":"image"}})");
  Service service;
  service.image = "evil:1";
  service.labels = {{"b", "own"}};
  const auto warnings = apply_defaults(config, service);
  CHECK(service.labels == std::map<std::string, std::string>{{"a", "image"}, {"b", "own"}});
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].find("'cmp.x'") != std::string::npos);
}

TEST_CASE("what is no configuration of an image is refused") {
  for (const char* text :
       {"", "[]", "{}", R"({"rootfs":{"diff_ids":["sha256:x"]}})", R"({"os":"windows","rootfs":{"diff_ids":[]}})"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_config(text));
  }
  CHECK(parse_config(R"({"rootfs":{},"config":null})"));
}

}  // namespace
