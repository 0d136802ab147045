#include "transfer/tasks.hpp"

#include <cerrno>

#include <fmt/core.h>

#include "image/reference.hpp"
#include "transfer/load.hpp"
#include "transfer/pull.hpp"
#include "transfer/push.hpp"
#include "transfer/workers.hpp"

namespace cmp::transfer {

namespace {

using image::TransferEvent;
using image::TransferEventKind;

TransferEvent event_of(const image::StoredImage& image) {
  return {.kind = TransferEventKind::kImage, .changed = true, .name = image.name, .id = image.id.str()};
}

Result<PullRequest> request_of(const image::TransferItem& item, bool tls_verify) {
  PullRequest request{.label = item.label, .tls_verify = tls_verify};
  CMP_TRY(request.reference, image::parse_reference(item.name, "/"));
  CMP_TRY(request.platform, image::parse_platform(item.platform, image::host_platform()));
  request.name = item.as.empty() ? request.reference.str() : item.as;
  return request;
}

Result<TransferEvent> pull_item(const image::Store& store, const image::TransferItem& item, bool tls_verify,
                                const Report& report) {
  CMP_TRY(const PullRequest request, request_of(item, tls_verify));
  CMP_TRY(const image::StoredImage image, pull(store, request, report));
  return event_of(image);
}

Result<TransferEvent> resolve_item(const image::Store& store, const image::TransferItem& item, bool tls_verify,
                                   const Report& report) {
  CMP_TRY(const PullRequest request, request_of(item, tls_verify));
  CMP_TRY(const image::Digest digest, resolve(store, request, report));
  return TransferEvent{.kind = TransferEventKind::kImage, .name = item.name, .id = digest.str()};
}

Result<TransferEvent> push_item(const image::Store& store, const image::TransferItem& item, bool tls_verify,
                                const Report& report) {
  CMP_TRY(const image::Reference reference, image::parse_reference(item.name, "/"));
  CMP_TRY(const image::Platform platform, image::parse_platform(item.platform, image::host_platform()));
  CMP_TRY(const auto stored, store.find(item.name, platform));
  if (!stored) {
    return make_error(Code::kNotFound, "it is not here, build or pull it first");
  }
  CMP_CHECK(push(store, *stored, reference, tls_verify, report));
  return event_of(*stored);
}

Result<TransferEvent> perform_item(const image::Store& store, const image::TransferRequest& request,
                                   const image::TransferItem& item, const Report& report) {
  switch (request.task) {
    case image::Task::kPush:
      return push_item(store, item, request.tls_verify, report);
    case image::Task::kResolve:
      return resolve_item(store, item, request.tls_verify, report);
    default:
      return pull_item(store, item, request.tls_verify, report);
  }
}

/// What is full is not what is being read.
Error explained(const image::Store& store, Error error) {
  if (error.os_errno == ENOSPC || error.os_errno == EDQUOT) {
    error.message += fmt::format(" (where the image store is, '{}')", store.paths().top());
  }
  return error;
}

/// One item, and what has become of it.
void perform_and_tell(const image::Store& store, const image::TransferRequest& request, const image::TransferItem& item,
                      const Report& report) {
  const Report labelled = [&](image::TransferEvent event) {
    event.label = item.label;
    report(event);
  };
  auto done = perform_item(store, request, item, labelled);
  if (done) {
    labelled(*done);
  } else {
    const Error error = explained(store, std::move(done).error());
    labelled({.kind = TransferEventKind::kError, .text = error.message, .code = error.code});
  }
}

/// Images side by side, each in a process of its own: while one is unpacked, others are still on their way. What two of
/// them have in common is fetched once, by whoever comes first.
Status pull_all(const image::Store& store, const image::TransferRequest& request, const Report& report) {
  constexpr std::size_t kAtOnce = 4;
  Workers workers(kAtOnce);
  for (const image::TransferItem& item : request.items) {
    workers.add([&] {
      perform_and_tell(store, request, item, report);
      return Status();
    });
  }
  return workers.finish();
}

}  // namespace

Status perform(const image::Store& store, const image::TransferRequest& request, const Report& report) {
  if (request.task == image::Task::kLoad) {
    Status done = load(store, request.file, report);
    return done ? std::move(done) : Status(explained(store, std::move(done).error()));
  }
  if (request.task == image::Task::kSave) {
    return save(store, request.items, request.file, report);
  }
  if (request.task == image::Task::kPull && request.items.size() > 1) {
    return pull_all(store, request, report);
  }
  for (const image::TransferItem& item : request.items) {
    perform_and_tell(store, request, item, report);
  }
  return {};
}

}  // namespace cmp::transfer
