#ifndef DAVIT_CLIENT_OUTPUT_EXTENT_H_
#define DAVIT_CLIENT_OUTPUT_EXTENT_H_

namespace davit::output {

// How much is told of what there may be hundreds of: some and the number of the others,
// where it scrolls by, or all.
enum class Extent { kShort, kAll };

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_EXTENT_H_
