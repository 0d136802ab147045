#include "transfer/unpack.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include <fmt/core.h>

#include "state/lock.hpp"
#include "sys/file.hpp"
#include "transfer/archive.hpp"
#include "transfer/decompress.hpp"
#include "transfer/hash.hpp"
#include "transfer/layer_tree.hpp"

namespace cmp::transfer {

namespace {

// OCI image-spec layer.md, whiteouts; names with the second prefix beside the opaque marker are AUFS's own.
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kMeta = ".wh..wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  if (text == nullptr) {
    return otherwise;
  }
  std::uint64_t number = otherwise;
  std::from_chars(text, text + std::char_traits<char>::length(text), number);
  return number;
}

std::pair<std::string, std::string> split(const std::string& name) {
  const auto end = name.find_last_not_of('/');
  const std::string path = name.substr(0, end == std::string::npos ? 0 : end + 1);
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::pair(std::string(), path)
                                    : std::pair(path.substr(0, slash), path.substr(slash + 1));
}

class LayerWriter {
 public:
  LayerWriter(ArchiveReader& reader, LayerTree& tree, const Limits& limits)
      : reader_(reader), tree_(tree), limits_(limits) {}

  Status run() {
    for (;;) {
      CMP_TRY(const std::optional<Entry> entry, reader_.next());
      if (!entry) {
        return tree_.finish();
      }
      CMP_CHECK(count(*entry));
      CMP_CHECK(write(*entry).context(fmt::format("'{}'", entry->name)));
    }
  }

 private:
  Status count(const Entry& entry) {
    bytes_ += entry.size;
    if (++entries_ > limits_.entries) {
      return make_error(Code::kInvalid, fmt::format("more than {} entries (CMP_MAX_LAYER_ENTRIES)", limits_.entries));
    }
    if (bytes_ > limits_.bytes) {
      return make_error(Code::kInvalid,
                        fmt::format("more than {} bytes of files (CMP_MAX_LAYER_BYTES)", limits_.bytes));
    }
    return {};
  }

  Status write(const Entry& entry) {
    if (entry.name.empty()) {
      return make_error(Code::kInvalid, "an entry without a name");
    }
    const auto [directory, name] = split(entry.name);
    if (name.starts_with(kMeta)) {
      return name == kOpaque ? tree_.opaque(directory) : Status();
    }
    if (name.starts_with(kWhiteout)) {
      return tree_.whiteout(directory, name.substr(kWhiteout.size()));
    }
    switch (entry.kind) {
      case EntryKind::kFile:
        return write_file(entry);
      case EntryKind::kDirectory:
        return tree_.directory(entry.name, entry.metadata);
      case EntryKind::kSymbolicLink:
        return tree_.symbolic_link(entry.name, entry.target, entry.metadata);
      case EntryKind::kHardLink:
        return tree_.hard_link(entry.name, entry.target);
      case EntryKind::kNode:
        return write_node(entry);
      case EntryKind::kOther:
        break;
    }
    return {};
  }

  Status write_file(const Entry& entry) {
    CMP_TRY(const UniqueFd file, tree_.file(entry.name));
    CMP_CHECK(reader_.extract(file.get()));
    return LayerTree::finish_file(file.get(), entry.metadata);
  }

  /// A device that could do harm is left out, as Podman does without privileges: /dev is not the image's anyway.
  Status write_node(const Entry& entry) {
    Status made = tree_.node(entry.name, entry.type, entry.device, entry.metadata);
    return !made && made.error().code == Code::kUnsupported ? Status() : made;
  }

  ArchiveReader& reader_;
  LayerTree& tree_;
  const Limits& limits_;
  std::uint64_t entries_ = 0, bytes_ = 0;
};

Limits for_blob(Limits limits, int blob) {
  constexpr std::uint64_t kFactor = 100;
  constexpr std::uint64_t kAlways = 1U << 30U;

  struct stat info {};

  if (limits.bytes == 0 && ::fstat(blob, &info) == 0) {
    limits.bytes = kFactor * static_cast<std::uint64_t>(info.st_size) + kAlways;
  }
  return limits;
}

Status make_empty_directory(const std::string& directory) {
  CMP_CHECK(sys::remove_tree(directory));
  if (::mkdir(directory.c_str(), 0755) != 0 || ::chmod(directory.c_str(), 0755) != 0) {
    return sys_error(fmt::format("make directory '{}'", directory));
  }
  return {};
}

Status unpack_verified(const image::Store& store, const image::Digest& blob, const image::Digest& diff_id,
                       const Limits& limits) {
  const std::string part = store.paths().part("layer", diff_id.hex);
  CMP_CHECK(make_empty_directory(part));
  CMP_TRY(UniqueFd file, sys::open_file(store.paths().blob(blob.hex), O_RDONLY));
  auto found = unpack(std::move(file), part, limits);
  if (found && *found != diff_id) {
    found =
        make_error(Code::kInvalid, fmt::format("its content is {}, the image says {}", found->str(), diff_id.str()));
  }
  if (!found) {
    static_cast<void>(sys::remove_tree(part));
    return std::move(found).error();
  }
  if (::rename(part.c_str(), store.paths().layer(diff_id.hex).c_str()) != 0) {
    return sys_error(fmt::format("put layer in place at '{}'", store.paths().layer(diff_id.hex)));
  }
  return {};
}

}  // namespace

Limits Limits::from_environment() {
  Limits limits;
  limits.entries = number_from("CMP_MAX_LAYER_ENTRIES", limits.entries);
  limits.bytes = number_from("CMP_MAX_LAYER_BYTES", limits.bytes);
  return limits;
}

Result<image::Digest> unpack(UniqueFd blob, const std::string& directory, const Limits& limits) {
  const Limits bounds = for_blob(limits, blob.get());
  CMP_TRY(Unpacked plain, Unpacked::start(std::move(blob)));
  Hasher hasher;
  // Headers of an archive cost space, too: a bomb may be made of them alone.
  const std::uint64_t most = bounds.bytes + bounds.entries * 2048;
  ArchiveReader reader(plain.output(), [&](const void* data, std::size_t size) {
    hasher.update(data, size);
    return hasher.size() > most ? Status(make_error(Code::kInvalid, fmt::format("it unpacks to more than {} bytes "
                                                                                "(CMP_MAX_LAYER_BYTES)",
                                                                                bounds.bytes)))
                                : Status();
  });
  CMP_TRY(LayerTree tree, LayerTree::open(directory));
  Status done = reader.open();
  if (done) {
    done = LayerWriter(reader, tree, bounds).run();
  }
  if (done) {
    done = reader.drain();
  }
  const Status packed = plain.finish();
  // An archive that ends early because its packing is damaged: that is the cause.
  if (!packed && (done || packed.error().code == Code::kInvalid)) {
    return packed.error();
  }
  if (!done) {
    return std::move(done).error();
  }
  return hasher.finish();
}

Status ensure_layer(const image::Store& store, const image::Digest& blob, const image::Digest& diff_id,
                    const Limits& limits) {
  if (store.has_layer(diff_id)) {
    return {};
  }
  const std::string lock_path = store.paths().part("layer", diff_id.hex) + ".lock";
  CMP_TRY(const UniqueFd lock, state::lock(lock_path));
  if (!store.has_layer(diff_id)) {
    CMP_CHECK(unpack_verified(store, blob, diff_id, limits).context(fmt::format("layer {}", blob.brief())));
  }
  // While the lock is held, so that nobody waits for a file that is gone (state::lock notices).
  ::unlink(lock_path.c_str());
  return {};
}

}  // namespace cmp::transfer
