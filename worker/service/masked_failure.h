#ifndef DAVIT_WORKER_SERVICE_MASKED_FAILURE_H_
#define DAVIT_WORKER_SERVICE_MASKED_FAILURE_H_

#include "common/redaction/redactor.h"
#include "davit/v1/failure.pb.h"
#include "davit/worker/v1/worker_service.pb.h"

namespace davit::service {

// Masks all texts of the failure. The lines of the log tail are one text, so that a
// secret of several lines is found.
void MaskFailure(const Redactor& redactor, v1::Failure& failure);

// Masks how a step ended: its failure, the words of its summary and what a migration has
// changed. What its outputs have besides are names and ids that the controller goes on with.
void MaskFinished(const Redactor& redactor, worker::v1::StepFinished& finished);

// Takes out of a failure all that programs may have said: not all secrets are known.
void WithholdOutput(v1::Failure& failure);

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_MASKED_FAILURE_H_
