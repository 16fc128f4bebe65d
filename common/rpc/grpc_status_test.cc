#include "common/rpc/grpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/failure/failure.h"
#include "common/rpc/failure_size.h"
#include "davit/v1/rpc_status.pb.h"

namespace davit {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Le;
using ::testing::SizeIs;

v1::Failure RoundTrip(const v1::Failure& failure) {
  return FailureOf(FromGrpcStatus(ToGrpcStatus(FailureStatus(failure))));
}

TEST(GrpcStatus, OkStaysOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(GrpcStatus, CarriesTheFailureThereAndBack) {
  v1::Failure failure = MakeFailure(v1::PORT_IN_USE, "port 80 is taken", {"by nginx (pid 7)"});
  failure.add_log_tail("last words");
  const grpc::Status sent = ToGrpcStatus(FailureStatus(failure));
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(sent.error_message(), "port 80 is taken");

  const absl::Status received = FromGrpcStatus(sent);
  EXPECT_EQ(received.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(received.message(), "port 80 is taken");
  EXPECT_EQ(FailureOf(received).SerializeAsString(), failure.SerializeAsString());
}

TEST(GrpcStatus, GivesAFailureToAStatusThatHasNone) {
  const grpc::Status sent = ToGrpcStatus(absl::NotFoundError("no such thing"));
  EXPECT_TRUE(IsFailure(FromGrpcStatus(sent), v1::NOT_FOUND));
}

TEST(GrpcStatus, DetailsAreAStatusWithAnAnyForOtherLanguages) {
  v1::RpcStatus details;
  ASSERT_TRUE(details.ParseFromString(
      ToGrpcStatus(FailureStatus(v1::LOCK_HELD, "held by ann")).error_details()));
  EXPECT_EQ(details.code(), static_cast<int>(absl::StatusCode::kAborted));
  EXPECT_EQ(details.message(), "held by ann");
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/davit.v1.Failure");
}

TEST(GrpcStatus, KeepsCodeAndMessageWhenTheDetailsAreGarbage) {
  v1::RpcStatus foreign;
  foreign.add_details()->set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  v1::RpcStatus broken;
  broken.add_details()->set_type_url("type.googleapis.com/davit.v1.Failure");
  broken.mutable_details(0)->set_value("\x08");
  for (const std::string& details :
       {std::string("\xff\xff\xff garbage"), std::string("\0", 1), std::string(1 << 20, 'x'),
        foreign.SerializeAsString(), broken.SerializeAsString()}) {
    const absl::Status status =
        FromGrpcStatus(grpc::Status(grpc::StatusCode::ABORTED, "stopped", details));
    EXPECT_EQ(status, absl::AbortedError("stopped"));
  }
}

TEST(GrpcStatus, UnknownCodesBecomeUnknown) {
  EXPECT_EQ(FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(31), "x")).code(),
            absl::StatusCode::kUnknown);
}

TEST(GrpcStatus, KeepsTheCodeThatCameWithAFailureOfANewerVersion) {
  v1::Failure failure;
  failure.set_code(static_cast<v1::FailureCode>(4711));
  v1::RpcStatus details;
  details.add_details()->PackFrom(failure);
  const absl::Status status = FromGrpcStatus(
      grpc::Status(grpc::StatusCode::UNAVAILABLE, "later", details.SerializeAsString()));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(FailureOf(status).code(), failure.code());
}

TEST(GrpcStatus, StaysBelowTheLimitOfTrailersWithLongLogsAndEvidence) {
  v1::Failure failure = MakeFailure(v1::SPEC_INVALID, std::string(100'000, 'm'));
  for (int i = 0; i < 500; ++i) failure.add_evidence(absl::StrCat("problem ", i));
  for (int i = 0; i < 100; ++i) failure.add_log_tail(std::string(300, 'l'));
  const grpc::Status sent = ToGrpcStatus(FailureStatus(failure));
  EXPECT_THAT(sent.error_details(), SizeIs(Le(6500)));
  EXPECT_THAT(sent.error_message(), SizeIs(Le(803)));

  const v1::Failure received = FailureOf(FromGrpcStatus(sent));
  EXPECT_EQ(received.code(), v1::SPEC_INVALID);
  EXPECT_THAT(received.message(), EndsWith("…"));
  ASSERT_GT(received.evidence_size(), 50);
  EXPECT_EQ(received.evidence(0), "problem 0");
  EXPECT_EQ(*received.evidence().rbegin(),
            absl::StrCat("and ", 500 - (received.evidence_size() - 1), " more"));
}

TEST(GrpcStatus, DropsTheOldestLinesOfALongLogTail) {
  v1::Failure failure = MakeFailure(v1::CONTAINER_EXITED, "exited with 1", {"exit code 1"});
  for (int i = 0; i < 100; ++i) failure.add_log_tail(absl::StrCat(i, std::string(100, '.')));
  const v1::Failure received = RoundTrip(failure);
  EXPECT_THAT(received.evidence(), ElementsAre("exit code 1"));
  ASSERT_GT(received.log_tail_size(), 30);
  EXPECT_EQ(*received.log_tail().rbegin(), *failure.log_tail().rbegin());
}

TEST(GrpcStatus, CountsThePartsThatHaveNoRoom) {
  v1::Failure failure = MakeFailure(v1::PORT_IN_USE, "port 0 is taken", {"by nginx"});
  for (int i = 0; i < 100; ++i) {
    v1::Failure& part = *failure.add_parts();
    part = MakeFailure(v1::PORT_IN_USE, absl::StrCat("port ", i, " is taken"));
    part.add_evidence(std::string(2000, 'e'));
    part.add_log_tail(std::string(300, 'l'));
  }
  const v1::Failure received = RoundTrip(failure);
  EXPECT_THAT(received.SerializeAsString(), SizeIs(Le(6500)));
  ASSERT_GT(received.parts_size(), 2);
  EXPECT_EQ(received.parts(0).message(), "port 0 is taken");
  EXPECT_THAT(received.parts(0).log_tail(), SizeIs(0));
  EXPECT_THAT(received.evidence(),
              ElementsAre(absl::StrCat("and ", 100 - received.parts_size(), " more were found")));
}

TEST(ShortenFailure, MakesTextReadableThatIsNoUtf8) {
  v1::Failure failure = MakeFailure(v1::DOCKER_ERROR, "bad \xff\xc3 text, good ü€😀 text");
  failure.add_evidence("\xed\xa0\x80");
  failure.add_log_tail("\xc0\xaf and \xf4\x90\x80\x80");
  failure.add_parts()->set_message("part \xff");
  const v1::Failure shortened = ShortenFailure(failure, 5000);
  EXPECT_EQ(shortened.parts(0).message(), "part ?");
  EXPECT_EQ(shortened.message(), "bad ?? text, good ü€😀 text");
  EXPECT_THAT(shortened.evidence(), ElementsAre("???"));
  EXPECT_THAT(shortened.log_tail(), ElementsAre("?? and ????"));
}

TEST(ShortenText, CutsBetweenCharacters) {
  EXPECT_EQ(ShortenText("äöü", 6), "äöü");
  EXPECT_EQ(ShortenText("äöüß", 7), "äö…");
  EXPECT_EQ(ShortenText("äöüß", 6), "ä…");
  EXPECT_EQ(ShortenText("", 6), "");
}

}  // namespace
}  // namespace davit
