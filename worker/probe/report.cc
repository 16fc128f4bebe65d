#include "worker/probe/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace davit::probe {
namespace {

using Json = nlohmann::json;

// 0 also where there is no such number: ParseReport has counted the answers.
int64_t NumberAt(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

void ReadUser(const Json& line, Report& report) {
  report.uid = static_cast<uid_t>(NumberAt(line, "uid"));
  report.gid = static_cast<gid_t>(NumberAt(line, "gid"));
  for (const Json& group : line["groups"]) {
    if (group.is_number_integer()) report.groups.push_back(group.get<gid_t>());
  }
  std::sort(report.groups.begin(), report.groups.end());
}

Answer ReadAnswer(const Json& line, const Question& question) {
  Answer answer;
  if (const auto kind = line.find("kind"); kind != line.end() && kind->is_string()) {
    answer.kind = kind->get<std::string>();
  }
  answer.read_error = static_cast<int>(NumberAt(line, "read"));
  answer.write_error = static_cast<int>(NumberAt(line, "write"));
  answer.denied = question.path.substr(0, static_cast<size_t>(NumberAt(line, "denied")));
  answer.uid = static_cast<uid_t>(NumberAt(line, "uid"));
  answer.gid = static_cast<gid_t>(NumberAt(line, "gid"));
  answer.mode = static_cast<mode_t>(NumberAt(line, "mode"));
  return answer;
}

}  // namespace

std::vector<std::string> Arguments(const std::vector<Question>& questions) {
  std::vector<std::string> arguments;
  for (const Question& question : questions) {
    arguments.push_back(absl::StrCat(question.write ? "w:" : "r:", question.path));
  }
  return arguments;
}

absl::StatusOr<Report> ParseReport(absl::string_view output,
                                   const std::vector<Question>& questions) {
  Report report;
  bool user = false, end = false;
  for (const absl::string_view text : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!line.is_object() || end) return absl::DataLossError(absl::StrCat("it said: ", text));
    if (line.contains("groups")) {
      ReadUser(line, report);
      user = true;
    } else if (line.contains("path") && report.answers.size() < questions.size()) {
      report.answers.push_back(ReadAnswer(line, questions[report.answers.size()]));
    } else {
      end = line.contains("end");
    }
  }
  if (user && end && report.answers.size() == questions.size()) return report;
  return absl::DataLossError(absl::StrCat("it gave ", report.answers.size(), " answers to ",
                                          questions.size(), " questions"));
}

}  // namespace davit::probe
