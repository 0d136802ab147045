#include "cli/app.hpp"
#include "supervisor/role.hpp"

int main(int argc, char** argv) {
  if (cmp::supervisor::is_role(argc, argv)) {
    return cmp::supervisor::run_role(argc, argv);
  }
  return cmp::cli::run(argc, argv);
}
