#pragma once
// What is on disk of containers that were made from bundles: one directory a container below the root directory
// (--root), with its record, the config.json it was made from, and the socket on which it waits to be started.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "oci/config.hpp"
#include "oci/state.hpp"

namespace cmp::runtime {

/// Where containers are kept unless --root says otherwise: gone after a reboot, as they are.
inline constexpr std::string_view kDefaultRoot = "/run/cmp-oci";

struct Container {
  oci::Record record;
  oci::Config config;
};

class Store {
 public:
  explicit Store(std::string root) : root_(std::move(root)) {}

  /// Letters, digits, '_', '+', '-' and '.'; neither "." nor "..".
  [[nodiscard]] static Status check_id(const std::string& id);

  /// Makes the directory of a new container. kConflict: there is one with this id.
  [[nodiscard]] Status make(const std::string& id) const;
  /// kNotFound: there is no such container.
  [[nodiscard]] Result<Container> load(const std::string& id) const;
  [[nodiscard]] Status save(const oci::Record& record) const;
  [[nodiscard]] Status save_config(const std::string& id, std::string_view text) const;
  /// Missing is success.
  [[nodiscard]] Status remove(const std::string& id) const;
  [[nodiscard]] bool has(const std::string& id) const;
  /// Ids, sorted.
  [[nodiscard]] Result<std::vector<std::string>> list() const;

  /// Created, and complete.
  [[nodiscard]] Status mark_ready(const std::string& id) const;
  [[nodiscard]] bool is_ready(const std::string& id) const;

  /// A listening socket for its start. Whoever connects, says go.
  [[nodiscard]] Result<UniqueFd> listen_for_start(const std::string& id) const;
  /// kConflict: it has been started already.
  [[nodiscard]] Result<UniqueFd> connect_to_start(const std::string& id) const;
  [[nodiscard]] bool waits_for_start(const std::string& id) const;
  void forget_start(const std::string& id) const;

 private:
  [[nodiscard]] std::string directory(const std::string& id) const { return root_ + "/" + id; }

  std::string root_;
};

}  // namespace cmp::runtime
