#pragma once
// What the worker is asked for.

#include "base/result.hpp"
#include "image/store.hpp"
#include "image/transfer.hpp"
#include "transfer/report.hpp"

namespace cmp::transfer {

/// Every item of the request, images that are pulled side by side; one that fails is reported and holds up no other.
/// The error is of what concerns all.
[[nodiscard]] Status perform(const image::Store& store, const image::TransferRequest& request, const Report& report);

}  // namespace cmp::transfer
