#include "worker/probe/program_bytes.h"

// DAVIT_PROBE is the path of the program as it was built.
__asm__(
    ".pushsection .rodata\n"
    "davit_probe_begin: .incbin \"" DAVIT_PROBE
    "\"\n"
    "davit_probe_end:\n"
    ".popsection\n");

extern "C" {
extern const char davit_probe_begin[] __asm__("davit_probe_begin");
extern const char davit_probe_end[] __asm__("davit_probe_end");
}

namespace davit::probe {

absl::string_view ProgramBytes() {
  return {davit_probe_begin, static_cast<size_t>(davit_probe_end - davit_probe_begin)};
}

}  // namespace davit::probe
