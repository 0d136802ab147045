#include "image/transfer.hpp"

#include <nlohmann/json.hpp>

#include "base/json_fields.hpp"

namespace cmp::json {

template <>
struct Fields<image::TransferItem> {
  using S = image::TransferItem;
  static constexpr auto list = std::make_tuple(field("name", &S::name), field("platform", &S::platform),
                                               field("as", &S::as), field("label", &S::label));
};

template <>
struct Fields<image::CopySide> {
  using S = image::CopySide;
  static constexpr auto list = std::make_tuple(field("root", &S::root), field("path", &S::path));
};

template <>
struct Fields<image::TransferRequest> {
  using S = image::TransferRequest;
  static constexpr auto list = std::make_tuple(
      field("task", &S::task), field("items", &S::items), field("file", &S::file), field("tls_verify", &S::tls_verify),
      field("from", &S::from), field("to", &S::to), field("keep_owner", &S::keep_owner), field("uid", &S::uid),
      field("gid", &S::gid), field("follow_link", &S::follow_link));
};

template <>
struct Fields<image::TransferEvent> {
  using S = image::TransferEvent;
  static constexpr auto list =
      std::make_tuple(field("kind", &S::kind), field("label", &S::label), field("text", &S::text),
                      field("current", &S::current), field("total", &S::total), field("changed", &S::changed),
                      field("name", &S::name), field("id", &S::id), field("code", &S::code));
};

}  // namespace cmp::json

namespace cmp::image {

namespace {

template <typename T>
std::string text_of(const T& value) {
  // Names in error messages may be any bytes.
  return json::to_json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

template <typename T>
Result<T> value_of(std::string_view text) {
  T value;
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (!json::from_json(parsed, value)) {
    return make_error(Code::kInternal, "cmp-transfer and cmp do not understand each other: are they of one version?");
  }
  return value;
}

}  // namespace

std::string encode(const TransferRequest& request) {
  return text_of(request);
}

std::string encode(const TransferEvent& event) {
  return text_of(event);
}

Result<TransferRequest> decode_transfer_request(std::string_view text) {
  return value_of<TransferRequest>(text);
}

Result<TransferEvent> decode_transfer_event(std::string_view line) {
  return value_of<TransferEvent>(line);
}

}  // namespace cmp::image
