#include "cli/down_images.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cli/image_setup.hpp"
#include "cli/images_in_use.hpp"
#include "cli/output.hpp"

namespace cmp::cli {

namespace {

std::string familiar(const image::StoredImage& image) {
  const auto reference = image::parse_reference(image.name, "/");
  return reference ? reference->familiar() : image.name;
}

/// Names as the store has them.
Result<std::set<std::string>> names_of(const Context& context, const state::Paths& paths,
                                       const std::optional<model::Project>& project, const DownOptions& options) {
  const bool all = options.rmi == "all";
  std::set<std::string> names;
  const auto wanted = [&](const std::string& service) { return is_wanted(options.services, service); };
  for (const auto& [name, service] : project ? project->services : std::map<std::string, model::Service>()) {
    if (wanted(name) && service.rootfs.empty() && (all || service.image.empty())) {
      CMP_TRY(const NeededImage needed, image_of(context, *project, service));
      names.insert(needed.reference.str());
    }
  }
  CMP_TRY(const auto containers, current_containers(paths));
  for (const state::ContainerRecord& record : containers) {
    const model::Service& service = record.service_definition;
    const bool own = service.image == paths.project() + "-" + service.name;
    const auto reference = image::parse_reference(service.image, "/");
    if (reference && wanted(record.service) && !service.image_id.empty() && (all || own)) {
      names.insert(reference->str());
    }
  }
  return names;
}

}  // namespace

Result<std::vector<image::StoredImage>> images_to_remove(const Context& context, const state::Paths& paths,
                                                         const std::optional<model::Project>& project,
                                                         const DownOptions& options) {
  std::vector<image::StoredImage> out;
  if (options.rmi.empty()) {
    return out;
  }
  CMP_TRY(const auto names, names_of(context, paths, project, options));
  CMP_TRY(out, image::Store(state::roots_from_environment()).list());
  std::erase_if(out, [&](const image::StoredImage& image) { return !names.contains(image.name); });
  return out;
}

Status remove_images(const Context& context, const std::vector<image::StoredImage>& images, ProgressPrinter& printer) {
  if (images.empty()) {
    return {};
  }
  const state::Roots roots = state::roots_from_environment();
  const image::Store store(roots);
  CMP_TRY(const auto in_use, images_in_use(roots));
  const auto show = [&](const image::StoredImage& image, const char* text, supervisor::ProgressStatus status) {
    printer.show(
        {.type = supervisor::EventType::kProgress, .id = "Image " + familiar(image), .text = text, .status = status},
        monotonic_now());
  };
  for (const image::StoredImage& image : images) {
    if (in_use.contains(image.id)) {
      show(image, "Resource is still in use", supervisor::ProgressStatus::kWarning);
      continue;
    }
    show(image, "Removing", supervisor::ProgressStatus::kWorking);
    if (!context.globals.dry_run) {
      CMP_CHECK(store.remove(image));
    }
    show(image, "Removed", supervisor::ProgressStatus::kDone);
  }
  printer.finish(monotonic_now());
  return {};
}

}  // namespace cmp::cli
