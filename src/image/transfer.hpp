#pragma once
// What cmp and its worker program cmp-transfer say to each other: one request as JSON on the worker's standard input,
// events as JSON lines on its standard output. The worker has libcurl, libarchive and OpenSSL; cmp has none of them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "image/platform.hpp"

namespace cmp::image {

enum class Task {
  kPull,
  kPush,
  kLoad,
  kSave,
  kResolve,  ///< which digest each name has now; nothing is kept
  kCopy,     ///< files between `from` and `to`, or the archive `file` in the place of the one that has no root
  kExport,   ///< all of `from`, without what is mounted in it, into the archive `file`
};

struct TransferItem {
  std::string name;      ///< Reference::str(); kLoad: "" is every image of the file
  std::string platform;  ///< Platform::str()
  std::string as;        ///< kPull: the name it gets in the store, if another one
  std::string label;     ///< what to call it in progress and errors, as the user wrote it
  friend bool operator==(const TransferItem&, const TransferItem&) = default;
};

/// A path in a tree. Links and ".." do not leave it.
struct CopySide {
  std::string root;  ///< a directory; "" is: the archive
  std::string path;
  friend bool operator==(const CopySide&, const CopySide&) = default;
};

struct TransferRequest {
  Task task = Task::kPull;
  std::vector<TransferItem> items;
  CopySide from, to;
  bool keep_owner = false;  ///< kCopy: else what is made belongs to `uid` and `gid`
  unsigned uid = 0, gid = 0;
  bool follow_link = false;  ///< kCopy: of `from`
  std::string file;          ///< kLoad, kSave: the archive; one that cannot be rewound (a pipe) is copied first
  bool tls_verify = true;
};

enum class TransferEventKind { kProgress, kImage, kWarning, kError };

struct TransferEvent {
  TransferEventKind kind = TransferEventKind::kProgress;
  std::string label;                     ///< of the item
  std::string text;                      ///< kProgress: "Pulling"; kWarning, kError: the message
  std::uint64_t current = 0, total = 0;  ///< kProgress: bytes; a total of 0 is not known
  bool changed = false;                  ///< kImage: it is new here
  std::string name, id;                  ///< kImage: its name and id in the store; of kResolve the id is the digest
  Code code = Code::kInternal;           ///< kError
};

[[nodiscard]] std::string encode(const TransferRequest& request);
/// One line.
[[nodiscard]] std::string encode(const TransferEvent& event);
[[nodiscard]] Result<TransferRequest> decode_transfer_request(std::string_view text);
[[nodiscard]] Result<TransferEvent> decode_transfer_event(std::string_view line);

}  // namespace cmp::image
