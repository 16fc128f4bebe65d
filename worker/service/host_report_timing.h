#ifndef DAVIT_WORKER_SERVICE_HOST_REPORT_TIMING_H_
#define DAVIT_WORKER_SERVICE_HOST_REPORT_TIMING_H_

#include "absl/time/time.h"

namespace davit::service {

// How often a host that is watched is looked at.
struct HostReportTiming {
  absl::Duration interval = absl::Seconds(5);  // between reports
  absl::Duration look = absl::Seconds(1);      // for important changes between them
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_HOST_REPORT_TIMING_H_
