#include "transfer/install.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "transfer/unpack.hpp"

namespace cmp::transfer {

namespace {

/// A blob that was here already has its digest, but perhaps not the size that this manifest gives it.
Status check_sizes(const image::Store& store, const image::Manifest& manifest) {
  std::vector<image::Descriptor> blobs = manifest.layers;
  blobs.push_back(manifest.config);
  for (const image::Descriptor& blob : blobs) {
    struct stat info {};

    if (::stat(store.paths().blob(blob.digest.hex).c_str(), &info) != 0) {
      return sys_error(fmt::format("blob {}", blob.digest.brief()));
    }
    if (static_cast<std::uint64_t>(info.st_size) != blob.size) {
      return make_error(Code::kInvalid, fmt::format("blob {} has {} bytes, the manifest says {}", blob.digest.brief(),
                                                    info.st_size, blob.size));
    }
  }
  return {};
}

}  // namespace

Result<Installation> Installation::begin(const image::Store& store, const Fetched& fetched,
                                         const image::Platform& wanted) {
  Installation installation(store);
  installation.fetched_ = fetched;
  const image::Digest& config = fetched.manifest.config.digest;
  CMP_TRY(const std::string text, store.read_blob(config, image::kMaxConfigBytes));
  CMP_TRY(installation.config_, image::parse_config(text));
  const image::ImageConfig& parsed = installation.config_;
  if (parsed.diff_ids.size() != fetched.manifest.layers.size()) {
    return make_error(Code::kInvalid, fmt::format("the manifest has {} layers, the configuration {}",
                                                  fetched.manifest.layers.size(), parsed.diff_ids.size()));
  }
  if (!parsed.platform.architecture.empty() && image::distance(parsed.platform, wanted) < 0) {
    return make_error(Code::kUnsupported,
                      fmt::format("the image is for {}, not for {}", parsed.platform.str(), wanted.str()));
  }
  return installation;
}

void Installation::add_layer(Workers& workers, std::size_t index) const {
  const image::Digest blob = fetched_.manifest.layers[index].digest;
  const image::Digest diff_id = config_.diff_ids[index];
  if (store_.has_layer(diff_id)) {
    return;
  }
  workers.add(
      [store = store_, blob, diff_id] { return ensure_layer(store, blob, diff_id, Limits::from_environment()); });
}

Result<image::StoredImage> Installation::finish(const std::string& name) const {
  image::StoredImage image;
  image.name = name;
  image.platform = config_.platform.architecture.empty() ? image::host_platform() : config_.platform;
  image.manifest = fetched_.descriptor;
  image.manifest.annotations.clear();
  image.manifest.platform.reset();
  image.id = fetched_.manifest.config.digest;
  image.pulled_at = wall_now();
  image.origin = fetched_.origin;
  CMP_CHECK(check_sizes(store_, fetched_.manifest));
  CMP_TRY(const image::UsableImage usable, store_.use(image.id));
  static_cast<void>(usable);
  // The name must not outlive a power cut that its layers have not.
  CMP_TRY(const UniqueFd top, sys::open_file(store_.paths().top(), O_RDONLY | O_DIRECTORY));
  if (::syncfs(top.get()) != 0) {
    return sys_error("write the image to disk");
  }
  CMP_CHECK(store_.put(image));
  return image;
}

Result<image::StoredImage> install(const image::Store& store, const Fetched& fetched, const image::Platform& platform,
                                   const std::string& name) {
  CMP_TRY(const Installation installation, Installation::begin(store, fetched, platform));
  Workers workers;
  for (std::size_t index = 0; index < fetched.manifest.layers.size(); ++index) {
    installation.add_layer(workers, index);
  }
  CMP_CHECK(workers.finish());
  return installation.finish(name);
}

}  // namespace cmp::transfer
