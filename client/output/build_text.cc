#include "client/output/build_text.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/output/text.h"
#include "nlohmann/json.hpp"

namespace davit::output {
namespace {

constexpr absl::Duration kLineInterval = absl::Seconds(10);

std::string PushText(const v1::StepProgress& progress) {
  const int64_t percent = progress.total() > 0 ? progress.done() * 100 / progress.total() : 0;
  return absl::StrCat(FormatBytes(progress.done()), " of ", FormatBytes(progress.total()), " (",
                      percent, "%)");
}

}  // namespace

BuildText::BuildText(std::ostream& out, std::string app, bool live)
    : out_(out), app_(std::move(app)), live_(live) {}

BuildText::~BuildText() { LeaveLiveLine(); }

void BuildText::Show(const v1::BuildOutput& output, absl::Time now) {
  BeginStage(output);
  if (!output.data().empty()) {
    LeaveLiveLine();
    std::string text;
    for (const std::string& line : SafeLines(output.data())) {
      absl::StrAppend(&text, "  | ", line, "\n");
    }
    out_ << text << std::flush;
  }
  if (output.has_progress()) ShowProgress(output, now);
}

void BuildText::BeginStage(const v1::BuildOutput& output) {
  if (output.stage() == stage_ && output.reference() == reference_) return;
  LeaveLiveLine();
  stage_ = output.stage();
  reference_ = output.reference();
  told_ = absl::InfinitePast();
  if (stage_ == v1::BuildOutput::BUILD) out_ << app_ << ": building\n";
  if (stage_ == v1::BuildOutput::TEST) out_ << app_ << ": testing\n";
  if (stage_ == v1::BuildOutput::PUSH && !reference_.empty()) {
    out_ << app_ << ": pushing " << Sanitize(reference_) << "\n";
  }
  out_ << std::flush;
}

void BuildText::ShowProgress(const v1::BuildOutput& output, absl::Time now) {
  const v1::StepProgress& progress = output.progress();
  const bool all = progress.done() == progress.total();
  if (live_) {
    out_ << "\r\x1b[K  " << PushText(progress) << std::flush;
    on_live_line_ = true;
  } else if (all || now - told_ >= kLineInterval) {
    told_ = now;
    out_ << "  " << PushText(progress) << std::endl;
  }
}

void BuildText::LeaveLiveLine() {
  if (on_live_line_) out_ << std::endl;
  on_live_line_ = false;
}

std::string BuiltText(const std::string& app, const v1::BuiltImage& image) {
  std::string text = absl::StrCat(app, " ", Sanitize(image.reference()), "\n");
  for (const std::string& digest : image.digests()) {
    absl::StrAppend(&text, "  ", Sanitize(digest), "\n");
  }
  if (image.digests().empty()) {
    absl::StrAppend(&text, "  ", Sanitize(image.image_id()), " (not pushed)\n");
  }
  return text;
}

std::string BuiltJson(const std::string& app, const v1::BuiltImage& image) {
  const nlohmann::json json = {
      {"app", app},
      {"reference", image.reference()},
      {"image_id", image.image_id()},
      {"digests", std::vector<std::string>(image.digests().begin(), image.digests().end())}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace davit::output
