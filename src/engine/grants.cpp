#include "engine/grants.hpp"

#include <unistd.h>

#include <charconv>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "sys/file.hpp"

namespace cmp::engine {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostBytes = std::size_t{1} << 30U;

/// A grant and what it is a grant of.
struct Granted {
  const char* kind;
  const model::FileGrant* grant;
  std::string name;  ///< in the container's tmpfs
};

std::vector<Granted> grants_of(const model::Service& service) {
  std::vector<Granted> all;
  const auto add = [&](const char* kind, const std::vector<model::FileGrant>& grants) {
    for (const model::FileGrant& grant : grants) {
      all.push_back({kind, &grant, fmt::format("{}-{}", kind, all.size())});
    }
  };
  add("secret", service.secrets);
  add("config", service.configs);
  return all;
}

/// Root, if nobody is named.
bool read_id(const std::string& text, unsigned& id) {
  id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return text.empty() || (error == std::errc() && end == text.data() + text.size());
}

/// What it had may be gone with the memory it was in, after a reboot or when both guardian and supervisor were killed.
Result<std::string> read_again(const state::Paths& paths, const model::Project& project, const Granted& granted) {
  const bool secret = std::string_view(granted.kind) == "secret";
  const auto& sources = secret ? project.secrets : project.configs;
  const auto found = sources.find(granted.grant->source);
  if (found != sources.end()) {
    const model::FileSource& source = found->second;
    if (source.content) {
      return *source.content;
    }
    if (source.external) {
      return sys::read_file(state::external_file(paths.roots(), granted.kind, source.name));
    }
    if (!source.file.empty()) {
      return sys::read_file(source.file);
    }
  }
  return make_error(Code::kNotFound, "what it had was only in memory and is gone: run 'cmp up' again");
}

}  // namespace

std::string given_name(std::string_view kind, const std::string& key) {
  return fmt::format("{} {}", kind, key);
}

Result<UniqueFd> pack_given_files(const GivenFiles& files) {
  Json names = Json::array();
  std::string bytes;
  for (const auto& [name, content] : files) {
    names.push_back({name, content.size()});
    bytes += content;
  }
  CMP_TRY(UniqueFd packed, sys::memory_file("cmp-granted"));
  CMP_CHECK(sys::write_all(packed.get(), names.dump() + '\n' + bytes));
  return packed;
}

Result<GivenFiles> unpack_given_files(int packed) {
  if (::lseek(packed, 0, SEEK_SET) < 0) {
    return sys_error("secrets and configs");
  }
  CMP_TRY(const std::string all, sys::read_all(packed, kMostBytes));
  const auto end = all.find('\n');
  const Json names = Json::parse(all.substr(0, end), nullptr, false);
  GivenFiles files;
  std::size_t at = end + 1;
  for (const Json& entry : names.is_array() ? names : Json::array()) {
    const auto size = entry.at(1).get<std::size_t>();
    if (size > all.size() - at) {
      return make_error(Code::kInternal, "secrets and configs: cut short");
    }
    files[entry.at(0).get<std::string>()] = all.substr(at, size);
    at += size;
  }
  return files;
}

std::vector<Error> check_grants(const model::Service& service) {
  std::vector<Error> errors;
  for (const Granted& granted : grants_of(service)) {
    unsigned id = 0;
    for (const auto& [key, text] : {std::pair("uid", &granted.grant->uid), std::pair("gid", &granted.grant->gid)}) {
      if (!read_id(*text, id)) {
        errors.push_back(
            make_error(Code::kInvalid, fmt::format("service '{}': {} '{}': {} '{}' is no number", service.name,
                                                   granted.kind, granted.grant->source, key, *text))
                .at(granted.grant->where));
      }
    }
  }
  return errors;
}

Result<std::vector<container::step::GrantedFile>> granted_files(const state::Paths& paths, const GivenFiles& given,
                                                                const model::Project& project,
                                                                const model::Service& service) {
  constexpr unsigned kDefaultMode = 0444;
  std::vector<container::step::GrantedFile> files;
  for (const Granted& granted : grants_of(service)) {
    const model::FileGrant& grant = *granted.grant;
    container::step::GrantedFile file{.name = granted.name, .mode = grant.mode.value_or(kDefaultMode)};
    static_cast<void>(read_id(grant.uid, file.uid));  // check_grants() has seen them
    static_cast<void>(read_id(grant.gid, file.gid));
    const auto bytes = given.find(given_name(granted.kind, grant.source));
    if (bytes != given.end()) {
      file.content = bytes->second;
    } else {
      CMP_TRY(file.content,
              read_again(paths, project, granted).context(fmt::format("{} '{}'", granted.kind, grant.source)));
    }
    files.push_back(std::move(file));
  }
  return files;
}

std::vector<container::ResolvedMount> granted_mounts(const state::Paths& paths, const model::Service& service,
                                                     const std::string& container) {
  std::vector<container::ResolvedMount> mounts;
  for (const Granted& granted : grants_of(service)) {
    model::Mount mount;
    mount.type = model::MountType::kBind;
    mount.source = fmt::format("{}/{}", paths.granted_dir(container), granted.name);
    mount.target = granted.grant->target;
    mount.read_only = true;
    mount.create_host_path = false;
    mount.where = granted.grant->where;
    std::string host_path = mount.source;
    mounts.push_back({std::move(mount), std::move(host_path)});
  }
  return mounts;
}

}  // namespace cmp::engine
