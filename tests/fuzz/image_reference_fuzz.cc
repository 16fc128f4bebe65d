// Feeds the parser of image references with whatever libFuzzer makes. What it takes apart it
// must put together again, and understand as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "common/spec/image_reference.h"

namespace {

void Expect(bool holds) {
  if (!holds) std::abort();
}

bool Equal(const davit::spec::ImageReference& a, const davit::spec::ImageReference& b) {
  return a.registry == b.registry && a.repository == b.repository && a.tag == b.tag &&
         a.digest == b.digest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reference = davit::spec::ParseImageReference(text);
  if (!reference.ok()) {
    Expect(!reference.status().message().empty());
    return 0;
  }
  Expect(reference->ToString() == text);
  const auto again = davit::spec::ParseImageReference(reference->ToString());
  Expect(again.ok() && Equal(*again, *reference));
  const auto name = davit::spec::ParseImageReference(reference->Name());
  Expect(name.ok() && name->registry == reference->registry &&
         name->repository == reference->repository);
  return 0;
}
