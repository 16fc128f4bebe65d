#include "worker/database/backup/libpq_environment.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace davit::database {
namespace {

void PutUnlessEmpty(LibpqEnvironment& environment, const std::string& name,
                    const std::string& value) {
  if (!value.empty()) environment[name] = value;
}

// libpq's own table of parameters and their variables.
void PutOptions(const DatabaseUrl& url, LibpqEnvironment& environment) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> known(PQconndefaults(),
                                                                           &PQconninfoFree);
  if (known == nullptr) return;
  for (const PQconninfoOption* option = known.get(); option->keyword != nullptr; ++option) {
    const auto given = url.options.find(option->keyword);
    if (given == url.options.end() || option->envvar == nullptr) continue;
    environment[option->envvar] = given->second;
  }
}

}  // namespace

LibpqEnvironment LibpqEnvironmentOf(const DatabaseUrl& url) {
  LibpqEnvironment environment = {{"PGAPPNAME", "davit"},
                                  {"PGCONNECT_TIMEOUT", "10"},
                                  // Not the password file of whoever runs the worker.
                                  {"PGPASSFILE", "/nonexistent"}};
  PutOptions(url, environment);
  const auto hosts = [&url](const auto& part) {
    return absl::StrJoin(url.hosts, ",", [&part](std::string* out, const DatabaseHost& host) {
      absl::StrAppend(out, part(host));
    });
  };
  PutUnlessEmpty(environment, "PGHOST", hosts([](const DatabaseHost& host) { return host.name; }));
  if (std::any_of(url.hosts.begin(), url.hosts.end(),
                  [](const DatabaseHost& host) { return !host.address.empty(); })) {
    // One for each host; where it is empty, the name is looked up.
    environment["PGHOSTADDR"] = hosts([](const DatabaseHost& host) { return host.address; });
  }
  PutUnlessEmpty(environment, "PGPORT", hosts([](const DatabaseHost& host) { return host.port; }));
  PutUnlessEmpty(environment, "PGUSER", url.user);
  PutUnlessEmpty(environment, "PGPASSWORD", url.password);
  PutUnlessEmpty(environment, "PGDATABASE", url.database.empty() ? url.user : url.database);
  return environment;
}

LibpqEnvironment PatientEnvironmentOf(const DatabaseUrl& url, const ServerInfo& server) {
  LibpqEnvironment environment = LibpqEnvironmentOf(url);
  if (server.pooler) return environment;
  std::string& options = environment["PGOPTIONS"];  // the last of two counts
  absl::StrAppend(&options, options.empty() ? "" : " ",
                  "-c statement_timeout=0 -c lock_timeout=0 "
                  "-c idle_in_transaction_session_timeout=0");
  // A server refuses settings that it does not know.
  if (server.major_version >= 14) absl::StrAppend(&options, " -c idle_session_timeout=0");
  if (server.major_version >= 17) absl::StrAppend(&options, " -c transaction_timeout=0");
  return environment;
}

void ForgetLibpqVariables() {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> known(PQconndefaults(),
                                                                           &PQconninfoFree);
  for (const PQconninfoOption* option = known.get();
       option != nullptr && option->keyword != nullptr; ++option) {
    if (option->envvar != nullptr) unsetenv(option->envvar);
  }
  // Those that stand for no parameter.
  for (const char* const name : {"PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGDATESTYLE",
                                 "PGTZ", "PGGEQO", "PGREALM", "PGLOCALEDIR"}) {
    unsetenv(name);
  }
}

}  // namespace davit::database
