#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/moment.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"

namespace cmp::cli {

namespace {

struct ImageRow {
  std::string container, repository, tag, platform;
  image::Digest id;
  std::uint64_t bytes = 0;  ///< packed, as a registry has it
  WallTime created, pulled_at;
};

WallTime created_at(const image::Store& store, const image::Digest& id) {
  const auto text = store.read_blob(id, image::kMaxConfigBytes);
  const auto config = text ? image::parse_config(*text) : Result<image::ImageConfig>(make_error(Code::kNotFound, ""));
  return config && !config->created.empty() ? parse_moment(config->created, wall_now()).value_or(WallTime())
                                            : WallTime();
}

std::uint64_t bytes_of(const image::Store& store, const image::StoredImage& image) {
  const auto text = store.read_blob(image.manifest.digest, image::kMaxManifestBytes);
  const auto document = text ? image::parse_document(*text) : Result<image::Document>(make_error(Code::kNotFound, ""));
  const auto* manifest = document ? std::get_if<image::Manifest>(&*document) : nullptr;
  return manifest == nullptr ? 0 : image::size_of(*manifest);
}

ImageRow row_of(const image::Store& store, const image::StoredImage& image) {
  ImageRow row{
      .platform = image.platform.str(), .id = image.id, .bytes = bytes_of(store, image), .pulled_at = image.pulled_at};
  const auto reference = image::parse_reference(image.name, "/");
  row.repository = reference ? reference->familiar_name() : image.name;
  row.tag = reference && !reference->tag.empty() ? reference->tag : "<none>";
  row.created = created_at(store, image.id);
  return row;
}

Result<std::vector<ImageRow>> rows_of_store(const image::Store& store) {
  CMP_TRY(const auto images, store.list());
  std::vector<ImageRow> rows;
  for (const image::StoredImage& image : images) {
    rows.push_back(row_of(store, image));
  }
  return rows;
}

/// An image whose name has gone to another one still has its container.
ImageRow row_of(const image::Store& store, const std::vector<image::StoredImage>& images,
                const state::ContainerRecord& record) {
  const auto id = image::parse_digest(record.service_definition.image_id);
  const auto named =
      std::ranges::find_if(images, [&](const image::StoredImage& image) { return id && image.id == *id; });
  if (named != images.end()) {
    ImageRow row = row_of(store, *named);
    row.container = record.name;
    return row;
  }
  ImageRow row{.container = record.name, .repository = record.image, .tag = "<none>"};
  if (id) {
    row.id = *id;
    row.created = created_at(store, *id);
  }
  return row;
}

Result<std::vector<ImageRow>> rows_of_project(const Context& context, const image::Store& store,
                                              const ImagesOptions& options) {
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  CMP_TRY(const auto images, store.list());
  std::vector<ImageRow> rows;
  for (const state::ContainerRecord& record : containers) {
    if (is_wanted(options.services, record.service) && !record.service_definition.image_id.empty()) {
      rows.push_back(row_of(store, images, record));
    }
  }
  std::ranges::sort(rows, {}, &ImageRow::container);
  return rows;
}

std::string ids_of(const std::vector<ImageRow>& rows) {
  std::string out;
  std::set<image::Digest> seen;
  for (const ImageRow& row : rows) {
    if (seen.insert(row.id).second) {
      out += row.id.hex + '\n';
    }
  }
  return out;
}

std::string json_of(const std::vector<ImageRow>& rows) {
  auto out = nlohmann::json::array();
  for (const ImageRow& row : rows) {
    out.push_back({{"ID", row.id.str()},
                   {"ContainerName", row.container},
                   {"Repository", row.repository},
                   {"Tag", row.tag},
                   {"Platform", row.platform},
                   {"Size", row.bytes},
                   {"Created", rfc3339_nanoseconds(row.created)},
                   {"LastTagTime", rfc3339_nanoseconds(row.pulled_at)}});
  }
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string table_of(const std::vector<ImageRow>& rows, bool all) {
  std::vector<TableRow> cells;
  for (const ImageRow& row : rows) {
    const std::string ago = row.created == WallTime() ? "N/A" : human_duration(wall_now() - row.created) + " ago";
    TableRow cell = {row.repository, row.tag, row.platform, row.id.brief(), human_size(row.bytes), ago};
    if (!all) {
      cell.insert(cell.begin(), row.container);
    }
    cells.push_back(std::move(cell));
  }
  TableRow header = {"REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"};
  if (!all) {
    header.insert(header.begin(), "CONTAINER");
  }
  return render_table(header, cells);
}

}  // namespace

Result<int> run_command(const Context& context, const ImagesOptions& options) {
  if (!options.format.empty() && options.format != "table" && options.format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither table nor json", options.format));
  }
  const image::Store store(state::roots_from_environment());
  CMP_TRY(const auto rows, options.all ? rows_of_store(store) : rows_of_project(context, store, options));
  CMP_CHECK(print(options.quiet              ? ids_of(rows)
                  : options.format == "json" ? json_of(rows)
                                             : table_of(rows, options.all)));
  return 0;
}

}  // namespace cmp::cli
