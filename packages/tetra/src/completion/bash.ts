import type { CompletedCommand } from './entries.ts'
import { shellTables } from './shell-tables.ts'

/** A script for bash to `source`. It does not need the package bash-completion. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of tetra for bash: source <(tetra completion bash)

${shellTables(commands)}_tetra() {
  local word next values path='' skip='' option='' i
  local current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # bash cuts words at =.
    [[ $word == '=' ]] && { skip=1; continue; }
    if [[ -n $skip ]]; then
      skip=''
      option=''
    elif [[ $word == -* ]]; then
      option=$word
      __tetra_values "$path/$word" > /dev/null && skip=1
    else
      option=''
      next=$(__tetra_command "$path/$word")
      [[ -n $next ]] && path=$next
    fi
  done
  [[ $current == '=' ]] && current=''
  if [[ -n $skip && -n $option ]]; then
    values=$(__tetra_values "$path/$option")
    if [[ -n $values ]]; then
      COMPREPLY=($(compgen -W "$values" -- "$current"))
    else
      compopt -o filenames 2> /dev/null
      COMPREPLY=($(compgen -f -- "$current"))
    fi
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$(__tetra_options "$path")" -- "$current"))
  elif values=$(__tetra_parts "$path") && [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$current"))
  elif values=$(__tetra_operands "$path"); then
    if [[ -n $(__tetra_fields "$path/0") ]]; then
      compopt -o nospace 2> /dev/null
      [[ $current == *.* ]] && values=$(__tetra_field_paths "$path" "$current")
    fi
    COMPREPLY=($(compgen -W "$values" -- "$current"))
  else
    compopt -o filenames 2> /dev/null
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}

complete -F _tetra tetra
`
}
