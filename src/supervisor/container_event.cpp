#include "supervisor/container_event.hpp"

#include "state/exit_reason.hpp"

namespace cmp::supervisor {

Event container_event(const Container& container) {
  const state::ContainerRecord& record = container.record;
  return {.type = EventType::kContainer,
          .details = state::exit_reason(record),
          .container = record.name,
          .service = record.service,
          .state = std::string(state::to_string(record.state)),
          .exit_code = record.exit ? record.exit->code : 0,
          .exit_unknown = record.exit_unknown,
          .message = record.error};
}

}  // namespace cmp::supervisor
