#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "image/reference.hpp"
#include "sys/file.hpp"
#include "transfer/import.hpp"
#include "transfer/load.hpp"

namespace cmp::transfer {

namespace {

using Json = nlohmann::json;

/// Writes a tar archive. Times are those of 1970, so that the same images give the same bytes.
class TarWriter {
 public:
  explicit TarWriter(int fd) : archive_(archive_write_new()) {
    archive_write_set_format_pax_restricted(archive_);
    archive_write_set_bytes_in_last_block(archive_, 1);
    failed_ = archive_write_open_fd(archive_, fd) != ARCHIVE_OK;
  }

  ~TarWriter() { archive_write_free(archive_); }

  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  Status add(const std::string& name, std::string_view data) {
    CMP_CHECK(header(name, data.size()));
    return write(data);
  }

  Status add(const std::string& name, int file, std::uint64_t size) {
    CMP_CHECK(header(name, size));
    std::vector<char> buffer(1U << 20U);
    for (;;) {
      const ssize_t got = ::read(file, buffer.data(), buffer.size());
      if (got == 0) {
        return {};
      }
      if (got < 0 && errno != EINTR) {
        return sys_error("read");
      }
      CMP_CHECK(write({buffer.data(), static_cast<std::size_t>(got < 0 ? 0 : got)}));
    }
  }

  Status finish() { return archive_write_close(archive_) == ARCHIVE_OK ? Status() : failure(); }

 private:
  Status header(const std::string& name, std::uint64_t size) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_size(entry, static_cast<la_int64_t>(size));
    const bool written = !failed_ && archive_write_header(archive_, entry) == ARCHIVE_OK;
    archive_entry_free(entry);
    return written ? Status() : failure();
  }

  Status write(std::string_view data) {
    return archive_write_data(archive_, data.data(), data.size()) == static_cast<la_ssize_t>(data.size()) ? Status()
                                                                                                          : failure();
  }

  Error failure() {
    const char* why = archive_error_string(archive_);
    return make_error(Code::kSystem, fmt::format("write archive: {}", why == nullptr ? "unknown reason" : why));
  }

  archive* archive_;
  bool failed_ = false;
};

std::string blob_name(const image::Digest& digest) {
  return "blobs/sha256/" + digest.hex;
}

struct Contents {
  std::vector<image::Descriptor> manifests;  ///< with their names
  Json docker = Json::array();
  std::set<image::Digest> blobs;
};

Status add_image(const image::Store& store, const image::TransferItem& item, Contents& contents) {
  CMP_TRY(const image::Platform platform, image::parse_platform(item.platform, image::host_platform()));
  CMP_TRY(const auto stored, store.find(item.name, platform));
  if (!stored) {
    return make_error(Code::kNotFound, "there is no such image");
  }
  CMP_TRY(const image::Manifest manifest, read_manifest(store, stored->manifest));
  CMP_TRY(const image::Reference reference, image::parse_reference(item.name, "/"));
  image::Descriptor descriptor = stored->manifest;
  descriptor.platform = stored->platform;
  descriptor.annotations = {{"io.containerd.image.name", reference.str()},
                            {"org.opencontainers.image.ref.name", reference.tag}};
  contents.manifests.push_back(std::move(descriptor));
  contents.blobs.insert(stored->manifest.digest);
  contents.blobs.insert(manifest.config.digest);
  Json layers = Json::array();
  for (const image::Descriptor& layer : manifest.layers) {
    contents.blobs.insert(layer.digest);
    layers.push_back(blob_name(layer.digest));
  }
  contents.docker.push_back(
      {{"Config", blob_name(manifest.config.digest)}, {"RepoTags", {reference.familiar()}}, {"Layers", layers}});
  return {};
}

Status add_blob(const image::Store& store, const image::Digest& digest, TarWriter& tar) {
  CMP_TRY(const UniqueFd file, sys::open_file(store.paths().blob(digest.hex), O_RDONLY));

  struct stat info {};

  if (::fstat(file.get(), &info) != 0) {
    return sys_error("stat blob");
  }
  return tar.add(blob_name(digest), file.get(), static_cast<std::uint64_t>(info.st_size));
}

}  // namespace

Status save(const image::Store& store, const std::vector<image::TransferItem>& items, const std::string& file,
            const Report& report) {
  Contents contents;
  for (const image::TransferItem& item : items) {
    CMP_CHECK(add_image(store, item, contents).context(fmt::format("image '{}'", item.label)));
  }
  CMP_TRY(const UniqueFd out, sys::open_file(file, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  TarWriter tar(out.get());
  CMP_CHECK(tar.add("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"));
  CMP_CHECK(tar.add("index.json", image::render_index(contents.manifests)));
  CMP_CHECK(tar.add("manifest.json", contents.docker.dump()));
  for (const image::Digest& blob : contents.blobs) {
    CMP_CHECK(add_blob(store, blob, tar));
  }
  CMP_CHECK(tar.finish());
  for (const image::TransferItem& item : items) {
    report({.kind = image::TransferEventKind::kImage, .label = item.label, .name = item.name});
  }
  return {};
}

}  // namespace cmp::transfer
