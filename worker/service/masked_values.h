#ifndef DAVIT_WORKER_SERVICE_MASKED_VALUES_H_
#define DAVIT_WORKER_SERVICE_MASKED_VALUES_H_

#include <string>
#include <vector>

namespace davit::service {

// What has to be masked where these secrets are used: the values, and the passwords in
// each that is a database's URL (the role's, and sslpassword), as clients and servers may tell them
// alone. Not a password
// that the URL says elsewhere too (user, database, host): masking it there would give it
// away, and make messages unreadable.
std::vector<std::string> MaskedValues(std::vector<std::string> values);

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_MASKED_VALUES_H_
