#include <algorithm>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/images_in_use.hpp"
#include "cli/output.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"

namespace cmp::cli {

namespace {

constexpr std::size_t kShortestId = 4;

/// The images of a name, where one on disk is seen from `directory`, or of the beginning of an id.
Result<std::vector<image::StoredImage>> meant(const std::vector<image::StoredImage>& images, const std::string& word,
                                              const std::string& directory) {
  std::vector<image::StoredImage> found;
  const auto reference = image::parse_reference(word, directory);
  for (const image::StoredImage& image : images) {
    if (image.name == word || (reference && reference->str() == image.name)) {
      found.push_back(image);
    }
  }
  const std::string hex = word.starts_with("sha256:") ? word.substr(7) : word;
  for (const image::StoredImage& image : found.empty() ? images : std::vector<image::StoredImage>()) {
    if (hex.size() >= kShortestId && image.id.hex.starts_with(hex)) {
      found.push_back(image);
    }
  }
  return found.empty() ? Result<std::vector<image::StoredImage>>(
                             make_error(Code::kNotFound, fmt::format("no such image: {}", word)))
                       : found;
}

}  // namespace

Result<int> run_command(const Context& context, const RmiOptions& options) {
  CMP_CHECK(need_root("rmi"));
  const state::Roots roots = state::roots_from_environment();
  const image::Store store(roots);
  CMP_TRY(const auto in_use, images_in_use(roots));
  const std::string directory = load_options(context).cwd;
  for (const std::string& word : options.images) {
    CMP_TRY(const auto images, store.list());
    CMP_TRY(const auto found, meant(images, word, directory));
    for (const image::StoredImage& image : found) {
      if (in_use.contains(image.id) && !options.force) {
        return make_error(
            Code::kConflict,
            fmt::format("image '{}': containers are made from it (-f removes the name all the same)", word));
      }
      CMP_CHECK(store.remove(image));
      CMP_CHECK(print(fmt::format("Untagged: {}\n", image.name)));
    }
  }
  return 0;
}

}  // namespace cmp::cli
