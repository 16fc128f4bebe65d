# cmake -DINPUT=file -DOUTPUT=file.cc -DNAME=ns::symbol -P EmbedFile.cmake
#   Writes the file's bytes as `extern const std::string_view SYMBOL` into OUTPUT.
string(REGEX MATCH "^(.*)::([A-Za-z0-9_]+)$" _ ${NAME})
set(namespace ${CMAKE_MATCH_1})
set(symbol ${CMAKE_MATCH_2})
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(....................................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <string_view>
namespace ${namespace} {
namespace {
constexpr unsigned char kBytes[] = {
${bytes}};
}  // namespace
extern const std::string_view ${symbol};
const std::string_view ${symbol}(reinterpret_cast<const char*>(kBytes), sizeof(kBytes));
}  // namespace ${namespace}
")
