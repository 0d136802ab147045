#include "cli/trash.hpp"

#include <unistd.h>

#include <fmt/core.h>

#include "cli/human.hpp"
#include "cli/output.hpp"
#include "compose/quantity.hpp"
#include "rootfs/trash.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

Status purge(const state::Roots& roots, const std::map<std::string, std::string>& environment) {
  CMP_TRY(const std::uint64_t limit, trash_limit(environment));
  CMP_TRY(const auto gone, rootfs::purge_trash(roots, wall_now(), limit));
  for (const rootfs::Trashed& trashed : gone) {
    print_error(fmt::format("Volume {} ({}) is gone for good: the trash has room for {} (CMP_TRASH_SIZE)\n",
                            trashed.record.name, human_size(trashed.bytes), human_size(limit)));
  }
  return {};
}

}  // namespace

Result<std::uint64_t> trash_limit(const std::map<std::string, std::string>& environment) {
  const auto given = environment.find("CMP_TRASH_SIZE");
  if (given == environment.end() || given->second.empty()) {
    return rootfs::kTrashBytes;
  }
  const auto bytes = compose::parse_bytes(given->second);
  return bytes && bytes->count >= 0
             ? Result<std::uint64_t>(static_cast<std::uint64_t>(bytes->count))
             : make_error(Code::kInvalid, fmt::format("CMP_TRASH_SIZE: '{}' is no size such as 500m", given->second));
}

void purge_trash(const state::Roots& roots, const std::map<std::string, std::string>& environment) {
  if (::geteuid() != 0 || !sys::exists(state::trash_dir(roots))) {
    return;
  }
  if (const Status purged = purge(roots, environment); !purged) {
    print_error(fmt::format("warning: {}\n", purged.error().str()));
  }
}

}  // namespace cmp::cli
