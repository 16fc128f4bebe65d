#include "common/failure/failure.h"

#include <gtest/gtest.h>

#include "common/failure/catalogue.h"

namespace davit {
namespace {

TEST(Failure, SurvivesTheWayThroughAStatus) {
  const v1::Failure failure = MakeFailure(v1::PORT_IN_USE, "port 80 is taken", {"by nginx"});
  const v1::Failure back = FailureOf(FailureStatus(failure));
  EXPECT_EQ(back.SerializeAsString(), failure.SerializeAsString());
}

TEST(Failure, IsMadeFromAStatusThatCarriesNone) {
  const v1::Failure failure = FailureOf(absl::UnavailableError("no route"));
  EXPECT_EQ(failure.code(), v1::HOST_UNREACHABLE);
  EXPECT_EQ(failure.message(), "no route");
}

TEST(FailureCatalogue, DescribesEveryCode) {
  const auto* codes = v1::FailureCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    const auto code = static_cast<v1::FailureCode>(codes->value(i)->number());
    if (code == v1::FAILURE_CODE_UNSPECIFIED) continue;
    const CatalogueEntry& entry = FindCatalogueEntry(code);
    EXPECT_EQ(entry.code, code) << codes->value(i)->name() << " is not in the catalogue";
    EXPECT_FALSE(entry.next_command.empty()) << codes->value(i)->name();
    EXPECT_NE(entry.status, absl::StatusCode::kOk);
  }
}

}  // namespace
}  // namespace davit
