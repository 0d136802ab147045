#include "transfer/tasks.hpp"

#include "image/reference.hpp"
#include "transfer/load.hpp"
#include "transfer/pull.hpp"
#include "transfer/push.hpp"

namespace cmp::transfer {

namespace {

Result<image::StoredImage> pull_item(const image::Store& store, const image::TransferItem& item, bool tls_verify,
                                     const Report& report) {
  PullRequest request{.label = item.label, .tls_verify = tls_verify};
  CMP_TRY(request.reference, image::parse_reference(item.name, "/"));
  CMP_TRY(request.platform, image::parse_platform(item.platform, image::host_platform()));
  request.name = item.as.empty() ? request.reference.str() : item.as;
  return pull(store, request, report);
}

Result<image::StoredImage> push_item(const image::Store& store, const image::TransferItem& item, bool tls_verify,
                                     const Report& report) {
  CMP_TRY(const image::Reference reference, image::parse_reference(item.name, "/"));
  CMP_TRY(const image::Platform platform, image::parse_platform(item.platform, image::host_platform()));
  CMP_TRY(const auto stored, store.find(item.name, platform));
  if (!stored) {
    return make_error(Code::kNotFound, "it is not here, build or pull it first");
  }
  CMP_CHECK(push(store, *stored, reference, tls_verify, report));
  return *stored;
}

}  // namespace

Status perform(const image::Store& store, const image::TransferRequest& request, const Report& report) {
  if (request.task == image::Task::kLoad) {
    return load(store, request.file, report);
  }
  if (request.task == image::Task::kSave) {
    return save(store, request.items, request.file, report);
  }
  for (const image::TransferItem& item : request.items) {
    const Report labelled = [&](image::TransferEvent event) {
      event.label = item.label;
      report(event);
    };
    const auto image = request.task == image::Task::kPull ? pull_item(store, item, request.tls_verify, labelled)
                                                          : push_item(store, item, request.tls_verify, labelled);
    if (image) {
      labelled({.kind = image::TransferEventKind::kImage, .changed = true, .name = image->name, .id = image->id.str()});
    } else {
      labelled({.kind = image::TransferEventKind::kError, .text = image.error().message, .code = image.error().code});
    }
  }
  return {};
}

}  // namespace cmp::transfer
