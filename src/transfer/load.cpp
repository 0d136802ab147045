#include "transfer/load.hpp"

#include <fmt/core.h>

#include "image/reference.hpp"
#include "transfer/import.hpp"
#include "transfer/install.hpp"

namespace cmp::transfer {

namespace {

/// The name that an image of an archive gets here. A tag alone ("latest") says nothing.
Result<image::Reference> name_of(const std::string& written) {
  if (written.find_first_of(":/") == std::string::npos) {
    return make_error(Code::kInvalid,
                      fmt::format("the archive calls its image only '{}'; name it in the compose file as "
                                  "oci-archive:FILE:{}",
                                  written, written));
  }
  return image::parse_reference(written, "/");
}

/// What an archive has one image of is taken for whatever machine it is.
Result<image::Platform> platform_of(const image::Store& store, const Fetched& fetched) {
  CMP_TRY(const std::string text, store.read_blob(fetched.manifest.config.digest, image::kMaxConfigBytes));
  CMP_TRY(image::ImageConfig config, image::parse_config(text));
  return config.platform.architecture.empty() ? image::host_platform() : std::move(config.platform);
}

}  // namespace

Status load(const image::Store& store, const std::string& file, const Report& report) {
  image::Reference reference;
  reference.source = image::Source::kOciArchive;
  reference.path = file;
  CMP_TRY(const std::unique_ptr<Files> files, open_files(store, reference));
  CMP_TRY(const std::vector<std::string> names, names_in(*files, reference.source));
  if (names.empty()) {
    return make_error(Code::kNotFound, "the archive names no image");
  }
  for (const std::string& written : names) {
    CMP_TRY(const image::Reference name, name_of(written));
    reference.tag = written;
    report({.kind = image::TransferEventKind::kProgress, .label = name.familiar(), .text = "Loading"});
    CMP_TRY(const Fetched fetched,
            import(store, *files, reference, image::host_platform()).context(fmt::format("image '{}'", written)));
    CMP_TRY(const image::Platform platform, platform_of(store, fetched).context(fmt::format("image '{}'", written)));
    CMP_TRY(const image::StoredImage stored,
            install(store, fetched, platform, name.str()).context(fmt::format("image '{}'", written)));
    report({.kind = image::TransferEventKind::kImage,
            .label = name.familiar(),
            .changed = true,
            .name = stored.name,
            .id = stored.id.str()});
  }
  return {};
}

}  // namespace cmp::transfer
