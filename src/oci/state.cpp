#include "oci/state.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/json_fields.hpp"

namespace cmp::json {

template <>
struct Fields<oci::Record> {
  using R = oci::Record;
  static constexpr auto list =
      std::make_tuple(field("ociVersion", &R::oci_version), field("id", &R::id), field("bundle", &R::bundle),
                      field("rootfs", &R::rootfs), field("pid", &R::pid), field("startTicks", &R::start_ticks),
                      field("created", &R::created), field("owner", &R::owner), field("cgroup", &R::cgroup),
                      field("annotations", &R::annotations));
};

}  // namespace cmp::json

namespace cmp::oci {

namespace {

using OrderedJson = nlohmann::ordered_json;

std::string json_text(std::string_view text) {
  return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string annotations_text(const Record& record) {
  OrderedJson annotations = OrderedJson::object();
  for (const auto& [key, value] : record.annotations) {
    annotations[key] = value;
  }
  return annotations.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace

std::string encode(const Record& record) {
  return json::to_json(record).dump(-1, ' ', false, json::Json::error_handler_t::replace) + "\n";
}

Result<Record> decode_record(std::string_view text) {
  const json::Json json = json::Json::parse(text, nullptr, false);
  Record record;
  if (json.is_discarded() || !json::from_json(json, record)) {
    return make_error(Code::kInternal, "state.json is damaged");
  }
  return record;
}

std::string state_text(const Record& record, std::string_view status, int pid) {
  OrderedJson state = {{"ociVersion", record.oci_version},
                       {"id", record.id},
                       {"pid", pid},
                       {"status", status},
                       {"bundle", record.bundle},
                       {"rootfs", record.rootfs},
                       {"created", record.created},
                       {"annotations", OrderedJson::parse(annotations_text(record))},
                       {"owner", record.owner}};
  return state.dump(2, ' ', false, OrderedJson::error_handler_t::replace);
}

container::step::RunHooks with_state(std::string kind, std::vector<container::Hook> hooks, const Record& record,
                                     std::string_view status) {
  container::step::RunHooks out;
  out.kind = std::move(kind);
  out.hooks = std::move(hooks);
  out.state_head =
      fmt::format(R"({{"ociVersion":{},"id":{},"pid":)", json_text(record.oci_version), json_text(record.id));
  out.state_tail = fmt::format(R"(,"status":{},"bundle":{},"annotations":{}}})", json_text(status),
                               json_text(record.bundle), annotations_text(record));
  return out;
}

}  // namespace cmp::oci
