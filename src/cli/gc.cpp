#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/images_in_use.hpp"
#include "cli/output.hpp"
#include "image/garbage.hpp"

namespace cmp::cli {

namespace {

std::string summary(const image::Garbage& garbage, std::string_view verb) {
  return fmt::format("{} {} layers, {} blobs and {} unfinished downloads: {}\n", verb, garbage.layers.size(),
                     garbage.blobs.size(), garbage.parts.size(), human_size(garbage.bytes));
}

std::string details(const image::Garbage& garbage) {
  std::string text;
  for (const auto* paths : {&garbage.layers, &garbage.blobs, &garbage.parts}) {
    for (const std::string& path : *paths) {
      text += path + '\n';
    }
  }
  return text;
}

}  // namespace

Result<int> run_command(const Context& context, const GcOptions&) {
  CMP_CHECK(need_root("gc"));
  const state::Roots roots = state::roots_from_environment();
  const image::Store store(roots);
  CMP_TRY(const auto in_use, images_in_use(roots));
  if (context.globals.dry_run) {
    CMP_TRY(const image::Garbage garbage, image::find_garbage(store, in_use));
    CMP_CHECK(print(details(garbage) + summary(garbage, "would remove")));
    return 0;
  }
  CMP_TRY(const image::Store opened, image::Store::open(roots));
  CMP_TRY(const image::Garbage garbage, image::collect_garbage(opened, in_use));
  CMP_CHECK(print(summary(garbage, "removed")));
  return 0;
}

}  // namespace cmp::cli
