#include "controller/fleet/host_status.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/transport_error.h"

namespace davit::fleet {
namespace {

// What the other side, or what stands there instead of it, said.
std::vector<std::string> Said(const grpc::Status& status) {
  if (status.error_message().empty()) return {};
  return {absl::StrCat("it says: ", status.error_message())};
}

bool AnyHas(const std::vector<std::string>& facts, absl::string_view word) {
  return std::any_of(facts.begin(), facts.end(),
                     [word](const std::string& fact) { return absl::StrContains(fact, word); });
}

// Empty when the catalogue's advice will do.
std::string WhatToDoAbout(absl::string_view host, const std::vector<std::string>& facts) {
  if (AnyHas(facts, " and not for ")) {
    return absl::StrCat("give ", host, " its own worker's address with `davit hosts add ", host,
                        " ADDRESS --replace`, or that worker a certificate for the name ", host);
  }
  if (AnyHas(facts, "certificate")) {
    return "compare the certificates of both sides, and the CA that each of them trusts";
  }
  return "";
}

// A worker does not know what its host is called, and "that host" needs a name.
absl::Status WithHost(absl::string_view host, const absl::Status& status) {
  if (!IsFailure(status, v1::DISK_FULL)) return status;
  v1::Failure failure = FailureOf(status);
  failure.add_evidence(absl::StrCat("host: ", host));
  return FailureStatus(failure);
}

}  // namespace

void AddFacts(absl::string_view host, const std::vector<std::string>& facts, v1::Failure& failure) {
  if (facts.empty()) return;
  for (const std::string& fact : facts) {
    const auto& evidence = failure.evidence();
    if (std::find(evidence.begin(), evidence.end(), fact) == evidence.end()) {
      failure.add_evidence(fact);
    }
  }
  failure.clear_likely_cause();
  if (std::string advice = WhatToDoAbout(host, facts); !advice.empty()) {
    failure.set_next_command(std::move(advice));
  }
}

absl::Status HostUnreachable(absl::string_view host, absl::string_view why) {
  return FailureStatus(v1::HOST_UNREACHABLE,
                       absl::StrCat("the worker of host ", host, " does not answer"),
                       {std::string(why)});
}

absl::Status HostStatus(absl::string_view host, const grpc::Status& status) {
  if (!status.error_details().empty()) return WithHost(host, FromGrpcStatus(status));
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return HostUnreachable(host, TransportErrorInWords(status.error_message()));
    case grpc::StatusCode::UNIMPLEMENTED:
      return FailureStatus(v1::VERSION_SKEW,
                           absl::StrCat("the worker of host ", host,
                                        " is of an older version that does not know what this "
                                        "controller asks of it"),
                           Said(status));
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return FailureStatus(
          v1::NOT_AUTHORISED,
          absl::StrCat("the worker of host ", host, " refuses this controller's certificate"),
          Said(status));
    default:
      return FromGrpcStatus(status);
  }
}

}  // namespace davit::fleet
