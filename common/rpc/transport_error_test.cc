#include "common/rpc/transport_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/channel.h"
#include "davit/v1/deployment_service.grpc.pb.h"

namespace davit {
namespace {

using ::testing::MatchesRegex;

TEST(TransportError, IsSaidInWords) {
  const std::pair<const char*, const char*> cases[] = {
      {"failed to connect to all addresses; last error: UNKNOWN: ipv4:10.0.0.1:7301: Failed to "
       "connect to remote host: Connection refused",
       "10.0.0.1:7301 refuses connections: nothing listens there"},
      {"failed to connect to all addresses; last error: UNKNOWN: ipv6:%5B2001:db8::1%5D:7301: "
       "Failed to connect to remote host: No route to host",
       "there is no route to [2001:db8::1]:7301"},
      {"failed to connect to all addresses; last error: UNAVAILABLE: ipv4:10.0.0.1:7301: tcp "
       "handshaker shutdown",
       "10.0.0.1:7301 takes no connection in time"},
      {"DNS resolution failed for app9:7301: C-ares status is not ARES_SUCCESS qtype=A name=app9 "
       "is_balancer=0: Domain name not found",
       "the name app9 has no address that is known here"},
      {"DNS resolution failed for app9:7301: C-ares status is not ARES_SUCCESS qtype=AAAA "
       "name=app9 is_balancer=0: Timeout while contacting DNS servers",
       "the name app9 is not found in time: no name server answers"},
      {"failed to connect to all addresses; last error: UNKNOWN: ipv4:10.0.0.1:7301: Peer name "
       "app2 "
       "is not in peer certificate",
       "the certificate that 10.0.0.1:7301 shows is for another name"},
      {"Cancelling all calls", "it is ending"},
      {"Socket closed", "it has closed the connection"},
      {"Deadline Exceeded", "it gives no answer in time"},
  };
  for (const auto& [message, words] : cases) {
    EXPECT_EQ(TransportErrorInWords(message), words);
  }
}

TEST(TransportError, IsLeftAsItIsWhenItIsNotKnown) {
  EXPECT_EQ(TransportErrorInWords("the dog ate it"), "the dog ate it");
  EXPECT_EQ(TransportErrorInWords(""), "");
}

TEST(TransportError, IsWhatThisGrpcSays) {
  const auto say = [](const Address& address) {
    const auto stub = v1::DeploymentService::NewStub(MakeChannel(address));
    grpc::ClientContext context;
    v1::ListDeploymentsResponse response;
    return TransportErrorInWords(stub->ListDeployments(&context, {}, &response).error_message());
  };
  EXPECT_THAT(say(UnixAddress(::testing::TempDir() + "none")),
              MatchesRegex("there is no socket .*none"));
}

}  // namespace
}  // namespace davit
