#include "worker/steps/one_off/said.h"

#include <gtest/gtest.h>

namespace davit::steps {
namespace {

TEST(TextSearch, FindsATextThatIsSplit) {
  TextSearch search({"already exists"});
  for (const char* piece : {"relation al", "re", "ady ex", "ists, sk"}) {
    EXPECT_EQ(search.found(), "");
    search.Put(v1::STDOUT, piece);
  }
  EXPECT_EQ(search.found(), "already exists");
}

TEST(TextSearch, FindsATextOfSeveralLines) {
  TextSearch search({"a\nb"});
  search.Put(v1::STDOUT, "a\n");
  search.Put(v1::STDOUT, "b\n");
  EXPECT_EQ(search.found(), "a\nb");
}

TEST(TextSearch, DoesNotJoinTheStreams) {
  TextSearch search({"ab"});
  search.Put(v1::STDOUT, "a");
  search.Put(v1::STDERR, "b");
  EXPECT_EQ(search.found(), "");
  search.Put(v1::STDOUT, "b");
  EXPECT_EQ(search.found(), "ab");
}

TEST(TextSearch, LooksForNoEmptyText) {
  TextSearch search({"", "z"});
  search.Put(v1::STDOUT, "abc");
  EXPECT_EQ(search.found(), "");
}

}  // namespace
}  // namespace davit::steps
