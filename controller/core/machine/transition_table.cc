#include "controller/core/machine/transition_table.h"

#include <iterator>
#include <utility>

#include "controller/core/machine/inputs.h"

namespace davit::core {
namespace {

void Ignore(TransitionBuilder&, const Input&) {}

template <typename T, void (*F)(TransitionBuilder&, const T&)>
void On(TransitionBuilder& builder, const Input& input) {
  F(builder, std::get<T>(input));
}

constexpr Handler kBegin = On<Submitted, Begin>;
constexpr Handler kStarted = On<StepStarted, NoteStarted>;
constexpr Handler kProgress = On<StepProgressed, PassProgress>;
constexpr Handler kLog = On<StepLogged, PassLog>;
constexpr Handler kFinish = On<StepFinished, FinishStep>;
constexpr Handler kAck = On<StepFinished, AckAgain>;
constexpr Handler kGiveUp = On<WorkerLost, GiveUpStep>;
constexpr Handler kTimeOut = On<TimerFired, TimeOutStep>;
constexpr Handler kCancel = On<CancelRequested, Cancel>;
constexpr Handler kResume = On<Restarted, Resume>;

struct Row {
  Handler pending;
  Handler running;
  Handler rolling_back;
  Handler ended;
};

// A row for each alternative of Input, in its order. A step that ends decides
// in EndStep where the deployment goes.
// clang-format off
constexpr Row kTable[] = {
    //                     PENDING    RUNNING    ROLLING_BACK  ended
    /* Submitted       */ {kBegin,    Ignore,    Ignore,       Ignore},
    /* StepStarted     */ {kStarted,  kStarted,  kStarted,     Ignore},
    /* StepProgressed  */ {kProgress, kProgress, kProgress,    Ignore},
    /* StepLogged      */ {kLog,      kLog,      kLog,         Ignore},
    /* StepFinished    */ {kFinish,   kFinish,   kFinish,      kAck},
    /* WorkerLost      */ {kGiveUp,   kGiveUp,   kGiveUp,      Ignore},
    /* TimerFired      */ {kTimeOut,  kTimeOut,  kTimeOut,     Ignore},
    /* CancelRequested */ {kCancel,   kCancel,   Ignore,       Ignore},
    /* Restarted       */ {kResume,   kResume,   kResume,      Ignore},
};
// clang-format on
static_assert(std::size(kTable) == std::variant_size_v<Input>);

}  // namespace

Handler HandlerOf(v1::DeploymentState state, const Input& input) {
  const Row& row = kTable[input.index()];
  switch (state) {
    case v1::PENDING:
      return row.pending;
    case v1::RUNNING:
      return row.running;
    case v1::ROLLING_BACK:
      return row.rolling_back;
    default:
      return row.ended;
  }
}

Transition Apply(DeploymentState state, const Input& input, absl::Time now) {
  TransitionBuilder builder(std::move(state), now);
  HandlerOf(builder.view().state(), input)(builder, input);
  return std::move(builder).Take();
}

}  // namespace davit::core
