#include "driver/commands.h"
#include "targets/registry.h"

int main(int count, char** values) {
  return penstock::driver::run(count, values, penstock::targets::registry());
}
