#ifndef DAVIT_WORKER_SERVICE_SCRIPTED_ENGINE_H_
#define DAVIT_WORKER_SERVICE_SCRIPTED_ENGINE_H_

// For tests: what a Docker Engine says on its socket, and how it goes away.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <map>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace davit::service {

// Answers each request with the body of the first entry whose key is in its first
// line, or with 404. A connection a request.
class ScriptedEngine {
 public:
  explicit ScriptedEngine(const std::string& path) : path_(path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    thread_ = std::thread([this] { Serve(); });
  }
  ~ScriptedEngine() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    unlink(path_.c_str());
  }
  ScriptedEngine(const ScriptedEngine&) = delete;
  ScriptedEngine& operator=(const ScriptedEngine&) = delete;

  void Answer(const std::string& part, const std::string& body) {
    absl::MutexLock lock(&mutex_);
    answers_[part] = body;
  }
  int requests() const {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  void Serve() {
    for (int connection; (connection = accept(listener_, nullptr, nullptr)) >= 0;) {
      std::string request(8192, '\0');
      const ssize_t size = recv(connection, request.data(), request.size(), 0);
      request.resize(size > 0 ? static_cast<size_t>(size) : 0);
      const std::string answer = AnswerTo(request.substr(0, request.find('\r')));
      send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      close(connection);
    }
  }
  std::string AnswerTo(const std::string& line) {
    absl::MutexLock lock(&mutex_);
    ++requests_;
    std::string status = "404 Not Found", body = R"({"message": "No such container"})";
    for (const auto& [part, answer] : answers_) {
      if (!absl::StrContains(line, part)) continue;
      status = "200 OK";
      body = answer;
    }
    return absl::StrCat("HTTP/1.1 ", status,
                        "\r\nConnection: close\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  }

  const std::string path_;
  int listener_ = -1;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::string> answers_ ABSL_GUARDED_BY(mutex_);
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace davit::service

#endif  // DAVIT_WORKER_SERVICE_SCRIPTED_ENGINE_H_
