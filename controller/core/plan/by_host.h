#ifndef DAVIT_CONTROLLER_CORE_PLAN_BY_HOST_H_
#define DAVIT_CONTROLLER_CORE_PLAN_BY_HOST_H_

#include <map>
#include <string>
#include <vector>

namespace davit::core {

// Gathers what is so on hosts: each sentence once, with all the hosts that it holds for.
class ByHost {
 public:
  void Add(const std::string& sentence, const std::string& host);

  // "h1, h2: SENTENCE", in the order in which the sentences first came; of many hosts their number.
  std::vector<std::string> Take() const;

 private:
  std::map<std::string, std::vector<std::string>> hosts_;  // by sentence
  std::vector<std::string> order_;
};

}  // namespace davit::core

#endif  // DAVIT_CONTROLLER_CORE_PLAN_BY_HOST_H_
