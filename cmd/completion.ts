import { InstateError } from '../src/errors.ts';
import type { Command } from './command.ts';

/** Each asks `instate --complete` for what may stand in place of the last word, and leaves files to the shell. */
const scripts = {
  bash: `_instate() {
  local IFS=$'\\n'
  COMPREPLY=($(instate --complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  # bash breaks words at a colon: what stands before it is typed already.
  [[ \${COMP_WORDS[COMP_CWORD]} == *:* ]] && COMPREPLY=()
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *: ]] && compopt -o nospace
  return 0
}
complete -o default -F _instate instate
`,
  zsh: `#compdef instate
_instate() {
  local -a found
  found=("\${(@f)$(instate --complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
if [[ "$funcstack[1]" == _instate ]]; then _instate "$@"; else compdef _instate instate; fi
`,
  fish: `function __instate_complete
  set -l typed (commandline -opc) (commandline -ct)
  instate --complete $typed[2..-1] 2>/dev/null
end
complete -c instate -a '(__instate_complete)'
`,
} as const;
const shells = Object.keys(scripts) as (keyof typeof scripts)[];

/** `instate completion`: what a shell sources to complete commands, flags and their values. */
export const completion: Command = {
  groups: [],
  formats: [],
  build: (yargs) => yargs.positional('shell', { type: 'string', choices: shells, describe: 'Whose script' }),
  examples: [
    ['source <(instate completion bash)', 'in ~/.bashrc'],
    ['source <(instate completion zsh)', 'in ~/.zshrc, after compinit'],
    ['instate completion fish > ~/.config/fish/completions/instate.fish', 'once'],
  ],
  run: ({ context }, flags) => {
    const named =
      typeof flags['shell'] === 'string' ? flags['shell'] : context.env['SHELL']?.split('/').at(-1);
    const shell = shells.find((one) => one === named);
    if (shell === undefined)
      throw new InstateError('usage', 'which shell?', { hint: `instate completion ${shells.join('|')}` });
    context.stdout.write(scripts[shell]);
    return Promise.resolve(0);
  },
};
