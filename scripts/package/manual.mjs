// Manual pages, made from the declarations that the help is made from.

import { families } from '@tetragon-ts/agent/config'
import { optionText } from '@tetragon-ts/service/options'
import { commands } from '@tetragon-ts/tetra/commands'
import { version } from '../programs.mjs'

/**
 * All manual pages: their names, such as `tetra-getevents.1`, with their text.
 * @returns {Map<string, string>}
 */
export function manualPages() {
  const pages = new Map([
    ['tetragon.8', agentPage()],
    ['tetra.1', tetraPage()],
  ])
  const add = (command, names) => {
    const path = [...names, command.name]
    pages.set(`${path.join('-')}.1`, commandPage(command, path))
    for (const each of shown(command.commands ?? [])) add(each, path)
  }
  for (const command of shown(commands)) add(command, ['tetra'])
  return pages
}

const shown = (list) => list.filter(({ hidden }) => !hidden)

/** Text with the characters that roff would interpret escaped. */
function text(value) {
  return value.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/gm, '\\&$&')
}

const bold = (value) => `\\fB${text(value)}\\fR`
const italic = (value) => `\\fI${text(value)}\\fR`

/** The head of a page. */
function head(name, section, summary) {
  return (
    `.TH "${text(name.toUpperCase())}" ${section} "" "tetragon\\-ts ${text(version)}"\n` +
    `.SH NAME\n${text(name)} \\- ${text(summary)}\n`
  )
}

const section = (title, content) => (content === '' ? '' : `.SH ${title}\n${content}`)

function optionEntry([name, option]) {
  const { short, value } = option
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map(bold).join(', ')
  const placeholder = value === '' ? '' : ` ${italic(value)}`
  return `.TP\n${names}${placeholder}\n${text(optionText(option, true))}\n`
}

function agentPage() {
  const groups = Object.entries(families).map(([title, family]) => {
    const options = Object.entries(family).filter(([, { noEffect }]) => noEffect === undefined)
    return `.SS ${text(title)}\n${options.map(optionEntry).join('')}`
  })
  const files = [
    [
      '/usr/lib/tetragon/tetragon.conf.d',
      'Options of the package, in files named like the option.',
    ],
    ['/etc/tetragon/tetragon.conf.d', 'Options of this machine.'],
    ['/etc/tetragon/tetragon.yaml', 'Options of this machine in one file.'],
    ['/etc/tetragon/tetragon.tp.d', 'Policies that are loaded at start.'],
    ['/var/run/tetragon/tetragon.sock', 'The gRPC server.'],
  ].map(([path, meaning]) => `.TP\n${italic(path)}\n${text(meaning)}\n`)
  return (
    head('tetragon', 8, 'report processes and events of policies') +
    section('SYNOPSIS', `${bold('tetragon')} [${italic('options')}]\n`) +
    section('OPTIONS', groups.join('')) +
    section('FILES', files.join('')) +
    section('SEE ALSO', `${bold('tetra')}(1)\n`)
  )
}

function commandList(list, names) {
  const rows = shown(list).map((command) => {
    const page = [...names, command.name].join('-')
    return `.TP\n${bold(command.name)}\n${text(command.summary)}; see ${bold(page)}(1).\n`
  })
  return rows.join('')
}

function tetraPage() {
  return (
    head('tetra', 1, 'show and control what Tetragon observes') +
    section('SYNOPSIS', `${bold('tetra')} ${italic('COMMAND')} [${italic('options')}]\n`) +
    section('COMMANDS', commandList(commands, ['tetra'])) +
    section('SEE ALSO', `${bold('tetragon')}(8)\n`)
  )
}

function commandPage(command, path) {
  const { operands, summary, description = '', options, examples = [] } = command
  const own = Object.entries(options).filter(([, { hidden }]) => !hidden)
  const lines = examples.map(([line, meaning]) => `.TP\n${bold(line)}\n${text(meaning)}\n`)
  const rest = operands === undefined ? '' : ` ${italic(operands)}`
  return (
    head(path.join('-'), 1, summary) +
    section('SYNOPSIS', `${bold(path.join(' '))} [${italic('options')}]${rest}\n`) +
    section('DESCRIPTION', description === '' ? '' : `${text(description)}\n`) +
    section('COMMANDS', commandList(command.commands ?? [], path)) +
    section('OPTIONS', own.map(optionEntry).join('')) +
    section('EXAMPLES', lines.join('')) +
    section('SEE ALSO', `${bold(path.slice(0, -1).join('-'))}(1)\n`)
  )
}
