#include "supervisor/protocol.hpp"

#include <array>
#include <cstring>

#include "model/fields.hpp"
#include "sys/ancillary.hpp"

namespace cmp::json {

template <>
struct Fields<Error> {
  static constexpr auto list =
      std::make_tuple(field("code", &Error::code), field("errno", &Error::os_errno), field("message", &Error::message),
                      field("where", &Error::where), field("others", &Error::others));
};

template <>
struct Fields<supervisor::Request> {
  using S = supervisor::Request;
  static constexpr auto list = std::make_tuple(
      field("operation", &S::operation), field("project", &S::project), field("services", &S::services),
      field("containers", &S::containers), field("declared", &S::declared), field("volumes", &S::volumes),
      field("remove_orphans", &S::remove_orphans), field("ignore_orphans", &S::ignore_orphans), field("wait", &S::wait),
      field("force_recreate", &S::force_recreate), field("no_deps", &S::no_deps),
      field("recreate_deps", &S::recreate_deps), field("no_recreate", &S::no_recreate),
      field("renew_volumes", &S::renew_volumes), field("no_start", &S::no_start),
      field("recreate_volumes", &S::recreate_volumes), field("one_off", &S::one_off),
      field("one_off_of", &S::one_off_of), field("auto_remove", &S::auto_remove), field("running_too", &S::running_too),
      field("timeout_s", &S::timeout_s), field("signal", &S::signal), field("who", &S::who),
      field("caller", &S::caller), field("granted", &S::granted));
};

template <>
struct Fields<supervisor::Event> {
  using S = supervisor::Event;
  static constexpr auto list = std::make_tuple(
      field("type", &S::type), field("id", &S::id), field("text", &S::text), field("status", &S::status),
      field("details", &S::details), field("container", &S::container), field("service", &S::service),
      field("state", &S::state), field("exit_code", &S::exit_code), field("exit_unknown", &S::exit_unknown),
      field("attributes", &S::attributes), field("message", &S::message), field("changed", &S::changed),
      field("gone", &S::gone), field("errors", &S::errors));
};

}  // namespace cmp::json

namespace cmp {

/// The list of fields leaves `others` out: an error crosses the socket flat.
static bool operator==(const Error& a, const Error& b) {
  return a.message == b.message && a.where == b.where;
}

}  // namespace cmp

namespace cmp::supervisor {

namespace {

constexpr std::size_t kFrameLimit = 64U << 20U;

template <typename Message>
std::string encode_message(const Message& message) {
  return json::to_json(message).dump(-1, ' ', false, json::Json::error_handler_t::replace);
}

template <typename Message>
Result<Message> decode_message(std::string_view text) {
  const auto parsed = json::Json::parse(text, nullptr, false);
  Message message;
  if (parsed.is_discarded() || !json::from_json(parsed, message)) {
    return make_error(Code::kInternal, "not a message of the control protocol");
  }
  return message;
}

}  // namespace

std::string encode(const Request& request) {
  return encode_message(request);
}

std::string encode(const Event& event) {
  return encode_message(event);
}

Result<Request> decode_request(std::string_view text) {
  return decode_message<Request>(text);
}

Result<Event> decode_event(std::string_view text) {
  return decode_message<Event>(text);
}

std::string frame(std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string out(sizeof size, '\0');
  std::memcpy(out.data(), &size, sizeof size);
  out += text;
  return out;
}

Status send_frame(int fd, std::string_view text, std::span<const int> attached) {
  const std::string bytes = frame(text);
  std::string_view left = bytes;
  while (!left.empty()) {
    const auto sent = sys::send_with(fd, left, attached);
    if (!sent) {
      return Error(sent.error()).context("control socket");
    }
    left.remove_prefix(*sent);
    attached = {};
  }
  return {};
}

Result<bool> FrameReader::fill_once(int fd) {
  std::array<char, 65536> chunk{};
  const auto got = sys::receive_with(fd, chunk, attached_, 0);
  if (!got && got.error().os_errno == EAGAIN) {
    return true;
  }
  if (!got) {
    return got.error().os_errno == ECONNRESET ? Result<bool>(false) : Error(got.error()).context("control socket");
  }
  buffer_.append(chunk.data(), *got);
  return *got > 0;
}

Result<std::optional<std::string>> FrameReader::next() {
  std::uint32_t size = 0;
  if (buffer_.size() < sizeof size) {
    return std::optional<std::string>();
  }
  std::memcpy(&size, buffer_.data(), sizeof size);
  if (size > kFrameLimit) {
    return make_error(Code::kInternal, "a control message over 64 MiB");
  }
  if (buffer_.size() < sizeof size + size) {
    return std::optional<std::string>();
  }
  std::string text = buffer_.substr(sizeof size, size);
  buffer_.erase(0, sizeof size + size);
  return std::optional(std::move(text));
}

}  // namespace cmp::supervisor
