import type { CompletedCommand } from './entries.ts'
import { shellTables } from './shell-tables.ts'

/** A script for zsh to `source` after `compinit`, or to find as `_tetra` in its fpath. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef tetra
# Completion of tetra for zsh: source <(tetra completion zsh)

${shellTables(commands)}_tetra() {
  local word next values cut='' skip='' option='' i
  local -a found
  # The name path is taken: in zsh that is where programs are.
  local at=''
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $skip ]]; then
      skip=''
    elif [[ $word == -*=* ]]; then
      :
    elif [[ $word == -* ]]; then
      option=$word
      __tetra_values "$at/$word" > /dev/null && skip=1
    else
      next=$(__tetra_command "$at/$word")
      [[ -n $next ]] && at=$next
    fi
  done
  word=\${words[CURRENT]}
  if [[ $word == -*=* ]]; then
    option=\${word%%=*}
    skip=1
    compset -P '*='
  fi
  if [[ -n $skip ]]; then
    values=$(__tetra_values "$at/$option")
  elif [[ $word == -* ]]; then
    values=$(__tetra_options "$at")
  elif values=$(__tetra_parts "$at") && [[ -n $values ]]; then
    :
  elif ! values=$(__tetra_operands "$at"); then
    _files
    return
  elif [[ -n $(__tetra_fields "$at/0") ]]; then
    [[ $word == *.* ]] && values=$(__tetra_field_paths "$at" "$word")
    found=(\${(f)values})
    compadd -S '' -- $found
    return
  fi
  if [[ -n $values ]]; then
    found=(\${(f)values})
    compadd -- $found
  elif [[ -n $skip ]]; then
    _files
  fi
}

if [[ \${funcstack[1]} == _tetra ]]; then
  _tetra "$@"
else
  compdef _tetra tetra
fi
`
}
