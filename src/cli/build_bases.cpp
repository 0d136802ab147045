#include "cli/build_bases.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "base/words.hpp"
#include "cli/build_process.hpp"
#include "cli/transfer.hpp"
#include "image/manifest.hpp"
#include "image/transfer.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

std::pair<std::string, std::string> key_of(const BaseImage& base) {
  return {base.reference.str(), base.platform.str()};
}

constexpr std::string_view kLayout = "base";

bool is_foreign(const BaseImage& base) {
  return base.platform.str() != image::host_platform().str();
}

}  // namespace

std::vector<std::string> BuildBases::words(std::vector<std::string> command) const {
  command.insert(command.begin(), {"--root", places_.storage, "--runroot", places_.run});
  return command;
}

Status BuildBases::fetch(const std::vector<BaseImage>& bases, ProgressPrinter& printer) const {
  image::TransferRequest request;
  std::set<std::pair<std::string, std::string>> asked;
  for (const BaseImage& base : bases) {
    CMP_TRY(const auto stored, store_.find(base.reference.str(), base.platform));
    if ((!stored || base.fetch_again) && asked.insert(key_of(base)).second) {
      request.items.push_back({.name = base.reference.str(),
                               .platform = base.platform.str(),
                               .as = "",
                               .label = base.reference.familiar()});
    }
  }
  if (request.items.empty()) {
    return {};
  }
  CMP_TRY(const Transferred transferred, transfer(request, printer, {.doing = "Pulling", .done = "Pulled"}));
  return failures_of(transferred);
}

Status BuildBases::offer(const BaseImage& base) {
  CMP_TRY(const auto stored, store_.find(base.reference.str(), base.platform));
  if (!stored) {
    return make_error(Code::kInternal, "it is gone");
  }
  const std::string& id = stored->id.hex;
  if (!known_.contains(id)) {
    std::vector<std::string> pull = {"pull", "--quiet"};
    if (!places_.policy.empty()) {
      pull.insert(pull.end(), {"--signature-policy", places_.policy});
    }
    // Our store is an OCI layout, but a name may be there for several machines, of which buildah would take the first.
    // It makes a name of the path, so that has to be a short one.
    CMP_CHECK(write_layout(*stored));
    pull.push_back(fmt::format("oci:{}:{}", kLayout, stored->name));
    CMP_TRY(const std::string output, run_buildah(words(pull), places_.run));
    known_.insert(id);
  }
  ids_[key_of(base)] = id;
  if (!is_foreign(base)) {
    CMP_TRY(const std::string output, run_buildah(words({"tag", id, base.reference.str()})));
  }
  return {};
}

/// A layout of one image, with the store's blobs.
Status BuildBases::write_layout(const image::StoredImage& image) const {
  const std::string layout = fmt::format("{}/{}", places_.run, kLayout);
  CMP_CHECK(sys::make_directories(layout, 0700));
  const std::string blobs = layout + "/blobs";
  if (::symlink((store_.paths().top() + "/blobs").c_str(), blobs.c_str()) != 0 && errno != EEXIST) {
    return sys_error(fmt::format("make '{}'", blobs));
  }
  image::Descriptor manifest = image.manifest;
  manifest.annotations["org.opencontainers.image.ref.name"] = image.name;
  CMP_CHECK(sys::write_file_atomically(layout + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
  return sys::write_file_atomically(layout + "/index.json", image::render_index({manifest}));
}

Status BuildBases::prepare(const std::vector<BaseImage>& bases, ProgressPrinter& printer) {
  if (bases.empty()) {
    return {};
  }
  CMP_CHECK(fetch(bases, printer));
  CMP_TRY(const std::string listed, run_buildah(words({"images", "--quiet", "--no-trunc"})));
  for (const std::string_view line : words_of(listed)) {
    known_.emplace(line.substr(line.find(':') + 1));
  }
  for (const BaseImage& base : bases) {
    if (!ids_.contains(key_of(base))) {
      CMP_CHECK(offer(base).context(fmt::format("base image '{}'", base.written)));
    }
  }
  return {};
}

std::map<std::string, std::string> BuildBases::foreign(const std::vector<BaseImage>& bases) const {
  std::map<std::string, std::string> found;
  for (const BaseImage& base : bases) {
    if (is_foreign(base)) {
      found[base.written] = ids_.at(key_of(base));
    }
  }
  return found;
}

}  // namespace cmp::cli
