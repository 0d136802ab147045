#pragma once
// The images that builds begin with: fetched into our store by our own client, then given to buildah.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/builder.hpp"
#include "cli/progress_printer.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"

namespace cmp::cli {

struct BaseImage {
  std::string written;  ///< in the Dockerfile
  image::Reference reference;
  image::Platform platform;
  bool fetch_again = false;  ///< although it is here
};

class BuildBases {
 public:
  BuildBases(const image::Store& store, BuildPlaces places) : store_(store), places_(std::move(places)) {}

  /// Fetches those that are not here, all at once, and gives them to buildah under their names. Errors: all that
  /// cannot be had.
  [[nodiscard]] Status prepare(const std::vector<BaseImage>& bases, ProgressPrinter& printer);

  /// By written name, the ids of those for another machine than this: a name leads buildah to this machine's only.
  [[nodiscard]] std::map<std::string, std::string> foreign(const std::vector<BaseImage>& bases) const;

 private:
  [[nodiscard]] Status fetch(const std::vector<BaseImage>& bases, ProgressPrinter& printer) const;
  [[nodiscard]] Status write_layout(const image::StoredImage& image) const;
  [[nodiscard]] Status offer(const BaseImage& base);
  [[nodiscard]] std::vector<std::string> words(std::vector<std::string> command) const;

  const image::Store& store_;
  BuildPlaces places_;
  std::set<std::string> known_;                                     ///< ids buildah has
  std::map<std::pair<std::string, std::string>, std::string> ids_;  ///< by name and platform
};

}  // namespace cmp::cli
