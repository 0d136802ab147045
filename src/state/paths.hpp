#pragma once
// Every name under the run and state directories, and every name of a kernel object: functions of project and service.
// Nobody else composes such a path.
//
//   run (tmpfs, gone after a reboot; $CMP_RUN_DIR, /run/cmp)
//     PROJECT.lock                     held while a guardian is being started
//     PROJECT/control                  the supervisor's socket
//     PROJECT/guardian.json, supervisor.json    pid and start time
//     PROJECT/containers/NAME.json     what is: one record a container (state/record.hpp)
//     PROJECT/networks/KEY.json
//     PROJECT/containers/NAME/         hosts, hostname, resolv.conf, the FIFOs out and err; mount points: root, granted
//   state (disk, stays; $CMP_STATE_DIR, /var/lib/cmp)
//     projects/PROJECT/project.json    what is wanted
//     projects/PROJECT/containers/NAME/{upper,work}
//     projects/PROJECT/logs/NAME.{out,err}[.idx]
//     external/secrets/NAME, external/configs/NAME    what the administrator keeps for `external: true`
//     volumes/NAME/_data, volumes/NAME/volume.json, volumes/NAME/snapshots/NAME/{_data,snapshot.json}
//     volumes.lock                     held while volumes are being chosen or removed
//     trash/NAME@TIME/                 a removed volume, as it was (rootfs/trash.hpp)
//     layers/host                      the mask layer of x-rootfs: host
//     seccomp/KEY.bpf                  compiled system call filters
//     images/                          the image store: an OCI layout (oci-layout, index.json, blobs/sha256/HEX)
//     images/layers/HEX                an unpacked layer, by its diff id
//     images/part/                     what is being downloaded or unpacked
//     images/build/                    buildah's own storage: base images and the layers it builds from
//     images/index.lock                held while index.json is being changed
//     images/use.lock                  shared by whoever uses images, exclusive for who removes them

#include <string>
#include <string_view>

namespace cmp::state {

struct Roots {
  std::string run;
  std::string state;
};

/// What the administrator says of networks: /etc/cmp/networks.json; a state directory that is not the system's has its
/// own.
[[nodiscard]] std::string networks_file(const Roots& roots);

/// From CMP_RUN_DIR and CMP_STATE_DIR, made absolute, else the system's directories.
[[nodiscard]] Roots roots_from_environment();

/// The paths of one project.
class Paths {
 public:
  Paths(Roots roots, std::string project);

  [[nodiscard]] const Roots& roots() const { return roots_; }

  [[nodiscard]] const std::string& project() const { return project_; }

  [[nodiscard]] std::string run_dir() const;
  [[nodiscard]] std::string lock() const;
  [[nodiscard]] std::string control_socket() const;
  [[nodiscard]] std::string guardian_record() const;
  [[nodiscard]] std::string supervisor_record() const;
  [[nodiscard]] std::string containers_dir() const;
  [[nodiscard]] std::string container_record(std::string_view container) const;
  [[nodiscard]] std::string container_run_dir(std::string_view container) const;
  [[nodiscard]] std::string networks_dir() const;
  [[nodiscard]] std::string network_record(std::string_view network) const;

  /// Where the container's mount namespace, and no other, has the tmpfs with its secrets and configs.
  [[nodiscard]] std::string granted_dir(std::string_view container) const;
  /// The same for the images that are mounted in it.
  [[nodiscard]] std::string images_dir(std::string_view container) const;

  [[nodiscard]] std::string state_dir() const;
  [[nodiscard]] std::string desired() const;
  /// Which addresses its networks and containers had.
  [[nodiscard]] std::string addresses() const;
  [[nodiscard]] std::string containers_state_dir() const;
  [[nodiscard]] std::string container_state_dir(std::string_view container) const;
  [[nodiscard]] std::string logs_dir() const;
  /// `stream` is "out" or "err".
  [[nodiscard]] std::string log_file(std::string_view container, std::string_view stream) const;

  [[nodiscard]] std::string volume_dir(std::string_view volume_name) const;
  [[nodiscard]] std::string volume_data(std::string_view volume_name) const;
  [[nodiscard]] std::string volume_record(std::string_view volume_name) const;
  [[nodiscard]] std::string host_layer() const;

 private:
  Roots roots_;
  std::string project_;
};

/// The content of an external secret or config, made by the administrator.
[[nodiscard]] std::string external_file(const Roots& roots, std::string_view kind, std::string_view name);

/// Where compiled system call filters of all projects are.
[[nodiscard]] std::string seccomp_dir(const Roots& roots);

/// The image store, shared by all projects.
class ImagePaths {
 public:
  explicit ImagePaths(const Roots& roots) : top_(roots.state + "/images") {}

  [[nodiscard]] const std::string& top() const { return top_; }

  [[nodiscard]] std::string layout() const { return top_ + "/oci-layout"; }

  [[nodiscard]] std::string index() const { return top_ + "/index.json"; }

  [[nodiscard]] std::string index_lock() const { return top_ + "/index.lock"; }

  [[nodiscard]] std::string use_lock() const { return top_ + "/use.lock"; }

  [[nodiscard]] std::string blobs() const { return top_ + "/blobs/sha256"; }

  [[nodiscard]] std::string blob(std::string_view hex) const { return blobs() + '/' + std::string(hex); }

  [[nodiscard]] std::string layers() const { return top_ + "/layers"; }

  [[nodiscard]] std::string layer(std::string_view hex) const { return layers() + '/' + std::string(hex); }

  /// What the builder keeps between builds.
  [[nodiscard]] std::string build_storage() const { return top_ + "/build"; }

  [[nodiscard]] std::string parts() const { return top_ + "/part"; }

  /// A blob or layer under way: `kind` is "blob" or "layer".
  [[nodiscard]] std::string part(std::string_view kind, std::string_view hex) const {
    return parts() + '/' + std::string(kind) + '-' + std::string(hex);
  }

 private:
  std::string top_;
};

/// Where the volumes of all projects are, one directory each.
[[nodiscard]] std::string volumes_dir(const Roots& roots);
/// Held while volumes are being chosen or removed.
[[nodiscard]] std::string volumes_lock(const Roots& roots);
/// Volumes that were removed, one directory each, for a while.
[[nodiscard]] std::string trash_dir(const Roots& roots);

/// Kernel names. Device names have room for 15 bytes: a prefix and ten hex digits of SHA-256 over what they stand for,
/// the run directory among it, so that two sets of directories (tests) never share a device.
[[nodiscard]] std::string bridge_device(const Roots& roots, std::string_view network_name);
[[nodiscard]] std::string veth_device(const Roots& roots, std::string_view container, std::string_view network_name);
/// The project's table of the packet filter.
[[nodiscard]] std::string filter_table(const Roots& roots, std::string_view project);
[[nodiscard]] std::string cgroup_path(const Roots& roots, std::string_view project, std::string_view container);
[[nodiscard]] std::string cgroup_project_path(const Roots& roots, std::string_view project);

}  // namespace cmp::state
