#include "image/manifest.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

namespace {

using namespace cmp::image;  // NOLINT(google-build-using-namespace): a test of this namespace

const std::string kDigest = digest_of("x").str();

std::string descriptor(const std::string& type, const std::string& more = "") {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":1{}}})", type, kDigest, more);
}

std::string manifest(const std::string& more = "") {
  return fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]{}}})", descriptor("c"), descriptor("l"), more);
}

std::string refusal(const std::string& text, std::string_view media_type = {}) {
  const auto document = parse_document(text, media_type);
  return document ? "accepted" : document.error().message;
}

TEST_CASE("a manifest and an index are told apart by what they hold") {
  const auto one = parse_document(manifest(), media::kDockerManifest);
  REQUIRE(one);
  CHECK(std::get<Manifest>(*one).layers.size() == 1);
  CHECK(std::get<Manifest>(*one).media_type == media::kDockerManifest);
  const auto many = parse_document(fmt::format(R"({{"manifests":[{}]}})", descriptor("m")), media::kOciIndex);
  REQUIRE(many);
  CHECK(std::get<Index>(*many).manifests.size() == 1);
}

TEST_CASE("a document that is not what it is called is refused") {
  CHECK(refusal(manifest(R"(,"manifests":[])")).find("manifest and index at once") != std::string::npos);
  CHECK(refusal(manifest(), media::kOciIndex).find("is not what") != std::string::npos);
  CHECK(refusal(manifest(fmt::format(R"(,"mediaType":"{}")", media::kOciManifest)), media::kDockerManifest)
            .find("calls itself") != std::string::npos);
  CHECK(refusal("[]").find("no JSON object") != std::string::npos);
  CHECK(refusal("{}").find("neither") != std::string::npos);
  CHECK(refusal(R"({"schemaVersion":1,"fsLayers":[]})").find("old format") != std::string::npos);
}

TEST_CASE("digests and sizes in a manifest are checked before anybody uses them") {
  const std::string path = R"({"config":{"digest":"sha256:../../x","size":1},"layers":[]})";
  CHECK(refusal(path).find("is no digest") != std::string::npos);
  CHECK(refusal(fmt::format(R"({{"config":{{"digest":"{}","size":-1}},"layers":[]}})", kDigest)).find("has no size") !=
        std::string::npos);
  CHECK(refusal(fmt::format(R"({{"config":{},"layers":[{}]}})", descriptor("c"),
                            descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")))
            .find("from elsewhere") != std::string::npos);
}

TEST_CASE("of an index the manifest for this machine is chosen, attestations aside") {
  const auto entry = [](const char* platform) { return descriptor("m", fmt::format(R"(,"platform":{})", platform)); };
  const std::string text =
      fmt::format(R"({{"manifests":[{},{},{}]}})", entry(R"({"os":"unknown","architecture":"unknown"})"),
                  entry(R"({"os":"linux","architecture":"arm64","variant":"v8"})"),
                  entry(R"({"os":"linux","architecture":"amd64"})"));
  const auto index = std::get<Index>(*parse_document(text));
  CHECK(choose(index, {"linux", "amd64", ""})->platform->architecture == "amd64");
  CHECK(choose(index, {"linux", "arm64", ""})->platform->architecture == "arm64");
  const auto none = choose(index, {"linux", "s390x", ""});
  REQUIRE_FALSE(none);
  CHECK(none.error().message == "there is no image for linux/s390x, only for linux/amd64, linux/arm64/v8");
}

TEST_CASE("what is written is read back") {
  Descriptor config{.media_type = std::string(media::kOciConfig), .digest = digest_of("c"), .size = 1};
  Descriptor layer{.media_type = std::string(media::kOciLayer), .digest = digest_of("l"), .size = 5};
  const auto document = parse_document(render_manifest(config, {layer}), media::kOciManifest);
  REQUIRE(document);
  CHECK(std::get<Manifest>(*document).config == config);
  CHECK(std::get<Manifest>(*document).layers == std::vector{layer});
  CHECK(size_of(std::get<Manifest>(*document)) == 6);
  layer.platform = Platform{"linux", "arm", "v7"};
  layer.annotations = {{"a", "b"}};
  CHECK(std::get<Index>(*parse_document(render_index({layer}))).manifests == std::vector{layer});
}

}  // namespace
