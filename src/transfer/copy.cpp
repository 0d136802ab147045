#include "transfer/copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/in_root.hpp"
#include "sys/process.hpp"
#include "sys/wait.hpp"
#include "transfer/archive.hpp"
#include "transfer/layer_tree.hpp"
#include "transfer/tree_archive.hpp"

namespace cmp::transfer {

namespace {

bool asserts_directory(const std::string& path) {
  return path.ends_with('/') || path.ends_with("/.");
}

/// "/a/b/." is "/a/b".
std::string without_slashes(std::string path) {
  for (bool more = true; more;) {
    more = false;
    if (path.ends_with("/.")) {
      path.resize(path.size() - 1);
      more = true;
    }
    if (path.size() > 1 && path.ends_with('/')) {
      path.pop_back();
      more = true;
    }
  }
  return path;
}

std::string base_of(const std::string& path) {
  const std::string plain = without_slashes(path);
  return plain.substr(plain.rfind('/') + 1);
}

std::string parent_of(const std::string& path) {
  const std::string plain = without_slashes(path);
  return plain.substr(0, plain.rfind('/') + 1);
}

Result<UniqueFd> open_side(const image::CopySide& side) {
  return sys::open_file(side.root, O_PATH | O_DIRECTORY);
}

bool is_directory(int fd) {
  struct stat info {};

  return ::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

/// What is copied: a descriptor, and whether only what is in it.
struct Source {
  UniqueFd fd;
  std::string name;
  bool directory = false;
  bool contents = false;
};

Result<Source> open_source(const image::CopySide& side, bool follow) {
  CMP_TRY(const UniqueFd root, open_side(side));
  const bool directory = asserts_directory(side.path);
  auto fd = sys::open_in_root(root.get(), side.path, O_PATH | (follow || directory ? 0 : O_NOFOLLOW));
  if (!fd) {
    return make_error(fd.error().code, fmt::format("could not find the file {} ({})", side.path, fd.error().message));
  }
  Source source{.fd = *std::move(fd), .name = base_of(side.path)};
  source.directory = is_directory(source.fd.get());
  if (directory && !source.directory) {
    return make_error(Code::kInvalid, fmt::format("{}: not a directory", side.path));
  }
  source.contents = side.path.ends_with("/.") || source.name.empty();
  return source;
}

/// Where it goes: a directory, and the name in it ("" is: the names of the source's contents).
struct Target {
  UniqueFd directory;
  std::string name;
};

/// Of a link the name at its end, which need not be there.
std::string end_of_links(int root, std::string path) {
  constexpr int kMostLinks = 40;
  for (int links = 0; links < kMostLinks; ++links) {
    const auto link = sys::open_in_root(root, path, O_PATH | O_NOFOLLOW);
    std::array<char, PATH_MAX> target{};
    const ssize_t length = link ? ::readlinkat(link->get(), "", target.data(), target.size()) : -1;
    if (length <= 0) {
      return path;
    }
    const std::string text(target.data(), static_cast<std::size_t>(length));
    path = text.starts_with('/') ? text : parent_of(path) + text;
  }
  return path;
}

Result<Target> find_target(const image::CopySide& side, const Source& source) {
  CMP_TRY(const UniqueFd root, open_side(side));
  auto there = sys::open_in_root(root.get(), side.path, O_PATH);
  if (there && is_directory(there->get())) {
    return Target{.directory = *std::move(there), .name = source.contents ? "" : source.name};
  }
  if (there && source.directory) {
    return make_error(Code::kInvalid, fmt::format("cannot copy a directory over the file {}", side.path));
  }
  if (asserts_directory(side.path) && !source.directory) {
    return make_error(Code::kNotFound, fmt::format("no such directory: {}", side.path));
  }
  const std::string path = end_of_links(root.get(), without_slashes(side.path));
  auto parent = sys::open_in_root(root.get(), parent_of(path), O_PATH | O_DIRECTORY);
  if (!parent) {
    return make_error(Code::kNotFound, fmt::format("no such directory: {}", parent_of(path)));
  }
  return Target{.directory = *std::move(parent), .name = base_of(path)};
}

/// What an archive holds into a directory.
class Extraction {
 public:
  Extraction(int fd, const image::TransferRequest& request, UniqueFd directory)
      : request_(request),
        directory_(std::move(directory)),
        reader_(fd, [](const void*, std::size_t) { return Status(); }) {}

  Status run() {
    CMP_CHECK(reader_.open());
    CMP_TRY(LayerTree tree, LayerTree::at(directory_.get()));
    for (;;) {
      CMP_TRY(std::optional<Entry> entry, reader_.next());
      if (!entry) {
        CMP_CHECK(tree.finish());
        return reader_.drain();
      }
      CMP_CHECK(put(*entry, tree).context(fmt::format("'{}'", entry->name)));
    }
  }

 private:
  Status put(Entry& entry, LayerTree& tree) {
    CMP_TRY(const auto parts, components_of(entry.name));
    if (parts.empty()) {
      return {};  // the directory itself stays as it is
    }
    if (!request_.keep_owner) {
      entry.metadata.uid = request_.uid;
      entry.metadata.gid = request_.gid;
    }
    CMP_CHECK(check_kind(entry));
    switch (entry.kind) {
      case EntryKind::kFile: {
        CMP_TRY(const UniqueFd file, tree.file(entry.name));
        CMP_CHECK(reader_.extract(file.get()));
        return LayerTree::finish_file(file.get(), entry.metadata);
      }
      case EntryKind::kDirectory:
        return tree.directory(entry.name, entry.metadata);
      case EntryKind::kSymbolicLink:
        return tree.symbolic_link(entry.name, entry.target, entry.metadata);
      case EntryKind::kHardLink:
        return tree.hard_link(entry.name, entry.target);
      case EntryKind::kNode:
        return tree.node(entry.name, entry.type, entry.device, entry.metadata);
      case EntryKind::kOther:
        break;
    }
    return {};
  }

  /// A directory never takes a file's place, or the other way round.
  Status check_kind(const Entry& entry) const {
    const auto there = sys::open_in_root(directory_.get(), entry.name, O_PATH | O_NOFOLLOW);
    if (!there) {
      return {};
    }
    const bool directory = is_directory(there->get());
    if (directory != (entry.kind == EntryKind::kDirectory)) {
      return make_error(Code::kConflict, directory ? "a directory is not overwritten with something else"
                                                   : "only a directory is overwritten with a directory");
    }
    return {};
  }

  const image::TransferRequest& request_;
  UniqueFd directory_;
  ArchiveReader reader_;
};

Status write_archive(const Source& source, const std::string& name, int fd, Mounted mounted) {
  TreeArchive archive(fd, mounted);
  CMP_CHECK(archive.add(source.fd.get(), name));
  return archive.finish();
}

struct CopyEnds {
  UniqueFd out, in;
};

Result<CopyEnds> pipe_of_copy() {
  std::array<int, 2> ends{};
  return ::pipe2(ends.data(), O_CLOEXEC) == 0 ? Result<CopyEnds>(CopyEnds{UniqueFd(ends[0]), UniqueFd(ends[1])})
                                              : sys_error("make pipe");
}

/// One process reads, the other writes.
Status copy_tree(const image::TransferRequest& request, const Source& source, Target target) {
  CMP_TRY(CopyEnds data, pipe_of_copy());
  CMP_TRY(CopyEnds told, pipe_of_copy());
  CMP_TRY(const sys::Child child, sys::clone_process({}));
  if (child.pid == 0) {
    data.out.reset();
    const Status written = write_archive(source, target.name, data.in.get(), Mounted::kIncluded);
    if (!written) {
      static_cast<void>(sys::write_all(told.in.get(), written.error().message));
    }
    ::_exit(written ? 0 : 1);
  }
  data.in.reset();
  told.in.reset();
  Status done = Extraction(data.out.get(), request, std::move(target.directory)).run();
  data.out.reset();
  CMP_TRY(const auto status, sys::wait_for_child(child.pid));
  CMP_TRY(const std::string failure, sys::read_all(told.out.get()));
  // Whoever writes into nothing has not failed first.
  return done && status.code != 0 ? Status(make_error(Code::kSystem, failure)) : std::move(done);
}

}  // namespace

Status copy_files(const image::TransferRequest& request) {
  if (request.from.root.empty()) {
    CMP_TRY(const UniqueFd archive, sys::open_file(request.file, O_RDONLY));
    CMP_TRY(const UniqueFd root, open_side(request.to));
    auto directory = sys::open_in_root(root.get(), request.to.path, O_PATH | O_DIRECTORY);
    if (!directory) {
      return make_error(Code::kInvalid, fmt::format("destination \"{}\" must be a directory", request.to.path));
    }
    return Extraction(archive.get(), request, *std::move(directory)).run();
  }
  CMP_TRY(Source source, open_source(request.from, request.follow_link));
  if (!request.to.root.empty()) {
    CMP_TRY(Target target, find_target(request.to, source));
    return copy_tree(request, source, std::move(target));
  }
  CMP_TRY(const UniqueFd archive, sys::open_file(request.file, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  const bool whole = request.task == image::Task::kExport;
  const std::string name = whole ? "" : source.contents ? "." : source.name;
  return write_archive(source, name, archive.get(), whole ? Mounted::kEmpty : Mounted::kIncluded);
}

}  // namespace cmp::transfer
