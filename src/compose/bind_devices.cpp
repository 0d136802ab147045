// devices, gpus, deploy.resources.reservations.devices.

#include <algorithm>

#include "compose/bind.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

model::DeviceRequest bind_request(const Node& request) {
  return {.driver = text_at(request, "driver"),
          .capabilities = texts_at(request, "capabilities"),
          .where = request.origin.pos()};
}

}  // namespace

std::vector<model::Device> bind_devices(const Node& service) {
  std::vector<model::Device> devices;
  for (const Node& item : items_at(service, "devices")) {
    model::Device device{.source = text_at(item, "source"),
                         .target = text_at(item, "target"),
                         .permissions = text_at(item, "permissions"),
                         .where = item.origin.pos()};
    device.target = device.target.empty() ? device.source : device.target;
    device.permissions = device.permissions.empty() ? "rwm" : device.permissions;
    devices.push_back(std::move(device));
  }
  return devices;
}

std::vector<model::DeviceRequest> bind_device_requests(const Node& service) {
  std::vector<model::DeviceRequest> requests;
  for (const Node& gpu : items_at(service, "gpus")) {
    model::DeviceRequest request = bind_request(gpu);
    if (std::ranges::find(request.capabilities, "gpu") == request.capabilities.end()) {
      request.capabilities.emplace_back("gpu");
    }
    requests.push_back(std::move(request));
  }
  if (const Node* reservations = find_path(service, {"deploy", "resources", "reservations"})) {
    for (const Node& device : items_at(*reservations, "devices")) {
      requests.push_back(bind_request(device));
    }
  }
  return requests;
}

}  // namespace cmp::compose
