#include "controller/api/hosts/checks.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/failure/failure.h"
#include "common/rpc/address.h"
#include "controller/api/hosts/host_use.h"

namespace davit::api {
namespace {

constexpr size_t kLongestHostName = 100;
constexpr size_t kLongestAdder = 400;  // with the name of a certificate

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

// What is wrong with the name of a host; empty when nothing is.
std::string WhyNoName(const std::string& name) {
  if (name.empty()) return "it is empty";
  if (name.size() > kLongestHostName) {
    return absl::StrCat("it has ", name.size(), " characters, and ", kLongestHostName,
                        " are the most");
  }
  const auto strange = std::find_if_not(name.begin(), name.end(),
                                        [](char c) { return IsAlnum(c) || c == '.' || c == '-'; });
  if (strange != name.end()) {
    return absl::StrCat("'", absl::CHexEscape(std::string(1, *strange)),
                        "' cannot be in it: letters, digits, '.' and '-' can");
  }
  if (!IsAlnum(name.front()) || !IsAlnum(name.back())) {
    return "it must begin and end with a letter or a digit";
  }
  return "";
}

bool IsSameAddress(const std::string& a, const std::string& b) {
  const auto parsed = ParseAddress(a);
  const auto other = ParseAddress(b);
  return a == b || (parsed.ok() && other.ok() && *parsed == *other);
}

}  // namespace

absl::Status CheckAddRequest(const v1::AddHostRequest& request) {
  std::vector<std::string> problems;
  if (const std::string why = WhyNoName(request.name()); !why.empty()) {
    problems.push_back(absl::StrCat("the name \"",
                                    absl::CHexEscape(request.name().substr(0, kLongestHostName)),
                                    "\" is none for a host: ", why));
  }
  if (const auto address = ParseAddress(request.address()); !address.ok()) {
    problems.push_back(std::string(address.status().message()));
  } else if (!address->is_unix && address->port == 0) {
    problems.push_back(absl::StrCat("the address ", request.address(), " has the port 0"));
  }
  if (request.added_by().size() > kLongestAdder) {
    problems.push_back(absl::StrCat("added_by is longer than ", kLongestAdder, " bytes"));
  }
  if (problems.empty()) return absl::OkStatus();
  constexpr char kCannot[] = "the host cannot be added";
  v1::Failure failure =
      problems.size() == 1
          ? MakeFailure(v1::SPEC_INVALID, absl::StrCat(kCannot, ": ", problems.front()))
          : MakeFailure(v1::SPEC_INVALID, kCannot, problems);
  failure.set_next_command("correct the name or the address");
  return FailureStatus(failure);
}

absl::Status CheckFree(store::ReadTxn& txn, const v1::AddHostRequest& request,
                       std::optional<state::v1::HostRecord>& same) {
  const auto known = txn.GetHost(request.name());
  if (absl::IsNotFound(known.status())) return absl::OkStatus();
  if (!known.ok()) return known.status();
  if (!request.replace()) {
    if (IsSameAddress(known->address(), request.address())) {
      same = *known;
      return absl::OkStatus();
    }
    v1::Failure failure =
        MakeFailure(v1::HOST_EXISTS, absl::StrCat("there is a host ", request.name()),
                    {absl::StrCat("its address is ", known->address())});
    failure.set_next_command(absl::StrCat("give it the new address with `davit hosts add ",
                                          request.name(), " ", request.address(), " --replace`"));
    return FailureStatus(failure);
  }
  const auto use = DeploymentsOn(txn, request.name());
  return use.ok() ? CheckUnused(request.name(), *use) : use.status();
}

absl::Status CheckOtherWorker(const HostContext& context, const v1::AddHostRequest& request,
                              const fleet::HostCondition& condition) {
  if (!condition.report || condition.report->journal_id().empty()) return absl::OkStatus();
  const std::string& journal = condition.report->journal_id();
  for (const std::string& host : context.fleet.Hosts()) {
    if (host == request.name()) continue;
    const fleet::HostCondition other = context.fleet.Condition(host);
    if (!other.report || other.report->journal_id() != journal) continue;
    v1::Failure failure = MakeFailure(
        v1::HOST_EXISTS,
        absl::StrCat("the worker at ", request.address(), " is that of host ", host, " already"),
        {absl::StrCat("both have the journal ", journal)});
    failure.set_next_command(absl::StrCat(
        "give the address of another worker; or, to give this one another name, run `davit hosts "
        "remove ",
        host, "` first"));
    return FailureStatus(failure);
  }
  return absl::OkStatus();
}

}  // namespace davit::api
