#ifndef DAVIT_CLIENT_COMMANDS_INVOCATION_INTERRUPT_H_
#define DAVIT_CLIENT_COMMANDS_INVOCATION_INTERRUPT_H_

namespace davit::commands {

// While one lives, SIGINT, SIGTERM and SIGHUP end the process no more but are
// remembered, so that whoever watches can take leave. One at a time.
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

  bool requested() const;
};

}  // namespace davit::commands

#endif  // DAVIT_CLIENT_COMMANDS_INVOCATION_INTERRUPT_H_
