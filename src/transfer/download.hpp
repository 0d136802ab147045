#pragma once
// Blobs from a registry into the store: several at once, hashed as they come, gone on with after a broken connection,
// also one of an earlier run.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "image/manifest.hpp"
#include "image/store.hpp"
#include "transfer/hash.hpp"
#include "transfer/registry.hpp"
#include "transfer/workers.hpp"

namespace cmp::transfer {

struct DownloadHooks {
  std::function<void(std::size_t index)> complete;   ///< the blob is in the store
  std::function<void(std::uint64_t done)> progress;  ///< bytes of all, those that were here already included
};

class Downloads {
 public:
  Downloads(const image::Store& store, Registry& registry, std::vector<image::Descriptor> blobs, DownloadHooks hooks);
  ~Downloads();
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  /// Runs until all blobs are there and all workers have ended, or something failed for good.
  [[nodiscard]] Status run(Workers& workers);

 private:
  struct Blob;

  [[nodiscard]] Status open(Blob& blob);
  void begin(Blob& blob);
  [[nodiscard]] Status on_begin(Blob& blob, long status, const std::map<std::string, std::string>& headers);
  [[nodiscard]] Status on_data(Blob& blob, const char* data, std::size_t size);
  void on_done(Blob& blob, const HttpResponse& response, HttpFailure* failure);
  void on_refused(Blob& blob, const HttpResponse& response);
  void retry(Blob& blob, Error error, const std::string& retry_after);
  [[nodiscard]] Status restart(Blob& blob);
  void complete(Blob& blob);
  void fail(Error error);
  void start_what_may();
  [[nodiscard]] int milliseconds_to_wait() const;
  void tell();

  const image::Store& store_;
  Registry& registry_;
  DownloadHooks hooks_;
  std::vector<std::unique_ptr<Blob>> blobs_;
  Status failure_;
};

}  // namespace cmp::transfer
