#pragma once
// down --rmi.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"
#include "cli/options.hpp"
#include "cli/progress_printer.hpp"
#include "image/store.hpp"
#include "model/project.hpp"

namespace cmp::cli {

/// The images of the project that --rmi names: of what is there and, if the file could be read, of what it declares.
/// `local` are those that are called after the project because the service has no `image`. To be asked before the
/// containers are gone.
[[nodiscard]] Result<std::vector<image::StoredImage>> images_to_remove(const Context& context,
                                                                       const state::Paths& paths,
                                                                       const std::optional<model::Project>& project,
                                                                       const DownOptions& options);

/// Takes their names away. One that another project's containers are made from stays, with a warning.
[[nodiscard]] Status remove_images(const Context& context, const std::vector<image::StoredImage>& images,
                                   ProgressPrinter& printer);

}  // namespace cmp::cli
