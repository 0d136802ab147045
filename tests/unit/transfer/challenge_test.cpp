#include "transfer/challenge.hpp"

#include <doctest/doctest.h>

#include "base/base64.hpp"
#include "transfer/credentials.hpp"
#include "transfer/endpoints.hpp"
#include "transfer/registry.hpp"

namespace {

using namespace cmp::transfer;  // NOLINT(google-build-using-namespace): a test of this namespace

TEST_CASE("a registry's challenge is read, bearer preferred") {
  const Challenge token = parse_challenge(
      R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push")");
  CHECK(token.scheme == Scheme::kBearer);
  CHECK(token.realm == "https://auth.docker.io/token");
  CHECK(token.service == "registry.docker.io");
  CHECK(token.scope == "repository:a/b:pull,push");
  CHECK(parse_challenge("Basic realm=\"a \\\"b\\\"\"").realm == "a \"b\"");
  CHECK(parse_challenge("basic realm=x").scheme == Scheme::kBasic);
  const Challenge both = parse_challenge(R"(Basic realm="x", Bearer realm="https://y")");
  CHECK(both.scheme == Scheme::kBearer);
  CHECK(both.realm == "https://y");
  for (const char* text : {"", "Negotiate", ",,", "=", "Bearer realm=\"", "Digest realm=\"x\", nonce=\"y\""}) {
    CAPTURE(text);
    CHECK(parse_challenge(text).service.empty());
  }
}

TEST_CASE("an answer that is no success is said in words, without what a terminal would obey") {
  const auto error =
      refusal("image 'redis:8'", 404, R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"no\u001b[2J"}]})", "r");
  CHECK(error.message == "image 'redis:8': r answered 404 (MANIFEST_UNKNOWN: no[2J): it has no such image");
  CHECK(error.code == cmp::Code::kNotFound);
  CHECK(refusal("x", 429, "", "r").message.find("rate limit") != std::string::npos);
  CHECK(refusal("x", 401, "<html>", "r").message.find("login") != std::string::npos);
  CHECK(refusal("x", 503, "", "r").message == "x: r answered 503: it is in trouble, try again later");
}

TEST_CASE("credentials are found in Docker's configuration under the names that it uses") {
  std::string helper;
  const std::string auth = cmp::to_base64("me:a:b");
  const auto in = [&](const std::string& text, const std::string& registry) {
    return credentials_in(text, registry, helper);
  };
  CHECK(in(R"({"auths":{"https://index.docker.io/v1/":{"auth":")" + auth + R"("}}})", "docker.io").value()->password ==
        "a:b");
  CHECK(in(R"({"auths":{"r:5000":{"username":"u","password":"p"}}})", "r:5000").value()->user == "u");
  CHECK(in(R"({"auths":{"r:5000":{"identitytoken":"t"}}})", "r:5000").value()->identity_token == "t");
  CHECK_FALSE(in(R"({"auths":{"r:5000":{"auth":")" + auth + R"("}}})", "r:5001").value());
  CHECK(helper.empty());
  CHECK_FALSE(in(R"({"auths":{"r":{}},"credsStore":"pass"})", "r").value());
  CHECK(helper == "pass");
  CHECK_FALSE(in(R"({"credHelpers":{"r":"ecr"},"credsStore":"pass"})", "r").value());
  CHECK(helper == "ecr");
  CHECK_FALSE(in("nonsense", "r"));
}

TEST_CASE("registries are asked by https, mirrors first, and this machine's own may do without") {
  const auto hub = endpoints_in("", "docker.io");
  REQUIRE(hub);
  REQUIRE(hub->size() == 1);
  CHECK(hub->front().url == "https://registry-1.docker.io");
  CHECK_FALSE(hub->front().may_be_plain);
  CHECK(endpoints_in("", "localhost:5000")->front().may_be_plain);
  const auto configured = endpoints_in(
      R"({"docker.io":{"mirrors":["http://127.0.0.1:5000/"]},"lan:5000":{"plain_http":true,"tls_verify":false}})",
      "docker.io");
  REQUIRE(configured);
  REQUIRE(configured->size() == 2);
  CHECK(configured->front().url == "http://127.0.0.1:5000");
  CHECK(endpoints_in(R"({"lan:5000":{"plain_http":true}})", "lan:5000")->front().url == "http://lan:5000");
  CHECK_FALSE(endpoints_in(R"({"lan":{"plain":true}})", "lan"));
  CHECK_FALSE(endpoints_in("[]", "lan"));
  for (const char* host : {"localhost", "localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]:5000"}) {
    CHECK(is_loopback(host));
  }
  CHECK_FALSE(is_loopback("128.0.0.1"));
  CHECK_FALSE(is_loopback("localhost.evil.org"));
}

TEST_CASE("pauses double, up to a limit, and obey the registry") {
  CHECK(pause_ms(0, "") == 500);
  CHECK(pause_ms(3, "") == 4000);
  CHECK(pause_ms(30, "") == 16000);
  CHECK(pause_ms(0, "7") == 7000);
  CHECK(pause_ms(0, "86400") == 120000);
  CHECK(pause_ms(0, "Wed, 21 Oct 2015 07:28:00 GMT") == 500);
}

}  // namespace
