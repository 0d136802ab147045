#pragma once
// Telling the one who asked.

#include <cstdint>
#include <functional>
#include <string>

#include "image/transfer.hpp"

namespace cmp::transfer {

/// Takes an event to standard output.
using Report = std::function<void(const image::TransferEvent&)>;

}  // namespace cmp::transfer
