#ifndef DAVIT_CLIENT_OUTPUT_TABLE_H_
#define DAVIT_CLIENT_OUTPUT_TABLE_H_

#include <string>
#include <vector>

namespace davit::output {

// Rows of cells under a header, columns two spaces apart, no spaces at the
// ends of lines. Cells are made harmless.
std::string RenderTable(const std::vector<std::string>& header,
                        const std::vector<std::vector<std::string>>& rows);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_TABLE_H_
