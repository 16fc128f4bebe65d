#ifndef DAVIT_CLIENT_OUTPUT_TABLE_H_
#define DAVIT_CLIENT_OUTPUT_TABLE_H_

#include <string>
#include <vector>

namespace davit::output {

struct Column {
  std::string title;
  int spare = 0;          // left out where there is no room, the highest first; 0: never
  bool optional = false;  // left out where no row has more than a dash in it
};

// Rows of cells under their titles, columns two spaces apart, no spaces at the
// ends of lines. Cells are made harmless. What does not fit `width` columns of a
// terminal (0: any does) lacks some of its columns; when that is not enough, each
// row becomes a block of lines, with an empty line between two.
std::string RenderTable(const std::vector<Column>& columns,
                        const std::vector<std::vector<std::string>>& rows, int width);

}  // namespace davit::output

#endif  // DAVIT_CLIENT_OUTPUT_TABLE_H_
