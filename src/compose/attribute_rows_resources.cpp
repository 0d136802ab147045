#include "compose/attribute_rows.hpp"

namespace cmp::compose::rows {
namespace {

// compose-spec.md 1.11: deploy.resources.
constexpr Attribute kResourcesRows[] = {
    honoured("services.*.deploy.resources.limits", Form::kMap).printed_when(Printed::kGiven),
    honoured("services.*.deploy.resources.limits.cpus", Form::kNumber),
    honoured("services.*.deploy.resources.limits.memory", Form::kByteString),
    honoured("services.*.deploy.resources.limits.pids", Form::kInteger),
    honoured("services.*.deploy.resources.reservations", Form::kMap).printed_when(Printed::kGiven),
    not_yet("services.*.deploy.resources.reservations.cpus", Form::kNumber, "processors are not reserved"),
    honoured("services.*.deploy.resources.reservations.memory", Form::kByteString),
    conditional("services.*.deploy.resources.reservations.devices", Form::kMapList,
                "up refuses it: there are no device drivers")
        .needs("capabilities"),
    conditional("services.*.deploy.resources.reservations.devices[].capabilities", Form::kUniqueStrings,
                "up refuses it: there are no device drivers"),
    conditional("services.*.deploy.resources.reservations.devices[].driver", Form::kString,
                "up refuses it: there are no device drivers"),
    conditional("services.*.deploy.resources.reservations.devices[].count", Form::kCount,
                "up refuses it: there are no device drivers"),
    conditional("services.*.deploy.resources.reservations.devices[].device_ids", Form::kUniqueStrings,
                "up refuses it: there are no device drivers"),
    conditional("services.*.deploy.resources.reservations.devices[].options", Form::kLabels,
                "up refuses it: there are no device drivers"),
    not_yet("services.*.deploy.resources.reservations.generic_resources", Form::kMapList,
            "there are no generic resources"),
    not_yet("services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec", Form::kMap,
            "there are no generic resources")
        .printed_when(Printed::kGiven),
    not_yet("services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec.kind", Form::kString,
            "there are no generic resources")
        .printed_when(Printed::kGiven),
    not_yet("services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec.value", Form::kInteger,
            "there are no generic resources")
        .printed_when(Printed::kGiven),
};

}  // namespace

std::span<const Attribute> resources() {
  return kResourcesRows;
}

}  // namespace cmp::compose::rows
