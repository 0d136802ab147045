#include "transfer/download.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "state/lock.hpp"
#include "sys/file.hpp"

namespace cmp::transfer {

namespace {

// Attempts without a single new byte, and attempts in all: a connection that is cut again and again gets through.
constexpr int kFruitless = 6;
constexpr int kUnreachable = 3;
constexpr int kAttemptsOfABlob = 60;
constexpr std::size_t kAtOnce = 6;
constexpr int kIdleMs = 1000;

std::string header_of(const std::map<std::string, std::string>& headers, const char* name) {
  const auto it = headers.find(name);
  return it == headers.end() ? "" : it->second;
}

}  // namespace

/// One blob under way. Its part has a lock: another process that wants the blob waits for it.
struct Downloads::Blob {
  enum class Phase { kWaiting, kRunning, kDone };
  std::size_t index = 0;
  image::Descriptor descriptor;
  Phase phase = Phase::kWaiting;
  UniqueFd part;
  Hasher hasher;  ///< of what the part has
  int attempts = 0, fruitless = 0;
  bool authorized = false;
  bool damaged = false;  ///< it was whole and wrong, once
  std::uint64_t at_begin = 0;
  MonotonicTime not_before{};
};

Downloads::Downloads(const image::Store& store, Registry& registry, std::vector<image::Descriptor> blobs,
                     DownloadHooks hooks)
    : store_(store), registry_(registry), hooks_(std::move(hooks)) {
  for (std::size_t index = 0; index < blobs.size(); ++index) {
    auto blob = std::make_unique<Blob>();
    blob->index = index;
    blob->descriptor = std::move(blobs[index]);
    blobs_.push_back(std::move(blob));
  }
}

Downloads::~Downloads() = default;

/// Locks the part and hashes what an earlier run has left in it.
Status Downloads::open(Blob& blob) {
  CMP_TRY(blob.part, state::lock(store_.paths().part("blob", blob.descriptor.digest.hex)));
  if (store_.has_blob(blob.descriptor.digest)) {
    return {};
  }
  std::vector<char> buffer(1U << 20U);
  for (;;) {
    const ssize_t got = ::read(blob.part.get(), buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR) {
      return sys_error("read what was downloaded before");
    }
    if (got == 0) {
      break;
    }
    blob.hasher.update(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  return blob.hasher.size() > blob.descriptor.size ? restart(blob) : Status();
}

Status Downloads::restart(Blob& blob) {
  blob.hasher = Hasher();
  blob.at_begin = 0;
  if (::ftruncate(blob.part.get(), 0) != 0 || ::lseek(blob.part.get(), 0, SEEK_SET) != 0) {
    return sys_error("start over");
  }
  return {};
}

void Downloads::begin(Blob& blob) {
  blob.phase = Blob::Phase::kRunning;
  ++blob.attempts;
  blob.at_begin = blob.hasher.size();
  HttpRequest request;
  request.url = registry_.url("blobs/" + blob.descriptor.digest.str());
  if (!registry_.authorization().empty()) {
    request.headers.push_back(registry_.authorization());
  }
  if (blob.at_begin > 0) {
    request.headers.push_back(fmt::format("Range: bytes={}-", blob.at_begin));
  }
  request.begin = [this, &blob](long status, const auto& headers) { return on_begin(blob, status, headers); };
  request.sink = [this, &blob](const char* data, std::size_t size) { return on_data(blob, data, size); };
  registry_.http().start(
      registry_.endpoint(), std::move(request),
      [this, &blob](const HttpResponse& response, HttpFailure* failure) { on_done(blob, response, failure); });
}

Status Downloads::on_begin(Blob& blob, long status, const std::map<std::string, std::string>& headers) {
  const std::string range = header_of(headers, "content-range");
  const bool goes_on = status == 206 && range.starts_with(fmt::format("bytes {}-", blob.at_begin));
  // A server that knows no ranges sends all of it again.
  return blob.at_begin > 0 && !goes_on ? restart(blob) : Status();
}

Status Downloads::on_data(Blob& blob, const char* data, std::size_t size) {
  if (blob.hasher.size() + size > blob.descriptor.size) {
    return make_error(Code::kInvalid,
                      fmt::format("blob {}: {} sends more than the {} bytes it should have",
                                  blob.descriptor.digest.brief(), registry_.endpoint().host, blob.descriptor.size));
  }
  CMP_CHECK(sys::write_all(blob.part.get(), {data, size}).context("write image data"));
  blob.hasher.update(data, size);
  tell();
  return {};
}

void Downloads::on_done(Blob& blob, const HttpResponse& response, HttpFailure* failure) {
  blob.phase = Blob::Phase::kWaiting;
  const bool fruitful = blob.hasher.size() > blob.at_begin;
  blob.fruitless = fruitful ? 0 : blob.fruitless + 1;
  blob.authorized = blob.authorized && !fruitful;
  const std::string noun = fmt::format("blob {}", blob.descriptor.digest.brief());
  if (failure != nullptr) {
    if (!failure->worth_a_retry || (failure->unreachable && blob.fruitless >= kUnreachable)) {
      return fail(std::move(failure->error).context(noun));
    }
    return retry(blob, std::move(failure->error).context(noun), "");
  }
  if (response.status == 416 && blob.at_begin > 0) {
    // What we have is not a beginning of what it has.
    if (Status restarted = restart(blob); !restarted) {
      return fail(std::move(restarted).error());
    }
    return retry(blob, refusal(noun, response.status, response.body, registry_.endpoint().host), "");
  }
  if (response.status < 200 || response.status >= 300) {
    return on_refused(blob, response);
  }
  if (blob.hasher.size() < blob.descriptor.size) {
    return retry(blob,
                 make_error(Code::kSystem, fmt::format("{}: {} sent {} of {} bytes", noun, registry_.endpoint().host,
                                                       blob.hasher.size(), blob.descriptor.size)),
                 "");
  }
  complete(blob);
}

void Downloads::on_refused(Blob& blob, const HttpResponse& response) {
  const std::string noun = fmt::format("blob {}", blob.descriptor.digest.brief());
  if (response.status == 401 && !blob.authorized) {
    // A token lives for minutes, a large image takes longer.
    blob.authorized = true;
    if (Status authorized = registry_.authorize(response, noun); !authorized) {
      return fail(std::move(authorized).error());
    }
    blob.phase = Blob::Phase::kWaiting;
    return;
  }
  Error error = refusal(noun, response.status, response.body, registry_.endpoint().host);
  const bool may_pass = response.status == 429 || response.status == 408 || response.status >= 500;
  return may_pass ? retry(blob, std::move(error), header_of(response.headers, "retry-after")) : fail(std::move(error));
}

void Downloads::retry(Blob& blob, Error error, const std::string& retry_after) {
  if (blob.fruitless >= kFruitless || blob.attempts >= kAttemptsOfABlob) {
    return fail(std::move(error));
  }
  const bool at_once = blob.fruitless == 0 && retry_after.empty();
  blob.not_before = monotonic_now() +
                    (at_once ? Milliseconds(0) : Milliseconds(pause_ms(std::max(0, blob.fruitless - 1), retry_after)));
}

void Downloads::complete(Blob& blob) {
  const image::Digest found = blob.hasher.finish();
  const std::string part = store_.paths().part("blob", blob.descriptor.digest.hex);
  if (found != blob.descriptor.digest) {
    Error error =
        make_error(Code::kInvalid, fmt::format("blob {}: {} sent other content, {}", blob.descriptor.digest.str(),
                                               registry_.endpoint().host, found.str()));
    if (Status restarted = restart(blob); !restarted) {
      error = std::move(restarted).error();
    } else if (!std::exchange(blob.damaged, true)) {
      // Once more from the beginning: it may have been damaged on its way.
      return;
    }
    ::unlink(part.c_str());
    return fail(std::move(error));
  }
  if (::rename(part.c_str(), store_.paths().blob(found.hex).c_str()) != 0) {
    return fail(sys_error("put blob in place"));
  }
  blob.phase = Blob::Phase::kDone;
  blob.part.reset();
  hooks_.complete(blob.index);
}

void Downloads::fail(Error error) {
  if (failure_) {
    failure_ = std::move(error);
  }
}

void Downloads::tell() {
  std::uint64_t done = 0;
  for (const auto& blob : blobs_) {
    done += blob->phase == Blob::Phase::kDone ? blob->descriptor.size : blob->hasher.size();
  }
  hooks_.progress(done);
}

void Downloads::start_what_may() {
  std::size_t running = 0;
  for (const auto& blob : blobs_) {
    running += blob->phase == Blob::Phase::kRunning ? 1U : 0U;
  }
  for (const auto& blob : blobs_) {
    if (blob->phase != Blob::Phase::kWaiting || running >= kAtOnce || blob->not_before > monotonic_now()) {
      continue;
    }
    if (blob->hasher.size() == blob->descriptor.size) {
      // All of it was here, only the end of an earlier run was missing.
      complete(*blob);
      continue;
    }
    ++running;
    begin(*blob);
  }
}

int Downloads::milliseconds_to_wait() const {
  auto wait = Nanoseconds(Milliseconds(kIdleMs));
  for (const auto& blob : blobs_) {
    if (blob->phase == Blob::Phase::kWaiting) {
      wait = std::clamp(Nanoseconds(blob->not_before - monotonic_now()), Nanoseconds(Milliseconds(1)), wait);
    }
  }
  return static_cast<int>(std::chrono::duration_cast<Milliseconds>(wait).count());
}

Status Downloads::run(Workers& workers) {
  // In one order in every process, so that no two wait for each other's locks; a blob that a manifest names twice once.
  std::vector<Blob*> sorted;
  for (const auto& blob : blobs_) {
    sorted.push_back(blob.get());
  }
  std::ranges::stable_sort(sorted, {}, [](const Blob* blob) { return blob->descriptor.digest; });
  const Blob* previous = nullptr;
  for (Blob* blob : sorted) {
    if (previous != nullptr && previous->descriptor.digest == blob->descriptor.digest) {
      blob->phase = Blob::Phase::kDone;
      continue;
    }
    previous = blob;
    if (!store_.has_blob(blob->descriptor.digest)) {
      CMP_CHECK(open(*blob));
    }
    if (store_.has_blob(blob->descriptor.digest)) {
      // An empty part may have been made a moment ago, by the lock.
      if (blob->part) {
        ::unlink(store_.paths().part("blob", blob->descriptor.digest.hex).c_str());
        blob->part.reset();
      }
      blob->phase = Blob::Phase::kDone;
      hooks_.complete(blob->index);
    }
  }
  const auto unfinished = [&] {
    return std::ranges::any_of(blobs_, [](const auto& blob) { return blob->phase != Blob::Phase::kDone; });
  };
  while (failure_ && (unfinished() || !workers.idle())) {
    start_what_may();
    CMP_CHECK(workers.update());
    if (failure_ && (unfinished() || !workers.idle())) {
      registry_.http().drive(workers.descriptors(), milliseconds_to_wait());
    }
  }
  return failure_;
}

}  // namespace cmp::transfer
