#include "cli/granted_files.hpp"

#include <set>

#include <fmt/core.h>

#include "base/combined.hpp"
#include "base/sha256.hpp"
#include "engine/storage.hpp"
#include "plan/plan.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

using Sources = std::map<std::string, model::FileSource>;

Result<std::string> read_from_file(const std::string& path) {
  auto bytes = sys::read_file(path);
  if (!bytes && bytes.error().os_errno == ENOENT) {
    return make_error(Code::kNotFound, fmt::format("file '{}' does not exist{}", path, engine::suggest_existing(path)));
  }
  return bytes;
}

/// Reads each source once, for as many services as have it.
class Collector {
 public:
  explicit Collector(const compose::Loaded& loaded) : environment_(loaded.environment) {}

  void take(const char* kind, const Sources& sources, std::vector<model::FileGrant>& grants) {
    for (model::FileGrant& grant : grants) {
      const auto source = sources.find(grant.source);
      if (source != sources.end()) {  // compose/references has seen to it
        grant.digest = digest_of(kind, source->second);
      }
    }
  }

  Result<UniqueFd> finish() && {
    CMP_CHECK(combined(std::move(errors_)));
    return given_.empty() ? UniqueFd() : engine::pack_given_files(given_);
  }

 private:
  const std::string& digest_of(const char* kind, const model::FileSource& source) {
    const auto [known, fresh] = digests_.emplace(engine::given_name(kind, source.key), "");
    if (!fresh) {
      return known->second;
    }
    auto bytes = read(kind, source);
    if (!bytes) {
      errors_.push_back(std::move(bytes).error().context(fmt::format("{}s.{}", kind, source.key)).at(source.where));
      return known->second;
    }
    known->second = sha256_hex(*bytes);
    given_.emplace(known->first, *std::move(bytes));
    return known->second;
  }

  [[nodiscard]] Result<std::string> read(const std::string& kind, const model::FileSource& source) const {
    if (source.external) {
      const std::string path = state::external_file(state::roots_from_environment(), kind, source.name);
      auto bytes = read_from_file(path);
      return bytes ? std::move(bytes)
                   : make_error(Code::kNotFound, fmt::format("it is external, and '{}' is not there", path));
    }
    if (source.content) {
      return *source.content;
    }
    if (!source.file.empty()) {
      return read_from_file(source.file);
    }
    const auto variable = environment_.find(source.environment);
    return variable == environment_.end()
               ? Result<std::string>(make_error(
                     Code::kNotFound, fmt::format("environment variable '{}' is not set", source.environment)))
               : variable->second;
  }

  const std::map<std::string, std::string>& environment_;
  std::map<std::string, std::string> digests_;
  engine::GivenFiles given_;
  std::vector<Error> errors_;
};

/// What the environment said goes to the supervisor as bytes to be kept in memory; the project is written down.
void forget_environment(Sources& sources) {
  for (auto& [key, source] : sources) {
    if (!source.environment.empty()) {
      source.content.reset();
    }
  }
}

}  // namespace

Result<UniqueFd> collect_granted_files(compose::Loaded& loaded, const std::vector<std::string>& services) {
  model::Project& project = loaded.project;
  std::set<std::string> wanted;
  if (!services.empty()) {
    CMP_TRY(const auto names, plan::with_dependencies(project, services));
    wanted.insert(names.begin(), names.end());
  }
  Collector collector(loaded);
  for (auto& [name, service] : project.services) {
    if (services.empty() || wanted.contains(name)) {
      collector.take("secret", project.secrets, service.secrets);
      collector.take("config", project.configs, service.configs);
    }
  }
  forget_environment(project.secrets);
  forget_environment(project.configs);
  return std::move(collector).finish();
}

}  // namespace cmp::cli
