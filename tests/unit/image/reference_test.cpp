#include "image/reference.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cmp::image;  // NOLINT(google-build-using-namespace): a test of this namespace

constexpr const char* kDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Row {
  const char* written;
  std::string whole, familiar;
};

TEST_CASE("a name in a registry gets Docker's defaults") {
  const std::string digest = kDigest;
  const Row rows[] = {
      {"redis", "docker.io/library/redis:latest", "redis:latest"},
      {"redis:7", "docker.io/library/redis:7", "redis:7"},
      {"bitnami/redis:7", "docker.io/bitnami/redis:7", "bitnami/redis:7"},
      {"docker.io/redis", "docker.io/library/redis:latest", "redis:latest"},
      {"index.docker.io/library/redis:7", "docker.io/library/redis:7", "redis:7"},
      {"localhost/app", "localhost/app:latest", "localhost/app:latest"},
      {"localhost:5000/a/b/c:1.2-x_Y", "localhost:5000/a/b/c:1.2-x_Y", "localhost:5000/a/b/c:1.2-x_Y"},
      {"127.0.0.1:5000/redis", "127.0.0.1:5000/redis:latest", "127.0.0.1:5000/redis:latest"},
      {"[::1]:5000/redis", "[::1]:5000/redis:latest", "[::1]:5000/redis:latest"},
      {"quay.io/prometheus/node-exporter:v1.8.0", "quay.io/prometheus/node-exporter:v1.8.0",
       "quay.io/prometheus/node-exporter:v1.8.0"},
      {"a__b/c--d/e.f", "docker.io/a__b/c--d/e.f:latest", "a__b/c--d/e.f:latest"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    const auto reference = parse_reference(row.written, "/srv");
    REQUIRE(reference);
    CHECK(reference->str() == row.whole);
    CHECK(reference->familiar() == row.familiar);
    CHECK(parse_reference(reference->str(), "/elsewhere").value() == *reference);
  }
  const auto pinned = parse_reference("redis@" + digest, "/srv");
  REQUIRE(pinned);
  CHECK(pinned->tag.empty());
  CHECK(pinned->str() == "docker.io/library/redis@" + digest);
  CHECK(parse_reference("redis:7@" + digest, "/srv")->familiar() == "redis:7@" + digest);
}

TEST_CASE("an image on disk is named by its path, relative to the project") {
  const Row rows[] = {
      {"oci:images/web", "oci:/srv/images/web", "oci:/srv/images/web"},
      {"oci:./images/web:1.2", "oci:/srv/images/web:1.2", "oci:/srv/images/web:1.2"},
      {"oci:/var/images/web/:latest", "oci:/var/images/web:latest", "oci:/var/images/web:latest"},
      {"oci-archive:web.tar", "oci-archive:/srv/web.tar", "oci-archive:/srv/web.tar"},
      {"docker-archive:../all.tar:localhost:5000/web:1", "docker-archive:/srv/../all.tar:localhost:5000/web:1",
       "docker-archive:/srv/../all.tar:localhost:5000/web:1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    const auto reference = parse_reference(row.written, "/srv");
    REQUIRE(reference);
    CHECK(reference->local());
    CHECK(reference->str() == row.whole);
    CHECK(reference->familiar() == row.familiar);
  }
  CHECK(parse_reference("oci:/var/images/web/:latest", "/srv")->path == "/var/images/web");
  for (const char* name : {"oci:/a@b/web", "oci:/a@b/web:1", "oci-archive:/web.tar"}) {
    const std::string whole = std::string(name) + '@' + kDigest;
    const auto pinned = parse_reference(whole, "/srv");
    REQUIRE(pinned);
    CHECK(pinned->str() == whole);
    CHECK(pinned->digest.str() == kDigest);
    CHECK(pinned->familiar_name().find(kDigest) == std::string::npos);
  }
}

TEST_CASE("what is no reference is refused, and it is said why") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "is no name of a repository"},
      {"Redis", "lower case"},
      {"redis:", "is no tag"},
      {"redis:7:8", "is no name of a repository"},
      {"redis:-x", "is no tag"},
      {"redis@sha256:12", "is no digest"},
      {"redis@md5:d41d8cd98f00b204e9800998ecf8427e", "is no digest"},
      {"a//b", "is no name of a repository"},
      {"/redis", "is no name of a repository"},
      {"redis/", "is no name of a repository"},
      {"../redis", "is no registry"},
      {"a_-b/c", "is no name of a repository"},
      {"-a", "is no name of a repository"},
      {"host:port/redis", "is no registry"},
      {"host:65536/redis", "is no registry"},
      {"oci:", "there is no path"},
      {"oci:/x:", "there is no name behind"},
      {"oci:/x@sha256:12", "is no digest"},
      {"redis 7", "is no name of a repository"},
      {"redis\n", "is no name of a repository"},
  };
  for (const auto& row : rows) {
    const char* const written = row.first;
    const char* const reason = row.second;
    CAPTURE(written);
    const auto reference = parse_reference(written, "/srv");
    REQUIRE_FALSE(reference);
    CHECK(reference.error().message.find(reason) != std::string::npos);
  }
}

TEST_CASE("a digest is sixty-four hex digits and nothing else, so that it is safe in a path") {
  CHECK(parse_digest(kDigest)->str() == kDigest);
  CHECK(digest_of("").str() == kDigest);
  for (const char* text :
       {"", "sha256:", "sha256:../../etc/passwd", "sha512:aa", "sha256:E3B0C44298FC1C149AFBF4C8996FB924"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_digest(text));
  }
  CHECK_FALSE(parse_digest(std::string(kDigest) + "0"));
}

}  // namespace
