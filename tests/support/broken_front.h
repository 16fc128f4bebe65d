#ifndef DAVIT_TESTS_SUPPORT_BROKEN_FRONT_H_
#define DAVIT_TESTS_SUPPORT_BROKEN_FRONT_H_

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace davit::test {

// Stands before a server of 127.0.0.1 and passes everything on, until an answer
// gets too long.
class BrokenFront {
 public:
  // What it does with a connection whose answers are over the limit.
  enum class Manner { kBreaksOff, kFallsSilent };

  BrokenFront(int port_behind, size_t answer_bytes, Manner manner);
  ~BrokenFront();
  BrokenFront(const BrokenFront&) = delete;
  BrokenFront& operator=(const BrokenFront&) = delete;

  // 127.0.0.1:PORT
  const std::string& address() const { return address_; }

 private:
  void Accept();
  void Serve(int client);
  // Passes one piece on; false: the connection is over.
  bool Pass(int from, int to, size_t limit, size_t& passed) const;

  const int port_behind_;
  const size_t answer_bytes_;
  const Manner manner_;
  int listener_ = -1;
  int end_[2] = {-1, -1};  // readable from the end on
  std::string address_;
  std::vector<std::thread> connections_;  // of the accepting thread alone
  std::thread accepting_;
};

}  // namespace davit::test

#endif  // DAVIT_TESTS_SUPPORT_BROKEN_FRONT_H_
