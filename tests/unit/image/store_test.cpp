#include "image/store.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "image/garbage.hpp"
#include "image/transfer.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

namespace {

using namespace cmp;  // NOLINT(google-build-using-namespace): a test of it

struct Bed {
  test::TempDir temp;
  state::Roots roots{temp / "run", temp / "state"};
  image::Store store = *image::Store::open(roots);

  /// An image of these layers; their content is their name.
  [[nodiscard]] image::StoredImage make(const std::string& name, const std::vector<std::string>& layers) const {
    std::string ids;
    std::vector<image::Descriptor> packed;
    for (const std::string& layer : layers) {
      const image::Digest blob = *store.write_blob("packed " + layer);
      ids += fmt::format("{}\"{}\"", ids.empty() ? "" : ",", image::digest_of(layer).str());
      packed.push_back({.media_type = std::string(image::media::kOciLayerGzip), .digest = blob, .size = 1});
      CHECK(sys::make_directories(store.paths().layer(image::digest_of(layer).hex)));
    }
    const std::string config =
        fmt::format(R"({{"os":"linux","architecture":"amd64","rootfs":{{"type":"layers","diff_ids":[{}]}}}})", ids);
    image::StoredImage image;
    image.name = name;
    image.platform = {"linux", "amd64", ""};
    image.id = *store.write_blob(config);
    const std::string manifest = image::render_manifest({.digest = image.id, .size = config.size()}, packed);
    image.manifest = {.media_type = std::string(image::media::kOciManifest),
                      .digest = *store.write_blob(manifest),
                      .size = manifest.size()};
    image.pulled_at = WallTime(Nanoseconds(5));
    return image;
  }
};

const image::Platform kPlatform{"linux", "amd64", ""};

TEST_CASE("a name leads to its image until another one gets it or it is taken away") {
  const Bed bed;
  CHECK(image::Store(bed.roots).list()->empty());
  const image::StoredImage first = bed.make("docker.io/library/a:1", {"x"});
  REQUIRE(bed.store.put(first));
  CHECK(bed.store.find(first.name, kPlatform).value() == first);
  CHECK_FALSE(bed.store.find(first.name, {"linux", "arm64", ""}).value());
  CHECK_FALSE(bed.store.find("docker.io/library/a:2", kPlatform).value());
  const image::StoredImage second = bed.make(first.name, {"x", "y"});
  REQUIRE(bed.store.put(second));
  CHECK(bed.store.list()->size() == 1);
  CHECK(bed.store.find(first.name, kPlatform).value()->id == second.id);
  REQUIRE(bed.store.remove(second));
  CHECK(bed.store.remove(second).error().code == Code::kNotFound);
}

TEST_CASE("an image is used only if all of it is there and undamaged") {
  const Bed bed;
  const image::StoredImage image = bed.make("a:1", {"base", "top", "base"});
  REQUIRE(bed.store.put(image));
  const auto usable = bed.store.use(image.id);
  REQUIRE(usable);
  // Topmost first; the lower copy of a layer that comes twice shows nothing.
  CHECK(usable->lower == std::vector<std::string>{bed.store.paths().layer(image::digest_of("base").hex),
                                                  bed.store.paths().layer(image::digest_of("top").hex)});
  REQUIRE(sys::remove_tree(bed.store.paths().layer(image::digest_of("top").hex)));
  CHECK(bed.store.use(image.id).error().message.find("is not there") != std::string::npos);
  CHECK_FALSE(bed.store.find("a:1", kPlatform).value());
  REQUIRE(sys::write_file_atomically(bed.store.paths().blob(image.id.hex), "other"));
  CHECK(bed.store.use(image.id).error().message.find("is damaged") != std::string::npos);
}

TEST_CASE("garbage is what neither a name nor a container needs") {
  const Bed bed;
  const image::StoredImage named = bed.make("a:1", {"shared", "mine"});
  const image::StoredImage running = bed.make("b:1", {"shared", "old"});
  REQUIRE(bed.store.put(named));
  REQUIRE(sys::write_file_atomically(bed.store.paths().part("blob", "half"), "half"));
  const image::Digest stray = *bed.store.write_blob("stray");
  const auto garbage = image::find_garbage(bed.store, {running.id});
  REQUIRE(garbage);
  CHECK(garbage->layers.empty());
  CHECK(garbage->parts.size() == 1);
  CHECK(garbage->bytes > 0);
  {
    const auto hold = bed.store.hold();
    CHECK(image::collect_garbage(bed.store, {}).error().code == Code::kConflict);
  }
  const auto gone = image::collect_garbage(bed.store, {});
  REQUIRE(gone);
  CHECK(gone->layers == std::vector<std::string>{bed.store.paths().layer(image::digest_of("old").hex)});
  CHECK_FALSE(bed.store.has_blob(stray));
  CHECK_FALSE(bed.store.has_blob(running.id));
  CHECK(bed.store.find("a:1", kPlatform).value());
}

TEST_CASE("what cmp and its worker say to each other comes back as it went") {
  image::TransferRequest request;
  request.task = image::Task::kSave;
  request.items = {{.name = "a", .platform = "linux", .as = "b", .label = "c"}};
  request.file = "/x";
  request.tls_verify = false;
  const auto back = image::decode_transfer_request(encode(request));
  REQUIRE(back);
  CHECK(back->items == request.items);
  CHECK(back->file == "/x");
  CHECK(back->task == image::Task::kSave);
  CHECK_FALSE(back->tls_verify);
  const auto event = image::decode_transfer_event(encode(image::TransferEvent{
      .kind = image::TransferEventKind::kError, .label = "l", .text = "\xff", .current = 5, .total = 9}));
  REQUIRE(event);
  CHECK(event->kind == image::TransferEventKind::kError);
  CHECK(event->total == 9);
  CHECK_FALSE(image::decode_transfer_event("nonsense"));
}

}  // namespace
