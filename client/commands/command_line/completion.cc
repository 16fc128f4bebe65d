#include <map>
#include <memory>
#include <string>

#include "client/commands/command_line/verbs.h"
#include "client/commands/invocation/exit_code.h"

namespace davit::commands {
namespace {

constexpr char kBash[] = R"(# davit completion for bash: source <(davit completion bash)
_davit() {
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  # Paths, where a path is wanted; `logs -f` follows.
  case "${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}" in
    "logs -f") ;;
    *" -f"|*" --file"|*" --docker-socket"|*" --controller"|*" --tls-dir"|"agent --directory")
      mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
      return ;;
  esac
  mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
}
complete -F _davit davit
)";

constexpr char kZsh[] = R"(#compdef davit
# davit completion for zsh: source <(davit completion zsh)
_davit() {
  case "${words[2]} ${words[CURRENT-1]}" in
    "logs -f") ;;
    *" -f"|*" --file"|*" --docker-socket"|*" --controller"|*" --tls-dir"|"agent --directory")
      _files; return ;;
  esac
  local -a candidates
  candidates=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- "${(@)candidates:#}"
}
if [ "$funcstack[1]" = "_davit" ]; then _davit "$@"; else compdef _davit davit; fi
)";

constexpr char kFish[] = R"(# davit completion for fish: davit completion fish | source
function __davit_complete
  set -l words (commandline -opc)
  davit __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c davit -f -a '(__davit_complete)'
complete -c davit -n '__fish_prev_arg_in --file --docker-socket --controller --tls-dir' -F
complete -c davit -n 'not __fish_seen_subcommand_from logs; and __fish_prev_arg_in -f' -F
complete -c davit -n '__fish_seen_subcommand_from agent; and __fish_prev_arg_in --directory' -F
)";

const std::map<std::string, std::string>& Scripts() {
  static const auto& scripts =
      *new std::map<std::string, std::string>{{"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}};
  return scripts;
}

}  // namespace

void AddCompletion(CLI::App& app, Invocation& invocation) {
  auto shell = std::make_shared<std::string>();
  CLI::App* verb = app.add_subcommand("completion", "Print a shell's completion script");
  verb->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->callback([shell, &invocation] {
    invocation.run = [shell, &invocation] {
      invocation.out << Scripts().at(*shell) << std::flush;
      return kLive;
    };
  });
}

}  // namespace davit::commands
