import { type CompletedCommand, fieldRows } from './entries.ts'

/** In single quotes, where fish knows two escapes only. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** A script for fish to `source`. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const named = commands.flatMap(({ path, commands: parts }) =>
    parts.flatMap(({ name, aliases = [] }) => {
      const full = path === '' ? name : `${path} ${name}`
      const patterns = [name, ...aliases].map((word) => quoted(`${path}/${word}`)).join(' ')
      return `        case ${patterns}\n            echo ${quoted(full)}\n`
    }),
  )
  const valued = commands.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== 'none')
      .flatMap(({ names }) => names.map((name) => quoted(`${path}/${name}`))),
  )
  const lines = commands.flatMap(({ path, commands: parts, options, operands, fields }) => {
    const at = `complete -c tetra -n ${quoted(`__tetra_at ${quoted(path)}`)}`
    return [
      ...parts.map(({ name, summary }) => `${at} -f -a ${quoted(name)} -d ${quoted(summary)}`),
      ...options.map(({ names: [long, short], help, value }) => {
        const spelled = `-l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`
        const choices =
          value === 'none' || value === 'any' ? '' : ` -f -a ${quoted(value.join(' '))}`
        return `${at} ${spelled}${value === 'none' ? '' : ' -r'}${choices} -d ${quoted(help)}`
      }),
      ...(operands === undefined ? [`${at} -F`] : []),
      ...(operands === undefined || operands.length === 0
        ? []
        : [`${at} -f -a ${quoted(operands.join(' '))}`]),
      ...(fields.length === 0
        ? []
        : [`${at} -f -a ${quoted(`(__tetra_field_paths ${quoted(path)})`)}`]),
    ]
  })
  const rows = commands.flatMap(({ path, fields }) =>
    fieldRows(fields).map(([row, entries]) => {
      const list = entries.map(quoted).join(' ')
      return `        case ${quoted(`${path}/${row}`)}\n            printf '%s\\n' ${list}\n`
    }),
  )
  return `# Completion of tetra for fish: tetra completion fish | source

function __tetra_command
    switch $argv[1]
${named.join('')}    end
end

function __tetra_takes_value
    contains -- $argv[1] ${valued.join(' ')}
end

# Whether the words before the cursor name this command.
function __tetra_at
    set -l words (commandline -opc)
    set -l path ''
    set -l skip 0
    for word in $words[2..]
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $word
            __tetra_takes_value "$path/$word"; and set skip 1
        else
            set -l next (__tetra_command "$path/$word")
            test -n "$next"; and set path $next
        end
    end
    test "$path" = "$argv[1]"
end

# Names in a row of a path (PATH/ROW): NAME:ROW, or NAME: alone.
function __tetra_fields
    switch $argv[1]
${rows.join('')}    end
end

# Paths of fields that fit the word at the cursor; an index after a name is ignored.
function __tetra_field_paths
    set -l names (commandline -ct | string split .)
    set -l row 0
    set -l around ''
    test (count $names) -gt 1; or return
    for name in $names[..-2]
        set -l wanted (string replace -r '\\[.*' '' -- $name)
        set around "$around$name."
        set row (__tetra_fields "$argv[1]/$row" | string replace -f -- "$wanted:" '')
        test -n "$row"; or return
    end
    __tetra_fields "$argv[1]/$row" | string replace -r -- '^(.*):.*' "$around\\$1"
end

complete -c tetra -f
${lines.join('\n')}
`
}
