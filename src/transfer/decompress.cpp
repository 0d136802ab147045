#include "transfer/decompress.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <memory>
#include <vector>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/wait.hpp"

namespace cmp::transfer {

namespace {

constexpr std::size_t kChunk = 256U << 10U;
constexpr int kPipeBytes = 1 << 20;

Result<std::size_t> read_some(int fd, void* buffer, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd, buffer, size);
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) {
      return sys_error("read the packed data");
    }
  }
}

Error damaged(std::string_view format, std::string_view why) {
  return make_error(Code::kInvalid, fmt::format("damaged {} data: {}", format, why));
}

/// A gzip file is one or more members, and may have zeros behind the last.
class Gzip {
 public:
  Gzip() { inflateInit2(&stream_, 15 + 16); }

  ~Gzip() { inflateEnd(&stream_); }

  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Status run(int in, int out) {
    std::vector<unsigned char> packed(kChunk);
    for (;;) {
      CMP_TRY(const std::size_t got, read_some(in, packed.data(), packed.size()));
      if (got == 0) {
        return between_members_ ? Status() : damaged("gzip", "it ends too early");
      }
      stream_.next_in = packed.data();
      stream_.avail_in = static_cast<uInt>(got);
      CMP_CHECK(inflate_all(out));
      if (padding_) {
        return {};
      }
    }
  }

 private:
  Status inflate_all(int out) {
    while (stream_.avail_in > 0) {
      if (between_members_ && began_ && *stream_.next_in == 0) {
        padding_ = true;
        return {};
      }
      between_members_ = false;
      began_ = true;
      stream_.next_out = plain_.data();
      stream_.avail_out = static_cast<uInt>(plain_.size());
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return damaged("gzip", stream_.msg != nullptr ? stream_.msg : "it cannot be read");
      }
      const std::size_t made = plain_.size() - stream_.avail_out;
      CMP_CHECK(sys::write_all(out, {reinterpret_cast<const char*>(plain_.data()), made}));
      if (code == Z_STREAM_END) {
        inflateReset(&stream_);
        between_members_ = true;
      }
    }
    return {};
  }

  z_stream stream_{};
  std::vector<unsigned char> plain_ = std::vector<unsigned char>(kChunk);
  bool between_members_ = false, began_ = false, padding_ = false;
};

Status unpack_zstd(int in, int out) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  std::vector<char> packed(kChunk);
  std::vector<char> plain(kChunk);
  std::size_t wanted = 1;  // 0 at the end of a frame
  for (;;) {
    CMP_TRY(const std::size_t got, read_some(in, packed.data(), packed.size()));
    if (got == 0) {
      return wanted == 0 ? Status() : damaged("zstd", "it ends too early");
    }
    ZSTD_inBuffer input{packed.data(), got, 0};
    while (input.pos < input.size) {
      ZSTD_outBuffer output{plain.data(), plain.size(), 0};
      wanted = ZSTD_decompressStream(context.get(), &output, &input);
      if (ZSTD_isError(wanted) != 0) {
        return damaged("zstd", ZSTD_getErrorName(wanted));
      }
      CMP_CHECK(sys::write_all(out, {plain.data(), output.pos}));
    }
  }
}

Status unpack(Packing packing, int in, int out) {
  return packing == Packing::kZstd ? unpack_zstd(in, out) : Gzip().run(in, out);
}

Result<std::pair<UniqueFd, UniqueFd>> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return sys_error("make pipe");
  }
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

}  // namespace

Packing packing_of(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1f\x8b")) {
    return Packing::kGzip;
  }
  // A frame of zstd, or a skippable one in front of it (zstd:chunked).
  if (first_bytes.starts_with("\x28\xb5\x2f\xfd") ||
      (first_bytes.size() >= 4 && first_bytes.substr(1, 3) == "\x2a\x4d\x18" && (first_bytes[0] & 0xf0) == 0x50)) {
    return Packing::kZstd;
  }
  const bool other = first_bytes.starts_with("BZh") || first_bytes.starts_with(
                                                           "\xfd"
                                                           "7zXZ");
  return other ? Packing::kUnknown : Packing::kNone;
}

Result<Unpacked> Unpacked::start(UniqueFd blob) {
  std::array<char, 6> first{};
  const ssize_t got = ::pread(blob.get(), first.data(), first.size(), 0);
  if (got < 0) {
    return sys_error("read the packed data");
  }
  const Packing packing = packing_of({first.data(), static_cast<std::size_t>(got)});
  if (packing == Packing::kUnknown) {
    return make_error(Code::kUnsupported, "it is packed neither with gzip nor with zstd");
  }
  Unpacked unpacked;
  if (packing == Packing::kNone) {
    unpacked.output_ = std::move(blob);
    return unpacked;
  }
  CMP_TRY(auto data, make_pipe());
  CMP_TRY(auto complaint, make_pipe());
  // Larger pieces, fewer switches; refused where a user may not have more.
  static_cast<void>(::fcntl(data.second.get(), F_SETPIPE_SZ, kPipeBytes));
  CMP_TRY(unpacked.child_, sys::clone_process({}));
  if (unpacked.child_.pid == 0) {
    data.first.reset();
    const Status done = unpack(packing, blob.get(), data.second.get());
    if (!done) {
      static_cast<void>(sys::write_all(complaint.second.get(), done.error().message));
    }
    ::_exit(done ? 0 : 1);
  }
  unpacked.output_ = std::move(data.first);
  unpacked.complaint_ = std::move(complaint.first);
  return unpacked;
}

Status Unpacked::finish() {
  output_.reset();
  if (child_.pid == 0) {
    return {};
  }
  CMP_TRY(const std::string complaint, sys::read_all(complaint_.get(), kChunk));
  CMP_TRY(const sys::ExitStatus status, sys::wait_for_child(child_.pid));
  child_ = {};
  if (!complaint.empty()) {
    return make_error(Code::kInvalid, complaint);
  }
  // SIGPIPE: whoever read the output had no use for the rest of it.
  return status.code == 0 ? Status()
                          : make_error(Code::kSystem, fmt::format("decompression ended with {}", status.code));
}

}  // namespace cmp::transfer
