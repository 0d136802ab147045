#pragma once
// Images from and to archives.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/store.hpp"
#include "image/transfer.hpp"
#include "transfer/report.hpp"

namespace cmp::transfer {

/// Every image of the archive, under the name that it has there. A name of the store that the archive does not have is
/// never touched.
[[nodiscard]] Status load(const image::Store& store, const std::string& file, const Report& report);

/// The images as one archive that `docker load`, podman and cmp take: an OCI layout with Docker's manifest.json.
[[nodiscard]] Status save(const image::Store& store, const std::vector<image::TransferItem>& items,
                          const std::string& file, const Report& report);

}  // namespace cmp::transfer
