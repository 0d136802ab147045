#pragma once
// Volumes as they are shown: named ones by their records, anonymous ones by their containers'.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/row_format.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::cli {

struct VolumeView {
  state::VolumeRecord record;
  std::string mountpoint;
  std::map<std::string, std::string> labels;  ///< with Docker Compose's own
  std::vector<std::string> users;             ///< containers that have it, of all projects
  std::vector<std::string> services;          ///< "PROJECT/SERVICE" of those
  bool anonymous = false;
};

/// Of all projects, by name, named ones first.
[[nodiscard]] Result<std::vector<VolumeView>> all_volumes(const state::Roots& roots);

/// Docker's columns and fields.
[[nodiscard]] Listing volume_listing(const std::vector<VolumeView>& volumes);
[[nodiscard]] std::string volume_names(const std::vector<VolumeView>& volumes);

}  // namespace cmp::cli
