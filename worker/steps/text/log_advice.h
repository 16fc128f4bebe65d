#ifndef DAVIT_WORKER_STEPS_TEXT_LOG_ADVICE_H_
#define DAVIT_WORKER_STEPS_TEXT_LOG_ADVICE_H_

#include "davit/v1/failure.pb.h"

namespace davit::steps {

// Advises nobody to read log lines that are not there: what a failure without a log
// tail says of "the log lines above" and "last lines" is put into other words.
void CorrectLogAdvice(v1::Failure& failure);

}  // namespace davit::steps

#endif  // DAVIT_WORKER_STEPS_TEXT_LOG_ADVICE_H_
