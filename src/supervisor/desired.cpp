#include "supervisor/desired.hpp"

#include "model/fields.hpp"
#include "sys/file.hpp"

namespace cmp::json {

template <>
struct Fields<supervisor::Desired> {
  using S = supervisor::Desired;
  static constexpr auto list =
      std::make_tuple(field("project", &S::project), field("services", &S::services), field("no_deps", &S::no_deps),
                      field("no_recreate", &S::no_recreate), field("no_start", &S::no_start),
                      field("returning", &S::returning), field("complete", &S::complete));
};

}  // namespace cmp::json

namespace cmp::supervisor {

Status write_desired(const state::Paths& paths, const Desired& desired) {
  return sys::write_file_atomically(paths.desired(),
                                    json::to_json(desired).dump(-1, ' ', false, json::Json::error_handler_t::replace));
}

std::optional<Desired> read_desired(const state::Paths& paths) {
  const auto text = sys::read_file(paths.desired());
  Desired desired;
  if (!text) {
    return std::nullopt;
  }
  const auto parsed = json::Json::parse(*text, nullptr, false);
  if (parsed.is_discarded() || !json::from_json(parsed, desired)) {
    return std::nullopt;
  }
  return desired;
}

}  // namespace cmp::supervisor
