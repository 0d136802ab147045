#include "transfer/credentials.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/wait.hpp"
#include "transfer/challenge.hpp"

namespace cmp::transfer {

namespace {

using Json = nlohmann::json;

// docker login writes this for Docker's own registry.
constexpr const char* kDockerHub = "https://index.docker.io/v1/";

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? "" : value;
}

std::vector<std::string> keys_of(const std::string& registry) {
  if (registry == "docker.io") {
    return {kDockerHub, "docker.io", "index.docker.io", "registry-1.docker.io"};
  }
  return {registry, "https://" + registry, "http://" + registry, fmt::format("https://{}/v1/", registry),
          fmt::format("https://{}/v2/", registry)};
}

std::string text_in(const Json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::optional<Credentials> decode(const Json& entry) {
  Credentials credentials{text_in(entry, "username"), text_in(entry, "password"), text_in(entry, "identitytoken")};
  const std::string both = from_base64(text_in(entry, "auth")).value_or("");
  if (const auto colon = both.find(':'); colon != std::string::npos) {
    credentials.user = both.substr(0, colon);
    credentials.password = both.substr(colon + 1);
  }
  const bool any = !credentials.identity_token.empty() || !credentials.user.empty();
  return any ? std::optional(credentials) : std::nullopt;
}

/// docker-credential-NAME get: the registry on standard input, JSON on standard output.
Result<std::optional<Credentials>> ask_helper(const std::string& name, const std::string& registry) {
  const std::string program = "docker-credential-" + name;
  const UniqueFd in(::memfd_create("registry", MFD_CLOEXEC));
  const UniqueFd out(::memfd_create("answer", MFD_CLOEXEC));
  if (!in || !out) {
    return sys_error("make file");
  }
  CMP_CHECK(sys::write_all(in.get(), registry == "docker.io" ? kDockerHub : registry));
  ::lseek(in.get(), 0, SEEK_SET);
  CMP_TRY(const sys::Child child, sys::clone_process({}));
  if (child.pid == 0) {
    ::dup2(in.get(), STDIN_FILENO);
    ::dup2(out.get(), STDOUT_FILENO);
    ::execlp(program.c_str(), program.c_str(), "get", nullptr);
    ::_exit(127);
  }
  CMP_TRY(const sys::ExitStatus status, sys::wait_for_child(child.pid));
  ::lseek(out.get(), 0, SEEK_SET);
  CMP_TRY(const std::string answer, sys::read_all(out.get(), 1U << 20U));
  if (status.code == 127) {
    return make_error(Code::kNotFound,
                      fmt::format("'{}', which Docker's configuration names, is not installed", program));
  }
  if (status.code != 0) {
    // Its way of saying that it knows nothing of this registry.
    return answer.find("not found") != std::string::npos
               ? Result<std::optional<Credentials>>(std::optional<Credentials>())
               : make_error(Code::kSystem, fmt::format("'{}' failed: {}", program, answer.substr(0, 200)));
  }
  const Json json = Json::parse(answer, nullptr, false);
  Credentials credentials{text_in(json, "Username"), text_in(json, "Secret"), ""};
  if (credentials.user == "<token>") {
    credentials.identity_token = std::exchange(credentials.password, "");
    credentials.user.clear();
  }
  return std::optional(credentials);
}

std::vector<std::string> configuration_files() {
  std::vector<std::string> files;
  if (const std::string file = variable("REGISTRY_AUTH_FILE"); !file.empty()) {
    files.push_back(file);
  }
  const std::string directory = variable("DOCKER_CONFIG");
  files.push_back((directory.empty() ? variable("HOME") + "/.docker" : directory) + "/config.json");
  return files;
}

}  // namespace

Result<std::optional<Credentials>> credentials_in(const std::string& text, const std::string& registry,
                                                  std::string& helper) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return make_error(Code::kInvalid, "it is no JSON object");
  }
  helper = text_in(json, "credsStore");
  const auto helpers = json.find("credHelpers");
  const auto known = json.find("auths");
  for (const std::string& key : keys_of(registry)) {
    if (helpers != json.end() && !text_in(*helpers, key.c_str()).empty()) {
      helper = text_in(*helpers, key.c_str());
      return std::optional<Credentials>();
    }
    if (known != json.end() && known->is_object() && known->contains(key)) {
      // With a store the entry is there, but empty.
      if (const auto credentials = decode(known->at(key))) {
        helper.clear();
        return credentials;
      }
    }
  }
  return std::optional<Credentials>();
}

Result<std::optional<Credentials>> credentials_for(const std::string& registry) {
  for (const std::string& file : configuration_files()) {
    if (!sys::exists(file)) {
      continue;
    }
    CMP_TRY(const std::string text, sys::read_file(file));
    std::string helper;
    CMP_TRY(const auto found, credentials_in(text, registry, helper).context(fmt::format("'{}'", file)));
    if (!helper.empty()) {
      return ask_helper(helper, registry);
    }
    if (found) {
      return found;
    }
  }
  return std::optional<Credentials>();
}

}  // namespace cmp::transfer
