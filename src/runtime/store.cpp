#include "runtime/store.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::runtime {

namespace {

constexpr const char* kStart = "start.sock";

/// The address of a socket in a directory, whatever the length of its path.
sockaddr_un address_in(const UniqueFd& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", directory.get(), kStart);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<UniqueFd> make_socket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  return fd ? Result<UniqueFd>(std::move(fd)) : sys_error("make a socket");
}

Error unknown(const std::string& id) {
  return make_error(Code::kNotFound, fmt::format("container '{}' does not exist", id));
}

}  // namespace

Status Store::check_id(const std::string& id) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
  if (id.empty() || id == "." || id == ".." || id.size() > 255 || id.find_first_not_of(kAllowed) != std::string::npos) {
    return make_error(Code::kInvalid,
                      fmt::format("invalid container id '{}': letters, digits, '_', '+', '-' and '.' only", id));
  }
  return {};
}

Status Store::make(const std::string& id) const {
  CMP_CHECK(check_id(id));
  CMP_CHECK(sys::make_directories(root_, 0700));
  if (::mkdir(directory(id).c_str(), 0700) != 0) {
    return errno == EEXIST ? make_error(Code::kConflict, fmt::format("container with id '{}' exists already", id))
                           : sys_error(fmt::format("make '{}'", directory(id)));
  }
  return {};
}

Result<Container> Store::load(const std::string& id) const {
  CMP_CHECK(check_id(id));
  const auto text = sys::read_file(directory(id) + "/state.json");
  if (!text) {
    return text.error().os_errno == ENOENT ? unknown(id) : text.error();
  }
  Container out;
  CMP_TRY(out.record, oci::decode_record(*text).context(fmt::format("container '{}'", id)));
  CMP_TRY(const std::string config, sys::read_file(directory(id) + "/config.json"));
  CMP_TRY(out.config, oci::parse_config(config).context(fmt::format("container '{}'", id)));
  return out;
}

Status Store::save(const oci::Record& record) const {
  return sys::write_file_atomically(directory(record.id) + "/state.json", oci::encode(record));
}

Status Store::save_config(const std::string& id, std::string_view text) const {
  return sys::write_file_atomically(directory(id) + "/config.json", text);
}

Status Store::remove(const std::string& id) const {
  CMP_CHECK(check_id(id));
  return sys::remove_tree(directory(id));
}

bool Store::has(const std::string& id) const {
  return check_id(id).has_value() && sys::exists(directory(id));
}

Result<std::vector<std::string>> Store::list() const {
  auto names = sys::list_directory(root_);
  if (!names && names.error().os_errno == ENOENT) {
    return std::vector<std::string>();
  }
  if (names) {
    std::erase_if(*names, [&](const std::string& name) { return !sys::exists(directory(name) + "/state.json"); });
  }
  return names;
}

Status Store::mark_ready(const std::string& id) const {
  return sys::write_file_atomically(directory(id) + "/ready", "");
}

bool Store::is_ready(const std::string& id) const {
  return sys::exists(directory(id) + "/ready");
}

Result<UniqueFd> Store::listen_for_start(const std::string& id) const {
  CMP_TRY(const UniqueFd dir, sys::open_file(directory(id), O_PATH | O_DIRECTORY));
  CMP_TRY(UniqueFd fd, make_socket());
  const sockaddr_un address = address_in(dir);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), 8) != 0) {
    return sys_error("listen for the start");
  }
  return fd;
}

Result<UniqueFd> Store::connect_to_start(const std::string& id) const {
  CMP_TRY(const UniqueFd dir, sys::open_file(directory(id), O_PATH | O_DIRECTORY));
  CMP_TRY(UniqueFd fd, make_socket());
  const sockaddr_un address = address_in(dir);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return errno == ECONNREFUSED || errno == ENOENT
               ? make_error(Code::kConflict, fmt::format("container '{}' has been started already", id))
               : sys_error("connect to the container");
  }
  return fd;
}

bool Store::waits_for_start(const std::string& id) const {
  return sys::exists(directory(id) + "/" + kStart);
}

void Store::forget_start(const std::string& id) const {
  ::unlink((directory(id) + "/" + kStart).c_str());
}

}  // namespace cmp::runtime
